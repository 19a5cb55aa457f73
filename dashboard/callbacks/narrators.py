"""System: how often the narrator was asked, shown, turned down, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.metrics import formats
from agent.services import Services
from agent.words import mark, t
from dashboard import components
from dashboard.components import html
from dashboard.panels import Cell, Heading, Row, Table

SHOWN: Mapping[str, str] = {
    "asked": mark("Asked"),
    "used": mark("Shown for the first time"),
    "kept": mark("Shown again"),
}
DOWN: Mapping[str, str] = {
    "number": mark("A figure that is not in the facts"),
    "direction": mark("A figure of another direction"),
    "word": mark("A word that is not in the list"),
    "name": mark("A name that is not in the facts"),
    "markup": mark("Markup or a link"),
    "signs": mark("Strange letters"),
    "length": mark("Too long"),
    "empty": mark("Nothing said"),
    "language": mark("A language without a list of words"),
}
FAILED: Mapping[str, str] = {
    "away": mark("It did not answer"),
    "throttled": mark("Its rate was used up"),
    "refused": mark("It refused the request"),
}
GROUPS = ((SHOWN, ""), (DOWN, mark("Turned down")), (FAILED, mark("Failed")))


def told(services: Services) -> list[Any]:
    """Nothing where nobody set one up."""
    settings = services.settings
    if not settings.narrator_url or not settings.narrator_model:
        return []
    counts = services.narrated.counts()
    rows = [
        Row(
            f"{t(group)}: {t(label)}" if group else t(label),
            (Cell(formats.number(counts.get(name, 0), "count", style="full")),),
        )
        for labels, group in GROUPS
        for name, label in labels.items()
        if not group or counts.get(name)
    ]
    table = Table(
        t("Narrator"),
        t("Since the start of this process; where it is turned down, our own sentence stands"),
        (Heading(t("What became of it"), number=False), Heading(t("Times"))),
        tuple(rows),
    )
    section = components.table_section(table, "system.narrator", files=False)
    return [html.Div([section], className="cell w12")]
