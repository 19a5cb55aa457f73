"""People's own metrics, as they wrote them. What a formula means is agent.metrics.kpis' business;
`allowed` brings its verdict into the transaction that writes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, cast, get_args

import sqlalchemy as sa

from agent.errors import NotFound, Refused
from agent.records.schema import KPIS
from agent.records.store import Store, new_id, rows
from agent.records.targets import check_levels
from agent.words import t

KpiUnit = Literal["money", "count", "percent", "number"]
NAME = re.compile(r"[a-z][a-z0-9_]{1,59}")
MOST = 200


@dataclass(frozen=True)
class Kpi:
    """A metric as a formula over others; percent is a share, 0.081 for 8.1 %. `target` is a usual
    month's sum, or a rate as it is, for every shop that sets none."""

    name: str
    label: str
    unit: KpiUnit
    formula: str
    good_up: bool = True
    definition: str = ""
    target: float | None = None
    warning: float | None = None
    critical: float | None = None
    created_by: str = ""
    created_at: datetime | None = None


Rows = tuple[Kpi, ...]
Allowed = Callable[[Rows], None]
"""Is handed all rows as they will be; raises Refused where they may not."""


@dataclass(frozen=True)
class Kpis:
    store: Store

    def add(self, kpi: Kpi, allowed: Allowed) -> Kpi:
        """A new one; raises Refused for a name in use, and what `allowed` raises."""
        fresh = replace(_checked(kpi), created_at=self.store.now())
        with self.store.write() as connection:
            before = self._alone(connection)
            if any(row.name == fresh.name for row in before):
                raise Refused(t("There is already a KPI called {name}.", name=fresh.name))
            if len(before) >= MOST:
                raise Refused(
                    t("There are {count} KPIs already.", count=MOST), hint=t("Remove one first.")
                )
            allowed((*before, fresh))
            connection.execute(sa.insert(KPIS).values(**vars(fresh), revision=new_id()))
        return fresh

    def change(self, kpi: Kpi, allowed: Allowed) -> Kpi:
        """Replace what is kept under its name; who made it and when stay. Raises NotFound, or
        Refused as `add` does."""
        with self.store.write() as connection:
            before = self._alone(connection)
            old = next((row for row in before if row.name == kpi.name), None)
            if old is None:
                raise _unknown(kpi.name)
            new = _checked(replace(kpi, created_by=old.created_by, created_at=old.created_at))
            allowed(tuple(new if row.name == new.name else row for row in before))
            mine = sa.update(KPIS).where(KPIS.c.name == new.name)
            connection.execute(mine.values(**vars(new), revision=new_id()))
        return new

    def remove(self, name: str, allowed: Allowed) -> Kpi:
        """What was removed. Raises NotFound, and what `allowed` raises for the rows that stay."""
        with self.store.write() as connection:
            before = self._alone(connection)
            old = next((row for row in before if row.name == name), None)
            if old is None:
                raise _unknown(name)
            allowed(tuple(row for row in before if row.name != name))
            connection.execute(sa.delete(KPIS).where(KPIS.c.name == name))
        return old

    def all(self) -> Rows:
        """Every KPI, by name."""
        with self.store.read() as connection:
            return _all(connection)

    def get(self, name: str) -> Kpi:
        """Raises NotFound."""
        found = next((row for row in self.all() if row.name == name), None)
        if found is None:
            raise _unknown(name)
        return found

    def version(self) -> str:
        """Changes with every change to any of them, a restored backup included."""
        with self.store.read() as connection:
            marks = connection.scalars(sa.select(KPIS.c.revision).order_by(KPIS.c.revision))
            return hashlib.sha256("".join(marks).encode()).hexdigest()[:16]

    def _alone(self, connection: sa.Connection) -> Rows:
        """All rows, with nobody else changing them: two changes could close a circle together."""
        self.store.lock(connection, "kpis")
        return _all(connection)


def _all(connection: sa.Connection) -> Rows:
    return tuple(_kpi(row) for row in rows(connection, sa.select(KPIS).order_by(KPIS.c.name)))


def _kpi(row: sa.RowMapping) -> Kpi:
    values = {name: row[name] for name in Kpi.__dataclass_fields__}
    return Kpi(**{**values, "unit": cast(KpiUnit, row["unit"])})


def _checked(kpi: Kpi) -> Kpi:
    if not NAME.fullmatch(kpi.name):
        raise Refused(
            t("{name!r} cannot be a KPI's name.", name=kpi.name[:60]),
            hint=t("Use 2 to 60 small letters, digits and underscores, a letter first."),
        )
    label = " ".join(kpi.label.split())
    if not 1 <= len(label) <= 80:
        raise Refused(t("A KPI needs a label of 1 to 80 characters."))
    if kpi.unit not in get_args(KpiUnit):
        raise Refused(
            t(
                "A KPI is {units}; not {unit!r}.",
                units=", ".join(get_args(KpiUnit)),
                unit=kpi.unit[:20],
            )
        )
    if len(kpi.definition) > 1000:
        raise Refused(t("The description is longer than 1,000 characters."))
    check_levels(kpi.target, kpi.warning, kpi.critical)
    definition = " ".join(kpi.definition.split())
    return replace(kpi, label=label, formula=kpi.formula.strip(), definition=definition)


def _unknown(name: str) -> NotFound:
    return NotFound(t("There is no KPI called {name!r}.", name=name[:60]))
