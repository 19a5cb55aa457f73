"""The table of products, found by name, and the sparklines beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agent.metrics import formats
from agent.metrics.frames import Frame
from agent.metrics.questions import Ask, Question, Scope
from agent.words import mark, t
from dashboard.panels import Cell, Heading, More, Shape, Table, View
from dashboard.views import stock, wording
from dashboard.views.tables import Column, table

SPARK_DAYS = 28
LISTED = ("net_sales", "units", "gross_margin", "cost_coverage")
SOLD_OF = ("sell_through", "days_of_inventory")
COLUMNS = (
    Column("abc", 3),
    Column("units", 2),
    Column("net_sales", bar=True, change=True),
    Column("gross_margin", 2),
    Column("cost_coverage", 3),
)
TITLE = mark("Products")


def top(frame: Frame, scope: Scope) -> Table:
    """The best sellers with type, units, net sales and its change."""
    typed = any(value is not None for value in frame.values("product_type"))
    columns = (
        *([Column("product_type", 3)] if typed else []),
        Column("units", 2),
        Column("net_sales", bar=True, change=True),
    )
    shown = table(frame, columns, t("Top products"))
    measure = wording.label(frame, "net_sales") + wording.tick(frame, scope)
    cover = t("Cover: days of stock at the rate of the last 28 days")
    return replace(shown, measure=f"{measure}. {cover}")


def sparks(shown: int) -> More:
    """Adds the last four weeks of the products that are shown, day by day."""

    def ask(frame: Frame, scope: Scope) -> Question | None:
        keys = stock.known(frame, shown)
        weeks = scope.during(scope.end - timedelta(days=SPARK_DAYS - 1), scope.end).alone()
        asked = Ask(("net_sales",), ("product", "day"))
        return asked.within(weeks.where("product", *keys)) if keys else None

    return More(ask, _with_sparks)


def _with_sparks(view: View, frame: Frame) -> View:
    lines: dict[str, list[float]] = {}
    for key, value in zip(frame.values("product"), frame.values("net_sales"), strict=True):
        lines.setdefault(key, []).append(float(value or 0))
    heading = Heading(t("{count} days", count=SPARK_DAYS), number=False, priority=3)
    return stock.with_column(view, heading, lambda key: Cell("", spark=tuple(lines.get(key, ()))))


def listed(sort: str) -> Shape:
    """Every product with what it sold and earned, in the order of `sort`."""
    return lambda frame, scope: _listed(frame, scope, sort)


def _listed(frame: Frame, scope: Scope, sort: str) -> Table:
    shown = table(frame, COLUMNS, t(TITLE), sort.removeprefix("-"))
    rising = not sort.startswith("-")
    heads = (replace(head, rising=rising and head.sorted) for head in shown.headings)
    measure = wording.label(frame, "net_sales") + wording.tick(frame, scope)
    return replace(shown, headings=tuple(heads), measure=measure, footer=_left(frame))


def _left(frame: Frame) -> str:
    if not frame.rest:
        return ""
    return t(
        "{shown} of {all} products are shown.",
        shown=formats.number(len(frame) - frame.rest_rows, "count"),
        all=formats.number(len(frame) - frame.rest_rows + frame.rest, "count"),
    )


def names(frame: Frame, scope: Scope) -> Table:
    """An empty table: the rows come with the answer to `found`."""
    return Table(t(TITLE), "", (Heading(t("Product"), number=False),), (), "product")


def found(find: str, ask: Ask, sort: str) -> More:
    """The products whose names hold a text; no question where there are none."""

    def asked(frame: Frame, scope: Scope) -> Question | None:
        keys = matching(frame, find)
        return ask.within(scope.where("product", *keys)) if keys else None

    def add(view: View, frame: Frame) -> View:
        # Whatever the scope compared with is in the frame; the tick's sentence needs no more.
        shown = table(frame, COLUMNS, t(TITLE), sort.removeprefix("-"))
        rows = tuple(
            replace(row, name=t("All that were found")) if row.kind == "total" else row
            for row in shown.rows
        )
        measure = t("Products with “{text}” in their name", text=find)
        return replace(shown, rows=rows, measure=measure, footer=_left(frame))

    return More(asked, add, instead=True)


def matching(frame: Frame, find: str, most: int = 900) -> list[str]:
    """Keys of the products whose names hold a text, in any case."""
    text = find.casefold()
    pairs = zip(frame.values("product"), frame.labels("product"), strict=True)
    keys = [str(key) for key, name in pairs if key is not None and text in str(name).casefold()]
    return keys[:most]


def of_found(further: More, find: str) -> More:
    """A further question about the products that were found, not about the first of all."""

    def ask(frame: Frame, scope: Scope) -> Question | None:
        keys = matching(frame, find)
        question = further.ask(frame, scope) if keys else None
        return replace(question, scope=question.scope.where("product", *keys)) if question else None

    return replace(further, ask=ask)
