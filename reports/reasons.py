"""Why a report's first number changed, as it is printed: its parts and the steps of its arithmetic.
Every list adds up as it is read."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.questions import Scope
from agent.services import Services
from agent.why import telling
from agent.why.bridges import Bridge
from agent.why.explanation import Explanation
from agent.words import mark, t
from dashboard.explained import explain
from dashboard.files import parts, sheets
from dashboard.panels import Cell, Heading, Listed, Panel, Row, Table, a_list
from dashboard.views import changes
from dashboard.views.bridges import before_words, bridge_words, step_name
from reports import matches

BRIDGES = {
    "funnel": mark("Steps of a sale"),
    "goods": mark("Goods"),
    "customers": mark("Customers"),
    "ratio": mark("Above and below the line"),
}
TITLES = {
    "why": mark("What changed"),
    "bridge": mark("How the change came about"),
}


def why(metric: str) -> tuple[Panel, ...]:
    """The panels that say why a figure changed."""
    return (
        a_list("why", TITLES["why"], partial(changes.reasoned, metric=metric)),
        a_list("bridge", TITLES["bridge"], partial(bridged, metric=metric), 6),
        a_list("matches", matches.TITLE, partial(matches.matched, metric=metric)),
    )


def bridged(services: Services, scope: Scope, metric: str) -> Listed:
    """The first of its bridges step by step, the others in a line each. Raises Refused where it has
    none."""
    found = explain(services, scope, metric)
    if not found.why.bridges:
        raise Refused(t("{metric} is not made of factors.", metric=t(found.metric.label)))
    first, *others = found.why.bridges
    return Listed(_steps(found, first, others), _steps_sheet(found))


def _steps(found: Explanation, bridge: Bridge, others: list[Bridge]) -> Table:
    printed = telling.stepped(found, bridge, exact=True)
    rows = [
        Row(step_name(found.metric, step.name), (_moved(found, change),))
        for step, change in printed.steps
    ]
    ends = [
        Row(name, (_level(found, value),), kind="total")
        for name, value in (
            (before_words(found.why.scope), printed.before),
            (t("This period"), printed.after),
        )
    ]
    said = [
        t("{name}: {steps}.", name=t(BRIDGES[other.name]), steps=bridge_words(found, other))
        for other in others
    ]
    return Table(
        t(TITLES["bridge"]),
        _each(found),
        (Heading(t("Step"), number=False), Heading(t("Change"), sorted=True)),
        (ends[0], *rows, ends[1]),
        footer=" ".join(said),
    )


def _each(found: Explanation) -> str:
    if found.metric.unit == "money":
        return t("Each line adds up, {currency}", currency=found.currency)
    return t("Each line adds up")


def _moved(found: Explanation, value: Decimal) -> Cell:
    tone = "pos" if (value > 0) == found.metric.good_up else "neg"
    unit = found.metric.unit
    sign = "+" if value > 0 else formats.MINUS
    said = telling.amount(found, abs(value)) if unit == "percent" else _exact(found, abs(value))
    return Cell(f"{sign}{said}", float(value), tone)  # type: ignore[arg-type]


def _level(found: Explanation, value: Decimal) -> Cell:
    return Cell(_exact(found, value), float(value))


def _exact(found: Explanation, value: Decimal) -> str:
    return formats.number(value, found.metric.unit, found.currency, "exact")


def _steps_sheet(found: Explanation) -> sheets.Sheet:
    """Every bridge, step by step, to the last digit."""
    rows = [(bridge, step) for bridge in found.why.bridges for step in bridge.steps]
    unit = found.metric.unit
    moved = [step.change * 100 if unit == "percent" else step.change for _, step in rows]
    before = sheets.Heading(t("Before"), "number", name="before")
    now = sheets.Heading(t("This period"), "number", name="now")
    change = sheets.Heading(t("Change"), "points" if unit == "percent" else unit, name="change")
    columns = [
        parts.text(t("Split by"), [t(BRIDGES[bridge.name]) for bridge, _ in rows]),
        parts.text(t("Step"), [step_name(found.metric, step.name) for _, step in rows]),
        parts.floats(before, [step.before for _, step in rows]),
        parts.floats(now, [step.after for _, step in rows]),
        parts.floats(change, moved),
    ]
    return parts.sheet_from(columns, t(TITLES["bridge"]), found.currency)
