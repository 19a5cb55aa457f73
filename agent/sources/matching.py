"""Which column of somebody's order lines is which: by what it is called, else by what its values
look like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import is_currency

from agent.sources.headers import plain
from agent.sources.order_words import HOLDS, WORDS
from agent.sources.values import Parsed, codes, flags, moments, money, whole
from agent.words import t

SHOWN = 3
ENOUGH = 0.9
"""The share of a column's values that must be what its field holds."""
NAMED = 0.5
"""The same, where the column is called as the field is: the others are for a person to see."""
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Column:
    """A column of the file: the field that it is taken for ("" for none), how sure that is (0 to
    1), why, and a few of its values."""

    name: str
    field: str = ""
    confidence: float = 0.0
    why: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Taken:
    """A column with its values as trimmed text, and what they look like."""

    name: str
    values: pa.Array

    @property
    def words(self) -> pa.Array:
        """The distinct values."""
        return codes(self.values)[1]

    @property
    def examples(self) -> tuple[str, ...]:
        return tuple(word[:60] for word in self.words[:SHOWN].to_pylist())

    def share(self, holds: str, comma: bool) -> float:
        """The share of values that are what a field holds; 0 where there are none."""
        present = int(pc.count(self.values).as_py())
        if holds == "text" or not present:
            return float(present > 0)
        return float(self._read(holds, comma).valid.sum() / present)

    def mostly(self, shape: str) -> bool:
        """Whether nearly all distinct values have a shape."""
        fits = int(flags(pc.match_substring_regex(self.words, shape)).sum())
        return len(self.words) > 0 and fits >= ENOUGH * len(self.words)

    def _read(self, holds: str, comma: bool) -> Parsed:
        if holds == "moment":
            return moments(self.values, latest=LATEST).wall
        read = whole if holds == "whole" else money
        return read(self.values, comma=comma)


def matched(taken: Sequence[Taken], comma: bool) -> dict[str, Column]:
    """Column's name -> what it is taken for; a field is taken once."""
    found = _by_name(taken, comma)
    for look in (_moment, _mail, _currency, _country, _number, _repeated):
        found |= look([one for one in taken if one.name not in found], found, comma)
    return _one_price(found)


def _by_name(taken: Sequence[Taken], comma: bool) -> dict[str, Column]:
    """Columns whose whole name is a word for a field, then those that have such a word in it."""
    found: dict[str, Column] = {}
    for whole_name in (True, False):
        for field, words in WORDS.items():
            free = [one for one in taken if one.name not in found]
            if all(column.field != field for column in found.values()):
                found |= _called(free, (field, words), comma, whole_name)
    return found


def _called(
    free: Sequence[Taken], what: tuple[str, Sequence[str]], comma: bool, whole_name: bool
) -> dict[str, Column]:
    field, words = what
    for word in words:
        for one in free:
            name = plain(one.name)
            same = name == word if whole_name else _within(word, name)
            fit = one.share(HOLDS.get(field, "text"), comma) if same else 0.0
            if fit >= (NAMED if whole_name else ENOUGH):
                why = t("Its name says so, and {share}% of its values fit.", share=int(fit * 100))
                return {one.name: Column(one.name, field, 0.95 if whole_name else 0.7, why)}
    return {}


def _within(word: str, name: str) -> bool:
    """Whether a name has all parts of a word, one after the other: "lineitem qty" has "qty"."""
    return len(word) > 2 and f" {word} " in f" {name} "


Found = Mapping[str, Column]


def _missing(field: str, found: Found) -> bool:
    return all(column.field != field for column in found.values())


def _first(free: Sequence[Taken], field: str, why: str, fits: Sequence[bool]) -> dict[str, Column]:
    for one, fit in zip(free, fits, strict=True):
        if fit:
            return {one.name: Column(one.name, field, 0.5, why)}
    return {}


def _moment(free: Sequence[Taken], found: Found, comma: bool) -> dict[str, Column]:
    if not _missing("placed_at", found):
        return {}
    fits = [one.share("moment", comma) >= ENOUGH for one in free]
    return _first(free, "placed_at", t("Its values are dates."), fits)


def _mail(free: Sequence[Taken], found: Found, comma: bool) -> dict[str, Column]:
    if not _missing("customer", found):
        return {}
    fits = [one.mostly(r"^[^@\s]+@[^@\s]+\.[^@\s]+$") for one in free]
    return _first(free, "customer", t("Its values are mail addresses."), fits)


def _currency(free: Sequence[Taken], found: Found, comma: bool) -> dict[str, Column]:
    if not _missing("currency", found):
        return {}
    fits = [bool(one.examples) and all(map(is_currency, one.examples)) for one in free]
    return _first(free, "currency", t("Its values are codes of currencies."), fits)


def _country(free: Sequence[Taken], found: Found, comma: bool) -> dict[str, Column]:
    if not _missing("country", found):
        return {}
    fits = [one.mostly(r"^[A-Z]{2}$") for one in free]
    return _first(free, "country", t("Its values are two capital letters."), fits)


def _number(free: Sequence[Taken], found: Found, comma: bool) -> dict[str, Column]:
    """Small whole numbers are quantities, numbers with decimals are prices."""
    made: dict[str, Column] = {}
    if _missing("quantity", found):
        small = [one.mostly(r"^-?\d{1,3}$") and len(one.words) <= 100 for one in free]
        made |= _first(free, "quantity", t("Its values are small whole numbers."), small)
    if _missing("unit_price", found) and _missing("amount", found):
        rest = [one for one in free if one.name not in made]
        prices = [one.mostly(r"[.,]\d{2}$") and one.share("money", comma) == 1 for one in rest]
        made |= _first(rest, "unit_price", t("Its values are numbers with two decimals."), prices)
    return made


def _repeated(free: Sequence[Taken], found: Found, comma: bool) -> dict[str, Column]:
    """The first column of numbers or codes that is never empty, and that some lines share."""
    if not _missing("order_id", found):
        return {}
    fits = [
        one.values.null_count == 0
        and one.mostly(r"^[A-Za-z#-]{0,6}-?\d{3,}$")
        and not one.mostly(r"^\d{8}$")
        for one in free
    ]
    return _first(free, "order_id", t("Its values look like numbers of orders."), fits)


def _one_price(found: dict[str, Column]) -> dict[str, Column]:
    """A mapping names a unit price or a line's total: the price, where there is a quantity."""
    fields = {column.field: name for name, column in found.items()}
    if "unit_price" in fields and "amount" in fields:
        extra = "amount" if "quantity" in fields else "unit_price"
    elif "unit_price" in fields and "quantity" not in fields:
        name = fields["unit_price"]
        return {**found, name: Column(name, "amount", 0.5, found[name].why)}
    else:
        return found
    return {name: column for name, column in found.items() if column.field != extra}


def repeats(values: pa.Array, orders: pa.Array) -> bool:
    """Whether a number stands on every line of its order, the same on each, in orders of several
    lines: it is the order's."""
    order, amount = codes(orders)[0], codes(values)[0]
    pairs = np.unique(np.stack([order, amount]), axis=1)
    several = np.bincount(order[order >= 0]) > 1
    if not several.any() or (amount < 0).all():
        return False
    same = np.bincount(pairs[0][pairs[0] >= 0], minlength=len(several)) == 1
    return bool(same[several].all() and len(np.unique(amount)) > 1)
