"""What Explore's table breaks down by: the most useful dimensions here, and all the others behind
More."""

from __future__ import annotations

from typing import Any

from agent.metrics.dimensions import DIMENSIONS, FILTERS, GRAINS
from agent.words import mark, t
from dashboard import components
from dashboard.callbacks import drill
from dashboard.callbacks.lazy import asked_menu
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.pages.explore import TABS, dimension_of

VIEWS = (("", mark("Table")), ("1", mark("Small multiples")))


def tabs(showing: Showing) -> Any:
    chosen = dimension_of(showing.here.own, showing.scope)
    nav = html.Nav(
        [_tab(showing, name, name == chosen) for name in offered(showing, chosen)],
        className="seg",
        **{"aria-label": t("Break down by")},
    )
    return html.Div([nav, _more(showing), *_views(showing, chosen)], className="steps")


def offered(showing: Showing, chosen: str) -> list[str]:
    """The next steps down that tell something of this shop, and what is chosen."""
    out: list[str] = []
    for name in drill.known(showing, showing.scope):
        if len(out) == TABS:
            break
        if name == chosen or drill.tells(showing, name):
            out.append(name)
    return out if chosen in out else [*out[: TABS - 1], chosen]


def _tab(showing: Showing, name: str, chosen: bool) -> Any:
    current = {"aria-current": "true"} if chosen else {}
    split = bool(showing.here.own.get("split")) and name not in GRAINS
    words = {"split": name, "by": ""} if split else {"by": name, "split": ""}
    return html.A(t(DIMENSIONS[name].label), href=showing.here.href(**words, top=""), **current)


def _more(showing: Showing) -> Any:
    words = [t("More"), components.icon("chevron-down", 12)]
    label = html.Summary(words, className="btn btn-sm", title=t("Break down by something else"))
    return asked_menu(showing, "levels-more", label, search=True)


def _views(showing: Showing, chosen: str) -> list[Any]:
    """Table or small multiples; a time is no line of its own."""
    if chosen not in FILTERS:
        return []
    now = "1" if showing.here.own.get("split") else ""
    links = []
    for key, label in VIEWS:
        words = {"split": chosen, "by": ""} if key else {"split": "", "by": chosen}
        current = {"aria-current": "true"} if key == now else {}
        links.append(html.A(t(label), href=showing.here.href(**words), **current))
    return [html.Nav(links, className="seg", **{"aria-label": t("Show as")})]
