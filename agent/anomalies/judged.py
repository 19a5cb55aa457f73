"""What is said of every step of every series, and of the incidents among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats

NONE, SPIKE, DROP, SHIFT, TREND, MISSING, VARIANCE = range(7)
KINDS = ("", "spike", "drop", "shift", "trend", "missing", "variance")


@dataclass(frozen=True)
class Incident:
    """One stretch of unusual steps of one series.

    row        which series
    kind       one of KINDS
    first      column where it began: of a shift or a trend before the one where it was named
    last       column of its last unusual step, as far as is known
    named      column at which it could first be told
    over       whether the series is back to usual, or the new level has become the usual one
    direction  1 above the expected, -1 below, 0 for neither
    score      the highest of its steps
    actual, expected, low, high   sums over its known steps, in the series' unit
    """

    row: int
    kind: str
    first: int
    last: int
    named: int
    over: bool
    direction: int
    score: float
    actual: float
    expected: float
    low: float
    high: float

    @property
    def size(self) -> float:
        """How much more or less than expected, in the series' unit."""
        return self.actual - self.expected

    @property
    def percent(self) -> float:
        """The size against the expected; NaN where nothing was expected."""
        return 100.0 * self.size / abs(self.expected) if self.expected else float("nan")


@dataclass(frozen=True)
class Judged:
    """ids: n names. All tables are (n, t), beside the panel's values.

    expected     what the step was expected to be, seen from the step before; NaN while too little
                 is known of the series
    lo, hi       a value between them is no news by itself
    score        how unusual: 1 is the most that is usual, `needed` what an incident takes
    is_anomaly   the step at which an incident is named: one an incident
    kinds        which of KINDS each step belongs to, as far as was known at that step
    needed       (t,) the score that an incident took at each step
    """

    ids: tuple[str, ...]
    expected: Floats
    lo: Floats
    hi: Floats
    score: Floats
    is_anomaly: NDArray[np.bool_]
    kinds: NDArray[np.int8]
    needed: Floats
    incidents: tuple[Incident, ...]

    def kind(self) -> NDArray[np.str_]:
        """(n, t): the names of the kinds, "" for nothing unusual."""
        return np.asarray(KINDS)[self.kinds]
