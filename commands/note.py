"""DATA_DIR/server.json: where the app that serves a data folder listens.

The app holds a lock on the file for as long as it lives. So a file that a killed app left behind is
known for what it is, and no stranger on its port is taken for the app; and of two apps on one
folder the second one notices.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from agent.errors import BadSetting, Busy
from agent.settings import Settings

NAME = "server.json"


@dataclass(frozen=True)
class Place:
    """Where an app listens; without a port while it is still starting."""

    host: str
    port: int
    pid: int

    @property
    def ready(self) -> bool:
        return self.port > 0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}" if self.ready else f"process {self.pid}"


@dataclass(frozen=True)
class Note:
    """The file while it is ours."""

    path: Path
    file: IO[str]

    def write(self, host: str, port: int) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.file.write(json.dumps(asdict(Place(host, port, os.getpid()))))
        self.file.flush()

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


@contextmanager
def kept(settings: Settings) -> Iterator[Note]:
    """Claim the data folder for this process, and give it back at the end.

    Raises Busy when another app serves it, BadSetting when it cannot be written.
    """
    path = settings.data_dir / NAME
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        note = Note(path, _locked(path))
    except BlockingIOError:
        other = running(settings)
        where = f" at {other}" if other and other.ready else ""
        raise Busy(
            f"Another app serves {settings.data_dir} already{where}.",
            hint="Use that one, stop it, or set another DATA_DIR.",
        ) from None
    except OSError as error:
        raise BadSetting(
            f"The folder '{settings.data_dir}' cannot be written: {error.strerror}.",
            hint="Give this user the folder of DATA_DIR, or set another.",
        ) from error
    note.write(settings.host, 0)
    try:
        yield note
    finally:
        note.remove()
        note.file.close()


def running(settings: Settings) -> Place | None:
    """Where the app of this data folder is; None when none runs, whatever file is there."""
    try:
        with (settings.data_dir / NAME).open(encoding="utf-8") as file:
            if not _held(file):
                return None
            return Place(**json.load(file))
    except OSError:
        return None
    except (ValueError, TypeError):
        # Held, and not yet written: it starts this very moment.
        return Place(settings.host, 0, 0)


def _held(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False


def _locked(path: Path) -> IO[str]:
    """The file, locked by us. Raises BlockingIOError when somebody else has it."""
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                return file
        except BaseException:
            file.close()
            raise
        # Its owner removed it between our opening and our locking it.
        file.close()
