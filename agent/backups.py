"""A backup: one folder with everything that cannot be made again, which any installation can
restore, whatever its databases are: warehouse, records, and the documents that sources brought.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from agent.errors import BadFile, Refused

if TYPE_CHECKING:
    from agent.services import Services

WAREHOUSE, RECORDS, DOCUMENTS = "warehouse", "records", "raw"


class Forgotten(Protocol):
    """People who are to stay away from what is put back."""

    def documents(self, folder: Path) -> None:
        """Take them out of documents, before anything is replaced."""

    def rejects(self) -> None:
        """Take them out of the records that were put back."""


def back_up(services: Services, folder: Path) -> None:
    """Write warehouse and records into a new or empty folder; after a failure nothing of it is
    left. Raises Refused when the folder is neither or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise Refused(f"The folder {folder} is not empty.", hint="Name a new one.")
        (folder / WAREHOUSE).mkdir(mode=0o700)
    except OSError as error:
        raise Refused(f"{folder} cannot be a backup's folder: {error.strerror}.") from error
    try:
        # The records' last file closes the backup: without it, restore takes it for unfinished.
        services.warehouse.backup(str(folder / WAREHOUSE))
        _copy(services.settings.data_dir / DOCUMENTS, folder / DOCUMENTS)
        services.records.backup(folder / RECORDS)
    except BaseException as error:
        _clear(folder)
        if isinstance(error, OSError):
            raise Refused(f"The backup to {folder} broke off: {error.strerror}.") from error
        raise


def put_back(services: Services, folder: Path, forgotten: Forgotten) -> None:
    """Replace everything by a backup, or nothing; whoever was forgotten since stays forgotten.
    Raises BadFile when it is none, or damaged."""
    check(folder)
    with TemporaryDirectory(dir=services.settings.data_dir, prefix=".restore-") as aside:
        fresh = Path(aside) / "fresh"
        _copy(folder / DOCUMENTS, fresh)
        forgotten.documents(fresh)
        # The records are small: a copy of them undoes their half when the other one fails.
        services.records.backup(Path(aside) / RECORDS)
        services.records.restore(folder / RECORDS)
        try:
            forgotten.rejects()
            services.warehouse.restore(str(folder / WAREHOUSE))
        except BaseException:
            services.records.restore(Path(aside) / RECORDS)
            raise
        _documents_back(services.settings.data_dir / DOCUMENTS, fresh, Path(aside) / "former")


def check(folder: Path) -> None:
    """Raises BadFile when a folder does not look like a backup."""
    for part in (WAREHOUSE, RECORDS):
        if not (folder / part).is_dir():
            raise BadFile(f"{folder} is no backup: it has no folder {part}.")


def _copy(source: Path, target: Path) -> None:
    """The documents as they are; a file appears there whole or not at all, so none is half."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))


def _documents_back(kept: Path, fresh: Path, former: Path) -> None:
    """Those of the backup in the place of ours; a backup from before they were kept has none, and
    leaves ours."""
    if not fresh.is_dir():
        return
    if kept.exists():
        kept.rename(former)
    fresh.rename(kept)


def _clear(folder: Path) -> None:
    for part in (WAREHOUSE, RECORDS, DOCUMENTS):
        shutil.rmtree(folder / part, ignore_errors=True)
    # A folder that was there before, empty, may be somebody's mount.
    with suppress(OSError):
        folder.rmdir()
