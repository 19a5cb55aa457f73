"""ABC: the few products that bring most of the sales."""

from __future__ import annotations

import numpy as np

from agent.metrics import formats
from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.words import mark, n, t
from dashboard.charts import Chart, Series
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views import wording

GRADES = {
    "A": mark("A: the first 80 %"),
    "B": mark("B: the next 15 %"),
    "C": mark("C: the rest"),
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
        rows.append(_row(frame, (t(name), grade), (len(mine), sum(v or 0 for v in mine)), whole))
    total = _row(frame, (wording.all_of("product"), ""), (len(grades), whole), whole)
    return Table(
        title=_finding(grades) or t("ABC classes"),
        measure=t("Classes by net sales of the last 28 days"),
        headings=(
            Heading(t("Class"), number=False),
            Heading(t("Products")),
            Heading(wording.label(frame, "net_sales")),
            Heading(t("Share"), priority=2),
        ),
        rows=(*rows, total),
        dimension="abc",
    )


def _row(frame: Frame, name: tuple[str, str], found: tuple[int, object], whole: object) -> Row:
    text, grade = name
    count, amount = found
    part = float(amount or 0) / float(whole) if whole else None  # type: ignore[arg-type]
    cells = (
        Cell(formats.number(count, "count"), float(count)),
        wording.cell(frame, "net_sales", amount),  # type: ignore[arg-type]
        Cell(formats.number(part, "percent"), part),
    )
    return Row(text, cells, grade or None, "" if grade else "total")


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
        target=None,
    )


def _half(curve: np.ndarray) -> str:
    if not curve.size:
        return ""
    count = int(np.argmax(curve >= 0.5)) + 1
    return n(
        "{count} product brings half of the sales",
        "{count} products bring half of the sales",
        count,
        count=count,
    )
