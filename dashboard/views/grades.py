"""ABC: the few products that bring most of the sales."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np

from agent.metrics import formats
from agent.metrics.frames import Frame, Number
from agent.metrics.questions import Scope
from agent.words import mark, n, t
from dashboard.charts import Chart, Series, Values
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views import wording

GRADES = {
    "A": mark("The first 80%"),
    "B": mark("The next 15%"),
    "C": mark("The rest"),
}
LEAST = 3
"""Fewer products make no curve."""


def classes(frame: Frame, scope: Scope) -> Table:
    """Products, net sales and share of each class; the classes are those of the last 28 days."""
    grades = [grade or "C" for grade in frame.values("abc")]
    values = frame.values("net_sales")
    whole = frame.total("net_sales")
    rows = []
    for grade, name in GRADES.items():
        mine = [value for own, value in zip(grades, values, strict=True) if own == grade]
        row = _row(frame, grade, (len(mine), sum((v or 0 for v in mine), Decimal(0))))
        rows.append(replace(row, note=t(name)))
    total = _row(frame, "", (len(grades), whole))
    return Table(
        title=_finding(grades) or t("ABC classes"),
        measure=t("Classes by net sales of the last 28 days"),
        headings=(
            Heading(t("Class"), number=False),
            Heading(t("Products")),
            Heading(wording.label(frame, "net_sales")),
            Heading(t("Part"), priority=2),
        ),
        rows=(*rows, total),
        dimension="abc",
    )


def _row(frame: Frame, grade: str, found: tuple[int, Number]) -> Row:
    """A class, or all of them where it is empty."""
    count, amount = found
    whole = frame.total("net_sales")
    part = float(amount or 0) / float(whole) if whole else None
    cells = (
        Cell(formats.number(count, "count"), float(count)),
        wording.cell(frame, "net_sales", amount),
        Cell(formats.number(part, "percent"), part),
    )
    name = grade or wording.all_of("product")
    return Row(name, cells, grade or None, "" if grade else "total")


def _finding(grades: list[str]) -> str:
    best = grades.count("A")
    if not best or best == len(grades):
        return ""
    return n(
        "{count} product brings most of the sales",
        "{count} products bring most of the sales",
        best,
        count=best,
    )


def pareto(frame: Frame, scope: Scope) -> Chart:
    """The share of net sales that the first so many products bring together."""
    values = np.nan_to_num(frame.array("net_sales"))
    ordered = np.sort(values.clip(min=0))[::-1]
    whole = ordered.sum()
    curve = np.cumsum(ordered) / whole if whole and ordered.size >= LEAST else np.array([])
    return Chart(
        kind="line",
        title=_half(curve) or t("Cumulative share of net sales"),
        measure=t("Share of net sales of the first so many products"),
        unit="percent",
        currency=frame.receipt.currency,
        x=np.arange(1, curve.size + 1),
        series=(Series("now", t("Cumulative share"), curve),),
        along=t("Products"),
    )


def _half(curve: Values) -> str:
    if not curve.size:
        return ""
    count = int(np.argmax(curve >= 0.5)) + 1
    return n(
        "{count} product brings half of the sales",
        "{count} products bring half of the sales",
        count,
        count=count,
    )
