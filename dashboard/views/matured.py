"""Recent months are not final: what they settle at once all refunds are in."""

from __future__ import annotations

from collections.abc import Sequence

from agent.forecasting.maturity import Settled
from agent.metrics import formats
from agent.words import mark, t
from dashboard.panels import Cell, Heading, Row, Table

TITLE = mark("What recent months settle at")


def table(found: Sequence[Settled], currency: str) -> Table:
    """Each month so far, where it settles, and how much of its refunds is in."""
    headings = (
        Heading(t("Month"), number=False),
        Heading(t("So far")),
        Heading(t("Settles at")),
        Heading(t("Refunds in"), priority=2),
    )
    rows = tuple(_row(one, currency) for one in found)
    measure = t("Net sales of the orders of each month, refunds with their orders")
    footer = found[0].sentence(currency) if found else ""
    return Table(t(TITLE), measure, headings, rows, footer=footer)


def _row(one: Settled, currency: str) -> Row:
    def said(value: float) -> str:
        return formats.number(value, "money", currency)

    between = t("between {low} and {high}", low=said(one.low), high=said(one.high))
    cells = (
        Cell(said(one.so_far), one.so_far),
        Cell(said(one.middle), one.middle, over=""),
        Cell(formats.number(one.developed, "percent"), one.developed),
    )
    return Row(one.name, cells, note=between)
