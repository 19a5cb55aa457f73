"""A receipt on the screen: a sheet at the side, over the whole of a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agent.words import t
from dashboard.components import html
from dashboard.components.marks import Content, icon
from dashboard.components.sections import empty
from dashboard.components.tables import data_table
from dashboard.panels import Table


@dataclass(frozen=True)
class Facts:
    """What a number says and what decides it: pairs of label and text."""

    title: str
    value: str
    was: str
    pairs: Sequence[tuple[str, str]]
    sql: str
    share: str


@dataclass(frozen=True)
class Listed:
    """Some rows of one table. `before` and `after` lead to the rows beside them, empty at the ends;
    `files` are pairs of a form and the address of all rows in it."""

    title: str
    said: str
    table: Table
    before: str
    after: str
    step: int
    files: Sequence[tuple[str, str]]


def sheet(facts: Facts, tables: Sequence[Listed], close: str) -> html.Dialog:
    """The receipt; `close` is the address without it."""
    none = html.P(
        t("It is counted over whole histories, not over rows of a table: see its SQL."),
        className="foot",
    )
    content = [
        _head(facts, close),
        html.Dl(
            [html.Div([html.Dt(label), html.Dd(text)]) for label, text in facts.pairs],
            className="terms-of",
        ),
        _sql(facts.sql),
        *([_listed(one) for one in tables] or [none]),
    ]
    return _dialog(content, close)


def failed_sheet(message: str, hint: str, close: str) -> html.Dialog:
    """A receipt that cannot be shown, and why."""
    title = html.H2(t("How is this number made?"), id="receipt-title")
    head = html.Header([html.Div(title), _close(close)])
    return _dialog([head, empty(message, hint, sign="info")], close)


def _dialog(content: list[Content], close: str) -> html.Dialog:
    inner = html.Div(content, className="receipt-page")
    return html.Dialog(
        inner, id="receipt", className="receipt", **{"aria-labelledby": "receipt-title"}
    )


def _head(facts: Facts, close: str) -> html.Header:
    value = [html.B(facts.value, className="num"), *([f" {facts.was}"] if facts.was else [])]
    words = [
        html.Div(t("How is this number made?"), className="measure"),
        html.H2(facts.title, id="receipt-title"),
        html.P(value, className="receipt-value"),
    ]
    share = html.Button(
        icon("share"),
        className="btn btn-ico",
        type="button",
        title=t("Copy the address, with its days fixed"),
        **{"data-act": "share", "data-href": facts.share, "aria-label": t("Share")},
    )
    return html.Header([html.Div(words), share, _close(close)])


def _close(address: str) -> html.A:
    words = t("Close")
    return html.A(
        icon("x"),
        href=address,
        className="btn btn-ico",
        title=t("Close (Escape)"),
        **{"aria-label": words, "data-close": "1"},
    )


def _sql(text: str) -> html.Details:
    copy = html.Button(
        [icon("copy", 14), t("Copy")],
        className="btn btn-sm",
        type="button",
        **{"data-act": "copy", "data-text": text},
    )
    body = html.Pre(html.Code(text), tabIndex=0, role="region", **{"aria-label": "SQL"})
    return html.Details([html.Summary("SQL"), copy, body], className="receipt-sql")


def _listed(one: Listed) -> html.Section:
    files = [
        html.A(
            [icon("download", 14), t("Export all rows ({form})", form=form)],
            href=address,
            className="btn btn-sm",
            download="",
        )
        for form, address in one.files
    ]
    words = html.Div([html.H3(one.title), html.Div(one.said, className="measure")])
    head = html.Div([words, html.Div(files, className="act")], className="title")
    table = html.Div(
        data_table(one.table, caption=True),
        className="scroll-x",
        tabIndex=0,
        role="region",
        **{"aria-label": one.title},
    )
    return html.Section([head, table, _paging(one)], className="receipt-rows")


def _paging(one: Listed) -> html.Nav:
    links = [
        html.A(words, href=address, className="btn btn-line btn-sm")
        for words, address in (
            (t("Previous {count}", count=one.step), one.before),
            (t("Next {count}", count=one.step), one.after),
        )
        if address
    ]
    return html.Nav(links, className="paging", **{"aria-label": t("Rows")})
