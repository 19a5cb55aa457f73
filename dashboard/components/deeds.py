"""What a button does on the server without leaving the page: assets/operate.js sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from dashboard.components import html
from dashboard.components.marks import Content, icon


@dataclass(frozen=True)
class Deed:
    """`address` is posted to with `body`; then `said` is shown, unless the answer says more, and
    the parts that `asks` names, with blanks between them, are drawn anew. With `sure` a first press
    only asks that."""

    label: str
    address: str
    said: str
    asks: str
    body: Mapping[str, str] = field(default_factory=dict)
    sure: str = ""
    sign: str = "play"


def deed_button(deed: Deed) -> html.Button:
    told: dict[str, Any] = {
        "data-deed": deed.address,
        "data-body": urlencode(deed.body),
        "data-said": deed.said,
        "data-asks": deed.asks,
    }
    told |= {"data-ask-first": deed.sure} if deed.sure else {}
    words = [icon(deed.sign, 14), html.Span(deed.label)]
    return html.Button(words, type="button", className="btn btn-sm btn-line", **told)


def fragment(address: str) -> html.Div:
    """A place that assets/operate.js fills with a form."""
    return html.Div(**{"data-room": address})


def state_mark(sign: str, text: str, tone: str) -> html.Span:
    """An icon with its word; `tone` is pos, near, neg or mut."""
    return html.Span([icon(sign, 14), text], className=f"state {tone}")


@dataclass(frozen=True)
class Ran:
    """One run as a bar: `kind` is ok, retried, failed or stopped."""

    kind: str


def run_bars(runs: list[Ran], words: str) -> html.Span:
    """The last runs, oldest first; height and colour mark retries and failures."""
    bars: list[Content] = [html.I(className=run.kind) for run in runs]
    return html.Span([*bars, html.Span(words, className="unseen")], className="runs")


def track(name: str, words: str, part: float, note: str = "") -> html.Div:
    """How much of something is used, on a bar from 0 to 1."""
    fill = html.I(style={"width": f"{min(part, 1.0):.1%}"})
    near = " near" if part > 0.75 else ""
    head = [html.Span(name, className="k"), html.Span(words, className="num")]
    foot = [html.Span(note, className="foot")] if note else []
    return html.Div([*head, html.Span(fill, className=f"track{near}"), *foot], className="used")


def progress(words: str, share: float | None) -> html.Div:
    """A bar for work that runs; without a `share` it only says that it does."""
    bar: dict[str, Any] = {"role": "progressbar", "aria-label": words}
    if share is None:
        return html.Div(html.I(), className="progress-bar unsure", **bar)
    bar |= {"aria-valuenow": str(round(share * 100)), "aria-valuemin": "0", "aria-valuemax": "100"}
    return html.Div(html.I(style={"width": f"{share:.1%}"}), className="progress-bar", **bar)
