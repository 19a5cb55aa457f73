"""A table that is searched by name, sorted by its headings and lengthened: all of it addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import dcc

from agent.words import t
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.page_words import MOST_ROWS, STEP
from dashboard.panels import Heading, Panel, Table


def sortable(showing: Showing, asked: Panel, table: Table) -> Table:
    """With the addresses that its headings lead to: largest first, then smallest first."""
    by = asked.ask(asked.scope(showing.scope)).metrics
    headings = tuple(
        _heading(showing, heading) if heading.key in by and len(by) > 1 else heading
        for heading in table.headings
    )
    return replace(table, headings=headings)


def _heading(showing: Showing, heading: Heading) -> Heading:
    largest_first = not heading.sorted or heading.rising
    sort = f"-{heading.key}" if largest_first else heading.key
    return replace(heading, href=showing.here.href(sort=sort))


def search(showing: Showing, asked: Panel) -> Any:
    """The box that filters by name: what is typed goes into the address."""
    words = t("Find a product")
    box = dcc.Input(
        id={"type": "find", "id": f"{showing.page.name}.{asked.id}"},
        className="form-control find",
        type="search",
        placeholder=words,
        value=showing.here.own.get("find", ""),
        maxLength=120,
    )
    return html.Label([html.Span(words, className="unseen"), box])


def more(showing: Showing, asked: Panel, table: Table) -> Any:
    """The way to more rows; None where all are there or no more are shown at once."""
    shown = asked.ask(asked.scope(showing.scope)).top
    if not any(row.kind == "rest" for row in table.rows):
        return None
    if shown + STEP > MOST_ROWS:
        words = t("More than {count} rows are in the file.", count=MOST_ROWS)
        return components.foot(words)
    href = showing.here.href(top=str(shown + STEP))
    return components.foot(components.link(t("Show {count} more", count=STEP), href))


def none_found(showing: Showing, asked: Panel) -> Any:
    """Instead of a table without rows: what was searched for, and the way back."""
    text = showing.here.own.get("find", "")
    action = (t("Show all products"), showing.here.href(find=""))
    title = t("No product is called “{text}”", text=text)
    words = t("Names are searched as they stand in the shop, in this period.")
    return [search(showing, asked), components.empty(title, words, action, sign="search")]
