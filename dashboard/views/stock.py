"""Stock beside what was sold: how long it lasts, and what is low or out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE, Frame, Number
from agent.metrics.questions import Ask, Question, Scope
from agent.words import mark, n, t
from dashboard.panels import Cell, Heading, More, Table, View
from dashboard.views import wording

LOW_DAYS = 14
"""From here down a product is low."""
LONG_DAYS = 90
"""A cover that fills its track."""
METRICS = ("stock_cover", "ending_units")
# What stock can be asked by: it is not known by country or by customer.
GOODS = ("line", "product", "grade")


def goods(scope: Scope) -> Scope:
    """The scope without its comparison, and of its filters only those that say which goods."""
    kept = (
        f
        for f in scope.filters
        if DIMENSIONS[f.dimension].level in GOODS and f.dimension != "variant"
    )
    return replace(scope, compare="none", filters=tuple(kept))


def cover(shown: int) -> More:
    """Adds the column Stock cover to a table of products, its news to their names on phones."""
    return beside((), shown)


def beside(metrics: tuple[str, ...], shown: int) -> More:
    """Adds figures of stock, and the cover at the end, to a table of products."""
    asked = Ask((*metrics, *METRICS), ("product",))

    def ask(frame: Frame, scope: Scope) -> Question | None:
        keys = known(frame, shown)
        return asked.within(goods(scope).where("product", *keys)) if keys else None

    return More(
        ask,
        lambda view, frame: _with_cover(_with(view, frame, metrics), frame),
        lambda scope: asked.within(goods(scope)),
    )


def known(frame: Frame, shown: int) -> list[str]:
    """The keys of the first products of a frame, whatever is left of them."""
    groups = len(frame) - frame.rest_rows
    return [str(key) for key in frame.values("product")[: min(shown, groups)] if key is not None]


def _with(view: View, frame: Frame, metrics: tuple[str, ...]) -> View:
    for metric in metrics:
        heading = Heading(wording.label(frame, metric), priority=3)
        view = with_column(view, heading, _by_product(frame, metric))
    return view


def _by_product(frame: Frame, metric: str) -> Callable[[str], Cell]:
    found = dict(zip(frame.values("product"), frame.values(metric), strict=True))
    return lambda key: wording.cell(frame, metric, found.get(key))


def _with_cover(view: View, frame: Frame) -> View:
    if not isinstance(view, Table):
        return view
    columns = (frame.values(name) for name in ("product", *METRICS))
    found = {key: (days, units) for key, days, units in zip(*columns, strict=True)}

    def cell(key: str) -> Cell:
        return cover_cell(*found.get(key, (None, None)))

    heading = Heading(t("Stock cover"), priority=2, track=True)
    shown = with_column(view, heading, cell)
    assert isinstance(shown, Table)
    rows = (
        replace(row, brief=_brief(row.cells[-1])) if row.cells and row.cells[-1].sign else row
        for row in shown.rows
    )
    return replace(shown, rows=tuple(rows))


def with_column(view: View, heading: Heading, cell: Callable[[str], Cell]) -> View:
    """A table with one column more; the rest and the total leave it empty."""
    if not isinstance(view, Table):
        return view
    rows = (
        replace(row, cells=(*row.cells, Cell("") if row.key in (None, NONE) else cell(row.key)))
        for row in view.rows
    )
    return replace(view, rows=tuple(rows), headings=(*view.headings, heading))


def cover_cell(days: Number, units: Number) -> Cell:
    """41 days; with a sign and a word where stock is low or out."""
    if units == 0:
        return Cell(t("Out"), 0.0, bar=0.0, sign="circle-x")
    if days is None:
        return Cell(formats.UNKNOWN)
    count = round(float(days))
    text = n("{count} day", "{count} days", count, count=formats.number(count, "count"))
    low = "triangle-alert" if float(days) < LOW_DAYS else ""
    return Cell(text, float(days), bar=min(1.0, float(days) / LONG_DAYS), sign=low)


def _brief(cell: Cell) -> str:
    if cell.value == 0.0:
        return t(OUT)
    return t("{days} of stock", days=cell.text)


OUT = mark("Out of stock")
