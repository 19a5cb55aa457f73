"""What the values of a column look like: how numbers and days are written in it, and how to read
them all the same way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources.base import Flags, Ints
from agent.sources.values import MONEY_SCALE, codes, money

NOTHING = (
    "-",
    "--",
    "\u2013",
    "\u2014",
    "n/a",
    "na",
    "null",
    "none",
    "(not set)",
    "not set",
    "nan",
)
"""What exports write where they have no number."""
TOTALS = re.compile(r"(grand total|total|totals|gesamt|summe|gesamtsumme|insgesamt)\b", re.I)
_COMMA = r"^[^,]*,\d{1,2}$|^[^,]*,\d{4,}$|\d\.\d{3},|\d\.\d{3}\.\d{3}"
_POINT = r"^[^.]*\.\d{1,2}$|^[^.]*\.\d{4,}$|\d,\d{3}\.|\d,\d{3},\d{3}"
_GROUPS_OF_POINTS, _GROUPS_OF_COMMAS = r"^\d{1,3}(\.\d{3})+$", r"^\d{1,3}(,\d{3})+$"
_AROUND = r"^[^\d+.,()%-]{0,4}([+-]?)[^\d+.,()%-]{0,4}([\d.,]+)[^\d.,()%]{0,4}$"
"""A number with what may stand around it: a sign of a currency, a code, in front or behind."""
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_MONTHS = {
    **dict.fromkeys(("jan", "jän"), 1), "feb": 2, **dict.fromkeys(("mar", "mär", "mrz"), 3),
    "apr": 4, **dict.fromkeys(("may", "mai"), 5), "jun": 6, "jul": 7, "aug": 8, "sep": 9,
    **dict.fromkeys(("oct", "okt"), 10), "nov": 11, **dict.fromkeys(("dec", "dez"), 12),
}  # fmt: skip
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})\.? ([A-Za-zä]{3})[a-zä]*\.?,? (\d{4})")
_MONTH_FIRST = re.compile(r"([A-Za-zä]{3})[a-zä]*\.? (\d{1,2}),? (\d{4})")


def decimal_comma(columns: Sequence[pa.Array], counts: Sequence[pa.Array] = ()) -> tuple[bool, str]:
    """Whether numbers are written as 1.234,50, and a value that shows it ("" where none does). In
    `counts`, of whole numbers, also 1.234 does."""
    commas = _matching(columns, _COMMA) + _matching(counts, _GROUPS_OF_POINTS)
    points = _matching(columns, _POINT) + _matching(counts, _GROUPS_OF_COMMAS)
    if len(commas) > len(points):
        return True, commas[0]
    return False, points[0] if points else ""


def _matching(columns: Sequence[pa.Array], shape: str) -> list[str]:
    words: list[str] = []
    for column in columns:
        bare = _bare(codes(column)[1])
        words += bare.filter(pc.match_substring_regex(bare, shape)).to_pylist()
    return words


def _bare(words: pa.Array) -> pa.Array:
    """Without blanks, apostrophes and signs of currencies."""
    bare = pc.replace_substring_regex(words, "[\\s\u00a0\u202f\u2019']", "")
    bare = pc.replace_substring(bare, "\u2212", "-")
    return pc.replace_substring_regex(bare, _AROUND, r"\1\2")


def numbers(column: pa.Array, *, comma: bool) -> pa.Array:
    """The texts of numbers without what stands around them: signs of currencies, groups of
    thousands, words for nothing (NULL). Decimals have a point; other texts stay, to be refused."""
    index, words = codes(column)
    gone = pc.is_in(pc.utf8_lower(words), value_set=pa.array(NOTHING))
    bare = _bare(words)
    if comma:
        bare = pc.replace_substring(pc.replace_substring(bare, ".", ""), ",", ".")
    grouped = pc.match_substring_regex(bare, _GROUPED)
    bare = pc.if_else(grouped, pc.replace_substring(bare, ",", ""), bare)
    return _spread(index, pc.if_else(gone, pa.scalar(None, pa.string()), bare))


def in_fours(column: pa.Array) -> tuple[pa.Array, int]:
    """Amounts with more than four decimals rounded to four, and how many were: what platforms work
    out in binary has seven. What is no amount stays as it is."""
    index, words = codes(column)
    read = money(words, rounded=True)
    fine = money(words)
    long = read.valid & ~fine.valid
    text = pa.array([f"{value / Decimal(MONEY_SCALE):f}" for value in read.value[long].tolist()])
    found = pc.replace_with_mask(words, pa.array(long), text.cast(pa.string()))
    return _spread(index, found), int(np.append(long, False)[index].sum())


def dates(column: pa.Array) -> pa.Array:
    """Days as ISO where they are written out or without signs ("20261101", "Nov 1, 2026",
    "1. November 2026"); with an hour behind where one is; others as they are."""
    index, words = codes(column)
    return _spread(index, pa.array([_iso(word) for word in words.to_pylist()], pa.string()))


def _iso(word: str) -> str:
    if found := _COMPACT.fullmatch(word):
        day = f"{found[1]}-{found[2]}-{found[3]}"
        return f"{day} {found[4]}:{found[5] or '00'}" if found[4] else day
    if found := _DAY_FIRST.fullmatch(word):
        return _named(word, (found[3], found[2], found[1]))
    if found := _MONTH_FIRST.fullmatch(word):
        return _named(word, (found[3], found[1], found[2]))
    return word


def _named(word: str, parts: tuple[str, str, str]) -> str:
    year, month, day = parts
    number = month_of(month)
    return f"{year}-{number:02}-{int(day):02}" if number else word


def month_of(word: str) -> int:
    """The number of a month by the first three letters of its name, 0 where there is none."""
    return _MONTHS.get(word.lower(), 0)


def is_total(column: pa.Array) -> Flags:
    """Lines whose first word says that they are a sum of others."""
    index, words = codes(column)
    found = [bool(TOTALS.match(word)) for word in words.to_pylist()]
    return np.array([*found, False], dtype=np.bool_)[index]


def _spread(index: Ints, words: pa.Array) -> pa.Array:
    """Texts of distinct values over the rows that hold them."""
    known = pa.concat_arrays([words.cast(pa.string()), pa.nulls(1, pa.string())])
    return known.take(pa.array(np.where(index < 0, len(words), index)))
