"""Filter chips and their menus: every choice is a link to the address it leads to, with what it is
worth.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from babel.numbers import get_currency_name

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE, Frame
from agent.metrics.questions import Ask, Filter, Scope
from agent.words import t
from dashboard import components
from dashboard.callbacks import cross, terms
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.shell import FILTERS

LISTED = 40


def chip(showing: Showing, dimension: str) -> Any:
    """Country **All**, or the values that are chosen."""
    chosen = _chosen(showing.scope, dimension)
    label = t(DIMENSIONS[dimension].label)
    words = value_words(showing, chosen) if chosen else t("All")
    return components.chip(label, words, bool(chosen))


def choices(showing: Showing, dimension: str) -> Any:
    """The dimension's values, largest first, each worth its net sales; several may be chosen."""
    free = showing.scope.without(dimension).alone()
    frame = showing.ask(Ask(("net_sales",), (dimension,), top=LISTED), free)
    chosen = _chosen(showing.scope, dimension)
    picked = chosen.values if chosen and not chosen.exclude else ()
    everything = html.A(
        [_box(not picked), t("All"), _worth(showing, frame, frame.total("net_sales"))],
        href=showing.here.href(showing.scope.without(dimension)),
        role="menuitemcheckbox",
        **{"aria-checked": str(not picked).lower()},
    )
    rows = [html.Li(row) for row in _rows(showing, frame, dimension, picked)]
    return html.Ul([html.Li(everything), html.Hr(), *rows])


def chips(showing: Showing) -> Any:
    """Filters that have no chip of their own, and what the money is counted in."""
    extra = [f for f in showing.scope.filters if f.dimension not in FILTERS or f.exclude]
    code = showing.scope.currency or showing.shop.currency
    money = get_currency_name(code, count=2, locale=showing.locale)
    links = [
        components.chip(
            _words(showing, f), "", True, "x", href=showing.here.href(_less(showing.scope, f))
        )
        for f in extra
    ]
    clear = [
        html.A(t("Clear filters"), href=showing.here.href(cleared(showing.scope)), className="chip")
    ]
    end = html.Span(t("{money}, net of returns and tax", money=money), className="end")
    clear = clear if len(showing.scope.filters) > 1 else []
    if not showing.page.dated:
        # A forecast is of the shop's own money, refunds on their own day.
        return [*links, *clear]
    return [*links, *clear, *_escape(showing), terms.menus(showing), end]


def _escape(showing: Showing) -> list[Any]:
    """What Escape follows: the address without what was chosen in the page's panels."""
    href = cross.cleared(showing)
    words = t("Clear what is chosen")
    link = html.A(words, href=href, className="unseen", tabIndex=-1, **{"data-clear": "1"})
    return [link] if href else []


def cleared(scope: Scope) -> Scope:
    for old in scope.filters:
        scope = scope.without(old.dimension)
    return scope


def value_words(showing: Showing, chosen: Filter) -> str:
    """Germany, or Germany and 2 more."""
    first = value_name(showing, chosen.dimension, chosen.values[0])
    more = len(chosen.values) - 1
    return t("{first} and {count} more", first=first, count=more) if more else first


def value_name(showing: Showing, dimension: str, value: str) -> str:
    """What a person reads for a filter's value; a product's title is asked of the warehouse."""
    if not DIMENSIONS[dimension].named or value == NONE:
        return formats.value_label(dimension, None if value == NONE else value, showing.locale)
    frame = showing.ask(
        Ask(("units",), (dimension,)), showing.scope.where(dimension, value).alone()
    )
    return str(frame.labels(dimension)[0]) if len(frame) else value


def _rows(showing: Showing, frame: Frame, dimension: str, picked: tuple[str, ...]) -> list[Any]:
    keys = frame.values(dimension)
    shown = len(frame) - frame.rest_rows
    amounts, labels = frame.values("net_sales"), frame.labels(dimension)
    out = []
    for place in range(shown):
        value = NONE if keys[place] is None else str(keys[place])
        on = value in picked
        kept = tuple(v for v in picked if v != value) if on else (*picked, value)
        scope = showing.scope.without(dimension)
        scope = showing.scope.where(dimension, *kept) if kept else scope
        name = formats.value_label(dimension, keys[place], showing.locale)
        label = labels[place] if labels[place] not in (None, keys[place]) else name
        content = [_box(on), html.Span(label), _worth(showing, frame, amounts[place])]
        out.append(
            html.A(
                content,
                href=showing.here.href(scope),
                role="menuitemcheckbox",
                **{"aria-checked": str(on).lower()},
            )
        )
    count = formats.number(frame.rest, "count")
    rest = t("{count} smaller ones are in Explore", count=count)
    return [*out, html.Div(rest, className="group")] if frame.rest_rows else out


def _box(on: bool) -> Any:
    return html.Span(components.icon("check", 12), className="cb on" if on else "cb")


def _worth(showing: Showing, frame: Frame, value: Any) -> Any:
    words = formats.number(value, "money", frame.receipt.currency, locale=showing.locale)
    return html.Span(words, className="worth")


def _chosen(scope: Scope, dimension: str) -> Filter | None:
    mine = [f for f in scope.filters if f.dimension == dimension]
    return next((f for f in mine if not f.exclude), None)


def _words(showing: Showing, chosen: Filter) -> str:
    values = value_words(showing, chosen)
    label = t(DIMENSIONS[chosen.dimension].label)
    if chosen.exclude:
        return t("{dimension} without {values}", dimension=label, values=values)
    return f"{label} {values}"


def _less(scope: Scope, gone: Filter) -> Scope:
    return replace(scope, filters=tuple(f for f in scope.filters if f != gone))
