"""A folder looked into: which files lie there, and which of them have been still since the last
look. Nothing outside of the folder that people may watch is ever opened.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from os import stat_result
from pathlib import Path
from typing import Any

from agent.errors import Refused, Unavailable
from agent.words import t

ENDINGS = (".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv", ".xlsx", ".parquet")
MOST = 5_000
"""Files of a folder that are looked at, the newest."""
Mark = Sequence[int]
"""Size in bytes and time of the last change in nanoseconds: what a file is known by."""


@dataclass(frozen=True)
class Lying:
    """A file in the folder."""

    path: Path
    size: int
    changed: int

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def mark(self) -> list[int]:
        return [self.size, self.changed]


@dataclass
class Seen:
    """What was seen at the last look, what was imported (with lines rejected), and what failed
    (with its sentence), each by the file's name."""

    looked: dict[str, list[int]] = field(default_factory=dict)
    done: dict[str, list[int]] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    failed: dict[str, list[Any]] = field(default_factory=dict)

    def knows(self, one: Lying) -> bool:
        """Whether the file was imported, or failed, as it is now."""
        return one.mark in (self.done.get(one.name), self.failed.get(one.name, [None])[0])

    def only(self, names: set[str]) -> None:
        """Forget files that are no longer there."""
        for part in vars(self).values():
            for name in part.keys() - names:
                del part[name]


def inside(root: Path, folder: str) -> Path:
    """A folder below the root, by its path or by its path from there. Raises Refused for any other
    place, and where a link leads out."""
    within = root.resolve()
    place = Path() if "\0" in folder else (within / folder.strip()).resolve()
    if not place.is_relative_to(within):
        raise Refused(
            t("The folder {folder} lies outside of {root}.", folder=folder[:200], root=root),
            hint=t("Put it there, or have WATCH_ROOT changed by whoever runs this server."),
        )
    return place


def lying(root: Path, folder: Path, pattern: str) -> list[Lying]:
    """The files that a pattern of names fits, oldest first. Raises Unavailable where the folder
    cannot be read."""
    within = root.resolve()
    try:
        paths = [path for path in folder.iterdir() if _fits(path.name, pattern)]
    except OSError as error:
        reason = error.strerror or t("it cannot be read")
        raise Unavailable(
            t("The folder {folder} cannot be looked into: {reason}.", folder=folder, reason=reason),
            hint=t("The files that were imported stay imported."),
        ) from error
    found = [one for one in (_one(path, within) for path in paths) if one is not None]
    return sorted(found, key=lambda one: (one.changed, one.name))[-MOST:]


def _fits(name: str, pattern: str) -> bool:
    """Names that begin with a point, or are no kind of file that is read, fit no pattern."""
    small = name.lower()
    return small.endswith(ENDINGS) and name[0] not in ".~" and fnmatchcase(small, pattern.lower())


def _one(path: Path, within: Path) -> Lying | None:
    """An ordinary file that lies within; None for a folder, a pipe, a link that leads out, and
    what has gone meanwhile."""
    try:
        if path.is_symlink() and not path.resolve(strict=True).is_relative_to(within):
            return None
        found: stat_result = path.stat()
    except OSError:
        return None
    return Lying(path, found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def still(files: Sequence[Lying], looked: Mapping[str, Mark]) -> list[Lying]:
    """The files that are as they were at the last look: nobody is writing them any more."""
    return [one for one in files if list(looked.get(one.name, ())) == one.mark]
