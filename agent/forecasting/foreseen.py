"""What is told of a series' future: the line, its bands, its record and what it assumes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from babel.numbers import format_percent
from numpy.typing import NDArray

from agent.forecasting.asking import Wanted
from agent.forecasting.series import Floats, Step
from agent.metrics.catalogue import MEASURES
from agent.metrics.formats import number
from agent.metrics.metric import Metric
from agent.words import locale, mark, n, t

LEVELS = (0.5, 0.8, 0.95)
JUDGED: Mapping[Step, int] = {Step.HOUR: 24, Step.DAY: 28, Step.WEEK: 8, Step.MONTH: 3}
"""Steps of a forecast that are scored: further ones are told, but not judged by."""
LAST = 6
"""So many whole forecasts, none of them of the same days, are its record."""
ONCE = ("orders", "new_customers")
"""Counted, yet never on two days."""


@dataclass(frozen=True)
class Sums:
    """What the first k steps come to together.

    middle   (h,) after each step: of what adds up the sum, of a ratio that of the whole stretch
    steps    (k,) whole numbers, rising: where the spread is known; between them on a line
    levels   (q,) rising, between 0 and 1
    off      (q, k) what that quantile is above (or, negative, below) the middle
    """

    middle: Floats
    steps: NDArray[np.int64]
    levels: Floats
    off: Floats

    def total(self, steps: int, level: float) -> float:
        """The quantile at `level` of the first `steps` steps; NaN where nothing is told."""
        if not 1 <= steps <= self.middle.size or not self.levels.size:
            return math.nan
        at = [np.interp(steps, self.steps, row) for row in self.off]
        return float(self.middle[steps - 1] + np.interp(level, self.levels, at))

    def chance(self, steps: int, least: float) -> float:
        """The share of futures in which the first `steps` steps come to at least so much."""
        if not 1 <= steps <= self.middle.size or not self.levels.size:
            return math.nan
        at = np.array([np.interp(steps, self.steps, row) for row in self.off])
        # Where quantiles coincide, np.interp would take any of them.
        at = np.maximum.accumulate(at) + np.arange(at.size) * 1e-12 * (1 + np.abs(at).max())
        wanted = least - self.middle[steps - 1]
        # Beyond the outermost quantile nothing is known but that it is beyond.
        edge = float(self.levels[0]) / 2
        return float(1 - np.interp(wanted, at, self.levels, left=edge, right=1 - edge))


NO_SUMS = Sums(np.empty(0), np.empty(0, np.int64), np.empty(0), np.empty((0, 0)))


@dataclass(frozen=True)
class Made:
    """One forecast and how it did. `scored` of `horizon` steps counted, misses are shares of what
    came (0.061 for 6.1 %), None where nothing came; `inside_80` steps lay within its band of 80 %.
    A `tested` one was made afterwards from what was known at its origin."""

    origin: date
    horizon: int
    scored: int
    miss: float | None
    naive_miss: float | None
    inside_80: int
    inside_95: int
    method: str = ""
    tested: bool = False


@dataclass(frozen=True)
class Track:
    """The record of a series. `made`: the last whole forecasts, the newest first. `miss` and
    `naive_miss`: theirs together; `inside_80`, `inside_95`: (steps inside, steps). `tested` where
    there is no kept record yet and these are the back-test's. `drifting` where the latest ones did
    worse than bands promise or than is usual."""

    made: tuple[Made, ...] = ()
    miss: float | None = None
    naive_miss: float | None = None
    inside_80: tuple[int, int] = (0, 0)
    inside_95: tuple[int, int] = (0, 0)
    tested: bool = False
    drifting: bool = False
    step: Step = Step.DAY

    @property
    def beats_naive(self) -> bool | None:
        """Whether it was nearer than the last season repeated; None where that is not known."""
        if self.miss is None or self.naive_miss is None:
            return None
        return self.miss < self.naive_miss

    @property
    def tries(self) -> int:
        """How many forecasts it speaks of: of the back-test's, one `made` stands for several."""
        return sum(max(round(one.scored / max(one.horizon, 1)), 1) for one in self.made)

    def sentence(self) -> str:
        """How often it was right, for people."""
        if self.miss is None or not self.inside_80[1]:
            return t("There is no record yet: history is too short to try it on the past.")
        return _sentence(self)


def _sentence(track: Track) -> str:
    """Of what is whole; of what is only begun, its steps so far."""
    inside, steps = track.inside_80
    said = {
        "count": track.tries,
        "miss": number(track.miss, "percent"),
        "share": format_percent(round(inside / steps, 2), locale=locale()),
    }
    if track.tested:
        return n(
            "Tried on the past once, it was off by {miss} on average; the 80% band held {share}.",
            "Tried on the past {count} times, it was off by {miss} on average; the 80% band held"
            " {share}.",
            track.tries,
            **said,
        )
    return n(
        "The last forecast was off by {miss} on average; the 80% band held {share} {steps}.",
        "The last {count} forecasts were off by {miss} on average; the 80% band held {share}"
        " {steps}.",
        len(track.made),
        steps=t(_STEPS[track.step]),
        **said,
    )


_STEPS: Mapping[Step, str] = {
    Step.HOUR: mark("of hours"),
    Step.DAY: mark("of days"),
    Step.WEEK: mark("of weeks"),
    Step.MONTH: mark("of months"),
    Step.NUMBER: mark("of steps"),
}


@dataclass(frozen=True)
class Assumption:
    """Something of the days to come (or, `left out`, of the past) that the forecast goes by.

    kind   of an event (agent.records.events.KINDS), "feast" or "left out"
    """

    kind: str
    name: str
    first: date
    last: date
    note: str = ""


@dataclass(frozen=True)
class Outlook:
    """A series and what comes after it.

    past_dates (t,), past (t,)  what is known, NaN where nothing is
    dates (h,), point (h,)      the first days (hours) of the steps to come, what is likely
    bounds                      0.5, 0.8, 0.95 -> (low (h,), high (h,))
    naive (h,)                  the last season repeated
    members                     the parts by dimension, their points adding up to the whole's where
                                the metric adds up; empty unless asked for
    version                     the sum of the tables' versions that the history was read at
    """

    wanted: Wanted
    metric: Metric
    made_at: datetime
    origin: date
    method: str
    past_dates: NDArray[np.datetime64]
    past: Floats
    dates: NDArray[np.datetime64]
    point: Floats
    bounds: Mapping[float, tuple[Floats, Floats]]
    naive: Floats
    member: str = ""
    members: tuple[Outlook, ...] = ()
    track: Track = Track()
    assumes: tuple[Assumption, ...] = ()
    sums: Sums = NO_SUMS
    version: int = 0
    refusal: str = ""

    def total(self, steps: int, level: float) -> float:
        """What the first `steps` steps come to together, at this quantile (0.5 is as likely as
        not); of a ratio that of the whole stretch. NaN for what neither adds up nor is a
        ratio, such as customers, who come again."""
        return self.sums.total(steps, level)

    def chance(self, steps: int, least: float) -> float:
        """How likely the first `steps` steps come to at least so much, from 0 to 1."""
        return self.sums.chance(steps, least)

    @property
    def adds(self) -> bool:
        return adds(self.metric)


def adds(metric: Metric) -> bool:
    """Whether its values may be added up over days."""
    counted = (MEASURES[name] for name in metric.measures)
    return not metric.ratio and all(one.additive or one.name in ONCE for one in counted)


@dataclass(frozen=True)
class Landing:
    """Where a month ends: `to_date` is there already, `low` to `high` holds 80 % of outcomes.

    `chance` is how likely the target is met, None where there is no target.
    """

    metric: Metric
    month: date
    to_date: float
    low: float
    middle: float
    high: float
    target: float | None = None
    chance: float | None = None
