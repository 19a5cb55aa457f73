"""Targets on the screen: the table of them, each with its track and its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc

from agent.targets import Status
from agent.words import t
from dashboard.components import html
from dashboard.components.figures import TONES, standing, track_of
from dashboard.components.marks import Content

ARIA = {"min": "aria-valuemin", "max": "aria-valuemax", "now": "aria-valuenow"}


@dataclass(frozen=True)
class Goal:
    """One row: texts as shown; `reached` and `wanted` are the figures of the track, None where one
    is not known. `notes` stand under the name, the month's target and the status."""

    label: str
    href: str
    month: str
    levels: str
    actual: str
    so_far: str
    status: Status
    reached: float | None = None
    wanted: float | None = None
    notes: tuple[str, str, str] = ("", "", "")
    acts: tuple[Any, ...] = ()


def goal_table(rows: Sequence[Goal], caption: str, month: str) -> html.Div:
    """All targets; `month` heads the column of the month's own."""
    heads = [
        html.Th(t("Metric"), scope="col"),
        html.Th(month, scope="col", className="n"),
        html.Th(t("Warning, critical"), scope="col", className="n p3"),
        html.Th(t("So far"), scope="col", className="n"),
        html.Th(t("Target so far"), scope="col", className="n p2"),
        html.Th(t("Reached"), scope="col", className="p2"),
        html.Th(t("Status"), scope="col"),
    ]
    if any(row.acts for row in rows):
        heads.append(
            html.Th(html.Span(t("Change"), className="unseen"), scope="col", className="p2")
        )
    table = html.Table(
        [
            html.Caption(caption, className="unseen"),
            html.Thead(html.Tr(heads)),
            html.Tbody([_row(row) for row in rows]),
        ],
        className="dt goals",
    )
    return html.Div(table, className="scroll-x")


def status_mark(status: Status, note: str = "") -> html.Span:
    return standing(t(status.value), status, **({"title": note} if note else {}))


def track(value: float | None, target: float | None, status: Status) -> Content:
    """How much of the target is reached, as a bar with a tick where the target stands."""
    if value is None or not target or target < 0:
        return html.Span("", className="track none")
    fill, tick = track_of(value, target)
    share = _share(value / target, status)
    said = t("{share}% of the target", share=share)
    numbers = {ARIA["min"]: "0", ARIA["max"]: str(max(100, share)), ARIA["now"]: str(share)}
    return html.Span(
        [
            html.Span(
                [html.I(style={"width": f"{fill:.1%}"}), html.U(style={"left": f"{tick:.1%}"})],
                className=f"track {TONES[status]}".strip(),
                role="meter",
                **{**numbers, "aria-label": said, "aria-valuetext": said},
            ),
            html.Span(f"{share}%", className="share", **{"aria-hidden": "true"}),
        ],
        className="gauge",
    )


def _share(ratio: float, status: Status) -> int:
    """In percent, never rounded to the 100 that is not reached, or is passed where less is more."""
    share = round(ratio * 100)
    if status is Status.ON or share != 100:
        return share
    return 99 if ratio < 1 else 101


def _row(row: Goal) -> html.Tr:
    name, month, status = row.notes
    cells = [
        html.Th([dcc.Link(row.label, href=row.href), *_note(name)], scope="row"),
        html.Td([row.month, *_note(month)], className="n"),
        html.Td(row.levels, className="n p3"),
        html.Td(row.actual, className="n"),
        html.Td(row.so_far, className="n p2"),
        html.Td(track(row.reached, row.wanted, row.status), className="p2"),
        html.Td([status_mark(row.status, status), *_note(status)]),
    ]
    if row.acts:
        cells.append(html.Td(html.Div(list(row.acts), className="row-acts"), className="p2"))
    return html.Tr(cells)


def _note(text: str) -> list[Content]:
    return [html.Span(text, className="note")] if text else []
