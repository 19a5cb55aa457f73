"""A Chart: what to draw, said once; the screen's and the paper's renderer read the same value.

The text alternative and the table view come from it too, so none of them can say something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from agent import words
from agent.metrics.frames import Unit

Kind = Literal["line", "bar", "ring", "scatter", "funnel", "gauge", "heat", "waterfall"]
Role = Literal["now", "previous", "part", "past", "ahead"]
Values = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Series:
    """One line, or one set of bars: `values` float64 beside the chart's `x`, nan for a gap.

    What is `ahead` is a forecast; what was until then is `past`, in ink, or `now` as ever.
    """

    key: str
    label: str
    values: Values
    role: Role = "now"


@dataclass(frozen=True)
class Mark:
    """A named point: an anomaly, an event. `x` in the chart's own terms."""

    x: Any
    label: str
    note: str = ""
    kind: Literal["anomaly", "event"] = "event"


@dataclass(frozen=True)
class Band:
    """Where what is ahead lies with a chance of `level` (0.8): `low` and `high` beside the chart's
    x, nan where nothing is forecast. What is `usual` lies about what was, and is grey."""

    level: float
    low: Values
    high: Values
    kind: Literal["ahead", "usual"] = "ahead"


@dataclass(frozen=True)
class Rule:
    """A hairline at a place of x, with its word: Today, Forecast."""

    x: Any
    word: str


@dataclass(frozen=True)
class Across:
    """What a scatter's points stand for beside their height: the label and unit of `x`, each
    point's name, and its size as a series of its own."""

    label: str
    unit: Unit
    names: tuple[str, ...]
    sizes: Series | None = None
    corners: tuple[str, ...] = ()
    """Top left, top right, bottom left, bottom right of the medians; empty leaves them out."""


@dataclass(frozen=True)
class Chart:
    """`title` states the finding (or the measure when there is none), `measure` what is measured
    and its unit.

    `x` is datetime64[ms] for time, else an array of names; `keys` are the values behind those
    names, to drill by. `previous_x` holds the comparison's own dates, position by position.
    `footer` is the take-away in one line. `dimension` is what `keys` are values of: a click on a
    part filters the page by it, `chosen` are those it is filtered by. `levels` are the places of a
    waterfall that stand on the ground: where it names none, those of the key "total", else its
    first and last. `along` names what numbers along the bottom count. A chart that is `small` is
    drawn as one chart for each of its parts, all on one scale. `bands` lie under the line that is
    ahead, the widest first; `rule` says where it begins.
    """

    kind: Kind
    title: str
    measure: str
    unit: Unit
    currency: str
    x: Values
    series: tuple[Series, ...]
    grain: str = ""
    keys: tuple[str | None, ...] = ()
    previous_x: Values | None = None
    target: float | None = None
    marks: tuple[Mark, ...] = ()
    footer: str = ""
    total: float | None = None
    dimension: str = ""
    chosen: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    across: Across | None = None
    along: str = ""
    small: bool = False
    bands: tuple[Band, ...] = ()
    rule: Rule | None = None
    locale: str = field(default_factory=words.locale)

    @property
    def grounded(self) -> tuple[int, ...]:
        """The places of a waterfall that are sums and stand on zero."""
        named = tuple(place for place, key in enumerate(self.keys) if key == "total")
        return self.levels or named or (0, self.x.size - 1)

    @property
    def parts(self) -> tuple[tuple[str, Chart], ...]:
        """Of small charts each part's key, and the chart that it is alone with its comparison."""
        return tuple(
            (
                part.key,
                replace(self, title=part.label, series=self._beside(part), footer="", small=False),
            )
            for part in self.series
            if part.role == "part"
        )

    @property
    def known(self) -> Series:
        """What was: the series that a forecast goes on from."""
        roles = ("now", "past")
        return next((s for s in self.series if s.role in roles), self.series[0])

    def rooted(self, values: Values) -> Values:
        """What is ahead, from the last known point on, so that the line has no gap."""
        ahead = np.flatnonzero(np.isfinite(values))
        known = self.known.values[: ahead[0]] if ahead.size else ahead
        at = np.flatnonzero(np.isfinite(known))
        if not at.size or self.known.values is values:
            return values
        out = values.copy()
        out[at[-1]] = known[at[-1]]
        return out

    @property
    def heights(self) -> list[Values]:
        """Everything that its axis has to hold."""
        edges = [edge for band in self.bands for edge in (band.low, band.high)]
        return [*(series.values for series in self.series), *edges]

    def _beside(self, part: Series) -> tuple[Series, ...]:
        former = (s for s in self.series if s.role == "previous" and s.key == part.key)
        return (replace(part, role="now"), *former)
