"""Events on the screen: one table, its rows with what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.words import t
from dashboard.components import html
from dashboard.components.marks import Content


@dataclass(frozen=True)
class Line:
    """One row, its texts as shown. `when` stands under the days, `note` under the name."""

    name: str
    kind: str
    days: str
    part: str
    effect: str
    when: str = ""
    note: str = ""
    acts: tuple[Any, ...] = ()


def event_table(rows: Sequence[Line], caption: str) -> html.Div:
    heads = [
        html.Th(t("Event"), scope="col"),
        html.Th(t("Kind"), scope="col", className="p2"),
        html.Th(t("Days"), scope="col"),
        html.Th(t("Part of the shop"), scope="col", className="p2"),
        html.Th(t("Effect"), scope="col", className="p2"),
    ]
    if any(row.acts for row in rows):
        heads.append(html.Th(html.Span(t("Change"), className="unseen"), scope="col"))
    table = html.Table(
        [
            html.Caption(caption, className="unseen"),
            html.Thead(html.Tr(heads)),
            html.Tbody([_row(row) for row in rows]),
        ],
        className="dt goals events",
    )
    return html.Div(table, className="scroll-x")


def _row(row: Line) -> html.Tr:
    # What has no column of its own on a phone stands under the name there.
    brief = html.Span(", ".join((row.kind, row.part)), className="note only-s")
    cells = [
        html.Th([row.name, *_note(row.note), brief], scope="row"),
        html.Td(row.kind, className="p2"),
        html.Td([row.days, *_note(row.when)]),
        html.Td(row.part, className="p2"),
        html.Td(row.effect, className="p2"),
    ]
    if row.acts:
        cells.append(html.Td(html.Div(list(row.acts), className="row-acts")))
    return html.Tr(cells)


def _note(text: str) -> list[Content]:
    return [html.Span(text, className="note")] if text else []
