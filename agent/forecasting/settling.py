"""What recent days' sales still have before them, as pages and alerts ask for it: worked out once
for the same figures, and what was last known while the warehouse is away."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.errors import Refused, Unavailable
from agent.forecasting.maturity import (
    ENOUGH,
    Settled,
    Triangle,
    enough,
    open_share,
    read,
    settles,
)
from agent.metrics.formats import date_range, number
from agent.metrics.keeping import Answers, shop_words
from agent.metrics.metric import Metric
from agent.ports import Shop
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services

EDITION = "settles 1"
MONTHS = 3
NEWS = 0.003
"""The share of sales that must still be expected back to be worth a sentence."""
MOVED_BY = ("net_sales", "costed_net_sales", "total_sales", "sales_reversals")
"""Measures that refunds change."""


@dataclass(frozen=True)
class Settling:
    """Of the days from `first` on, one after the other: what their orders sold, and the share of it
    that is still expected back (0 or more). `months` are the last ones, the newest first."""

    first: date
    sold: tuple[float, ...]
    left: tuple[float, ...]
    months: tuple[Settled, ...]

    def to_come(self, first: date, last: date) -> tuple[float, float]:
        """Money of the orders of these days that is still expected back, and its share of their
        sales; zero where nothing was sold."""
        days = slice(max((first - self.first).days, 0), max((last - self.first).days + 1, 0))
        sold = np.array(self.sold[days])
        back = float(sold @ np.array(self.left[days]))
        whole = float(sold.sum())
        return (back, back / whole) if whole > 0 else (0.0, 0.0)

    def sentence(self, first: date, last: date, currency: str) -> str:
        """That these days' net sales are not final, where that is worth saying."""
        last = min(last, self.first + timedelta(days=len(self.sold) - 1))
        back, share = self.to_come(first, last)
        if share < NEWS:
            return ""
        return t(
            "Refunds of orders of {days} are still coming: about {money} more, {share} of their"
            " sales, is expected back.",
            days=date_range(first, last),
            money=number(back, "money", currency),
            share=number(share, "percent"),
        )


def refunded(metric: Metric) -> bool:
    """Whether refunds change it."""
    return any(name in MOVED_BY for name in metric.measures)


def note(services: Services, shop: Shop, days: tuple[date, date]) -> str:
    """What is to be said of the net sales of these days while refunds are still coming; empty where
    nothing is, or where nobody knows."""
    try:
        return settling(services, shop).sentence(*days, shop.currency)
    except (Refused, Unavailable):  # the figures stand without it
        return ""


def settling(services: Services, shop: Shop) -> Settling:
    """As far as is known up to yesterday. Raises Refused where orders are not old enough to say how
    much comes back, Unavailable where nothing was ever known."""
    answers = Answers(services.cache, services.clock)
    place = f"{shop_words((shop.shop_id,))}{EDITION}"
    until = services.today(shop) - timedelta(days=1)
    try:
        state = (until, sorted(services.warehouse.versions((shop.shop_id,)).items()))
        return _current(services, shop, until, _Kept(answers, place, state))
    except Unavailable:
        last = answers.last(place)
        if last is None:
            raise
        return _of(last)


@dataclass(frozen=True)
class _Kept:
    answers: Answers
    place: str
    state: object

    def load(self, make: Callable[[], bytes], seconds: int) -> bytes:
        known = self.answers.get(self.place, self.state)
        if known is None:
            known = make()
            self.answers.keep(self.place, self.state, known, seconds)
        return known


def _current(services: Services, shop: Shop, until: date, kept: _Kept) -> Settling:
    def make() -> bytes:
        if away := services.warehouse.away:
            raise Unavailable(away.reason)
        triangle = read(services, shop, until)
        return _plain(of_triangle(triangle, until))

    return _of(kept.load(make, services.settings.cache_seconds))


def of_triangle(triangle: Triangle, until: date) -> Settling:
    """Raises Refused where it is too young."""
    if not enough(triangle):
        raise Refused(
            t("Too little is known of refunds yet."),
            hint=t(
                "It takes {count} days of orders to say how much comes back, and when.",
                count=2 * ENOUGH,
            ),
        )
    found = (settles(triangle, *span) for span in _months(until))
    months = tuple(one for one in found if one is not None)
    left = np.maximum(-open_share(triangle), 0.0)
    first = date.fromisoformat(str(triangle.days[0]))
    sold = np.maximum(triangle.sold, 0.0)
    return Settling(first, tuple(sold.tolist()), tuple(left.tolist()), months)


def _months(until: date) -> list[tuple[date, date]]:
    """The last months, this one as far as it has come, the newest first."""
    spans, last = [], until
    for _ in range(MONTHS):
        spans.append((last.replace(day=1), last))
        last = last.replace(day=1) - timedelta(days=1)
    return spans


def _plain(found: Settling) -> bytes:
    return json.dumps(asdict(found), default=str).encode()


def _of(content: bytes) -> Settling:
    told: dict[str, Any] = json.loads(content)
    months = tuple(_settled(one) for one in told["months"])
    first = date.fromisoformat(told["first"])
    return replace(
        Settling(first, tuple(told["sold"]), tuple(told["left"]), ()),
        months=months,
    )


def _settled(told: dict[str, Any]) -> Settled:
    days = {name: date.fromisoformat(told[name]) for name in ("first", "last")}
    return Settled(**{**told, **days})
