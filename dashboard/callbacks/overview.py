"""The parts over Overview's panels: the sentence and the six key figures."""

from __future__ import annotations

from typing import Any

from agent import insights
from agent.metrics import formats
from agent.metrics.catalogue import Metric
from agent.metrics.frames import Frame, Number
from agent.records.targets import Target
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.components import KeyFigure
from dashboard.pages.explore import metric_of as explored
from dashboard.pages.overview import KEY_FIGURES, figures
from dashboard.targets import judge

STILL_TO_COME = "These days are still to come."
# Why a ratio is unknown, by what it is divided by.
REASONS = {"orders": "No orders in this period", "buyers_so_far": "No known customers yet"}


def metric_of(showing: Showing) -> Metric:
    """What the page's main chart shows."""
    own = showing.here.own
    return showing.metric(
        explored(own) if showing.page.path != "/" else own.get("kpi", KEY_FIGURES[0])
    )


def lead(showing: Showing) -> Any:
    if showing.ahead:
        return components.lead(((STILL_TO_COME, False),))
    sentences = insights.lead(showing.answer, showing.scope, showing.shop)
    words: list[tuple[str, bool]] = []
    for sentence in sentences:
        words += [(" ", False)] if words else []
        words += sentence.parts
    return components.lead(tuple(words))


def key_figures(showing: Showing) -> Any:
    """Six toggles: value, change, a line of the period, the target where there is one."""
    asked = figures(showing.here.own.get("grain", ""))
    frame = showing.ask(asked.ask(showing.scope))
    kept = showing.services.records.targets.all(showing.shop.shop_id)
    targets = {} if showing.scope.filters else kept
    tiles = [_figure(showing, frame, frame.metric(name), targets.get(name)) for name in KEY_FIGURES]
    return components.key_figures(tiles)


def _figure(showing: Showing, frame: Frame, metric: Metric, target: Target | None) -> KeyFigure:
    now, before = frame.total(metric.name), frame.before(metric.name)
    currency = frame.receipt.currency
    reason = unknown(showing, metric, now)
    if reason:
        chosen = metric.name == metric_of(showing).name
        return KeyFigure(metric.name, metric.label, formats.UNKNOWN, was=reason, selected=chosen)

    def said(value: Any) -> str:
        return formats.number(value, metric.unit, currency, locale=showing.locale)

    judged = target and judge(target, now, showing.scope, currency, showing.locale)
    former = frame.previous.array(metric.name) if frame.previous is not None else ()
    return KeyFigure(
        key=metric.name,
        label=metric.label,
        value=said(now),
        change=change(frame, metric, showing.locale),
        was=f"from {said(before)}" if before is not None else "",
        spark_now=tuple(frame.array(metric.name)),
        spark_before=tuple(former),
        target_text=judged.text if judged else "",
        target_state=judged.standing if judged else "",
        track=components.track_of(float(now or 0), judged.target) if judged else None,
        selected=metric.name == metric_of(showing).name,
    )


def unknown(showing: Showing, metric: Metric, now: Number) -> str:
    """Why a figure has no value; empty where it has one."""
    if showing.ahead:
        return "Still to come"
    return REASONS.get(metric.below, "Nothing to divide by") if now is None else ""


def change(frame: Frame, metric: Metric, locale: str) -> formats.Change | None:
    if frame.previous is None:
        return None
    now, before = frame.total(metric.name), frame.before(metric.name)
    moved = formats.change(now, before, metric.unit, metric.good_up, locale)
    # From nothing to something is no percentage: "from $0" says it alone.
    return None if moved.ratio is None else moved
