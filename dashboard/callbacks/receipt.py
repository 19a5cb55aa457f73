"""How a number is made: its definition, its terms, its SQL, and the rows under it, on a sheet at
the side."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.errors import Failure
from agent.metrics import formats
from agent.metrics.dimensions import FILTERS, GRAINS
from agent.metrics.frames import Frame
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Question, Scope
from agent.words import t
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.components.receipts import Facts, Listed, failed_sheet, sheet
from dashboard.evidence import Under, under
from dashboard.narrowing import narrowed, others
from dashboard.panels import Panel, Row, Table
from dashboard.particulars import facts_of

PAGE = 50


def draw(showing: Showing) -> Any:
    """The sheet of the address's receipt; nothing where it names none."""
    own = showing.here.own
    if "receipt" not in own:
        return None
    close = showing.here.href()
    try:
        scope = narrowed(showing.services, showing.here)
        question = Question(Ask((own["receipt"],)), scope)
        frame = showing.answer(question)
        found = under(showing.services, question)
        return sheet(_facts(showing, frame, scope, found), _listed(showing, found), close)
    except Failure as failure:
        return failed_sheet(failure.message, failure.hint, close)


def linked(showing: Showing, table: Table) -> Table:
    """Every number of a metric's column as the way to its receipt."""
    if table.dimension not in (*FILTERS, *GRAINS) or table.dimension == "hour":
        return table
    names = [heading.key for heading in table.headings[1:]]
    return replace(table, rows=tuple(_row(showing, table, row, names) for row in table.rows))


def _row(showing: Showing, table: Table, row: Row, names: list[str]) -> Row:
    of = others(table.dimension) if row.kind == "rest" else f"{table.dimension}:{row.key}"
    of = "" if row.kind == "total" else of
    cells = [
        replace(cell, made=showing.here.href(receipt=name, of=of)) if name else cell
        for cell, name in zip(row.cells, names, strict=False)
    ]
    return replace(row, cells=(*cells, *row.cells[len(cells) :]))


def marked(showing: Showing, asked: Panel, content: Any) -> list[Any]:
    """A panel with a note of whose receipt its menu opens; none where the panel is asked within
    something else than the page."""
    parts = content if isinstance(content, list) else [content]
    if asked.scope(showing.scope) != showing.scope:
        return parts
    metric = asked.ask(showing.scope).metrics[0]
    return [*parts, html.Span(hidden=True, **{"data-made-of": metric})]


def _facts(showing: Showing, frame: Frame, scope: Scope, found: tuple[Under, ...]) -> Facts:
    metric: Metric = frame.about[0]
    now, before = frame.total(metric.name), frame.before(metric.name)
    currency = frame.receipt.currency
    was = ""
    if before is not None:
        was = t("from {value}", value=formats.number(before, metric.unit, currency, "full"))
    return Facts(
        title=t(metric.label),
        value=formats.number(now, metric.unit, currency, "full"),
        was=was,
        pairs=(*facts_of(showing.services, frame, scope), (t("Rows"), _counts(found))),
        sql="\n\n".join(_statements(showing, frame, scope)),
        share=showing.here.href(showing.here.fixed, **_own(showing)),
    )


def _statements(showing: Showing, frame: Frame, scope: Scope) -> tuple[str, ...]:
    names = tuple(metric.name for metric in frame.about)
    return showing.services.answer(Question(Ask(names), scope)).receipt.sql


def _own(showing: Showing) -> dict[str, str]:
    own = showing.here.own
    return {word: own.get(word, "") for word in ("receipt", "of")}


def _counts(found: tuple[Under, ...]) -> str:
    """Sales ledger 6,114."""
    said = [f"{t(one.rows.label)} {formats.number(one.count, 'count')}" for one in found]
    return ", ".join(said) or formats.UNKNOWN


def _listed(showing: Showing, tables: tuple[Under, ...]) -> list[Listed]:
    """The rows of each table under the number, and the ways to the next ones and to all."""
    name, _, at = showing.here.own.get("at", "").partition(":")
    out = []
    for place, found in enumerate(tables):
        start = int(at or 0) if name == found.rows.table else 0
        out.append(_one(showing, found, start, place))
    return out


def _one(showing: Showing, found: Under, start: int, place: int) -> Listed:
    def at(offset: int) -> str:
        word = f"{found.rows.table}:{offset}" if offset > 0 else ""
        return showing.here.href(**_own(showing), at=word)

    end = min(start + PAGE, found.count)
    own = {k: v for k, v in showing.here.own.items() if k != "at"}
    query = showing.here.href(path="", **own).lstrip("?")
    files = f"/rows/{showing.page.name}/{place}"
    return Listed(
        title=t(found.rows.label),
        said=_said(found, start, end),
        table=found.table(showing.services, start, PAGE),
        before=at(start - PAGE) if start else "",
        after=at(end) if end < found.count else "",
        step=PAGE,
        files=tuple((form.upper(), f"{files}.{form}?{query}") for form in ("csv", "xlsx")),
    )


def _said(found: Under, start: int, end: int) -> str:
    count = formats.number(found.count, "count")
    if not found.count:
        return t("No row counts in it.")
    return t(
        "Rows {first} to {last} of {count}, the newest first",
        first=formats.number(start + 1, "count"),
        last=formats.number(end, "count"),
        count=count,
    )
