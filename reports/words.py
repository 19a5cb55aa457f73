"""What a chart says, in words: for people who do not see it, and for mail without pictures."""

from __future__ import annotations

import numpy as np

from agent.metrics import formats
from agent.metrics.questions import Scope
from dashboard.charts import Chart, Series
from dashboard.files.about import span_text

NO_FIGURES = "No figures in this period."
NOTHING = "There are no sales and no orders in this period. The figures are zero, not missing."


def alternative(chart: Chart) -> str:
    """One or two sentences with the finding, the measure and its range."""
    words = [_sentence(chart.title), _sentence(chart.measure)]
    words += [text for series in chart.series if (text := _range(chart, series))]
    if chart.footer:
        words.append(_sentence(chart.footer))
    return " ".join(dict.fromkeys(words))


def _range(chart: Chart, series: Series) -> str:
    known = series.values[np.isfinite(series.values)]
    if not len(known):
        return f"{series.label}: no figures."

    def said(value: float) -> str:
        return formats.number(value, chart.unit, chart.currency, "short", chart.locale)

    low, high = said(float(known.min())), said(float(known.max()))
    return (
        f"{series.label}: {low} throughout."
        if low == high
        else (f"{series.label}: between {low} and {high}.")
    )


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def against(scope: Scope) -> str:
    """What a scope is compared with, as it follows "against"; empty without a comparison."""
    previous = scope.previous()
    if previous is None:
        return ""
    if scope.compare == "year":
        return "the same days a year earlier"
    if scope.start.day == 1 and previous[0].day == 1:
        return span_text(*previous)
    if scope.days % 7 == 0:
        return f"the {scope.days} days before"
    weeks = (scope.start - previous[0]).days // 7
    same = "the same day" if scope.days == 1 else "the same days"
    return f"{same} {weeks} weeks before" if weeks > 1 else f"{same} a week before"
