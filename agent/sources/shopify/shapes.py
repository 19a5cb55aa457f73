"""Lines of one shape: what a machine wrote repeats itself, so that the text around the values of
one line tells where the values of the next ones stand.

A shape is learned from one line, which is read with care. Another line is of that shape when every
byte around its values is the same, which a comparison of whole columns of bytes finds; its values
are then where its quotes say. Lines that fit no shape have to be read one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.sources.shopify.fields import Field
from agent.sources.shopify.spans import BACKSLASH, Bytes, is_plain, same
from agent.sources.values import Flags, Ints

QUOTE, END = b'"\n'
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|[-+.\w]+|[{}\[\]]')
_GID = re.compile(rb"gid:\\?/\\?/shopify\\?/([A-Za-z]+)\\?/")
_PLAIN = re.compile(rb"\w+")
PIECE = 1 << 16
"""Bytes that are searched at once: what is made of them stays near the processor."""

STEP = 2_000
"""Lines that are compared at once, for the same reason."""

Place = tuple[int, int]
Span = tuple[Ints, Ints]


class Odd(ValueError):
    """A line, or a block of lines, that tells nothing about others."""


@dataclass(frozen=True)
class Hole:
    """Where a value stands: `skip` bytes behind the quote of that number, `back` bytes before the
    next one. One without a name is a text that is not used."""

    name: str
    quote: int
    skip: int
    back: int
    text: bool


@dataclass(frozen=True)
class Shape:
    """A kind of line: how many quotes it has, the text around its values, the types of its ids, and
    its words."""

    kind: str
    quotes: int
    pieces: Sequence[bytes]
    holes: Sequence[Hole]
    types: Mapping[str, str]


@dataclass(frozen=True)
class Block:
    """Whole lines: where each begins and ends, where all quotes stand, and which of those is each
    line's first."""

    text: Bytes
    begin: Ints
    end: Ints
    marks: Ints
    first: Ints

    def __len__(self) -> int:
        return len(self.end)

    @property
    def quotes(self) -> Ints:
        """How many quotes each line has."""
        return np.diff(self.first, append=len(self.marks))

    def line(self, place: int) -> bytes:
        return self.text[self.begin[place] : self.end[place]].tobytes()


def block(content: bytes) -> Block:
    """Raises Odd for what is no UTF-8."""
    if not _is_utf8(content):
        raise Odd("bytes that no text has")
    whole = content if content.endswith(b"\n") else content + b"\n"
    # Behind it is room to read eight bytes at a time.
    text = np.frombuffer(whole + b" " * (16 - len(whole) % 8), np.uint8)
    marks, end = _places(text, QUOTE), _places(text, END)
    begin = np.concatenate([[0], end[:-1] + 1])
    return Block(text, begin, end, marks, np.searchsorted(marks, begin))


def _places(text: Bytes, byte: int) -> Ints:
    starts = range(0, len(text), PIECE)
    return np.concatenate(
        [np.flatnonzero(text[at : at + PIECE] == byte) + at for at in starts], dtype=np.int64
    )


def _is_utf8(content: bytes) -> bool:
    try:
        return content.isascii() or bool(content.decode())
    except UnicodeDecodeError:
        return False


def learned(line: bytes, kind: str, wanted: Mapping[str, Field]) -> Shape:
    """The shape of a line that is a good document of a kind; `wanted` says which of its values are
    read. Raises Odd where others cannot be measured by it."""
    quotes = np.array([place for place, byte in enumerate(line) if byte == QUOTE])
    pieces, holes, types, done = [], [], dict[str, str](), 0
    for path, (begin, end) in _values(line).items():
        name, how = wanted.get(path, ("", ""))
        text = line[begin - 1] == QUOTE
        if not how or (line[begin:end] == b"null" and not text):
            continue
        if how == "word":
            types[name] = _word(line[begin:end])
            continue
        if how == "id":
            head = _GID.match(line, begin, end)
            if head is None:
                raise Odd("an id that is written in another way")
            begin, types[name] = head.end(), head[1].decode()
        quote = int(np.searchsorted(quotes, begin)) - 1
        if quote + 1 == len(quotes):
            raise Odd("a value behind which no text comes")
        skip, back = begin - int(quotes[quote]), int(quotes[quote + 1]) - end
        holes.append(Hole(name, quote, skip, back, text))
        pieces.append(line[done:begin])
        done = end
    return Shape(kind, len(quotes), (*pieces, line[done:]), tuple(holes), types)


def _values(line: bytes) -> dict[str, Place]:
    """Path of each value -> where it stands, without quotes. Raises Odd for lists, keys that are
    there twice or are no plain words, and quotes within texts."""
    found: dict[str, Place] = {}
    path: list[bytes] = []
    for token in _TOKEN.finditer(line):
        word = token[0]
        if word == b"[" or b'\\"' in word or word.endswith(b'\\"'):
            raise Odd("a list, or a quote in a text")
        if word == b"}":
            path.pop()
        elif path and not path[-1]:
            path[-1] = _key(token)
            continue
        elif path:
            _note(found, b".".join(path).decode(), token.span(1 if token[1] is not None else 0))
        if word == b"{":
            path.append(b"")
        elif path:
            path[-1] = b""
    return found


def _word(text: bytes) -> str:
    if BACKSLASH in text:
        raise Odd("a word that is written in another way")
    return text.decode()


def _key(token: re.Match[bytes]) -> bytes:
    if token[1] is None or not _PLAIN.fullmatch(token[1]):
        raise Odd("a key that is no plain word")
    return token[1]


def _note(found: dict[str, Place], path: str, place: Place) -> None:
    if path in found:
        raise Odd("a key that is there twice")
    found[path] = place


def fitting(given: Block, shape: Shape, lines: Ints) -> tuple[Ints, dict[str, Span]]:
    """Those of the lines that are of a shape; name -> where each one's value begins and ends."""
    parts = [
        _fitting(given, shape, lines[at : at + STEP]) for at in range(0, len(lines) or 1, STEP)
    ]
    if len(parts) == 1:
        return parts[0]
    spans = {
        name: (
            np.concatenate([part[name][0] for _, part in parts]),
            np.concatenate([part[name][1] for _, part in parts]),
        )
        for name in parts[0][1]
    }
    return np.concatenate([part for part, _ in parts]), spans


def _fitting(given: Block, shape: Shape, lines: Ints) -> tuple[Ints, dict[str, Span]]:
    lines = lines[same(given.text, given.begin.take(lines), shape.pieces[0])]
    # Value after value: what does not go on as the shape does is not looked at any more.
    spans: list[Span] = []
    end = given.begin.take(lines)
    for piece, hole in zip(shape.pieces, shape.holes, strict=False):
        low, high = _span(given, lines, hole)
        fits = (low - end == len(piece)) & (low <= high) & same(given.text, end, piece)
        if hole.text:
            fits &= given.text.take(high - 1) != BACKSLASH
        if hole.text and not hole.name:
            fits &= is_plain(given.text, low, high)
        lines, end, spans = _kept(fits, lines, high, [*spans, (low, high)])
    stop = given.end.take(lines)
    fits = (stop - end == len(shape.pieces[-1])) & same(given.text, end, shape.pieces[-1])
    lines, _, spans = _kept(fits, lines, end, spans)
    named = zip(shape.holes, spans, strict=True)
    return lines, {hole.name: span for hole, span in named if hole.name}


def _kept(fits: Flags, lines: Ints, end: Ints, spans: list[Span]) -> tuple[Ints, Ints, list[Span]]:
    if fits.all():
        return lines, end, spans
    return lines[fits], end[fits], [(low[fits], high[fits]) for low, high in spans]


def _span(given: Block, lines: Ints, hole: Hole) -> Span:
    quote = given.first.take(lines) + hole.quote
    return given.marks.take(quote) + hole.skip, given.marks.take(quote + 1) - hole.back
