"""The beginning of a file, enough to see what it is, read as an import would read all of it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from agent.errors import BadFile
from agent.sources import files, streams
from agent.sources.base import Lines, TextFormat
from agent.sources.files import Reading, Recognise
from agent.sources.registry import by_columns
from agent.words import t

ENOUGH = 512 * 1024
"""Bytes of text from which the beginning stands for the whole."""
TRIES = 100
WIDE = 3
TEXT = (".csv", ".csv.gz", ".txt", ".txt.gz", ".tsv")


@dataclass(frozen=True)
class Sample:
    """Lines of a file, `whole` where they are all of it."""

    lines: Lines
    encoding: str
    whole: bool


def beginning(
    path: Path,
    max_bytes: int,
    *,
    text: TextFormat | None = None,
    recognise: Recognise | None = None,
    cut: bool = False,
) -> Sample:
    """The first lines of a file under the header that a known format has, else under its first
    line; what `recognise` raises, this raises. `cut`: the file ends in the middle of a line. Raises
    BadFile."""
    streams.require_file(path)
    written = text or TextFormat()
    if not path.name.lower().endswith(TEXT):
        return Sample(_read(path, written, recognise, max_bytes), "", whole=True)
    with TemporaryDirectory() as folder:
        short, whole = _shortened(path, Path(folder), cut)
        seen = streams.inspect(short, written.encoding, max_bytes)
        return Sample(_read(short, written, recognise, max_bytes), seen.encoding, whole)


def _read(path: Path, text: TextFormat, recognise: Recognise | None, max_bytes: int) -> Lines:
    def read(known: Recognise) -> Lines:
        return files.read(Reading(path, text, known, max_bytes, lambda step: None)).lines

    if recognise is not None:
        return read(recognise)
    for known in (_is_known, _is_wide):
        with suppress(BadFile):
            return read(known)
    return read(lambda names: None)


def _is_known(names: tuple[str, ...]) -> None:
    by_columns(names)


def _is_wide(names: tuple[str, ...]) -> None:
    """A title that stands above the columns has no three of them."""
    if len(names) < WIDE:
        raise BadFile(t("The line has fewer than {count} columns.", count=WIDE))


def _shortened(path: Path, folder: Path, cut: bool) -> tuple[Path, bool]:
    """A file with the first lines of a long one, under its name; a short one as it is."""
    with streams.unpacked(path) as file:
        head = file.read(ENOUGH + 1)
    whole = len(head) <= ENOUGH and not cut
    # Other encodings have no byte of their own for the end of a line.
    if whole or b"\x00" in head[:64]:
        return path, whole
    target = folder / path.name.removesuffix(".gz")
    target.write_bytes(_to_a_line_end(head[:ENOUGH]))
    return target, False


def _to_a_line_end(head: bytes) -> bytes:
    """Up to a line's end that stands in no quotes; all of it where there is none."""
    end = head.rfind(b"\n")
    for _ in range(TRIES):
        if end <= 0 or head.count(b'"', 0, end) % 2 == 0:
            break
        end = head.rfind(b"\n", 0, end)
    return head[: end + 1] if end > 0 else head
