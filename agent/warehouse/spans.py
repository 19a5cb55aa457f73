"""Days that a batch states anew: what it does not bring again of them is removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.errors import Refused
from agent.ports import Span
from agent.warehouse.schema import COSTS, INVENTORY, SESSIONS, SPEND, arrow_schema
from agent.warehouse.work import Work
from agent.warehouse.writing import keys, same_key

SPANNED = {table.name: table for table in (SESSIONS, SPEND, COSTS, INVENTORY)}


def check(spans: Sequence[Span], tables: dict[sa.Table, pa.Table]) -> None:
    """Raises Refused for a span that makes no sense, and for rows that lie in none of theirs."""
    for span in spans:
        _check(span)
    for name in {span.table for span in spans}:
        own = [span for span in spans if span.table == name]
        rows = tables[SPANNED[name]]
        inside = pa.nulls(len(rows), pa.bool_()).fill_null(False)
        for span in own:
            inside = pc.or_(inside, _inside(rows, span))
        outside = len(rows) - (pc.sum(inside).as_py() or 0)
        if outside:
            raise Refused(f"Table {name}: {outside} rows lie outside of the days stated anew.")


def _check(span: Span) -> None:
    table = SPANNED.get(span.table)
    if table is None:
        raise Refused(f"The days of the table {span.table!r} cannot be stated anew.")
    if span.first > span.last:
        raise Refused(f"Table {span.table}: days from {span.first} to {span.last} are none.")
    for name in span.where:
        if (
            name == "shop_id"
            or name not in table.c
            or not isinstance(table.c[name].type, sa.String)
        ):
            raise Refused(f"Table {span.table}: {name!r} cannot choose the rows stated anew.")


def _inside(rows: pa.Table, span: Span) -> pa.ChunkedArray:
    days = rows["local_date"]
    found = pc.and_(pc.greater_equal(days, span.first), pc.less_equal(days, span.last))
    for name, value in span.where.items():
        found = pc.and_(found, pc.fill_null(pc.equal(rows[name], value), False))
    return found


def restate(work: Work, table: sa.Table, rows: pa.Table) -> None:
    """Make the spans' days of a table what the batch says. A row whose content is the same stays
    as it is, whatever its revision: reading unchanged days again changes nothing."""
    name, staged, same = table.name, f"staged_{table.name}", same_key(table)
    work.stage(table, rows)
    within, values = _within([span for span in work.batch.spans if span.table == name])
    removed = work.writing.run(
        f"DELETE FROM {name} WHERE {name}.shop_id = :shop AND ({within})"
        f" AND NOT EXISTS (SELECT 1 FROM {staged} WHERE {same})",
        shop=work.shop_id,
        **values,
    )
    told = [c for c in arrow_schema(table).names if c not in (*keys(table), "revision")]
    other = " OR ".join(f"{name}.{c} IS DISTINCT FROM {staged}.{c}" for c in told)
    replaced = work.writing.run(
        f"DELETE FROM {name} USING {staged} WHERE {same} AND {name}.shop_id = :shop AND ({other})",
        shop=work.shop_id,
    )
    columns = ", ".join(arrow_schema(table).names)
    written = work.writing.run(
        f"INSERT INTO {name} ({columns}, batch_id) SELECT {columns}, CAST(:batch AS VARCHAR)"
        f" FROM {staged}"
        f" WHERE NOT EXISTS (SELECT 1 FROM {name} WHERE {same} AND {name}.shop_id = :shop)",
        batch=work.merged.batch_id,
        shop=work.shop_id,
    )
    if written or removed:
        work.changed.add(name)
    unchanged = rows.num_rows - written
    work.count(
        table,
        inserted=written - replaced,
        replaced=replaced,
        unchanged=unchanged,
        removed=removed,
    )


def _within(spans: Sequence[Span]) -> tuple[str, dict[str, Any]]:
    """The condition that a row lies in one of the spans, and its values."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for place, span in enumerate(spans):
        part = [f"local_date BETWEEN :first{place} AND :last{place}"]
        values |= {f"first{place}": span.first, f"last{place}": span.last}
        for name, value in span.where.items():
            part.append(f"{name} = :{name.replace('_', '')}{place}")
            values[f"{name.replace('_', '')}{place}"] = value
        parts.append(" AND ".join(part))
    return " OR ".join(f"({part})" for part in parts), values
