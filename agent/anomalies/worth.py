"""What an incident is worth: money, by what each thing usually brings, beside a usual day of the
shop."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agent.anomalies.judged import Incident, Judged
from agent.anomalies.series import PARTED, Series, Watched
from agent.forecasting.series import Floats, Step

SALES = PARTED
FOLLOWED = ("orders", "sessions", "conversion_rate", "average_order_value")
"""What net sales are a product of: a tenth less of one is a tenth less of them."""
LATELY = {Step.HOUR: 28 * 24, Step.DAY: 28, Step.WEEK: 8}
"""Steps that say what is usual of the shop now."""


@dataclass(frozen=True)
class Worth:
    """Of the incidents of one step's series."""

    seen: Watched
    judged: Judged

    @cached_property
    def usual(self) -> float:
        """The shop's sales of a usual day, or of a usual week where weeks are judged, in its
        currency; 0 where nobody knows them."""
        row, step = self._row(Series(self.seen.rows[0].metric), SALES), self.seen.panel.step
        if row is None:
            return 0.0
        values = self.seen.panel.values[row]
        known = values[np.isfinite(values)][-LATELY[step] :]
        if not known.size:
            return 0.0
        found = 24.0 * np.mean(known) if step is Step.HOUR else np.median(known)
        return max(float(found), 0.0)

    def of(self, one: Incident) -> float | None:
        """Money gained, or lost: below zero; None where a figure has no price."""
        row = self.seen.rows[one.row]
        if row.metric.name == SALES or row.metric.name == "sales_reversals":
            return self._gap(one)
        sales = self._row(row, SALES)
        if row.metric.name not in FOLLOWED or sales is None:
            return None
        span = slice(one.first, one.last + 1)
        usual = float(np.nansum(self.judged.expected[one.row, span]))
        brings = float(np.nansum(self.judged.expected[sales, span]))
        return self._gap(one) * brings / usual if usual > 0 else None

    def share(self, one: Incident) -> float:
        """How much more or less than expected, of what was expected: -0.4 is 40 % less; endless
        where nothing was expected."""
        span = slice(one.first, one.last + 1)
        expected = float(np.nansum(np.abs(self.judged.expected[one.row, span])))
        gap = self._gap(one)
        return gap / expected if expected > 0 else float(np.sign(gap)) * np.inf

    def days(self, one: Incident) -> float | None:
        """Its money in usual days (or weeks) of the whole shop; None where there is no price."""
        money = self.of(one)
        return None if money is None or self.usual <= 0 else money / self.usual

    def _gap(self, one: Incident) -> float:
        span = slice(one.first, one.last + 1)
        return float(np.nansum(self._actual(one, span) - self.judged.expected[one.row, span]))

    def _actual(self, one: Incident, span: slice) -> Floats:
        """What is missing is nothing; what is merely unknown says nothing."""
        values = self.seen.panel.values[one.row, span]
        return np.nan_to_num(values) if one.kind == "missing" else values

    def _row(self, like: Series, metric: str) -> int | None:
        """The row of another metric for the same part of the shop."""
        for place, other in enumerate(self.seen.rows):
            same = (other.dimension, other.member) == (like.dimension, like.member)
            if same and other.metric.name == metric:
                return place
        return None
