"""How good forecasts have been: over time, by metric and by method; from what was kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agent.forecasting import scoring
from agent.forecasting.foreseen import Track
from agent.forecasting.series import Step
from agent.metrics import formats
from agent.metrics.metric import Metric
from agent.records.forecasts import Forecast
from agent.words import inner, mark, n, t
from dashboard.charts import Chart, Series
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views import wording

TITLE = mark("Accuracy by metric and method")
OVER_TIME = mark("Accuracy over time")
FEW = 3
"""So many scored forecasts make a line."""
METHODS = 4


@dataclass(frozen=True)
class Tally:
    """Scores together: misses as shares of what came, None where nothing came."""

    count: int
    steps: int
    miss: float | None
    naive: float | None
    inside_80: float | None
    inside_95: float | None


def tally(forecasts: Iterable[Forecast]) -> Tally:
    """What several scored forecasts come to together."""
    scores = [one.score for one in forecasts if one.score.scored]
    actual = sum(abs(score.actual or 0.0) for score in scores)
    steps = sum(score.scored for score in scores)

    def share(parts: Iterable[float | None], whole: float) -> float | None:
        known = [part for part in parts if part is not None]
        return sum(known) / whole if known and whole else None

    return Tally(
        len(scores),
        steps,
        share((score.missed for score in scores), actual),
        share((score.naive_missed for score in scores), actual),
        share((float(score.inside_80) for score in scores), steps),
        share((float(score.inside_95) for score in scores), steps),
    )


def over_time(forecasts: Sequence[Forecast], metric: Metric) -> Chart | None:
    """The average miss of each forecast by the day that it was made on, beside the plain guess;
    None where there are too few."""
    whole = [one for one in forecasts if one.done]
    if len(whole) < FEW:
        return None
    tallies = [tally([one]) for one in whole]
    label = wording.brief(t(metric.label))

    def line(values: Iterable[float | None]) -> np.ndarray:
        return np.array([np.nan if value is None else value for value in values])

    better = sum(
        one.miss is not None and one.naive is not None and one.miss < one.naive for one in tallies
    )
    ours, plain = line(one.miss for one in tallies), line(one.naive for one in tallies)
    return Chart(
        kind="line",
        title=n(
            "{better} of {count} forecast beat the plain guess",
            "{better} of {count} forecasts beat the plain guess",
            len(tallies),
            better=better,
            count=len(tallies),
        ),
        measure=t(
            "Average miss of {metric} by the day a forecast was made on", metric=inner(label)
        ),
        unit="percent",
        currency="",
        x=np.array([one.origin[:10] for one in whole], "datetime64[ms]"),
        series=(
            Series("now", t("Forecast"), ours, "now"),
            Series("previous", t("Plain guess"), plain, "previous"),
        ),
        grain="day",
        footer=f"{t('The plain guess repeats the last season.')} {_track(whole).sentence()}",
    )


def _track(forecasts: Sequence[Forecast]) -> Track:
    """The record of one series, whose forecasts stand the oldest first."""
    newest = sorted(forecasts, key=lambda one: one.origin, reverse=True)
    return scoring.track(newest, None, Step(newest[0].key.step))


def table(forecasts: Sequence[Forecast], metrics: Mapping[str, Metric]) -> Table:
    """One row a metric, its methods below; what was kept of all of a shop, not of its parts."""
    whole = [one for one in forecasts if not one.key.dimension and one.key.metric in metrics]
    rows: list[Row] = []
    for name, mine in _grouped(whole, lambda one: one.key.metric).items():
        note = t("The latest forecasts did worse than before.") if _track(mine).drifting else ""
        rows.append(replace(_row(t(metrics[name].label), tally(mine)), note=note))
        methods = _grouped(mine, lambda one: _method(one.method))
        ordered = sorted(methods.items(), key=lambda pair: -len(pair[1]))[:METHODS]
        if len(ordered) > 1:
            rows += [_row(method, tally(of), "rest") for method, of in ordered]
    headings = (
        Heading(t("Metric"), number=False),
        Heading(t("Forecasts"), priority=2),
        Heading(t("Average miss")),
        Heading(t("Plain guess"), priority=2),
        Heading(t("In 80% band")),
        Heading(t("In 95% band"), priority=3),
    )
    measure = t("Of a year, each scored on the days that have come")
    return Table(t(TITLE), measure, headings, tuple(rows))


def _grouped(
    forecasts: Iterable[Forecast], key: Callable[[Forecast], str]
) -> dict[str, list[Forecast]]:
    groups: dict[str, list[Forecast]] = {}
    for one in forecasts:
        groups.setdefault(key(one), []).append(one)
    return groups


def _method(text: str) -> str:
    """The member that weighed most: theta of "theta 60%, naive 40%"."""
    return text.split(",")[0].rpartition(" ")[0] or text


def _row(name: str, found: Tally, kind: str = "") -> Row:
    def cell(value: float | None) -> Cell:
        return Cell(formats.number(value, "percent"), value)

    count = Cell(formats.number(found.count, "count", style="full"), found.count)
    shares = (found.miss, found.naive, found.inside_80, found.inside_95)
    return Row(name, (count, *map(cell, shares)), kind="rest" if kind else "")
