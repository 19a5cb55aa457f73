"""What is asked (Ask), within what (Scope), together one Question: the address bar's grammar.

The address of a page, the query string of the API, the argument of `ask` and a report's parameters
are one text:

    shop=hearth-alder & from=2026-10-20 & to=2026-11-16 & cmp=prev
    country=DE & not_channel=wholesale & product=(none)
    metrics=net_sales,orders & by=month & top=8 & sort=-net_sales

`period=last_28_days` (and the other moving periods) stands for from/to. Filters keep their order:
it is the drill path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode

from babel.numbers import list_currencies

from agent.errors import Refused
from agent.metrics import periods
from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import DIMENSIONS, FILTERS, GRAINS
from agent.metrics.frames import NONE
from agent.metrics.metric import Metric

MAX_VALUES = 1000
MAX_TOP = 10_000
LISTED = 12
ONCE = ("metrics", "by", "top", "sort", "from", "to", "period", "cmp", "refunds", "currency")
Comparison = Literal["prev", "year", "target", "none"]
COMPARISONS: tuple[Comparison, ...] = ("prev", "year", "target", "none")
Refunds = Literal["processing_day", "order_day"]
REFUNDS: tuple[Refunds, ...] = ("processing_day", "order_day")
Pairs = Iterable[tuple[str, str]]
_INSTEAD = {
    "time": "Set the period with from and to.",
    "age": "Filter by the cohort: cohort=2026-03, for example.",
}


@dataclass(frozen=True)
class Filter:
    """Rows whose dimension is one of `values` (not one of them when `exclude`); the value
    "(none)" is NULL."""

    dimension: str
    values: tuple[str, ...]
    exclude: bool = False

    @property
    def key(self) -> str:
        return f"not_{self.dimension}" if self.exclude else self.dimension


@dataclass(frozen=True)
class Scope:
    """Shop, period, comparison and filters; `preset` names a period that moves with today.

    `refunds` says on which day sales reversals stand; `currency` is what money is reported in,
    empty for the shop's own.
    """

    shops: tuple[str, ...]
    start: date
    end: date
    compare: Comparison = "prev"
    filters: tuple[Filter, ...] = ()
    preset: str = ""
    refunds: Refunds = "processing_day"
    currency: str = ""

    @classmethod
    def parse(
        cls, args: str | Mapping[str, str] | Pairs, today: date, shops: tuple[str, ...] = ()
    ) -> Scope:
        """Read a scope from a query string or its pairs; unknown keys are left to others. Raises
        Refused."""
        pairs = _pairs(args)
        given = dict(pairs)
        start, end, preset = periods.parse(given, today)
        compare: Any = _one_of("cmp", given.get("cmp", "prev"), COMPARISONS)
        refunds: Any = _one_of("refunds", given.get("refunds", REFUNDS[0]), REFUNDS)
        asked = tuple(v for k, v in pairs if k == "shop" and v) or shops
        currency = _currency(given.get("currency", ""))
        return cls(asked, start, end, compare, _filters(pairs), preset, refunds, currency)

    def query_string(self) -> str:
        pairs = [("shop", s) for s in self.shops]
        pairs += (
            [("period", self.preset)]
            if self.preset
            else [("from", str(self.start)), ("to", str(self.end))]
        )
        if self.compare != "prev":
            pairs.append(("cmp", self.compare))
        if self.refunds != REFUNDS[0]:
            pairs.append(("refunds", self.refunds))
        if self.currency:
            pairs.append(("currency", self.currency))
        pairs += [(f.key, v) for f in self.filters for v in f.values]
        return urlencode(pairs)

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def where(self, dimension: str, *values: str, exclude: bool = False) -> Scope:
        """The scope one level deeper (or, for a dimension already filtered, moved sideways)."""
        new = Filter(dimension, values, exclude)
        kept = [f for f in self.filters if (f.dimension, f.exclude) != (dimension, exclude)]
        place = next(
            (
                i
                for i, f in enumerate(self.filters)
                if (f.dimension, f.exclude) == (dimension, exclude)
            ),
            len(kept),
        )
        kept.insert(place, new)
        return replace(self, filters=tuple(kept))

    def without(self, dimension: str) -> Scope:
        return replace(self, filters=tuple(f for f in self.filters if f.dimension != dimension))

    def up_to(self, dimension: str) -> Scope:
        """The drill path cut after a dimension."""
        at = next(
            (i for i, f in enumerate(self.filters) if f.dimension == dimension), len(self.filters)
        )
        return replace(self, filters=self.filters[: at + 1])

    def during(self, start: date, end: date) -> Scope:
        return replace(self, start=start, end=end, preset="")

    def alone(self) -> Scope:
        """Without its comparison."""
        return replace(self, compare="none")

    def previous(self) -> tuple[date, date] | None:
        """The comparison period's first and last day; None where nothing or a target is compared
        with."""
        if self.compare in ("none", "target"):
            return None
        return periods.before(self.start, self.end, self.compare)


@dataclass(frozen=True)
class Ask:
    """Which metrics, by which dimensions. `top` keeps the n largest groups by `sort` (default:
    the first metric, descending) and gathers the others in one row; a time dimension is never
    cut. `defined` holds those of its metrics that people defined themselves."""

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    top: int = 0
    sort: str = ""
    defined: tuple[Metric, ...] = ()

    def __post_init__(self) -> None:
        if not self.metrics:
            raise Refused(
                "The question names no metric.", hint="Add metrics=net_sales, for example."
            )
        for name in self.by:
            _known(name, DIMENSIONS, "dimension")
        if len(set(self.by)) != len(self.by) or len(set(self.metrics)) != len(self.metrics):
            raise Refused("The question names the same thing twice.")
        if sum(name in GRAINS for name in self.by) > 1:
            raise Refused(
                "The question has two time grains.", hint="Keep one of day, week, month and so on."
            )
        if len(self.by) > 3:
            raise Refused("A question can be broken down by three dimensions at most.")
        if not 0 <= self.top <= MAX_TOP:
            raise Refused(f"top={self.top} is outside 0 to {MAX_TOP:,}.")
        if self.sort and self.sort.lstrip("-") not in self.metrics + self.by:
            raise Refused(f"sort={self.sort} is neither a metric nor a dimension of the question.")

    @classmethod
    def parse(cls, args: str | Mapping[str, str] | Pairs) -> Ask:
        given = dict(_pairs(args))
        top = given.get("top", "0")
        if not re.fullmatch(r"\d{1,6}", top):
            raise Refused(f"top={top} is not a whole number.")
        return cls(
            _words(given.get("metrics", "")),
            _words(given.get("by", "")),
            int(top),
            given.get("sort", ""),
        )

    def query_string(self) -> str:
        pairs = [
            ("metrics", ",".join(self.metrics)),
            ("by", ",".join(self.by)),
            ("sort", self.sort),
        ]
        return urlencode(
            [(k, v) for k, v in pairs if v] + ([("top", str(self.top))] if self.top else []),
            safe=",",
        )

    def within(self, scope: Scope) -> Question:
        return Question(self, scope)

    def metric(self, name: str) -> Metric:
        """A metric of the catalogue, or one that people defined. Raises Refused."""
        own = {row.name: row for row in self.defined}
        if name in own:
            return own[name]
        _known(name, METRICS, "metric")
        return METRICS[name]

    @property
    def rows(self) -> tuple[Metric, ...]:
        """The metrics asked for. Raises Refused where one is not known."""
        return tuple(self.metric(name) for name in self.metrics)

    def completed(self, known: Mapping[str, Metric]) -> Ask:
        """With the definitions of those metrics that only `known` has. Raises Refused."""
        own = (name for name in self.metrics if name not in METRICS)
        asked = replace(self, defined=tuple(known[name] for name in own if name in known))
        for name in self.metrics:
            if name not in METRICS:
                _known(name, known, "metric")
        return asked

    @property
    def grain(self) -> str:
        return next((name for name in self.by if name in GRAINS), "")


@dataclass(frozen=True)
class Question:
    ask: Ask
    scope: Scope

    @classmethod
    def parse(
        cls, args: str | Mapping[str, str] | Pairs, today: date, shops: tuple[str, ...] = ()
    ) -> Question:
        """Read a whole question. Unlike a page's address it may hold nothing else: a misspelt key
        would be the answer to another question."""
        pairs = _pairs(args)
        _only_known([key for key, _ in pairs])
        return cls(Ask.parse(pairs), Scope.parse(pairs, today, shops))

    def query_string(self) -> str:
        return "&".join(
            part for part in (self.ask.query_string(), self.scope.query_string()) if part
        )


def _pairs(args: str | Mapping[str, str] | Pairs) -> list[tuple[str, str]]:
    if isinstance(args, str):
        try:
            return parse_qsl(
                args.lstrip("?"), keep_blank_values=False, max_num_fields=MAX_VALUES + 100
            )
        except ValueError as error:
            raise Refused(
                "The address has too many parts.", hint=f"At most {MAX_VALUES:,} filter values."
            ) from error
    return list(args.items() if isinstance(args, Mapping) else args)


def _filters(pairs: Pairs) -> tuple[Filter, ...]:
    grouped: dict[tuple[str, bool], list[str]] = {}
    for key, value in pairs:
        exclude = key.startswith("not_")
        name = key.removeprefix("not_")
        if name in DIMENSIONS and name != "shop" and value:
            if not DIMENSIONS[name].filters:
                raise Refused(f"{name} cannot be a filter.", hint=_INSTEAD[DIMENSIONS[name].level])
            if "\x00" in value:
                raise Refused(f"The filter {name} holds a character that no value can have.")
            grouped.setdefault((name, exclude), []).append(_value(name, value))
    if sum(map(len, grouped.values())) > MAX_VALUES:
        raise Refused(
            f"More than {MAX_VALUES:,} filter values.",
            hint="Ask for fewer, or filter by a wider dimension.",
        )
    return tuple(
        Filter(name, tuple(dict.fromkeys(values)), exclude)
        for (name, exclude), values in grouped.items()
    )


def _value(name: str, value: str) -> str:
    """A filter's value as the dimension keeps it. Raises Refused where it has no such value."""
    values = DIMENSIONS[name].values
    if not values or value == NONE:
        return value
    more = value if DIMENSIONS[name].more else None
    found = next((k for k, t in values.items() if value.casefold() in (k, t.casefold())), more)
    if found is None:
        raise Refused(f"{name}={value[:40]} is not known.", hint=f"Known: {', '.join(values)}.")
    return found


def _only_known(keys: list[str]) -> None:
    names = [name for name in FILTERS if name != "shop"]
    known = [*ONCE, "shop", *names, *(f"not_{name}" for name in names)]
    for key in keys:
        if key not in known and key not in DIMENSIONS:
            near = get_close_matches(key, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
            raise Refused(f"A question has no {key[:40]!r}.", hint=hint)
    twice = [key for key in ONCE if keys.count(key) > 1]
    if twice:
        raise Refused(f"{twice[0]} is given twice.", hint="Keep one; lists take commas.")


def _one_of(key: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise Refused(f"{key}={value[:40]} is not known.", hint=f"Use {' or '.join(known)}.")
    return value


def _currency(text: str) -> str:
    """A currency by its code, in capitals; empty stays empty. Raises Refused."""
    code = text.strip().upper()
    if code and code not in list_currencies():
        raise Refused(f"currency={text[:40]} is not a currency.", hint="Write EUR, for example.")
    return code


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _known(name: str, table: Mapping[str, object], noun: str) -> None:
    if name not in table:
        near = get_close_matches(name, table, 1)
        names = ", ".join(list(table)[:LISTED]) + (", ..." if len(table) > LISTED else "")
        hint = f"Did you mean {near[0]}?" if near else f"Known: {names}."
        raise Refused(f"There is no {noun} called {name[:60]!r}.", hint=hint)
