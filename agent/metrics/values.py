"""Which values a shop's dimensions have. A filter that names another one is refused, with the
nearest that there is.

A value that the shop has and the period has not is no mistake: its answer is an honest zero.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa

from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE
from agent.metrics.grammar import LISTED, Filter
from agent.ports import Warehouse
from agent.warehouse.schema import (
    CUSTOMERS,
    INVENTORY,
    ORDERS,
    PRODUCTS,
    PROFILES,
    SALES,
    SESSIONS,
    SPEND,
)
from agent.words import inner, n, t

MOST = 2_000
"""The nearest is looked for among so many values; whether there is one, among all."""
KEPT = 128
LARGEST = 20_000
READ = 60
"""Letters of a value that are compared and said."""
Shops = tuple[str, ...]
Pair = tuple[str, str]

# Every table that knows a dimension: what has been seen but never sold is there, too.
_HELD: Mapping[str, tuple[sa.Column[Any], ...]] = {
    "country": (ORDERS.c.country, SESSIONS.c.country),
    "region": (ORDERS.c.region,),
    "city": (ORDERS.c.city,),
    "channel": (ORDERS.c.channel, SESSIONS.c.channel, SPEND.c.channel),
    "campaign": (SPEND.c.campaign,),
    "product": (PRODUCTS.c.product_id, SALES.c.product_id, INVENTORY.c.product_id),
    "product_type": (PRODUCTS.c.product_type,),
    "variant": (SALES.c.variant,),
    "vendor": (PRODUCTS.c.vendor,),
    "rfm": (PROFILES.c.rfm_group,),
}


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


# Days of first orders as the cohorts that they stand in.
_COHORTS: Mapping[str, Callable[[date], str]] = {
    "cohort": lambda day: f"{day:%Y-%m}",
    "cohort_week": _week,
    "cohort_quarter": lambda day: f"{day:%Y}-Q{(day.month + 2) // 3}",
}


class UnknownValue(Refused):
    """A filter names values that the shops do not have.

    `asked` holds the filter with these values only; `near` is the nearest value that there is, and
    what a person reads for it, both empty where none is near.
    """

    def __init__(self, message: str, *, hint: str, asked: Filter, near: Pair) -> None:
        super().__init__(message, hint=hint)
        self.asked = asked
        self.near = near


@dataclass(frozen=True)
class _Missing:
    """The values that are not there, and some that are, each with its title where it has one."""

    values: tuple[str, ...]
    there: tuple[Pair, ...] = ()


class Values:
    """Asks the warehouse which values there are, and remembers what it said."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._seen: dict[tuple[Shops, str], set[str]] = {}
        self._missing: OrderedDict[tuple[Any, ...], _Missing] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, shops: Shops, filters: Iterable[Filter]) -> None:
        """Raises UnknownValue for the first filter that names what these shops never had."""
        for chosen in filters:
            missing = self._not_there(shops, chosen)
            if missing.values:
                raise _unknown(shops, chosen, missing)

    def _not_there(self, shops: Shops, chosen: Filter) -> _Missing:
        name = chosen.dimension
        if name not in _HELD and name not in _COHORTS:
            return _Missing(())
        with self._lock:
            seen = self._seen.setdefault((shops, name), set())
            told = DIMENSIONS[name].values
            new = tuple(v for v in chosen.values if v not in seen and v not in told and v != NONE)
        return self._asked(shops, name, new) if new else _Missing(())

    def _asked(self, shops: Shops, name: str, new: tuple[str, ...]) -> _Missing:
        """What of these values is not there. What is there stays so; what is not may arrive."""
        versions = self._warehouse.versions(shops)
        if not versions.get(SALES.name):
            return _Missing(())  # A shop without sales has nothing to compare with.
        key = (shops, name, new, tuple(sorted(versions.items())))
        with self._lock:
            if key in self._missing:
                return self._missing[key]
        there = self._found(shops, name, new)
        gone = tuple(value for value in new if value not in there)
        missing = _Missing(gone, tuple(self._some(shops, name)) if gone else ())
        self._keep((shops, name), there, key, missing)
        return missing

    def _keep(self, place: tuple[Shops, str], there: set[str], key: Any, missing: _Missing) -> None:
        with self._lock:
            seen = self._seen.setdefault(place, set())
            if len(seen) + len(there) > LARGEST:
                seen.clear()
            seen |= there
            self._missing[key] = missing
            if len(self._missing) > KEPT:
                self._missing.popitem(last=False)

    def _found(self, shops: Shops, name: str, wanted: tuple[str, ...]) -> set[str]:
        if name in _COHORTS:
            return set(self._cohorts(shops, name)) & set(wanted)
        found: set[str] = set()
        for column in _HELD[name]:
            left = [value for value in wanted if value not in found]
            if left:
                found.update(self._read(_held(column, shops).where(column.in_(left))))
        return found

    def _some(self, shops: Shops, name: str) -> list[Pair]:
        """Values that there are, at most MOST, each with its title where it has one."""
        if name == "product":
            titles = sa.select(PRODUCTS.c.product_id, PRODUCTS.c.title)
            table = self._warehouse.read(titles.where(_in(PRODUCTS, shops)).limit(MOST))
            ids, named = (column.to_pylist() for column in table.columns)
            return list(zip(ids, named, strict=True))
        found = list(DIMENSIONS[name].values)
        if name in _COHORTS:
            found += self._cohorts(shops, name)
        for column in _HELD.get(name, ()):
            statement = _held(column, shops).where(column.is_not(None), column != "")
            found += self._read(statement.limit(MOST))
        return [(value, "") for value in list(dict.fromkeys(found))[:MOST]]

    def _cohorts(self, shops: Shops, name: str) -> list[str]:
        day = sa.cast(CUSTOMERS.c.first_at, sa.Date).label("value")
        days = self._read(sa.select(day).where(_in(CUSTOMERS, shops)).distinct())
        # By the clock of UTC: the shop's own day may be the one before or after.
        near = {found + timedelta(days=moved) for found in days for moved in (-1, 0, 1)}
        return sorted({_COHORTS[name](found) for found in near}, reverse=True)

    def _read(self, statement: sa.Select[Any]) -> list[Any]:
        return list(self._warehouse.read(statement).column("value").to_pylist())


def _held(column: sa.Column[Any], shops: Shops) -> sa.Select[Any]:
    return sa.select(column.label("value")).where(_in(column.table, shops)).distinct()


def _in(table: sa.FromClause, shops: Shops) -> sa.ColumnElement[bool]:
    return table.c.shop_id.in_(shops)


def _unknown(shops: Shops, chosen: Filter, missing: _Missing) -> UnknownValue:
    name, more = missing.values[0], len(missing.values) - 1
    said = {"noun": inner(t(DIMENSIONS[chosen.dimension].label)), "name": name[:READ]}
    message = (
        t("There is no {noun} called {name!r} in this shop.", **said)
        if len(shops) == 1
        else t("There is no {noun} called {name!r} in these shops.", **said)
    )
    if more:
        message += " " + n(
            "{count} more value of the filter is not there.",
            "{count} more values of the filter are not there.",
            more,
            count=formats.number(more, "count"),
        )
    there = [
        (value, title or formats.value_label(chosen.dimension, value))
        for value, title in missing.there
    ]
    near = nearest(name, there)
    asked = Filter(chosen.dimension, missing.values, chosen.exclude)
    return UnknownValue(message, hint=_hint(chosen, there, near), asked=asked, near=near)


def _hint(chosen: Filter, there: Sequence[Pair], near: Pair) -> str:
    if near[0]:
        return t("Did you mean {name}?", name=_both(near))
    if len(there) > LISTED:
        return t("by={name} lists them.", name=chosen.dimension)
    names = ", ".join(sorted(map(_both, there)))
    return t("Known: {names}.", names=names) if names else t("None is known.")


def _both(pair: Pair) -> str:
    """DE (Germany); web, where that is what people read."""
    value, label = (text[:READ] for text in pair)
    return value if value == label else f"{value} ({label})"


def nearest(wanted: str, there: Iterable[Pair]) -> Pair:
    """Of values with their names the one that is meant most likely, by either and in any case; two
    empty texts where none is near."""
    named: dict[str, Pair] = {}
    for pair in there:
        for text in pair:
            named.setdefault(text.casefold()[:READ], pair)
    asked = wanted.casefold().strip()[:READ]
    if asked in named:
        return named[asked]
    begun = [text for text in named if len(asked) > 2 and text.startswith(asked)]
    close = begun[:1] or get_close_matches(asked, named, 1)
    return named[close[0]] if close else ("", "")
