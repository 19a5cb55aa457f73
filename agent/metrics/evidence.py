"""The rows under a number: what a receipt ends in, and what its export holds.

Newest first, in steps that remember where the last one ended, so that a long export holds one step
in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from agent.metrics.catalogue import MEASURES
from agent.metrics.compiler import statements
from agent.metrics.details import DETAILS, joined
from agent.metrics.frames import Unit
from agent.metrics.metric import Measure, Metric
from agent.metrics.reading import Reading, Window
from agent.metrics.unsummed import amounts, source, tables
from agent.ports import Warehouse

CHUNK = 10_000
_MONEY = sa.Numeric(38, 4)
# Four digits of an amount times twelve of a rate: a row loses none of them.
_CONVERTED = sa.Numeric(38, 16)
Element = sa.ColumnElement[Any]


@dataclass(frozen=True)
class RowColumn:
    """`measure` marks what a row adds to the number: these columns may be added up."""

    name: str
    label: str
    unit: Unit
    measure: bool = False


@dataclass(frozen=True)
class Rows:
    """Rows of one table under a number. `statement` selects `columns`, then the keys that order
    them."""

    table: str
    label: str
    columns: tuple[RowColumn, ...]
    statement: sa.Select[Any]
    keys: tuple[Element, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def sums(self) -> tuple[str, ...]:
        """The columns that add up to the number's measures."""
        return tuple(column.name for column in self.columns if column.measure)


def rows_under(reading: Reading, metrics: Sequence[Metric]) -> tuple[Rows, ...]:
    """The rows that a reading without dimensions adds up, one value for each table. Measures that
    are read from something else than rows (running counts of histories) have none. Raises
    Refused."""
    measures = [MEASURES[name] for name in reading.measures]
    labels = {m.measures[0]: m.label for m in metrics if len(m.measures) == 1}
    exact = _CONVERTED if reading.terms.exchange else _MONEY
    made = statements(_by_the_row(reading))
    found = [_rows(statement, measures, labels, exact) for statement in made]
    return tuple(rows for rows in found if rows is not None)


def ledger_rows(warehouse: Warehouse, rows: Rows, limit: int = 50, offset: int = 0) -> pa.Table:
    """Some of the rows, newest first. Raises Unavailable."""
    return _page(warehouse, rows, rows.statement.limit(limit).offset(offset)).select(rows.names)


def size(warehouse: Warehouse, rows: Rows) -> tuple[int, Mapping[str, Decimal | int]]:
    """How many rows there are, and what each summed column comes to. Raises Unavailable."""
    inner = rows.statement.subquery("listed")
    kinds = {column.name: column.unit for column in rows.columns}
    sums = [
        sa.cast(
            sa.func.coalesce(sa.func.sum(inner.c[name]), 0),
            _MONEY if kinds[name] == "money" else sa.BigInteger(),
        ).label(name)
        for name in rows.sums
    ]
    count = sa.cast(sa.func.count(), sa.BigInteger).label("rows_in_all")
    picked: list[sa.Label[Any]] = [count, *sums]
    statement = sa.select(*picked).select_from(inner)
    found = warehouse.read(statement).to_pylist()[0]
    return int(found.pop("rows_in_all")), found


def batches(warehouse: Warehouse, rows: Rows, step: int = CHUNK) -> Iterator[pa.Table]:
    """All rows, newest first, about `step` at a time; at most one such step is held.

    A few days at once: the warehouse too then joins and sorts no more than these."""
    for first, last in _stretches(warehouse, rows, step):
        yield from _steps(warehouse, rows, rows.statement.where(*_on(rows, first, last)), step)


def _stretches(warehouse: Warehouse, rows: Rows, step: int) -> Iterator[tuple[date, date]]:
    """First and last days of stretches with `step` rows at most, or of one day, newest first."""
    day = sa.cast(rows.statement.subquery("listed").c.key_0, sa.Date).label("day")
    picked: list[sa.Label[Any]] = [day, sa.cast(sa.func.count(), sa.BigInteger).label("rows")]
    counted = sa.select(*picked).group_by(day).order_by(day.desc())
    days: list[date] = []
    held = 0
    for row in warehouse.read(counted).to_pylist():
        if days and held + row["rows"] > step:
            yield days[-1], days[0]
            days, held = [], 0
        days, held = [*days, row["day"]], held + row["rows"]
    if days:
        yield days[-1], days[0]


def _on(rows: Rows, first: date, last: date) -> tuple[Element, Element]:
    at, end = rows.keys[0], last + timedelta(days=1)
    if isinstance(at.type, sa.Date):
        return at >= first, at < end
    return at >= datetime.combine(first, time()), at < datetime.combine(end, time())


def _steps(
    warehouse: Warehouse, rows: Rows, statement: sa.Select[Any], step: int
) -> Iterator[pa.Table]:
    last: tuple[Any, ...] | None = None
    while True:
        left = statement if last is None else statement.where(_after(rows, last))
        page = _page(warehouse, rows, left.limit(step))
        if page.num_rows:
            yield page.select(rows.names)
        if page.num_rows < step:
            return
        last = tuple(
            page.column(f"key_{n}")[page.num_rows - 1].as_py() for n in range(len(rows.keys))
        )


def _page(warehouse: Warehouse, rows: Rows, statement: sa.Select[Any]) -> pa.Table:
    order = [key.desc() for key in rows.keys]
    return warehouse.read(statement.order_by(*order))


def _after(rows: Rows, last: tuple[Any, ...]) -> Element:
    """Rows that stand behind the last one: by its first key, and among equals by the next ones."""
    out: Element = sa.false()
    for key, value in reversed(list(zip(rows.keys, last, strict=True))):
        out = sa.or_(key < value, sa.and_(key == value, out))
    # Said once more alone, so that an index or a block's bounds can skip what is newer.
    return sa.and_(rows.keys[0] <= last[0], out)


def _by_the_row(reading: Reading) -> Reading:
    """The same reading, cut at a moment: that one is never answered by daily sums."""
    window = reading.window
    return Reading(
        reading.shops,
        Window(window.start, window.end, window.stop),
        reading.filters,
        (),
        reading.measures,
        reading.cut,
        reading.terms,
    )


def _rows(
    statement: sa.Select[Any],
    measures: Sequence[Measure],
    labels: Mapping[str, str],
    exact: sa.Numeric[Decimal],
) -> Rows | None:
    origin = source(statement)
    root = next(iter(tables(origin)))
    detail = DETAILS.get(getattr(root, "name", ""))
    if detail is None or not isinstance(root, sa.Table):
        return None
    adds = amounts(statement)
    counted = [m for m in measures if m.name in adds]
    shown = [(m, adds[m.name]) for m in counted if m.additive and m.name in adds]
    columns = [RowColumn(c.name, c.label, c.unit) for c in detail.columns]
    columns += [_summed(measure, labels) for measure, _ in shown]
    keys = (root.c[detail.moment], *(c for c in root.primary_key if c.name != detail.moment))
    whole = joined(origin, detail, root)
    picked = [
        *(detail.element(root, column.name).label(column.name) for column in detail.columns),
        *(
            sa.cast(adds[m.name], exact if m.money else sa.BigInteger()).label(f"in_{m.name}")
            for m, _ in shown
        ),
        *(key.label(f"key_{n}") for n, key in enumerate(keys)),
    ]
    made = sa.select(*picked).select_from(whole).where(_counts(adds, counted))
    if statement.whereclause is not None:
        made = made.where(statement.whereclause)
    # A filter by products joins an order with each of its lines.
    made = made.distinct() if origin is not root and not shown else made
    return Rows(root.name, detail.label, tuple(columns), made, keys)


def _counts(adds: Mapping[str, Element], measures: Sequence[Measure]) -> Element:
    """Whether a row adds anything to any of the measures."""
    return sa.or_(sa.false(), *(sa.func.coalesce(adds[m.name], 0) != 0 for m in measures))


def _summed(measure: Measure, labels: Mapping[str, str]) -> RowColumn:
    label = labels.get(measure.name) or measure.name.replace("_", " ").capitalize()
    return RowColumn(f"in_{measure.name}", label, "money" if measure.money else "count", True)
