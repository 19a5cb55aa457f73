"""Rows of mapped tables as text, chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from agent.errors import Refused
from agent.sources.postgres.database import AT_ONCE, Catalogue, Database
from agent.sources.postgres.mapping import Mapped
from agent.sources.values import MAX_TEXT
from agent.words import t

CHUNK = 500
"""Orders that are read in one transaction."""
REAL = (date(1990, 1, 1), date(2100, 1, 1))
Row = Mapping[str, str | None]
MARKS: Mapping[str, tuple[sa.types.TypeEngine[Any], str]] = {
    "timestamp with time zone": (sa.DateTime(timezone=True), "time"),
    "timestamp without time zone": (sa.DateTime(), "time"),
    "date": (sa.Date(), "day"),
    "smallint": (sa.Numeric(), "number"),
    "integer": (sa.Numeric(), "number"),
    "bigint": (sa.Numeric(), "number"),
    "numeric": (sa.Numeric(), "number"),
}
"""Types that a mark may have, and how far before it is reckoned."""
_WHOLE = ("smallint", "integer", "bigint")


@dataclass(frozen=True)
class Mark:
    """How far a table was read: its mark as text, and the key of the last row with it."""

    text: str = ""
    key: str = ""


@dataclass(frozen=True)
class Source:
    """A mapped table that is known to be there."""

    mapped: Mapped
    types: Mapping[str, str]

    @cached_property
    def table(self) -> sa.TableClause:
        names = {*self.mapped.columns.values(), self.mapped.updated_at} - {""}
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in sorted(names)]
        return sa.table(self.mapped.name, *columns, schema=self.mapped.schema)

    def shown(self, ours: str) -> sa.ColumnElement[Any]:
        """A column as text, cut before it becomes absurd; times in UTC."""
        return self._text(self.mapped.columns[ours]).label(ours)

    def rows(self) -> sa.Select[Any]:
        """Every row, in our own names."""
        return sa.select(*(self.shown(name) for name in self.mapped.columns))

    def mark(self) -> sa.ColumnElement[Any]:
        return self.table.c[self.mapped.updated_at]

    def at_mark(self, text: str, back: int = 0) -> sa.ColumnElement[Any]:
        """A mark as the database compares it, moved back."""
        kind, way = MARKS[self.types[self.mapped.updated_at]]
        value: sa.ColumnElement[Any] = sa.cast(sa.bindparam(None, text, sa.Text()), kind)
        if not back:
            return value
        if way == "time":
            return value - sa.cast(f"{back} seconds", postgresql.INTERVAL)
        return value - (-(-back // 86_400) if way == "day" else back)

    def among(self, ours: str, ids: Sequence[str]) -> sa.ColumnElement[bool]:
        """Rows whose column is one of these, asked so that an index can answer."""
        name = self.mapped.columns[ours]
        column, kind = self.table.c[name], self.types[name]
        if kind in _WHOLE:
            whole = [int(one) for one in ids if _is_whole(one)]
            return column.in_([sa.cast(one, sa.BigInteger) for one in whole])
        if kind == "uuid":
            return column.in_([sa.cast(one, postgresql.UUID(as_uuid=False)) for one in ids])
        if kind in ("text", "character varying"):
            return column.in_(list(ids))
        return sa.cast(column, sa.Text).in_(list(ids))

    def _text(self, name: str) -> sa.ColumnElement[Any]:
        column, kind = self.table.c[name], self.types[name]
        if kind == "timestamp with time zone":
            utc = sa.func.timezone("UTC", column)
            return sa.func.to_char(utc, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        return sa.func.left(sa.cast(column, sa.Text), MAX_TEXT + 1)


def source(mapped: Mapped, catalogue: Catalogue) -> Source:
    """Raises Refused where the table, a column or a usable mark is absent."""
    wanted = [*mapped.columns.values(), *([mapped.updated_at] if mapped.updated_at else [])]
    catalogue.check(mapped.schema, mapped.name, wanted)
    types = catalogue.columns(mapped.schema, mapped.name)
    if mapped.updated_at and types[mapped.updated_at] not in MARKS:
        raise Refused(
            t(
                "The column {column} of {name} cannot say what is new: it is {kind}.",
                column=mapped.updated_at,
                name=mapped.title,
                kind=types[mapped.updated_at],
            ),
            hint=t("Name a column with a time or a growing number as updated_at."),
        )
    return Source(mapped, types)


def changed(
    database: Database, source: Source, ours: str, since: tuple[Mark, int]
) -> Iterator[tuple[list[str], Mark]]:
    """Keys of rows whose mark moved, in chunks by (mark, key), and the mark of each chunk's end.
    `since` is the mark that was reached, and how far before it to begin again."""
    reached, back = since
    key = sa.cast(source.table.c[source.mapped.columns[ours]], sa.Text)
    while True:
        found = database.read(lambda c, r=reached, b=back: c.execute(  # type: ignore[misc]
            _changed(source, key, r, b)).all())  # fmt: skip
        if not found:
            return
        reached, back = Mark(str(found[-1][1]), str(found[-1][0])), 0
        yield list(dict.fromkeys(str(row[0]) for row in found)), reached
        if len(found) < CHUNK:
            return


def _changed(
    source: Source, key: sa.ColumnElement[Any], reached: Mark, back: int
) -> sa.Select[Any]:
    mark = source.mark()
    wanted = sa.select(key, sa.cast(mark, sa.Text)).where(mark.is_not(None), key.is_not(None))
    if reached.text and (back or not reached.key):
        wanted = wanted.where(mark >= source.at_mark(reached.text, back))
    elif reached.text:
        value = source.at_mark(reached.text)
        # The first part says nothing new, and is what an index understands.
        later = sa.or_(mark > value, sa.and_(mark == value, key > reached.key))
        wanted = wanted.where(mark >= value, later)
    return wanted.group_by(mark, key).order_by(mark, key).limit(CHUNK)


def rows_of(
    connection: sa.Connection, source: Source, ours: str, ids: Sequence[str]
) -> list[dict[str, Any]]:
    """All rows of these keys, through a cursor of the database."""
    wanted = source.rows().where(source.among(ours, ids))
    streamed = connection.execution_options(stream_results=True, yield_per=AT_ONCE)
    return [dict(row) for row in streamed.execute(wanted).mappings()]


def first_rows(database: Database, source: Source, count: int) -> list[Row]:
    """Any few rows of a table."""
    wanted = source.rows().limit(count)
    return database.read(lambda c: [dict(row) for row in c.execute(wanted).mappings()])


def every_row(
    database: Database, source: Source, days: tuple[date, date] | None = None
) -> list[Row]:
    """All rows of a table, or those of some days."""
    wanted = source.rows()
    if days is not None:
        day = sa.cast(source.table.c[source.mapped.columns["date"]], sa.Date)
        wanted = wanted.where(day.between(*days))

    def read(connection: sa.Connection) -> list[Row]:
        streamed = connection.execution_options(stream_results=True, yield_per=AT_ONCE)
        return [dict(row) for row in streamed.execute(wanted).mappings()]

    return database.read(read)


def all_keys(database: Database, source: Source, ours: str) -> Iterator[list[str]]:
    """Every key of a table without a mark, in chunks by key."""
    column = sa.cast(source.table.c[source.mapped.columns[ours]], sa.Text)
    after = ""
    while True:
        wanted = (
            sa.select(column).where(column > after).group_by(column).order_by(column).limit(CHUNK)
        )
        found = [str(k) for k in database.read(lambda c, w=wanted: c.execute(w).scalars().all())]  # type: ignore[misc]
        if found:
            yield found
        if len(found) < CHUNK:
            return
        after = found[-1]


def ends(database: Database, source: Source) -> tuple[date, date] | None:
    """The first and the last day of a table with dates that can be; None while it has none."""
    day = sa.cast(source.table.c[source.mapped.columns["date"]], sa.Date)
    asked = sa.select(sa.func.min(day), sa.func.max(day)).where(day.between(*REAL))
    first, last = database.read(lambda c: c.execute(asked).one())
    return (first, last) if first is not None else None


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdecimal() and len(text) < 19
