"""What a month settles at once all refunds are in: a triangle of reversals by the age of their
orders.

Orders of one day are a cohort. Of each age in days, all cohorts that are old enough say which share
of their sales came back at that age; what a younger cohort still has before it is its sales times
those shares (the additive form of the chain ladder, which bears days without any reversal). How
much single cohorts were off gives the range (after Mack): their own chance and that of the shares.
Cohorts of one month are off together, so the range is widened by how far the same estimate, made
months ago of the days before, was off in such ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from agent.forecasting.series import Floats
from agent.metrics.formats import bucket, date_range, number
from agent.ports import Shop
from agent.warehouse.schema import ORDERS, SALES
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services

OLDEST = 180
"""Days after which what still comes back is left out of account."""
COHORTS = 545
"""Days of orders that are looked at: older ones came back as people did then."""
ENOUGH = 28
"""Cohorts that must have been of an age before its share is believed."""


SETTLED = 0.0005
"""Share of the sales within which nobody would see a difference."""
TRIES = 12
PRIOR = 2.0
"""The range reckoned from single cohorts counts as much as so many estimates of the past."""


@dataclass(frozen=True)
class Triangle:
    """days (m,) datetime64[D], one after the other; sold (m,) what their orders brought before any
    reversal; back (m, ages) the reversals (zero or less) by age in days, NaN where a cohort is not
    of that age yet; `before` (m,) reversals of the cohorts that are older than that."""

    days: NDArray[np.datetime64]
    sold: Floats
    back: Floats
    before: Floats


@dataclass(frozen=True)
class Settled:
    """Net sales of the orders from `first` to `last`: so far, and where they settle (80 % lies
    between `low` and `high`). `developed` is the share of the expected reversals that is in."""

    first: date
    last: date
    so_far: float
    low: float
    middle: float
    high: float
    developed: float

    @property
    def name(self) -> str:
        """A month by its name; one that is under way by its days."""
        if (self.last + timedelta(days=1)).day == 1:
            return bucket(self.first, "month")
        return date_range(self.first, self.last)

    def sentence(self, currency: str) -> str:
        """Of one month: "June settles at $41.2k, 80% between $40.6k and $41.9k"; of one that is
        under way the days so far."""
        if self.high - self.low <= SETTLED * abs(self.middle):
            return t(
                "{month} has settled at {middle}.",
                month=self.name,
                middle=number(self.middle, "money", currency),
            )
        told = {
            "month": self.name,
            "middle": number(self.middle, "money", currency),
            "low": number(self.low, "money", currency),
            "high": number(self.high, "money", currency),
        }
        return t("{month} settles at {middle}, 80% between {low} and {high}.", **told)


def read(services: Services, shop: Shop, until: date) -> Triangle:
    """The triangle of a shop's goods as it stood at the end of the day `until`. Raises
    Unavailable."""
    first = date.fromordinal(until.toordinal() - COHORTS + 1)
    money = [sa.func.sum(column) for column in (SALES.c.gross + SALES.c.discount, SALES.c.reversal)]
    joined = SALES.join(
        ORDERS, sa.and_(ORDERS.c.shop_id == SALES.c.shop_id, ORDERS.c.order_id == SALES.c.order_id)
    )
    cells = (
        sa.select(
            ORDERS.c.local_date.label("day"),
            SALES.c.local_date.label("at"),
            money[0].label("sold"),
            money[1].label("back"),
        )
        .select_from(joined)
        .where(SALES.c.shop_id == shop.shop_id, SALES.c.line_type == "PRODUCT")
        .where(ORDERS.c.local_date >= first, ORDERS.c.local_date <= until)
        .where(SALES.c.local_date <= until)
        .group_by(ORDERS.c.local_date, SALES.c.local_date)
    )
    table = services.warehouse.read(cells)
    day, at = (
        table.column(name).to_numpy(zero_copy_only=False).astype("datetime64[D]")
        for name in ("day", "at")
    )
    sold, back = (
        table.column(name).cast("float64").to_numpy(zero_copy_only=False)
        for name in ("sold", "back")
    )
    return triangle((day, at), np.nan_to_num(sold), np.nan_to_num(back), until)


def triangle(
    when: tuple[NDArray[np.datetime64], NDArray[np.datetime64]],
    sold: Floats,
    back: Floats,
    until: date,
) -> Triangle:
    """From cells: `when` the days of the orders and of what happened to them, both (c,), with what
    was sold and what came back."""
    day, at = when
    end = np.datetime64(until)
    days = np.arange(day.min(), end + 1) if day.size else np.empty(0, dtype="datetime64[D]")
    row = (day - days[0]).astype(np.int64) if day.size else np.empty(0, np.int64)
    age = np.maximum((at - day).astype(np.int64), 0)
    whole = np.bincount(row, weights=sold, minlength=days.size).astype(np.float64)
    cells = np.zeros((days.size, OLDEST))
    young = age < OLDEST
    np.add.at(cells, (row[young], age[young]), back[young])
    rest = np.bincount(row[~young], weights=back[~young], minlength=days.size).astype(np.float64)
    ages = (end - days).astype(np.int64)
    cells[np.arange(OLDEST)[None, :] > ages[:, None]] = np.nan
    return Triangle(days, whole, cells, rest)


@dataclass(frozen=True)
class Shares:
    """Of each age (ages,): the share of sales that comes back at it, how much that varies from
    cohort to cohort (variance by money sold), and the sales that it was learnt from."""

    share: Floats
    variance: Floats
    learnt: Floats


def shares(told: Triangle) -> Shares:
    """What the cohorts say of each age; nothing comes back at ages that too few have reached."""
    known = np.isfinite(told.back) & (told.sold > 0)[:, None]
    learnt = np.where(known, told.sold[:, None], 0.0).sum(axis=0)
    back = np.where(known, told.back, 0.0)
    count = known.sum(axis=0)
    enough = (count >= ENOUGH) & (learnt > 0)
    share = np.where(enough, back.sum(axis=0) / np.where(learnt > 0, learnt, 1.0), 0.0)
    size = np.where(told.sold > 0, told.sold, 1.0)[:, None]
    off = np.where(known, (back - share[None, :] * told.sold[:, None]) ** 2 / size, 0.0)
    variance = np.where(enough, off.sum(axis=0) / np.maximum(count - 1, 1), 0.0)
    return Shares(share, variance, learnt)


def enough(told: Triangle) -> bool:
    """Whether orders are old enough to say how much comes back, and when."""
    return told.days.size >= 2 * ENOUGH


def settles(told: Triangle, first: date, last: date, level: float = 0.8) -> Settled | None:
    """Where the net sales of the orders of these days settle; None where nothing was sold on them
    or too little is known."""
    rows = _rows(told, first, last)
    if not enough(told) or not (told.sold[rows] > 0).any():
        return None
    to_come, spread = _to_come(told, rows)
    spread *= _usual(told, first, last)
    came = float(np.nansum(told.back[rows]) + told.before[rows].sum())
    so_far = float(told.sold[rows].sum()) + came
    reach = NormalDist().inv_cdf(0.5 + level / 2) * spread
    middle = so_far + to_come
    expected = came + to_come
    developed = came / expected if expected < 0 else 1.0
    # Sales come back; they do not come again.
    high = min(middle + reach, max(so_far, middle))
    return Settled(first, last, so_far, middle - reach, middle, high, min(developed, 1.0))


def _rows(told: Triangle, first: date, last: date) -> NDArray[np.bool_]:
    return (told.days >= np.datetime64(first)) & (told.days <= np.datetime64(last))


def _to_come(told: Triangle, rows: NDArray[np.bool_]) -> tuple[float, float]:
    """What these days' orders are still expected to give back, and its standard error."""
    learnt = shares(told)
    ahead = np.where(np.isnan(told.back[rows]), np.maximum(told.sold[rows], 0.0)[:, None], 0.0)
    exposed = ahead.sum(axis=0)
    unsure = np.where(learnt.learnt > 0, exposed**2 / np.maximum(learnt.learnt, 1e-9), 0.0)
    spread = float(np.sqrt((learnt.variance * (exposed + unsure)).sum()))
    return float(exposed @ learnt.share), spread


def _usual(told: Triangle, first: date, last: date) -> float:
    """By how much the same estimate, made 30, 60, ... days before, was off in standard errors."""
    found = []
    for back in range(30, 30 * TRIES + 1, 30):
        then = earlier(told, back)
        shift = timedelta(days=back)
        rows = _rows(then, first - shift, last - shift)
        if not enough(then) or not rows.any():
            break
        to_come, spread = _to_come(then, rows)
        same = np.flatnonzero(rows)
        gone = np.isnan(then.back[same])
        came = float(np.nansum(np.where(gone, told.back[same], 0.0)))
        rest, _ = _to_come(told, np.isin(np.arange(told.days.size), same))
        if spread > 0:
            found.append(((came + rest - to_come) / spread) ** 2)
    return max(1.0, float(np.sqrt((sum(found) + PRIOR) / (len(found) + PRIOR))))


def earlier(told: Triangle, back: int) -> Triangle:
    """The triangle as it stood so many days before."""
    count = max(told.days.size - back, 0)
    ages = np.arange(count)[::-1]
    cells = told.back[:count].copy()
    cells[np.arange(cells.shape[1])[None, :] > ages[:, None]] = np.nan
    # What came back after the oldest age is of no day: it is as it is now.
    return Triangle(told.days[:count], told.sold[:count], cells, told.before[:count])


def open_share(told: Triangle) -> Floats:
    """(m,): the share of each day's sales that is still expected back, zero or less. What lies
    within it is no news."""
    learnt = shares(told)
    found: Floats = np.isnan(told.back) @ learnt.share
    return found
