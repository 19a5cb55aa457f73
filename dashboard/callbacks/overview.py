"""The row over Overview's panels: the six key figures."""

from __future__ import annotations

from typing import Any

from agent import targets
from agent.metrics import formats
from agent.metrics.catalogue import Metric
from agent.metrics.frames import Frame, Number
from agent.records.targets import Plan
from agent.words import mark, t
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.components import KeyFigure
from dashboard.pages.explore import PAGE as EXPLORE
from dashboard.pages.explore import metric_of as explored
from dashboard.pages.overview import KEY_FIGURES, series
from dashboard.pages.overview import key_figures as named
from dashboard.views import wording

# Why a ratio is unknown, by what it is divided by.
REASONS = {
    "orders": mark("No orders in this period"),
    "buyers_so_far": mark("No known customers yet"),
    "sessions": mark("No visits in this period"),
    "new_customers": mark("No new customers in this period"),
    "marketing_spend": mark("No marketing spend in this period"),
    "costed_net_sales": mark("No costs of what was sold"),
}
# What a figure is never shown without: its companion, which `note` puts in words.
BESIDE = {"gross_margin": "cost_coverage"}


def metric_of(showing: Showing) -> Metric:
    """What the page's main chart shows."""
    own = showing.here.own
    name = explored(own) if showing.page.path == EXPLORE.path else own.get("kpi", KEY_FIGURES[0])
    return showing.metric(name)


def key_figures(showing: Showing) -> Any:
    """Six toggles: value, change, a line of the period, the target where there is one."""
    # Targets are the whole shop's: a part of it has none.
    plan = Plan({}) if showing.scope.filters else showing.plan
    grain = showing.here.own.get("grain", "")
    return components.key_figures([_tile(showing, name, plan, grain) for name in shown(showing)])


def shown(showing: Showing) -> tuple[str, ...]:
    """The key figures: those that the shop cannot know stand back for those that any can."""
    return named(showing.here.own, showing.has)


def _tile(showing: Showing, name: str, plan: Plan, grain: str) -> KeyFigure:
    """A figure by itself: one without an answer under these filters leaves the others."""
    frame = showing.attempt(series(name, grain).ask(showing.scope))
    metric = showing.metric(name)
    if frame is None:
        words = t("Not known with these filters")
        chosen = name == metric_of(showing).name
        return KeyFigure(name, _label(metric), formats.UNKNOWN, was=words, selected=chosen)
    return _figure(showing, frame, metric, plan)


def _figure(showing: Showing, frame: Frame, metric: Metric, plan: Plan) -> KeyFigure:
    now, before = frame.total(metric.name), frame.before(metric.name)
    currency = frame.receipt.currency
    reason = unknown(showing, metric, now)
    chosen = metric.name == metric_of(showing).name
    if reason:
        return KeyFigure(metric.name, _label(metric), formats.UNKNOWN, was=reason, selected=chosen)

    def said(value: Any) -> str:
        return formats.number(value, metric.unit, currency, locale=showing.locale)

    scope = targets.so_far(showing.scope, showing.today)
    judged = targets.judge(plan, metric, now, scope, currency)
    former = frame.previous.array(metric.name) if frame.previous is not None else ()
    return KeyFigure(
        key=metric.name,
        label=_label(metric),
        value=said(now),
        change=change(frame, metric, showing.locale),
        was=t("from {value}", value=said(before)) if before is not None else "",
        spark_now=tuple(frame.array(metric.name)),
        spark_before=tuple(former),
        target_text=judged.text if judged else "",
        status=judged.status if judged else targets.Status.NONE,
        track=components.track_of(float(now or 0), judged.target) if judged else None,
        selected=chosen,
    )


def _label(metric: Metric) -> str:
    return wording.spelled(t(metric.label))


def unknown(showing: Showing, metric: Metric, now: Number) -> str:
    """Why a figure has no value; empty where it has one."""
    if showing.ahead:
        return t("Still to come")
    if now is not None:
        return ""
    if "ending_units" in metric.measures and not showing.has("inventory"):
        return t("No stock known")
    if not metric.ratio:
        return t("No figures in this period")
    return t(REASONS.get(metric.below, mark("Nothing to divide by")))


def change(frame: Frame, metric: Metric, locale: str) -> formats.Change | None:
    if frame.previous is None:
        return None
    now, before = frame.total(metric.name), frame.before(metric.name)
    moved = formats.change(now, before, metric.unit, metric.good_up, locale)
    # From nothing to something is no percentage: "from $0" says it alone.
    return None if moved.ratio is None else moved


def note(metric: Metric, beside: Frame | None) -> str:
    """What stands under a figure: whose claim it is, how much it covers."""
    if metric.claim:
        return t(metric.claim)
    if metric.name not in BESIDE or beside is None:
        return ""
    coverage = formats.number(beside.total(BESIDE[metric.name]), "percent")
    return t("Cost known for {share} of net sales", share=coverage)
