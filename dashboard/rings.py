"""Rings on the charts of a metric: its findings within the days that are shown."""

from __future__ import annotations

from dataclasses import replace

from agent.anomalies.around import Around
from agent.anomalies.said import moment
from agent.errors import Unavailable
from agent.metrics import formats
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.records.findings import Finding
from agent.services import Services
from dashboard.charts import Chart, Mark
from dashboard.panels import Panel, View

NAMED = 3
"""So many rings say what they are; the others are rings alone."""
NO_NEWS = ("expected", "wrong")
Part = tuple[str, str]
Marks = tuple[Mark, ...]


def ringed(services: Services, panel: Panel, view: View, page: Scope) -> View:
    """The chart with the findings of its metric, where the page shows all of the shop, or exactly
    the part that a finding is about. Without the records there are no rings."""
    if not panel.rings or not isinstance(view, Chart) or view.kind != "line":
        return view
    return replace(view, marks=(*view.marks, *rings(services, (panel.rings, page), view)))


def rings(services: Services, of: tuple[str, Scope], chart: Chart, named: int = NAMED) -> Marks:
    """Those of a metric over the chart's steps, so many of them `named`."""
    name, page = of
    part, metric = _part(page), services.catalogue().get(name)
    if part is None or metric is None:
        return ()
    try:
        found = _found(services, (page.shops[0], name, part), chart)
    except Unavailable:
        return ()
    gravest = sorted(found, key=lambda one: -one.score)[:named]
    return tuple(_mark(one, metric, one in gravest) for one in found)


def _part(page: Scope) -> Part | None:
    """The dimension and the member that the page shows alone, both empty for all of the shop; None
    for anything else."""
    if not page.filters:
        return "", ""
    (first, *others) = page.filters
    if others or first.exclude or len(first.values) != 1:
        return None
    return first.dimension, first.values[0]


def _found(services: Services, series: tuple[str, str, Part], chart: Chart) -> list[Finding]:
    """Those of a shop's metric and part that touch the chart, with what is kept around them."""
    shop_id, metric, (dimension, member) = series
    kept = services.records.findings
    if not chart.x.size:
        return []
    where = {"metric": metric, "step": chart.grain, "dimension": dimension, "member": member}
    since = str(chart.x[0].astype("datetime64[D]"))
    found = [one for one in kept.all(shop_id, since, **where) if one.verdict not in NO_NEWS]
    return [cut for one in found if (cut := _within(one, chart)) is not None]


def _within(one: Finding, chart: Chart) -> Finding | None:
    """The steps of a finding that the chart shows: one may have begun long before."""
    first, last = (str(chart.x[at].astype("datetime64[h]")) for at in (0, -1))
    cut = replace(one, first=max(one.first, first), last=min(one.last, last))
    return cut if moment(cut.first) <= moment(cut.last) else None


def _mark(one: Finding, metric: Metric, named: bool) -> Mark:
    """Where it lies farthest from what was expected, with the distance."""
    around = Around.of(one)
    at = around.peak(one)
    if at is None:
        return Mark(moment(one.first), "", "", "anomaly")
    x = around.dates[at].astype("datetime64[ms]")
    if not named:
        return Mark(x, "", "", "anomaly")
    change = formats.change(
        around.values[at].item(), around.expected[at].item(), metric.unit, metric.good_up
    )
    day = formats.day(x.astype("datetime64[D]").item())
    return Mark(x, change.text if change.ratio is not None else day, day, "anomaly")
