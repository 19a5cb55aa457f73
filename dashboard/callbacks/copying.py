"""The address of what is shown, to be copied."""

from __future__ import annotations

from typing import Any

from agent.metrics import formats, periods
from agent.words import t
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.shell import menu


def share(showing: Showing) -> Any:
    """Two addresses of what is shown: one that means these days for good, one whose days move."""
    scope = showing.scope
    days = formats.date_range(scope.start, scope.end, year=True)
    fixed = _address(
        t("Copy with fixed dates"),
        t("Always shows {days}.", days=days),
        **{"data-href": showing.here.href(showing.here.fixed)},
    )
    if scope.preset:
        name = t(periods.PRESETS[scope.preset].label)
        means = t("Shows “{period}” of the day it is opened.", period=name)
        moving = {"data-href": showing.here.href(), "data-moving": "1"}
    else:
        means, moving = t("Days chosen by hand do not move. Choose a named period first."), {}
    label = html.Summary(
        [components.icon("share"), html.Span(t("Share"))],
        className="btn brief hide-s",
        title=t("Copy the address"),
    )
    rows = [fixed, _address(t("Keep dates moving"), means, disabled=not scope.preset, **moving)]
    content = html.Div(rows, className="pop menu")
    return menu(f"{showing.page.name}-share", label, content, side="right")


def plain(showing: Showing) -> Any:
    """The address of a page that is of no days."""
    return html.Button(
        [components.icon("share"), html.Span(t("Share"))],
        type="button",
        className="btn brief hide-s",
        title=t("Copy the address"),
        **{"data-act": "share", "data-href": showing.here.href(), "data-plain": "1"},
    )


def _address(name: str, means: str, **attributes: Any) -> Any:
    words = [name, html.Small(means)]
    attributes |= {"data-act": "share", "type": "button"}
    return html.Button(words, className="row-note", **attributes)
