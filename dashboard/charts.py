"""A Chart: what to draw, said once; the screen's and the paper's renderer read the same value.

The text alternative and the table view come from it too, so none of them can say something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from agent.metrics.frames import Unit

Kind = Literal["line", "bar", "ring", "scatter", "funnel", "gauge", "heat", "waterfall"]
Role = Literal["now", "previous", "part"]
Values = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Series:
    """One line, or one set of bars: `values` float64 beside the chart's `x`, nan for a gap."""

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
class Chart:
    """`title` states the finding (or the measure when there is none), `measure` what is measured
    and its unit.

    `x` is datetime64[ms] for time, else an array of names; `keys` are the values behind those
    names, to drill by. `previous_x` holds the comparison's own dates, position by position.
    `footer` is the take-away in one line. `dimension` is what `keys` are values of: a click on a
    part filters the page by it.
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
    locale: str = field(default="en_US")
