"""Connections on the screen: what flows, what does not and why, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.words import mark, t
from dashboard.components import html
from dashboard.components.deeds import progress
from dashboard.components.marks import Content, icon
from dashboard.components.sections import note

SIGNS = {"pos": "check", "near": "circle-dashed", "neg": "circle-x", "mut": "minus"}
ACTS = (
    ("sync", "refresh-cw", mark("Sync now")),
    ("edit", "settings-2", mark("Change")),
    ("days", "calendar", mark("Bring days again")),
    ("pause", "square", mark("Pause")),
    ("resume", "play", mark("Resume")),
    ("replay", "history", mark("Read rejected documents again")),
    ("remove", "trash-2", mark("Remove")),
)


@dataclass(frozen=True)
class Shown:
    """One connection: texts as shown. `tone` of the state is pos, near, neg or mut; `share` of the
    sync at work is 0 to 1; `rate` is (words, part used); `acts` are names of ACTS;
    `more` are further lines of how it flows; a `mendable` problem is the connection's own;
    `aside` says what could not be read."""

    key: str
    name: str
    icon: str
    kind: str
    state: str
    tone: str
    flow: str
    when: str
    problem: str = ""
    notes: Sequence[str] = ()
    syncing: bool = False
    share: float | None = None
    rate: tuple[str, float] | None = None
    acts: Sequence[str] = ()
    more: Sequence[str] = ()
    mendable: bool = False
    aside: str = ""


def connection_list(rows: Sequence[Shown]) -> html.Div:
    """All connections, one under the other."""
    return html.Div([_row(row) for row in rows], className="sources")


def _row(row: Shown) -> html.Div:
    head = html.Div(
        [
            html.H3([icon(row.icon), html.Span(row.name)]),
            html.P(row.when, className="foot"),
            *([progress(row.when, row.share)] if row.syncing else []),
        ]
    )
    flow = html.Div(
        [
            html.Span([icon(SIGNS[row.tone], 14), row.state], className=f"state {row.tone}"),
            *(html.P(text, className="foot") for text in (row.flow, *row.more) if text),
            *([_rate(*row.rate)] if row.rate else []),
        ],
        className="flow",
    )
    said = [note(text, "near") for text in row.notes]
    said += [note(row.aside, "near", _again(row))] if row.aside else []
    wrong = [note(row.problem, "bad", _mend(row))] if row.problem else []
    below = [html.Div([*wrong, *said], className="source-notes")] if wrong or said else []
    attributes = {"data-source": row.key, "data-name": row.name}
    if row.syncing:
        attributes["data-look"] = "2000"
    elif row.tone != "pos":
        attributes["data-look"] = "10000"
    return html.Div([head, flow, _acts(row), *below], className="source", **attributes)


def _rate(words: str, part: float) -> html.Div:
    fill = html.I(style={"width": f"{min(part, 1.0):.1%}"})
    tone = " near" if part > 0.75 else ""
    return html.Div(
        [html.Span(fill, className=f"track{tone}"), html.Span(words, className="foot")],
        className="rate",
    )


def _mend(row: Shown) -> Content:
    """Beside a problem that trying again does not end, the way to what may be wrong."""
    if not row.mendable or "edit" not in row.acts:
        return None
    words = [icon("settings-2", 14), html.Span(t("Change"))]
    return html.Button(
        words, type="button", className="btn btn-sm btn-line", **{"data-source-act": "edit"}
    )


def _again(row: Shown) -> Content:
    if "replay" not in row.acts:
        return None
    words = [icon("history", 14), html.Span(t("Read again"))]
    return html.Button(
        words, type="button", className="btn btn-sm btn-line", **{"data-source-act": "replay"}
    )


def _acts(row: Shown) -> Content:
    if not row.acts:
        return html.Div()
    named = [(name, sign, label) for name, sign, label in ACTS if name in row.acts]
    first = [
        html.Button(
            icon(sign, 14),
            type="button",
            className="btn btn-sm btn-ico",
            title=t(label),
            **{"data-source-act": name, "aria-label": t(label)},
        )
        for name, sign, label in named[:1]
    ]
    rest = [
        html.Button([icon(sign), html.Span(t(label))], type="button", **{"data-source-act": name})
        for name, sign, label in named[1:]
    ]
    dots = html.Summary(
        icon("ellipsis", 14),
        className="btn btn-sm btn-ico",
        title=t("More"),
        **{"aria-label": t("More")},
    )
    menu = html.Details([dots, html.Div(rest, className="pop menu")], className="menu-holder right")
    return html.Div([*first, menu], className="acts")
