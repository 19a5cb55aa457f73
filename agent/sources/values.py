"""Columns of text to numbers and moments, exactly: no binary float ever holds money.

Each distinct text is read once and the result spread over the rows, so that half a million prices
cost what a thousand do. Money is counted in ten-thousandths (MONEY_SCALE) in 64-bit integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MONEY_SCALE = 10_000
MONEY_TYPE = pa.decimal128(18, 4)
WHOLE_DIGITS = 11
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MAX_TEXT = 2_000
"""Characters: a longer field of an order line is a broken file, not a name."""

_ISO = (
    r"^(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"
    r"(?:[T ](?P<h>\d{1,2}):(?P<i>\d{2})(?::(?P<s>\d{2})(?:\.\d+)?)?)?"
    r"\s*(?P<z>Z|UTC|[+-]\d{2}:?\d{2})?$"
)
_SLASHED = (
    r"^(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<y>\d{4}|\d{2})"
    r"(?:[ ,T]+(?P<h>\d{1,2}):(?P<i>\d{2})(?::(?P<s>\d{2}))?(?: ?(?P<p>[AaPp][Mm]))?)?$"
)


@dataclass(frozen=True)
class Parsed:
    """`value` where `valid`; `present` says where there was any text."""

    value: Ints
    present: Flags
    valid: Flags

    @property
    def wrong(self) -> Flags:
        return np.asarray(self.present & ~self.valid, dtype=np.bool_)

    @property
    def missing(self) -> Flags:
        return ~self.present

    @property
    def or_zero(self) -> Ints:
        return np.where(self.valid, self.value, 0)


@dataclass(frozen=True)
class Moments:
    """Seconds since 1970 on the wall clock that the text shows; `offset` from UTC where
    `has_offset`.
    """

    wall: Parsed
    offset: Ints
    has_offset: Flags


def one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def texts(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Trimmed text, empty as NULL."""
    encoded = one(column).dictionary_encode()
    trimmed = pc.utf8_trim_whitespace(encoded.dictionary)
    trimmed = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    return trimmed.take(encoded.indices)


def flags(column: pa.Array) -> Flags:
    """A boolean array as numpy, NULL as False."""
    return np.asarray(pc.fill_null(column, False), dtype=np.bool_)


def codes(column: pa.Array) -> tuple[Ints, pa.Array]:
    """(index of each row's text, -1 for NULL; the distinct texts)."""
    encoded = column.dictionary_encode()
    index = np.asarray(pc.fill_null(encoded.indices.cast(pa.int64()), -1), dtype=np.int64)
    return index, encoded.dictionary


def _spread(index: Ints, value: Ints, valid: Flags) -> Parsed:
    """Values of distinct texts over the rows that hold them."""
    value, valid = np.append(value, 0), np.append(valid, False)
    return Parsed(value[index], index >= 0, valid[index])


def unscaled(decimals: pa.Array) -> Ints:
    """Unscaled integers of a decimal128 array whose values fit in 64 bits (NULL as 0)."""
    filled = pc.fill_null(decimals, pa.scalar(Decimal(0), decimals.type))
    halves = np.frombuffer(filled.buffers()[1], dtype=np.int64).reshape(-1, 2)
    return np.ascontiguousarray(halves[filled.offset : filled.offset + len(filled), 0])


def money(column: pa.Array, *, comma: bool = False, rounded: bool = False) -> Parsed:
    """Decimal text in ten-thousandths; at most 11 digits before the point and 4 that matter behind
    it, unless it may be `rounded` to those.

    Digits from the tenth place on are the noise of a spreadsheet's binary floats and are rounded
    away.
    """
    index, words = codes(column)
    if comma:
        words = pc.replace_substring(pc.replace_substring(words, ".", ""), ",", ".")
    shaped = pc.match_substring_regex(
        words, rf"^[+-]?(\d{{1,{WHOLE_DIGITS}}}(\.\d{{0,18}})?|\.\d{{1,18}})$"
    )
    words = pc.if_else(shaped, words, pa.scalar(None, pa.string()))
    fine = pc.round(words.cast(pa.decimal128(38, 18)), 9)
    coarse = pc.round(fine, 4)
    exact = flags(coarse.is_valid() if rounded else pc.equal(fine, coarse))
    return _spread(index, unscaled(coarse.cast(pa.decimal128(18, 4))), exact)


def whole(column: pa.Array, *, comma: bool = False) -> Parsed:
    """Whole numbers ("6", "-3", "6.0") that fit 32 bits."""
    read = money(column, comma=comma)
    value = read.value // MONEY_SCALE
    valid = read.valid & (read.value % MONEY_SCALE == 0) & (np.abs(value) < 2**31)
    return Parsed(value, read.present, valid)


def decimals(scaled: Ints, kind: pa.DataType = MONEY_TYPE) -> pa.Array:
    """Unscaled integers as decimals: ten-thousandths as DECIMAL(18,4)."""
    pairs = np.empty((len(scaled), 2), dtype=np.int64)
    pairs[:, 0], pairs[:, 1] = scaled, scaled >> 63
    return pa.Array.from_buffers(kind, len(scaled), [None, pa.py_buffer(pairs.tobytes())])


def _part(fields: pa.Array, name: str) -> Ints:
    texts_ = pc.struct_field(fields, name)
    known = pc.if_else(pc.equal(texts_, ""), pa.scalar(None, pa.string()), texts_)
    return np.asarray(pc.fill_null(known.cast(pa.int64()), 0), dtype=np.int64)


def seconds(date: tuple[Ints, Ints, Ints], clock: tuple[Ints, Ints, Ints]) -> tuple[Ints, Flags]:
    """Seconds since 1970 of calendar parts, and where such a day and time exist."""
    (year, month, day), (hour, minute, second) = date, clock
    sound = (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24) & (minute < 60) & (second < 60)
    months = (year - 1970) * 12 + np.where(sound, month, 1) - 1
    start = months.astype("datetime64[M]")
    days = start.astype("datetime64[D]").astype(np.int64)
    after = (start + 1).astype("datetime64[D]").astype(np.int64)
    sound &= day <= after - days
    return (days + day - 1) * 86_400 + hour * 3600 + minute * 60 + second, sound


def _offsets(fields: pa.Array) -> tuple[Ints, Flags]:
    zone = pc.replace_substring(pc.fill_null(pc.struct_field(fields, "z"), ""), ":", "")
    given = flags(pc.not_equal(zone, ""))
    named = flags(pc.is_in(zone, value_set=pa.array(["", "Z", "UTC"])))
    digits = pc.if_else(pa.array(named), "+0000", zone)
    sign = np.where(flags(pc.starts_with(digits, "-")), -1, 1)
    number = np.asarray(pc.utf8_slice_codeunits(digits, 1).cast(pa.int64()), dtype=np.int64)
    return sign * ((number // 100) * 3600 + (number % 100) * 60), given


def _iso(words: pa.Array) -> tuple[Ints, Flags, Ints, Flags]:
    fields = pc.extract_regex(words, _ISO)
    date = (_part(fields, "y"), _part(fields, "m"), _part(fields, "d"))
    clock = (_part(fields, "h"), _part(fields, "i"), _part(fields, "s"))
    value, sound = seconds(date, clock)
    offset, given = _offsets(fields)
    return value, sound & flags(fields.is_valid()), offset, given


def _slashed(words: pa.Array, order: str) -> tuple[Ints, Flags]:
    fields = pc.extract_regex(words, _SLASHED)
    a, b, year = (_part(fields, name) for name in "aby")
    year = np.where(year < 100, year + 2000, year)
    half = pc.utf8_lower(pc.fill_null(pc.struct_field(fields, "p"), ""))
    hour = _part(fields, "h")
    hour = np.where(flags(pc.not_equal(half, "")), hour % 12, hour) + 12 * flags(
        pc.equal(half, "pm")
    )
    clock = (hour, _part(fields, "i"), _part(fields, "s"))
    day, month = (a, b) if order == "dmy" else (b, a)
    value, sound = seconds((year, month, day), clock)
    return value, sound & flags(fields.is_valid())


def day_order(column: pa.Array) -> tuple[str, bool]:
    """("dmy" or "mdy" for dates with slashes, whether the column leaves a doubt).

    The order under which more dates exist; between equals, the one whose dates lie closer together.
    """
    words = codes(column)[1]
    found = {}
    for order in ("dmy", "mdy"):
        value, sound = _slashed(words, order)
        held = value[sound]
        found[order] = (int(sound.sum()), -int(np.ptp(held)) if len(held) else 0)
    best = "mdy" if found["mdy"] > found["dmy"] else "dmy"
    return best, found["dmy"][0] > 0 and found["dmy"][0] == found["mdy"][0]


def moments(column: pa.Array, *, order: str = "", latest: datetime) -> Moments:
    """Dates and times: ISO with or without offset, or with slashes in the `order` given ("dmy",
    "mdy").

    Valid are those from 1990 to `latest`.
    """
    index, words = codes(column)
    value, sound, offset, given = _iso(words)
    if not sound.all():
        other, fits = _slashed(words, order or day_order(column)[0])
        value = np.where(sound, value, other)
        sound |= fits
    low, high = int(EARLIEST.timestamp()), int(latest.timestamp())
    sound &= (value - offset >= low) & (value - offset <= high)
    wall = _spread(index, value, sound)
    spread = _spread(index, offset, sound & given)
    return Moments(wall, spread.value, spread.valid)
