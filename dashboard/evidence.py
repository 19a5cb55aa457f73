"""The evidence for a number: the rows under it, as a table or a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

import pyarrow as pa

from agent.metrics import evidence, formats
from agent.metrics.evidence import RowColumn, Rows
from agent.metrics.frames import Number, Unit
from agent.metrics.questions import Question
from agent.services import Services
from agent.words import t
from dashboard.files import LIMIT, Sheet, cut
from dashboard.files import Heading as FileHeading
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.particulars import Pairs

PHONE = ("local_at", "local_date", "order_name", "name", "product_title")


@dataclass(frozen=True)
class Under:
    """The rows of one table under a number, how many there are and what they add up to.

    `currency` is the number's, `own` the shop's: the ledger keeps that one.
    """

    rows: Rows
    count: int
    sums: Mapping[str, Number]
    currency: str
    own: str

    def table(self, services: Services, start: int, limit: int) -> Table:
        """Some of them as a person reads them, with the sum of all at the end. Raises
        Unavailable."""
        data = evidence.ledger_rows(services.warehouse, self.rows, limit, start)
        filled = [c for c in self.rows.columns if _says(data, c)]
        rows = tuple(self._row(filled, row) for row in data.to_pylist())
        headings = tuple(self._heading(column, n) for n, column in enumerate(filled))
        total = _total(filled, self.sums, self.count, self.currency)
        return Table(t(self.rows.label), "", headings, (*rows, *total))

    def sheet(self, services: Services, title: str, about: Pairs) -> Sheet:
        """All of them as a file."""
        columns = self.rows.columns
        headings = tuple(
            FileHeading(
                self._label(c), self._unit(c), self.sums.get(c.name), "sum" if c.measure else ""
            )
            for c in columns
        )
        batches = evidence.batches(services.warehouse, self.rows)
        return Sheet(title, headings, batches, self.currency, cut(self.count, LIMIT), about)

    def _label(self, column: RowColumn) -> str:
        """The ledger's own money is named where the number's is another."""
        foreign = column.unit == "money" and not column.measure and self.own != self.currency
        return f"{t(column.label)} ({self.own})" if foreign else t(column.label)

    def _unit(self, column: RowColumn) -> Unit:
        foreign = column.unit == "money" and not column.measure and self.own != self.currency
        return "number" if foreign else column.unit

    def _heading(self, column: RowColumn, place: int) -> Heading:
        number = column.unit in ("money", "count", "number")
        first = column.name in PHONE or column.measure
        return Heading(self._label(column), number, 1 if first else 2 if place < 8 else 3)

    def _row(self, columns: list[RowColumn], row: Mapping[str, object]) -> Row:
        texts = [_text(c, row[c.name], self.currency if c.measure else self.own) for c in columns]
        cells = (
            Cell(text, _number(row[column.name]))
            for column, text in zip(columns[1:], texts[1:], strict=True)
        )
        return Row(texts[0], tuple(cells))


def under(services: Services, question: Question) -> tuple[Under, ...]:
    """What stands under the question's number, table by table. Raises Refused, NotFound or
    Unavailable."""
    question = replace(question, ask=question.ask.completed(services.catalogue()))
    reading = services.engine.reading(question)
    own = services.shop(question.scope.shops[0]).currency
    currency = question.scope.currency or own
    out = []
    for rows in evidence.rows_under(reading, question.ask.rows):
        count, sums = evidence.size(services.warehouse, rows)
        out.append(Under(rows, count, sums, currency, own))
    return tuple(out)


def _says(data: pa.Table, column: RowColumn) -> bool:
    """Whether a column says anything on this page: one without a word or with zeros only is left
    out of sight, not out of the file."""
    values = data.column(column.name)
    return column.measure or any(bool(value) for value in values.to_pylist())


def _text(column: RowColumn, value: object, currency: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{formats.day(value.date())}, {value:%H:%M}"
    if column.unit == "date":
        return formats.day(value)  # type: ignore[arg-type]  # a date by its column's unit
    if isinstance(value, int | float | Decimal):
        return formats.number(value, column.unit, currency, "exact")
    return str(value)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) else None


def _total(
    columns: list[RowColumn], sums: Mapping[str, Number], count: int, currency: str
) -> list[Row]:
    if not sums:
        return []
    cells = (
        Cell(formats.number(sums[c.name], c.unit, currency, "exact"), _number(sums[c.name]))
        if c.name in sums
        else Cell("")
        for c in columns[1:]
    )
    return [
        Row(
            t("All {count} rows", count=formats.number(count, "count")), tuple(cells), None, "total"
        )
    ]
