"""Values that stand somewhere in a text, as columns: whole numbers, amounts, moments, words.

A value is where it begins and where it ends (-1 where there is none), as JSON writes it, without
its quotes. Every byte of it is checked: what is not as it should be is told, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agent.sources.shopify.checks import LONGEST, MOST_PIECES
from agent.sources.values import Flags, Ints, flags, seconds

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
FIRST, LAST = (int(datetime(y, 1, 1, tzinfo=UTC).timestamp()) for y in (1990, 2100))
MINUS, POINT, ZERO, BACKSLASH = b"-.0\\"
MOST_DIGITS, WHOLE_DIGITS, DECIMALS = 17, 11, 4
STAMP = b"0000-00-00T00:00:00Z"
_ESCAPED = r"[\\\x00-\x1f]"
_DIGITS = [place for place, byte in enumerate(STAMP) if byte == ZERO]
_SIGNS = [place for place, byte in enumerate(STAMP) if byte != ZERO]


@dataclass(frozen=True)
class Spans:
    """Documents of one kind: name -> where each one's value begins and ends in `text`; `types` of
    ids as numbers; `lines` that they stand in."""

    text: Bytes
    at: Mapping[str, tuple[Ints, Ints]]
    types: Mapping[str, Ints]
    lines: Ints

    def __len__(self) -> int:
        return len(self.lines)


class Values:
    """Columns of spans. `ok` says of which rows everything that was asked for was good."""

    def __init__(self, spans: Spans, words: Sequence[str] = ()) -> None:
        self.spans = spans
        self.known = words
        self.ok: Flags = np.ones(len(spans), np.bool_)

    def whole(self, name: str, *, needed: bool = True) -> pa.Array:
        """The digits of an id, NULL where there is none."""
        low, high, there = self._span(name, needed)
        value, good = digits(self.spans.text, low, high)
        self.ok &= good | ~there
        return pa.array(value, mask=None if there.all() else ~there)

    def key(self, name: str, kinds: int) -> pa.Array:
        """An id and its type in one number."""
        low, high, _ = self._span(name)
        value, good = digits(self.spans.text, low, high)
        self.ok &= good
        return pa.array(value * kinds + self.spans.types[name])

    def pieces(self, name: str) -> pa.Array:
        """As many as the warehouse counts, with a sign; 0 where nothing is said."""
        low, high, there = self._span(name, needed=False)
        minus = self._is(low, MINUS)
        value, good = digits(self.spans.text, low + minus, high)
        good &= (value <= MOST_PIECES) & ~(self._is(low + minus, ZERO) & (high - low - minus > 1))
        self.ok &= good | ~there
        return pa.array(np.where(there, np.where(minus, -value, value), 0))

    def amounts(self, name: str) -> pa.Array:
        """Ten-thousandths."""
        low, high, _ = self._span(name)
        minus, point = self._is(low, MINUS), high
        low = low + minus
        for place in range(DECIMALS):
            at = high - place - 2
            point = np.where(self._is(at, POINT) & (at > low), at, point)
        value, good = digits(self.spans.text, low, point)
        good &= point - low <= WHOLE_DIGITS
        length = np.maximum(high - point - 1, 0)
        part, sound = digits(self.spans.text, high - length, high)
        self.ok &= good & (sound | (length == 0))
        value = value * 10**DECIMALS + part * _TENS[DECIMALS - length]
        return pa.array(np.where(minus, -value, value))

    def moments(self, name: str, *, needed: bool = True) -> pa.Array:
        """Seconds since 1970."""
        low, high, there = self._span(name, needed)
        if not there.any():
            return pa.nulls(len(low), pa.int64())
        wide = high - low == len(STAMP)
        read = _windows(self.spans.text, len(STAMP))[np.where(wide, low, 0)]
        table = read.view(np.uint8).reshape(-1, len(STAMP))
        number = table[:, _DIGITS].astype(np.int64) - ZERO
        good = wide & (number <= 9).all(1) & (number >= 0).all(1)
        good &= (table[:, _SIGNS] == np.frombuffer(STAMP, np.uint8)[_SIGNS]).all(1)
        number[~good] = 0
        tens = number.reshape(-1, 7, 2) @ np.array([10, 1])
        century, year, month, day, hour, minute, second = tens.T
        value, exists = seconds((100 * century + year, month, day), (hour, minute, second))
        self.ok &= (good & exists & (value >= FIRST) & (value < LAST)) | ~there
        return pa.array(value, mask=~there)

    def flags(self, name: str, *, needed: bool = True) -> pa.Array:
        """True or false; false where nothing is said."""
        low, high, there = self._span(name, needed)
        found = {}
        for word in (b"true", b"false"):
            same = _windows(self.spans.text, len(word), "S")[low] == word
            found[word] = same & (high - low == len(word)) & there
        self.ok &= found[b"true"] | found[b"false"] | ~there
        return pa.array(found[b"true"])

    def texts(self, name: str) -> pa.Array:
        """Texts as they were meant, escapes undone."""
        return self.words(name, needed=True).dictionary_decode()

    def words(self, *names: str, needed: bool = False) -> pa.Array:
        """Texts of which there are few, as a dictionary: of several names the first that says
        something, NULL where none does."""
        low, high, there = self._span(names[0], needed)
        for name in names[1:]:
            other = self._span(name, needed=False)
            empty = low >= high
            unused = np.where(empty, low, other[0]), np.where(empty, high, other[1])
            self._meant(cut(self.spans.text, *unused, unused[0] >= 0).dictionary_encode())
            low, high = np.where(empty, other[0], low), np.where(empty, other[1], high)
            there = low >= 0
        if not there.any():
            return pa.nulls(len(low), pa.string()).dictionary_encode()
        return self._meant(cut(self.spans.text, low, high, there).dictionary_encode())

    def code(self, name: str) -> pa.Array:
        """Words that were numbered already."""
        number = pa.array(self.spans.types[name].astype(np.int32))
        return pa.DictionaryArray.from_arrays(number, pa.array(self.known, pa.string()))

    def _span(self, name: str, needed: bool = True) -> tuple[Ints, Ints, Flags]:
        low, high = self.spans.at[name]
        there = low >= 0
        if needed:
            self.ok &= there
        return low, high, there

    def _meant(self, encoded: pa.Array) -> pa.Array:
        """Written texts as they were meant."""
        if not _is_escaped(encoded.dictionary) and not _too_long(encoded.dictionary):
            return encoded
        meant = [unescaped(word) for word in encoded.dictionary.to_pylist()]
        bad = [place for place, word in enumerate(meant) if word is None]
        self.ok &= ~np.isin(np.asarray(pc.fill_null(encoded.indices, -1)), bad)
        return pa.array(meant, pa.string()).take(encoded.indices).dictionary_encode()

    def _is(self, place: Ints, byte: int) -> Flags:
        return np.asarray(np.take(self.spans.text, place, mode="wrap") == byte)


_TENS = 10 ** np.arange(DECIMALS + 1, dtype=np.int64)


def _windows(text: Bytes, length: int, kind: str = "V") -> NDArray[np.void]:
    """The so many bytes from every place of a text on."""
    count = len(text) - length + 1
    return np.ndarray(count, f"{kind}{length}", text, strides=(1,))


def same(text: Bytes, places: Ints, piece: bytes) -> Flags:
    """Where a piece of text, without a NUL, stands."""
    inside = (places >= 0) & (places <= len(text) - len(piece))
    read = _windows(text, len(piece), "S")[np.where(inside, places, 0)]
    # As a rule they all are the piece, which one comparison of memory tells.
    if read.tobytes() == piece * len(places):
        return inside
    return np.asarray((read == piece) & inside)


def cut(text: Bytes, low: Ints, high: Ints, there: Flags) -> pa.Array:
    """Spans, each behind the one before, as texts."""
    ends = np.empty(2 * len(low), np.int32)
    ends[::2], ends[1::2] = low, high
    ends = np.maximum.accumulate(np.maximum(ends, 0))
    # Texts and what lies between them, of which every second one is taken.
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(text)]
    all_ = pa.StringArray.from_buffers(max(len(ends) - 1, 0), *buffers[1:])
    mask = None if there.all() else ~there
    return all_.take(pa.array(np.arange(len(low)) * 2, mask=mask))


def is_plain(text: Bytes, low: Ints, high: Ints) -> Flags:
    """Which texts hold nothing but what they show, so that nobody has to read them."""
    written = cut(text, low, high, np.ones(len(low), np.bool_))
    if not _is_escaped(written):
        return np.ones(len(low), np.bool_)
    return ~flags(pc.match_substring_regex(written, _ESCAPED))


def _is_escaped(written: pa.Array) -> bool:
    data = written.buffers()[2]
    bytes_ = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return bool(((bytes_ == BACKSLASH) | (bytes_ < 32)).any())


def digits(text: Bytes, low: Ints, high: Ints) -> tuple[Ints, Flags]:
    """The whole number of each span, and where it is one: 1 to 17 digits."""
    length = high - low
    good = (length > 0) & (length <= MOST_DIGITS)
    value = np.zeros(len(low), np.int64)
    words = text[: len(text) // 8 * 8].view("<u8")
    for at in range(0, min(int(length.max(initial=0)), MOST_DIGITS), 8):
        part, sound = _eight(_before(words, high - at), np.clip(length - at, 0, 8))
        value += part * 10**at
        good &= sound
    return value, good


def _before(words: Words, end: Ints) -> Words:
    """The eight bytes before each place, of a text in words of eight."""
    at, shift = (end >> 3) - 1, ((end & 7) << 3).astype(np.uint64)
    low, high = words.take(at, mode="wrap"), words.take(at + 1, mode="wrap")
    return (low >> shift) | (high << (_U(64) - shift))


def _eight(words: Words, length: Ints) -> tuple[Ints, Flags]:
    """The last digits of eight bytes in one go: each byte's digit, then pairs, fours, all."""
    shift = (64 - 8 * length).astype(np.uint64)
    digit = ((words ^ _U(0x3030303030303030)) >> shift) << shift
    good = ((digit + _U(0x7676767676767676)) | digit) & _U(0x8080808080808080) == 0
    pair = (digit * _U(10) + (digit >> _U(8))) & _U(0x00FF00FF00FF00FF)
    four = (pair * _U(100) + (pair >> _U(16))) & _U(0x0000FFFF0000FFFF)
    eight = (four * _U(10_000) + (four >> _U(32))) & _U(0x00000000FFFFFFFF)
    return eight.astype(np.int64), good


_U = np.uint64


def _too_long(words: pa.Array) -> bool:
    return (pc.max(pc.utf8_length(words)).as_py() or 0) > LONGEST


def unescaped(word: str) -> str | None:
    """What a text within quotes means; None where it means nothing, or nothing that is kept."""
    try:
        meant = str(orjson.loads(f'"{word}"'))
    except orjson.JSONDecodeError:
        return None
    return None if len(meant) > LONGEST or "\x00" in meant else meant
