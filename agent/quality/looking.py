"""What a check may ask: one shop's rows, of the days that it looks at, each thing once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from agent.ports import Shop, Warehouse
from agent.records.checks import FAILED, PASSED, WARNED, Finding
from agent.words import locale


@dataclass(frozen=True)
class Looking:
    """The days from `since` on, as the shop counts them; `today` is not over yet."""

    warehouse: Warehouse
    shop: Shop
    today: date
    since: date
    _days: dict[str, Mapping[date, int]] = field(default_factory=dict)

    def rows(self, statement: sa.Select[Any] | sa.CompoundSelect[Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.warehouse.read(statement).to_pylist()
        return found

    def written(self, tables: Sequence[sa.Table]) -> list[sa.Table]:
        """Of these the tables that the shop ever had rows in."""
        versions = self.warehouse.versions((self.shop.shop_id,))
        return [table for table in tables if versions.get(table.name)]

    def number(self, statement: sa.Select[Any]) -> int:
        """The only value of the only row, 0 where it is NULL."""
        (row,) = self.rows(statement)
        return int(next(iter(row.values())) or 0)

    def own(self, table: sa.Table, *, recent: bool = True) -> sa.ColumnElement[bool]:
        """The shop's rows of a table, of the days looked at where it has days."""
        mine = table.c.shop_id == self.shop.shop_id
        if not recent or "local_date" not in table.c:
            return mine
        return sa.and_(mine, table.c.local_date >= self.since)

    def days(self, table: sa.Table) -> Mapping[date, int]:
        """Day -> rows of a table."""
        if table.name not in self._days:
            day = table.c.local_date
            counted = sa.select(day, sa.func.count().label("rows")).where(self.own(table))
            found = self.rows(counted.group_by(day))
            self._days[table.name] = {row["local_date"]: row["rows"] for row in found}
        return self._days[table.name]


def passed(name: str, table: str, message: str, **measured: Any) -> Finding:
    return Finding(name, table, PASSED, message, table, _plain(measured))


def warned(name: str, table: str, message: str, **measured: Any) -> Finding:
    return Finding(name, table, WARNED, message, table, _plain(measured))


def failed(name: str, table: str, message: str, **measured: Any) -> Finding:
    return Finding(name, table, FAILED, message, table, _plain(measured))


def _plain(measured: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it."""
    return {
        k: v if isinstance(v, int | float | str | list) else str(v) for k, v in measured.items()
    }


def day_text(day: date) -> str:
    """A day in a sentence."""
    from babel.dates import format_date

    return str(format_date(day, "medium", locale=locale()))
