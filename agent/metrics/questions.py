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
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote_plus, urlencode

from agent.errors import Refused
from agent.metrics import periods
from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.grammar import Filter as Filter
from agent.metrics.grammar import (
    Pairs,
    check_known,
    currency_of,
    filters_of,
    one_of,
    only_known,
    pairs_of,
    words_of,
)
from agent.metrics.metric import Metric
from agent.words import mark, t

MAX_TOP = 10_000
Comparison = Literal["prev", "year", "target", "none"]
COMPARISONS: tuple[Comparison, ...] = ("prev", "year", "target", "none")
Refunds = Literal["processing_day", "order_day"]
REFUNDS: tuple[Refunds, ...] = ("processing_day", "order_day")
_REFUND_WORDS = {
    "processing_day": mark("Refunds on the day they are processed"),
    "order_day": mark("Refunds on the day of their order"),
}


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
        pairs = pairs_of(args)
        given = dict(pairs)
        start, end, preset = periods.parse(given, today)
        compare: Any = one_of("cmp", given.get("cmp", "prev"), COMPARISONS)
        refunds: Any = one_of("refunds", given.get("refunds", REFUNDS[0]), REFUNDS)
        asked = tuple(v for k, v in pairs if k == "shop" and v) or shops
        currency = currency_of(given.get("currency", ""))
        return cls(asked, start, end, compare, filters_of(pairs), preset, refunds, currency)

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
        return "&".join([f"{quoted(key)}={quoted(value)}" for key, value in pairs])

    @property
    def terms(self) -> tuple[str, ...]:
        """What sets its money apart from the usual, for names of files: nothing, mostly."""
        unusual = self.refunds if self.refunds != REFUNDS[0] else ""
        return tuple(word for word in (unusual, self.currency) if word)

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
    cut. `defined` holds those of its metrics that people defined themselves. `deep` admits more
    dimensions than a table can show; no address says it."""

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    top: int = 0
    sort: str = ""
    defined: tuple[Metric, ...] = ()
    deep: bool = False

    def __post_init__(self) -> None:
        if not self.metrics:
            raise Refused(
                t("The question names no metric."), hint=t("Add metrics=net_sales, for example.")
            )
        for name in self.by:
            check_known(name, DIMENSIONS, mark("dimension"))
        if len(set(self.by)) != len(self.by) or len(set(self.metrics)) != len(self.metrics):
            raise Refused(t("The question names the same thing twice."))
        if sum(name in GRAINS for name in self.by) > 1:
            raise Refused(
                t("The question has two time grains."),
                hint=t("Keep one of day, week, month and so on."),
            )
        if len(self.by) > 3 and not self.deep:
            raise Refused(t("A question can be broken down by three dimensions at most."))
        if not 0 <= self.top <= MAX_TOP:
            raise _too_many(str(self.top))
        if self.sort and self.sort.lstrip("-") not in self.metrics + self.by:
            raise Refused(
                t(
                    "sort={sort} is neither a metric nor a dimension of the question.",
                    sort=self.sort,
                )
            )

    @classmethod
    def parse(cls, args: str | Mapping[str, str] | Pairs) -> Ask:
        given = dict(pairs_of(args))
        top = given.get("top", "0")
        if not re.fullmatch(r"[0-9]+", top):
            raise Refused(t("top={top} is not a whole number.", top=top[:40]))
        if len(top) > len(str(MAX_TOP)):
            raise _too_many(top)
        return cls(
            words_of(given.get("metrics", "")),
            words_of(given.get("by", "")),
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
        check_known(name, METRICS, mark("metric"))
        return METRICS[name]

    @property
    def rows(self) -> tuple[Metric, ...]:
        """The metrics asked for. Raises Refused where one is not known."""
        return tuple(self.metric(name) for name in self.metrics)

    def completed(self, known: Mapping[str, Metric]) -> Ask:
        """With the definitions of those metrics that only `known` has; what it defines itself it
        keeps. Raises Refused."""
        every = {**known, **{row.name: row for row in self.defined}}
        own = [name for name in self.metrics if name not in METRICS]
        for name in own:
            check_known(name, every, mark("metric"))
        return replace(self, defined=tuple(every[name] for name in own))

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
        pairs = pairs_of(args)
        only_known([key for key, _ in pairs])
        return cls(Ask.parse(pairs), Scope.parse(pairs, today, shops))

    def query_string(self) -> str:
        return "&".join(
            part for part in (self.ask.query_string(), self.scope.query_string()) if part
        )


def _too_many(top: str) -> Refused:
    said = t("top={top} is outside 0 to {most:,}.", top=top[:40], most=MAX_TOP)
    return Refused(said, hint=t("Leave it out for all rows."))


def named(metrics: str, known: Mapping[str, Metric]) -> tuple[str, ...]:
    """Metrics written with commas between; none in an empty text. Raises Refused."""
    names = words_of(metrics)
    return Ask(names).completed(known).metrics if names else ()


def refund_words(refunds: str) -> str:
    """On which day refunds stand, as people read it."""
    return t(_REFUND_WORDS[refunds])


@lru_cache(maxsize=4096)
def quoted(text: str) -> str:
    """A word of an address. A page writes the same few into a thousand addresses."""
    return quote_plus(text)
