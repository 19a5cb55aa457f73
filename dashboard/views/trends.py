"""Metrics over time as lines."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np

from agent.metrics import formats
from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.words import mark, t
from dashboard.charts import Chart, Series
from dashboard.panels import Shape
from dashboard.views import wording

PER = {
    "hour": mark("{metric} per hour"),
    "day": mark("{metric} per day"),
    "week": mark("{metric} per week"),
    "month": mark("{metric} per month"),
    "quarter": mark("{metric} per quarter"),
    "year": mark("{metric} per year"),
}


def trend(metric: str) -> Shape:
    """A metric over time, its comparison beneath it position by position."""
    return lambda frame, scope: _trend(frame, scope, metric)


def _trend(frame: Frame, scope: Scope, metric: str) -> Chart:
    grain = frame.dimensions[0].name
    row, currency = frame.metric(metric), frame.receipt.currency
    x, values = frame.array(grain), frame.array(metric)
    series = [Series("now", t("This period"), values, "now")]
    previous_x = None
    if frame.previous is not None:
        before, previous_x = frame.previous.array(metric), frame.previous.array(grain)
        series.append(Series("previous", t("Previous"), before, "previous"))
    return Chart(
        kind="line",
        title=per(frame, metric, grain),
        measure=wording.measure_over_time(frame, metric, scope),
        unit=row.unit,
        currency=currency,
        x=x,
        series=tuple(series),
        grain=grain,
        previous_x=previous_x,
        footer=" ".join(filter(None, (extremes(frame, metric, grain), until(frame, scope)))),
        total=wording.number(frame.total(metric)),
    )


def until(frame: Frame, scope: Scope) -> str:
    """Up to when the last day is known, where it is today's."""
    receipt = frame.receipt
    if receipt.last_sync is None:
        return ""
    zone = ZoneInfo(receipt.timezone)
    today, known = receipt.asked_at.astimezone(zone), receipt.last_sync.astimezone(zone)
    if known.date() != today.date() or not scope.start <= today.date() <= scope.end:
        return ""
    return t("Today until {time}.", time=f"{known:%H:%M}")


def per(frame: Frame, metric: str, grain: str) -> str:
    """Net sales per day."""
    return t(PER[grain], metric=wording.brief(wording.label(frame, metric)))


def extremes(frame: Frame, metric: str, grain: str) -> str:
    """The highest bucket of a series, where one stands out at all."""
    values = frame.array(metric)
    known = np.isfinite(values)
    if known.sum() < 3 or np.nanmax(values) <= np.nanmin(values):
        return ""
    place = int(np.nanargmax(values))
    moment = frame.values(grain)[place]
    years = {moment.year for moment in frame.values(grain)}
    when = formats.bucket(moment, grain, year=len(years) > 1)
    amount = wording.said(frame, metric, frame.values(metric)[place], "short")
    if grain == "week":
        return t("Highest: week from {day}, {amount}.", day=when, amount=amount)
    return t("Highest: {day}, {amount}.", day=when, amount=amount)
