"""Parts of the page Forecasts: how far one is, how good they were, what they go by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.words import t
from dashboard.components import html
from dashboard.components.marks import Content, icon
from dashboard.components.sections import bone

LOOK_MS = 1_200
SIGNS = {
    "feast": "calendar",
    "holiday": "calendar",
    "promotion": "tag",
    "price": "tag",
    "campaign": "megaphone",
    "stock": "package",
    "closure": "store",
    "shipping": "send",
    "left out": "circle-dashed",
}


@dataclass(frozen=True)
class Assumed:
    """One line of what a forecast goes by: its kind's sign, its name, its days, what it does."""

    kind: str
    name: str
    days: str
    note: str


def making(title: str, share: float | None, text: str) -> html.Div:
    """A forecast on its way: the part is asked for again until it is there."""
    known = share is not None and share > 0
    bar = html.I(style={"width": f"{share:.0%}"} if known else {})
    attributes: dict[str, Any] = {"role": "progressbar", "aria-label": title}
    if known:
        attributes |= {"aria-valuenow": f"{100 * (share or 0):.0f}"}
        attributes |= {"aria-valuemin": "0", "aria-valuemax": "100"}
    return html.Div(
        [
            html.H2(title),
            html.Div(
                bar, className="progress-bar" if known else "progress-bar unsure", **attributes
            ),
            html.P(text),
        ],
        className="making",
        **{"data-look": str(LOOK_MS), "aria-live": "polite"},
    )


def waits(seconds: float = LOOK_MS / 1000) -> html.Div:
    """The place of a part whose forecast is on its way; looked at again after so long."""
    lines = [html.Div(bone(width, 13), className="skeleton-row") for width in ("72%", "58%", "64%")]
    hidden = html.Span(t("Loading"), className="unseen")
    look = {"data-look": str(int(seconds * 1000))}
    return html.Div([hidden, bone("46%", 18), *lines], className="waits", **look)


def again(seconds: float) -> html.Span:
    """Has its part asked for again after so long."""
    return html.Span(hidden=True, **{"data-look": str(max(1000, int(seconds * 1000)))})


def scores(figures: Sequence[tuple[str, str]]) -> html.Dl:
    """Large figures, each over what it says."""
    rows = [html.Div([html.Dt(words), html.Dd(value, className="num")]) for value, words in figures]
    return html.Dl(rows, className="scores")


def assumptions(found: Sequence[Assumed]) -> html.Ul:
    return html.Ul([html.Li(_assumed(one)) for one in found], className="assumed")


def _assumed(one: Assumed) -> list[Content]:
    words: list[Content] = [html.B(one.name), f", {one.days}"] if one.name else [html.B(one.days)]
    note = [html.Span(one.note, className="why")] if one.note else []
    return [icon(SIGNS.get(one.kind, "calendar"), 16), html.Span([*words, *note])]
