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
from agent.sources.values import Ints

QUOTE, END = b'"\n'
_TOKEN = re.compile(rb'"((?:[^"\\]|\\.)*)"|[-+.\w]+|[{}\[\]]')
_GID = re.compile(rb"gid:\\?/\\?/shopify\\?/([A-Za-z]+)\\?/")
_PLAIN = re.compile(rb"\w+")
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
    """A kind of line: how many quotes it has, the text around its values, the types of its ids and its words."""

    kind: str
    quotes: int
    pieces: Sequence[bytes]
    holes: Sequence[Hole]
    types: Mapping[str, str]


@dataclass(frozen=True)
class Block:
    """Whole lines, where their quotes and ends stand, and which of those are ends."""

    text: Bytes
    marks: Ints
    ends: Ints

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def quotes(self) -> Ints:
        """How many quotes each line has."""
        return np.diff(self.ends, prepend=-1) - 1

    def first(self, lines: Ints) -> Ints:
        """Each line's first quote among the marks."""
        return np.where(lines > 0, self.ends[lines - 1] + 1, 0)

    def begin(self, lines: Ints) -> Ints:
        return np.where(lines > 0, self.marks[self.ends[lines - 1]] + 1, 0)

    def line(self, place: int) -> bytes:
        begin = int(self.begin(np.array([place]))[0])
        return self.text[begin : self.marks[self.ends[place]]].tobytes()


def block(content: bytes) -> Block:
    """Raises Odd for what is no UTF-8."""
    whole = content if content.endswith(b"\n") else content + b"\n"
    # Behind it is room to read eight bytes at a time.
    text = np.frombuffer(whole + b" " * (16 - len(whole) % 8), np.uint8)
    marks = np.flatnonzero((text == QUOTE) | (text == END))
    if not _is_utf8(content):
        raise Odd("bytes that no text has")
    return Block(text, marks, np.flatnonzero(text.take(marks) == END))


def _is_utf8(content: bytes) -> bool:
    try:
        return content.isascii() or bool(content.decode())
    except UnicodeDecodeError:
        return False


def learned(line: bytes, kind: str, wanted: Mapping[str, Field]) -> Shape:
    """The shape of a line that is a good document of a kind; `wanted` says which of its values are
    read. Raises Odd where others cannot be measured by it."""
    quotes = np.array([*(place for place, byte in enumerate(line) if byte == QUOTE), len(line)])
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
        skip, back = begin - int(quotes[quote]), int(quotes[quote + 1]) - end
        holes.append(Hole(name, quote, skip, back, text))
        pieces.append(line[done:begin])
        done = end
    return Shape(kind, len(quotes) - 1, (*pieces, line[done:]), tuple(holes), types)


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
    lines = lines[same(given.text, given.begin(lines), shape.pieces[0])]
    first = given.first(lines)
    spans = [_span(given, first, hole) for hole in shape.holes]
    begins = [given.begin(lines), *(high for _, high in spans)]
    stops = [*(low for low, _ in spans), given.marks[given.ends[lines]]]
    fits = np.ones(len(lines), np.bool_)
    for piece, begin, stop in zip(shape.pieces, begins, stops, strict=True):
        fits &= (stop - begin == len(piece)) & same(given.text, begin, piece)
    for hole, (low, high) in zip(shape.holes, spans, strict=True):
        fits &= low <= high
        if hole.text:
            fits &= given.text.take(high - 1) != BACKSLASH
        if hole.text and not hole.name:
            fits &= is_plain(given.text, low, high)
    named = {hole.name: span for hole, span in zip(shape.holes, spans, strict=True) if hole.name}
    if fits.all():
        return lines, named
    return lines[fits], {name: (low[fits], high[fits]) for name, (low, high) in named.items()}


def _span(given: Block, first: Ints, hole: Hole) -> Span:
    quote = first + hole.quote
    return given.marks.take(quote) + hole.skip, given.marks.take(quote + 1) - hole.back
