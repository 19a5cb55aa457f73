"""Order documents as they came, packed, one file a batch: what the ledger can be made of anew.

Files are named so that their order is that of their arrival. A file appears whole or not at all.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa

from agent.errors import BadFile, NotFound, Refused
from agent.sources.connectors import Link
from agent.words import t

BLOCK = 4 * 1024 * 1024
LONGEST_LINE = 16 * 1024 * 1024
ENDING = ".jsonl.zst"
FOLDER = "raw"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_CUSTOMER = re.compile(rb'"gid:(?:\\?/){2}shopify\\?/Customer\\?/(\d+)"')
_SOURCE = "utmParameters.source"
_IMPERSONAL = {
    "shippingAddress": ("countryCodeV2",),
    "billingAddress": ("countryCodeV2",),
    "customerJourneySummary": ("ready", f"firstVisit.{_SOURCE}", f"lastVisit.{_SOURCE}"),
}
"""Of an order without its customer: where in the document what may stay stands."""


class Sink(Protocol):
    def write(self, content: bytes) -> object: ...


@dataclass(frozen=True)
class Store:
    """The packed documents of one connection."""

    folder: Path

    def files(self) -> tuple[Path, ...]:
        """In the order in which they came."""
        return tuple(sorted(self.folder.glob(f"*{ENDING}")))

    def find(self, name: str) -> Path | None:
        """The file that was kept under a name."""
        return next(iter(sorted(self.folder.glob(f"*-{name}{ENDING}"))), None)

    def path(self, at: datetime, name: str) -> Path:
        return self.folder / f"{at:%Y%m%dT%H%M%S%f}-{name}{ENDING}"

    def keep(self, path: Path, content: Iterable[bytes]) -> None:
        """Write a file; it is there once it is whole."""
        with self.writing(path) as sink:
            for part in content:
                sink.write(part)

    @contextmanager
    def writing(self, path: Path) -> Iterator[Sink]:
        """A packed file to be written, thrown away where that fails."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with pa.CompressedOutputStream(str(draft), "zstd") as sink:
                yield sink
            draft.replace(path)
        except FileNotFoundError:
            raise NotFound(
                t("The documents of {name} were deleted meanwhile.", name=self.folder.name)
            ) from None
        finally:
            draft.unlink(missing_ok=True)

    def prune(self, before: datetime) -> int:
        """Delete what came before a moment; returns how many files."""
        old = [file for file in self.files() if file.name < f"{before:%Y%m%dT%H%M%S%f}"]
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    def discard(self) -> int:
        """Delete everything; returns how many files there were. Raises Refused where one stays."""
        count = len(self.files())
        try:
            shutil.rmtree(self.folder)
        except FileNotFoundError:
            return count
        except OSError as error:
            # A sync under way keeps another file: it deletes that itself when it ends.
            if error.errno != errno.ENOTEMPTY:
                raise Refused(
                    t(
                        "{path} cannot be deleted: {reason}.",
                        path=self.folder,
                        reason=error.strerror,
                    ),
                    hint=t("Delete this folder by hand."),
                ) from error
        return count

    def forget(self, customer_id: str) -> int:
        """Take a customer out of every file; returns how many files held him."""
        gid = orjson.dumps(f"gid://shopify/Customer/{customer_id}")
        words = (gid, gid.replace(b"/", b"\\/"))
        found = 0
        for file in self.files():
            if any(word in block for block in blocks(file) for word in words):
                self.keep(file, _without(file, {customer_id.encode()}))
                found += 1
        return found

    def forget_all(self, is_gone: Callable[[str], bool]) -> int:
        """Take every customer out of whom this is true; returns how many files held one."""
        found = 0
        for file in self.files():
            named = {one for block in blocks(file) for one in _CUSTOMER.findall(block)}
            gone = {one for one in named if is_gone(one.decode())}
            if gone:
                self.keep(file, _without(file, gone))
                found += 1
        return found


def store_of(link: Link) -> Store:
    """Where a connection's documents are kept. Raises Refused for an id that is no file name."""
    name = link.connection.connection_id
    if not _NAME.fullmatch(name):
        raise Refused(t("There is no connection {name!r}.", name=name[:100]))
    return Store(link.services.settings.data_dir / FOLDER / name)


def customers_in(text: str) -> set[str]:
    """The customers that a document names."""
    return {one.decode() for one in _CUSTOMER.findall(text.encode())}


def blocks(file: Path, size: int = BLOCK) -> Iterator[bytes]:
    """Whole lines, about four megabytes at a time. Raises BadFile for a file that is damaged."""
    rest = b""
    for part in _unpacked(file, size):
        end = part.rfind(b"\n") + 1
        if end:
            yield rest + part[:end]
        rest = part[end:] if end else rest + part
        if len(rest) > LONGEST_LINE:
            raise BadFile(t("{name} holds a line without an end.", name=file.name))
    if rest:
        yield rest


def _unpacked(file: Path, size: int) -> Iterator[bytes]:
    try:
        with pa.CompressedInputStream(str(file), "zstd") as stream:
            while part := stream.read(size):
                yield part
    except OSError as error:
        raise BadFile(t("{name} is damaged.", name=file.name)) from error


def _without(file: Path, gone: Set[bytes]) -> Iterator[bytes]:
    """The lines of a file, the orders of these customers without them and without where they
    live."""
    for block in blocks(file):
        if gone.isdisjoint(_CUSTOMER.findall(block)):
            yield block
            continue
        for line in block.splitlines(keepends=True):
            hit = not gone.isdisjoint(_CUSTOMER.findall(line))
            yield _anonymous(line) if hit else line


def _anonymous(line: bytes) -> bytes:
    """An order that is nobody's. What sums of countries and channels are made of stays."""
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        return b""
    document.pop("customer", None)
    for name, kept in _IMPERSONAL.items():
        if name in document:
            document[name] = _only(document[name], kept)
    return bytes(orjson.dumps(document)) + b"\n"


def _only(part: Any, names: Iterable[str]) -> Any:
    """Of an object only what stands at these paths."""
    if not isinstance(part, dict):
        return None
    found: dict[str, Any] = {}
    for name in names:
        first, _, rest = name.partition(".")
        if first in part:
            found[first] = _only(part[first], (rest,)) if rest else part[first]
    return found
