"""Bytes of a file nobody vouches for: bounded, unpacked, and known to be text before anything
parses them.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from agent.errors import BadFile
from agent.words import t

CHUNK = 1024 * 1024
SNIFF = 64 * 1024
MAX_LINE = 32 * 1024 * 1024
GZIP = b"\x1f\x8b"
MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True)
class Inspection:
    """What a whole pass over a file found: `digest` of the unpacked bytes, `longest` line in bytes,
    at most.
    """

    digest: str
    encoding: str
    size: int
    newlines: int
    longest: int
    head: bytes
    notes: tuple[str, ...] = ()


def require_file(path: Path) -> None:
    """Raises BadFile unless there is an ordinary file: a pipe or a device would never end."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as fault:
        raise BadFile(t("There is no file {name}.", name=path.name)) from fault
    except OSError as fault:
        reason = fault.strerror or t("it cannot be found")
        raise BadFile(
            t("{name} cannot be read: {reason}.", name=path.name, reason=reason)
        ) from fault
    if stat.S_ISDIR(mode):
        raise BadFile(t("{name} is a folder, not a file.", name=path.name))
    if not stat.S_ISREG(mode):
        raise BadFile(t("{name} is no ordinary file.", name=path.name))


def first_bytes(path: Path, count: int) -> bytes:
    with _plain(path) as file:
        return file.read(count)


@contextmanager
def _plain(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as fault:
        reason = fault.strerror or t("it cannot be opened")
        raise BadFile(
            t("{name} cannot be read: {reason}.", name=path.name, reason=reason)
        ) from fault
    with file:
        yield file


@contextmanager
def unpacked(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, inflated when it is gzip; reading raises BadFile where the gzip is
    damaged.
    """
    with _plain(path) as file:
        packed = file.read(2) == GZIP
        file.seek(0)
        if path.suffix.lower() == ".gz" and not packed:
            raise BadFile(t("{name} ends in .gz but is not a gzip file.", name=path.name))
        try:
            yield cast(BinaryIO, gzip.GzipFile(fileobj=file)) if packed else file
        except EOFError as fault:
            raise BadFile(
                t("{name} is cut off: the gzip ends in the middle.", name=path.name),
                hint=t("Copy it again."),
            ) from fault
        except (gzip.BadGzipFile, zlib.error) as fault:
            raise BadFile(
                t("{name} is damaged: its gzip cannot be unpacked.", name=path.name)
            ) from fault


def _looks_utf16(head: bytes) -> str:
    """utf-16 without a mark: every other byte of western text is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > 0.4 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.1 * half else ""


def _encoding_of(head: bytes, wanted: str) -> str:
    if wanted:
        return codecs.lookup(wanted).name
    marked = next((name for mark, name in MARKS if head.startswith(mark)), "")
    return marked or _looks_utf16(head) or "utf-8"


class _Survey:
    """Runs over the chunks of a file once and remembers what matters."""

    def __init__(self, name: str, encoding: str, max_bytes: int) -> None:
        self.name, self.encoding, self.max_bytes = name, encoding, max_bytes
        self.size = self.newlines = self.longest = self._since = 0
        self.sound = True
        self._hash = hashlib.sha256()
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._pending = False

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def see(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self.max_bytes:
            limit = f"{self.max_bytes / 1024**3:.3g} GB"
            raise BadFile(
                t(
                    "{name} holds more than {limit} once unpacked; that is the limit.",
                    name=self.name,
                    limit=limit,
                )
            )
        if not self.encoding.startswith("utf-16") and chunk.count(0) > len(chunk) // 2:
            raise BadFile(
                t("{name} is not a text file: it holds long runs of zero bytes.", name=self.name)
            )
        self._hash.update(chunk)
        self._measure(chunk)
        self._decode(chunk)

    def _measure(self, chunk: bytes) -> None:
        count = chunk.count(b"\n")
        self.newlines += count
        first = self._since + (chunk.find(b"\n") if count else len(chunk))
        self.longest = max(self.longest, first)
        self._since = len(chunk) - chunk.rfind(b"\n") - 1 if count else first
        if self.longest > MAX_LINE:
            raise BadFile(
                t(
                    "{name} has a line longer than 32 MB (line {value} or so); that is no order "
                    "file.",
                    name=self.name,
                    value=self.newlines + 1,
                )
            )

    def _decode(self, chunk: bytes) -> None:
        if not self.sound or (chunk.isascii() and not self._pending and self.encoding == "utf-8"):
            return
        try:
            self._decoder.decode(chunk)
            self._pending = bool(self._decoder.getstate()[0])
        except UnicodeDecodeError:
            self.sound = False


def _judge(path: Path) -> tuple[str, str]:
    """Encoding and note of a file that is not quite UTF-8: latin-1, or UTF-8 with some broken
    bytes.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = bad = 0
    with unpacked(path) as file:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            broken = len(re.findall("[\udc80-\udcff]", text))
            bad += broken
            good += len(re.findall("[^\x00-\x7f]", text)) - broken
    if good >= bad:
        return (
            "utf-8",
            f"The file is UTF-8 with {bad} broken bytes; the lines they are in are rejected.",
        )
    return "cp1252", "The file is not UTF-8; it was read as Windows-1252 (latin-1)."


def inspect(path: Path, encoding: str, max_bytes: int) -> Inspection:
    """Read the whole file once, in bounded pieces. Raises BadFile for what is no text file of a
    size to import.
    """
    with unpacked(path) as file:
        head = file.read(SNIFF)
        if not head.strip():
            raise BadFile(t("{name} is empty.", name=path.name))
        survey = _Survey(path.name, _encoding_of(head, encoding), max_bytes)
        chunk = head
        while chunk:
            survey.see(chunk)
            chunk = file.read(CHUNK)
    found = survey.encoding
    notes: tuple[str, ...] = ()
    if not survey.sound:
        if encoding or found.startswith("utf-16"):
            raise BadFile(
                t(
                    "{name} is not {found} text from beginning to end.",
                    name=path.name,
                    found=found.upper(),
                )
            )
        found, *rest = _judge(path)
        notes = tuple(rest)
    elif found.startswith("utf-16"):
        notes = ("The file was read as UTF-16.",)
    size, longest = survey.size, survey.longest
    return Inspection(survey.digest, found, size, survey.newlines, longest, head, notes)


class Recoded:
    """A readable stream of UTF-8 from bytes in another encoding; broken bytes become U+FFFD."""

    closed = False

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = b""

    def read(self, count: int = -1) -> bytes:
        while count < 0 or len(self._ready) < count:
            chunk = self._file.read(CHUNK)
            self._ready += self._decoder.decode(chunk, final=not chunk).encode("utf-8")
            if not chunk:
                break
        count = len(self._ready) if count < 0 else count
        piece, self._ready = self._ready[:count], self._ready[count:]
        return piece

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True
