"""What a chart says, in words: for people who do not see it, and for mail without pictures."""

from __future__ import annotations

from typing import Any

import numpy as np

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.kpis import DEFINED
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.words import inner, mark, n, retold, t
from dashboard.charts import Chart, Series
from dashboard.files.about import span_text

NO_FIGURES = mark("No figures in this period.")
NOTHING = mark(
    "There are no sales and no orders in this period. The figures are zero, not missing."
)


def alternative(chart: Chart) -> str:
    """One or two sentences with the finding, the measure and its range."""
    words = [_sentence(chart.title), _sentence(chart.measure)]
    # Of small charts each name is said once; what was before is in the table.
    told = [series for series in chart.series if not (chart.small and series.role == "previous")]
    words += [text for series in told if (text := _range(chart, series))]
    if chart.target is not None:
        said = formats.number(chart.target, chart.unit, chart.currency, "short", chart.locale)
        words.append(t("{label}: {value} throughout.", label=t("Target"), value=said))
    if chart.footer:
        words.append(_sentence(chart.footer))
    return " ".join(dict.fromkeys(words))


def _range(chart: Chart, series: Series) -> str:
    known = series.values[np.isfinite(series.values)]
    if not len(known):
        return t("{label}: no figures.", label=series.label)

    def said(value: float) -> str:
        return formats.number(value, chart.unit, chart.currency, "short", chart.locale)

    low, high = said(float(known.min())), said(float(known.max()))
    if low == high:
        return t("{label}: {value} throughout.", label=series.label, value=low)
    return t("{label}: between {low} and {high}.", label=series.label, low=low, high=high)


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def against(scope: Scope) -> str:
    """What a scope is compared with, as it follows "against"; empty without a comparison."""
    previous = scope.previous()
    if previous is None:
        return ""
    if scope.compare == "year":
        return t("the same days a year earlier")
    if scope.start.day == 1 and previous[0].day == 1:
        return span_text(*previous)
    if scope.days % 7 == 0:
        return t("the {count} days before", count=scope.days)
    weeks = (scope.start - previous[0]).days // 7
    if weeks > 1:
        return n(
            "the same day {weeks} weeks before",
            "the same days {weeks} weeks before",
            scope.days,
            weeks=weeks,
        )
    return n("the same day a week before", "the same days a week before", scope.days)


def compared(former: str) -> str:
    """What follows a period: ", against the 28 days before"; empty without a comparison."""
    return t(", against {former}", former=former) if former else ""


def finding(now: Any, before: Any, grain: str) -> str:
    """How often the period ran above its comparison; nothing where that is no news."""
    if before is None:
        return ""
    count = min(len(now), len(before))
    both = np.isfinite(now[:count]) & np.isfinite(before[:count])
    if both.sum() < 4 or not np.any(before[:count][both]):
        return ""
    above = int((now[:count] > before[:count])[both].sum())
    return t(
        "{above} of {count} {units} were above the period before",
        above=above,
        count=int(both.sum()),
        units=t(DIMENSIONS[grain].plural),
    )


def by_grain(row: Metric, grain: str) -> str:
    """Net sales by day."""
    said = {"metric": t(row.label), "dimension": inner(t(DIMENSIONS[grain].label))}
    return t("{metric} by {dimension}", **said)


def definition(row: Metric) -> str:
    return retold(row.definition, DEFINED)
