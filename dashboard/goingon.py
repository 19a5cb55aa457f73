"""A chart that goes on: the kept forecast of its metric behind what is known, the next days or the
hours that are left of today.

Only what is kept: nothing is fitted for a page that shows something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np

from agent.errors import Failure
from agent.forecasting import landings
from agent.forecasting.asking import Wanted, last_day
from agent.forecasting.keeping import key
from agent.forecasting.outlook import Landing, Outlook, adds, kept
from agent.forecasting.series import Step
from agent.metrics import formats
from agent.metrics.questions import Scope
from agent.services import Services
from agent.words import t
from dashboard.charts import Chart, Rule, Series, Values
from dashboard.panels import Panel, View
from dashboard.views import fans
from dashboard.views.foretelling import likely, peak, said

AHEAD = 7
STEPS: Mapping[str, str] = {Step.DAY: "D", Step.HOUR: "h"}
UNUSUAL = 1.6
"""From how many times the usual level on a day is named and not drawn."""


def gone_on(services: Services, panel: Panel, view: View, page: Scope) -> View:
    """The chart with what comes next, where that is kept and the chart reaches up to now."""
    name = panel.foretells(page) if panel.foretells else ""
    if not name or not isinstance(view, Chart) or not _can(services, (name, view), page):
        return view
    wanted = Wanted(services.shop(page.shops[0]), name, Step(view.grain))
    try:
        found = newest(services, wanted, _reach(services, wanted))
    except Failure:  # the chart stands without what comes after it
        return view
    return view if found is None else _with(view, found)


def _reach(services: Services, wanted: Wanted) -> int:
    """A week, or the hours of today that are not over."""
    if wanted.step is Step.DAY:
        return AHEAD
    return 24 - services.clock.now().astimezone(ZoneInfo(wanted.shop.timezone)).hour


def newest(services: Services, wanted: Wanted, steps: int) -> Outlook | None:
    """What is kept of a series; its history is not asked where nothing is. Raises Refused."""
    if not services.records.forecasts.scores(key(wanted), limit=1):
        return None
    return kept(services, wanted, steps)


def foretold(services: Services, shop_id: str) -> frozenset[str]:
    """The metrics of which there is a forecast by day; none where nobody knows."""
    try:
        return services.records.forecasts.metrics(shop_id)
    except Failure:
        return frozenset()


def landed(services: Services, shop_id: str, metric: str) -> tuple[Landing, Outlook] | None:
    """Where the month of a metric ends, and the forecast that says so; None where none is kept that
    reaches so far, and where the metric neither adds up nor is a ratio."""
    shop, row = services.shop(shop_id), services.catalogue().get(metric)
    today = services.today(shop)
    month = today.replace(day=1)
    left = (landings.ends_of(month) - today).days + 1
    if row is None or not (row.ratio or adds(row)):
        return None
    try:
        found = newest(services, Wanted(shop, metric), left)
        return None if found is None else (landings.of(services, found, month, left), found)
    except Failure:  # what stands so far can be told without it
        return None


def _can(services: Services, of: tuple[str, Chart], page: Scope) -> bool:
    """A forecast is of all of one shop by day or hour, in its own money, refunds on their own
    day."""
    name, chart = of
    plain = not page.filters and not page.currency and page.refunds == Scope.refunds
    if not plain or len(page.shops) != 1 or chart.grain not in STEPS or chart.kind != "line":
        return False
    wanted = Wanted(services.shop(page.shops[0]), name, Step(chart.grain))
    return page.end >= last_day(services, wanted.shop, wanted.step)


def _with(chart: Chart, found: Outlook) -> Chart:
    """The chart up to the day before an unusual one, which its footer names."""
    steps = _steps(chart, found)
    said_next = told(found) if chart.grain == Step.DAY else rest_of_today(chart, found)
    footer = " ".join(filter(None, (chart.footer, said_next)))
    if not steps or not chart.x.size:
        return replace(chart, footer=footer)
    unit = f"datetime64[{STEPS[chart.grain]}]"
    days, known = found.dates[:steps].astype(unit), chart.x.astype(unit)
    x = np.union1d(known, days)
    at = np.searchsorted(x, days)

    def placed(values: Values) -> Values:
        out = np.full(x.size, np.nan)
        out[at] = values[:steps]
        return out

    def longer(values: Values) -> Values:
        return np.pad(
            values.astype(float), (0, max(x.size - values.size, 0)), constant_values=np.nan
        )

    # An hour that is not over looks like a fall.
    over = x < days[0]
    series = [
        replace(one, values=np.where(over, longer(one.values), np.nan))
        if one is chart.known
        else replace(one, values=longer(one.values))
        for one in chart.series
    ]
    bands = tuple(
        replace(band, low=placed(band.low), high=placed(band.high))
        for band in fans.bands(found, steps, (0, 0))
    )
    return replace(
        chart,
        x=x.astype("datetime64[ms]"),
        series=(*series, Series("ahead", t("Forecast"), placed(found.point), "ahead")),
        previous_x=_later(chart.previous_x, x.size),
        bands=bands,
        rule=Rule(x[max(at[0] - 1, 0)].astype("datetime64[ms]"), t("Forecast")),
        footer=footer,
    )


def _later(previous: Values | None, size: int) -> Values | None:
    if previous is None or previous.size >= size:
        return previous
    rest = np.full(size - previous.size, np.datetime64("NaT"), dtype=previous.dtype)
    return np.concatenate([previous, rest])


def _steps(chart: Chart, found: Outlook) -> int:
    """So many steps are drawn: the scale is that of the known days."""
    if chart.grain == Step.HOUR:
        return int(found.point.size)
    usual = float(np.nanmedian(chart.known.values)) if chart.known.values.size else 0.0
    high = np.flatnonzero(found.point[:AHEAD] > UNUSUAL * usual) if usual > 0 else np.empty(0, int)
    return int(high[0]) if high.size else min(AHEAD, found.point.size)


def rest_of_today(chart: Chart, found: Outlook) -> str:
    """Where today ends: what its hours that are over brought, and what is likely of the others."""
    low, middle, high = likely(found, found.point.size)
    if not found.adds or not np.isfinite([low, middle, high]).all():
        return found.track.sentence()
    hours = chart.x.astype("datetime64[h]")
    today = found.dates[0].astype("datetime64[D]")
    over = (hours < found.dates[0]) & (hours.astype("datetime64[D]") == today)
    so_far = float(np.nansum(chart.known.values[over]))
    text = t(
        "Today is expected to end at {value}, 80% likely between {low} and {high}.",
        value=said(found, so_far + middle),
        low=said(found, so_far + low),
        high=said(found, so_far + high),
    )
    return f"{text} {found.track.sentence()}"


def told(found: Outlook) -> str:
    """Next 7 days: $105.0k, 80% likely between $97.6k and $112.4k; and how good that has been."""
    low, middle, high = likely(found, AHEAD)
    if not np.isfinite([low, middle, high]).all():
        return ""
    text = t(
        "Next {count} days: {value}, 80% likely between {low} and {high}.",
        count=AHEAD,
        value=said(found, middle),
        low=said(found, low),
        high=said(found, high),
    )
    event = peak(found, AHEAD)
    named = ""
    if event is not None:
        named = t(
            "{name}, {day}: about {value}.",
            name=event.name,
            day=formats.day(found.dates[event.top].astype("datetime64[D]").item()),
            value=said(found, float(found.point[event.top])),
        )
    return " ".join(filter(None, (text, named, found.track.sentence())))
