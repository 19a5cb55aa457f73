"""On what terms money is counted: the day a refund stands on, and the currency it is shown in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from babel.numbers import get_currency_name

from agent import words
from agent.metrics.questions import REFUNDS
from agent.warehouse.schema import RATES
from agent.words import mark, t
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.shell import menu

DATED = {
    "processing_day": mark("Refunds on the processing day"),
    "order_day": mark("Refunds on the order's day"),
}


def menus(showing: Showing) -> Any:
    """The choices, each saying what is chosen."""
    return html.Div([_refunds(showing), _currency(showing)], className="terms")


def _refunds(showing: Showing) -> Any:
    chosen = showing.scope.refunds
    rows = [_row(showing, t(DATED[name]), name == chosen, refunds=name) for name in REFUNDS]
    return _menu("refunds", t(DATED[chosen]), chosen != REFUNDS[0], rows)


def _currency(showing: Showing) -> Any:
    own = showing.shop.currency
    chosen = showing.scope.currency or own
    known = tuple(dict.fromkeys((own, *currencies(showing))))
    if len(known) < 2 and chosen == own:
        return None
    rows = [
        _row(showing, named(code), code == chosen, currency="" if code == own else code)
        for code in known
    ]
    return _menu("currency", named(chosen), chosen != own, rows)


def currencies(showing: Showing) -> list[str]:
    """The currencies that there are rates for."""
    if not showing.services.warehouse.versions((showing.shop.shop_id,)).get("rates"):
        return []
    statement = sa.select(RATES.c.currency, RATES.c.base).distinct()
    found = showing.services.warehouse.read(statement)
    return sorted({code for column in found.columns for code in column.to_pylist()})


def named(code: str) -> str:
    return f"{get_currency_name(code, count=2, locale=words.locale())} ({code})"


def _row(showing: Showing, label: str, chosen: bool, **terms: Any) -> Any:
    current = {"aria-current": "true"} if chosen else {}
    return html.A(label, href=showing.here.href(replace(showing.scope, **terms)), **current)


def _menu(key: str, text: str, changed: bool, rows: list[Any]) -> Any:
    content = [html.Span(text), components.icon("chevron-down", 12)]
    label = html.Summary(content, className="chip on" if changed else "chip")
    return menu(key, label, html.Div(rows, className="pop menu"), side="right")
