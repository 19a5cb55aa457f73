"""What changed, on Overview; why it did, on Explore."""

from __future__ import annotations

from typing import Any

from agent.errors import Refused
from agent.metrics.dimensions import FILTERS
from agent.metrics.frames import NONE
from agent.metrics.questions import Scope
from agent.why import telling
from agent.why.changes import Segment
from agent.why.explanation import Explanation
from agent.words import t
from dashboard import components, figures
from dashboard.callbacks import overview, reasons
from dashboard.callbacks.showing import Showing
from dashboard.components import changes, html
from dashboard.components.foreseen import SIGNS
from dashboard.pages.explore import PAGE as EXPLORE
from dashboard.views.bridges import bridge_words, fall
from dashboard.views.changes import table_of

TOLD = 3
MATCHES = 4
BRIDGES = {"goods": "package", "customers": "users"}


def draw(showing: Showing) -> Any:
    """The parts of the change in the chosen figure, each leading to its place on Explore."""
    metric = overview.metric_of(showing).name
    found = _found(showing, metric)
    if not isinstance(found, Explanation):
        return found
    table = table_of(found, lambda one: leads(showing, metric, one), _explore(showing, metric))
    return changes.section(table, f"{showing.page.name}.changes")


def panel(showing: Showing) -> Any:
    """The steps from the period before to this one, and what was found beside them."""
    metric = overview.metric_of(showing).name
    found = _found(showing, metric)
    if not isinstance(found, Explanation):
        return found
    chart = fall(found)
    drawn = figures.draw(chart, showing.theme)
    return [
        components.chart_section(chart, drawn, f"{showing.page.name}.why"),
        changes.title(t("What we found")),
        changes.found(_lines(showing, found)),
        components.foot(
            t(
                "The split takes the factors in every order and shares alike. What happened in "
                "the same days is a match, not proof."
            )
        ),
    ]


def _found(showing: Showing, metric: str) -> Any:
    """The explanation, or what stands in its place."""
    title = t("What changed") if showing.page.path != EXPLORE.path else t("Why did it change?")
    if showing.ahead:
        return components.empty(title, t("These days are still to come."))
    try:
        found = reasons.why(showing, metric)
    except Refused as refused:
        text = " ".join(filter(None, (refused.message, refused.hint)))
        return components.empty(title, text, sign="info")
    if found.why.before is None and found.why.after is None:
        return components.empty(title, t("There is no figure in either period."), sign="info")
    return found


def leads(showing: Showing, metric: str, segment: Segment, scope: Scope | None = None) -> str:
    """Explore, filtered to a segment of a scope, or of the page's; empty where no filter says
    that."""
    scope = scope or showing.scope
    for dimension, value in segment.part.where.items():
        if dimension not in FILTERS or dimension == "shop":
            return ""
        scope = scope.where(dimension, NONE if value is None else value)
    words = {"metrics": metric, "by": "", "split": "", "top": ""}
    return showing.here.href(scope, EXPLORE.path, **words)


def _explore(showing: Showing, metric: str) -> str:
    return showing.here.href(path=EXPLORE.path, metrics=metric)


def _lines(showing: Showing, found: Explanation) -> list[tuple[str, Any]]:
    """The largest segments, the other splits of the same change, what else happened."""
    lines: list[tuple[str, Any]] = []
    # As the list has it, where amounts are rounded together.
    printed = zip(telling.ranked(found), telling.amounts(found).segments, strict=True)
    named = telling.telling(found)[:TOLD]
    for segment, value in printed:
        if segment in named:
            amount = telling.signed(found, value)
            lines.append(("chart-no-axes-column", _segment(showing, found, (segment, amount))))
    for bridge in found.why.bridges:
        words = bridge_words(found, bridge) if bridge.name in BRIDGES else ""
        if words:
            lines.append((BRIDGES[bridge.name], f"{words}."))
    for match in telling.beside(found)[:MATCHES]:
        sign = SIGNS.get(match.kind, "calendar")
        lines.append((sign, telling.match_sentence(match)))
    return lines or [("info", t("No segment stands out, and nothing is known of these days."))]


def _segment(showing: Showing, found: Explanation, told: tuple[Segment, str]) -> Any:
    segment, amount = told
    href = leads(showing, found.metric.name, segment)
    name = telling.title(found, segment)
    link = html.A(name, href=href) if href else name
    return [html.B(link), f" {amount}. {telling.reason(found, segment)}."]
