"""The inbox of findings: rows, the detail beside them, and the buttons that people answer with.

assets/operate.js sends what a button does, assets/keys.js presses those of the chosen row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from agent.anomalies.handling import SNOOZES
from agent.words import t
from dashboard.components import html
from dashboard.components.marks import Content, icon, ranged, unbroken

ADDRESS = "/api/analytics/findings"
Look = tuple[str, str, str]
PART = "alerts.head alerts.inbox alerts.precision"


@dataclass(frozen=True)
class Line:
    """One row: texts as shown; `spark` are what was, the low and high edge of what is usual, and
    the place of the ring. `acts` are its buttons."""

    key: str
    title: str
    facts: str
    sign: tuple[str, str]
    severity: str
    notes: tuple[str, ...]
    href: str
    chosen: bool
    done: bool
    spark: tuple[Sequence[float], Sequence[float], Sequence[float], int | None]
    acts: Content = None


def row(line: Line) -> Any:
    """A finding of the list; its title is the link that lies over the row."""
    name, tone = line.sign
    current = {"aria-current": "true"} if line.chosen else {}
    words = [
        html.Div(html.A(line.title, href=line.href, className="open", **current), className="what"),
        *([html.Div(line.facts, className="facts")] if line.facts else []),
        html.Div(
            [
                html.Span(line.severity, className=f"word {tone}"),
                *(html.Span(note) for note in line.notes if note),
            ],
            className="meta",
        ),
    ]
    values, low, high, at = line.spark
    classes = ["al", *(["sel"] if line.chosen else []), *(["done"] if line.done else [])]
    return html.Div(
        [
            html.Span(icon(name, 18), className=f"al-sign {tone}"),
            html.Div(words),
            html.Div(ranged(values, low, high, at), className="spark-place"),
            html.Div(line.acts, className="acts"),
        ],
        className=" ".join(classes),
        role="listitem",
    )


def quick(key: str) -> list[Content]:
    """A row's own buttons, while it is open."""
    return [
        deed(key, "acknowledge", t("Acknowledge"), ("btn btn-line btn-sm", "check", "")),
        snooze(key, "btn btn-quiet btn-sm"),
    ]


def reopen(key: str, small: bool = True) -> Content:
    return deed(key, "reopen", t("Reopen"), (f"btn btn-quiet{' btn-sm' if small else ''}", "", ""))


def answers(key: str) -> list[Content]:
    """The detail's buttons, while it is open or snoozed."""
    return [
        deed(key, "acknowledge", t("Acknowledge"), ("btn btn-primary", "check", "a")),
        snooze(key, "btn btn-line", "s"),
        deed(key, "expected", t("This was expected"), ("btn btn-quiet", "", "")),
        deed(key, "wrong", t("Not an anomaly"), ("btn btn-quiet", "", "")),
    ]


def deed(key: str, name: str, label: str, look: Look) -> Content:
    """A button that posts one of the deeds for a finding. `look` are its classes, its icon and the
    key that presses it."""
    return _button([("deed", name)], key, label, look)


def snooze(key: str, classes: str, letter: str = "") -> Content:
    """A menu: for a day, for a week."""
    rows = [
        _button([("deed", "snooze"), ("days", str(days))], key, t(words), ("", "clock", ""))
        for days, words in SNOOZES.items()
    ]
    pressed = {"data-letter": letter, "aria-keyshortcuts": letter.upper()} if letter else {}
    label = html.Summary(
        [*([icon("clock")] if letter else []), t("Snooze")], className=classes, **pressed
    )
    return html.Details([label, html.Div(rows, className="pop menu")], className="menu-holder")


def _button(body: list[tuple[str, str]], key: str, label: str, look: Look) -> Content:
    classes, sign, letter = look
    told = {
        "data-deed": f"{ADDRESS}/{key}",
        "data-body": urlencode(body),
        "data-said": "",
        "data-asks": PART,
    }
    told |= {"data-letter": letter, "aria-keyshortcuts": letter.upper()} if letter else {}
    size = 14 if "btn-sm" in classes else 16
    words = [*([icon(sign, size)] if sign else []), html.Span(label)]
    return html.Button(words, type="button", className=classes or None, **told)


def group(label: str) -> html.Div:
    return html.Div(label, className="al-group")


def listed(rows: list[Content], label: str) -> html.Div:
    return html.Div(rows, role="list", **{"aria-label": label})


def inbox(lists: list[Content], detail: Content, key: str = "") -> html.Section:
    """The lists, and beside them (on narrow pages under them) the chosen one, of that key."""
    if not detail:
        return html.Section(html.Div(lists), className="inbox alone")
    told = {"aria-label": t("The chosen alert"), "data-of": key}
    panel = html.Aside(detail, className="side-panel", tabIndex=-1, **told)
    return html.Section([html.Div(lists), html.Div(panel, className="beside")], className="inbox")


def tabs(rows: Sequence[tuple[str, int, str, bool]]) -> html.Nav:
    """Each tab's label, its count, where it leads, and whether it is the one that is shown."""
    links = [
        html.A(
            [label, html.Span(f"{count:,}", className="count")],
            href=href,
            **({"aria-current": "page"} if chosen else {}),
        )
        for label, count, href, chosen in rows
    ]
    return html.Nav(links, className="tabs", **{"aria-label": t("Lists of alerts")})


def evidence(rows: Sequence[tuple[str, Content]]) -> html.Ul:
    """Facts, each with its icon."""
    lines = [html.Li([icon(sign), html.Span(unbroken(words))]) for sign, words in rows]
    return html.Ul(lines, className="ev")
