"""What a shop wants each metric to be: usually, and in single months."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import sqlalchemy as sa

from agent.errors import Refused
from agent.records.schema import KPIS, TARGETS
from agent.records.store import Store, rows
from agent.words import t

EVERY = ""
LARGEST = 1e15


@dataclass(frozen=True)
class Target:
    """A month's sum, or a rate as it is; `warning` and `critical` are where it is missed badly.

    `shipped` marks one that nobody has set: it came with the product, or with a person's KPI.
    """

    metric: str
    target: float
    warning: float | None = None
    critical: float | None = None
    shipped: bool = False


SHIPPED: Mapping[str, Target] = {
    row.metric: row
    for row in (
        Target("net_sales", 50_000.0, 40_000.0, 30_000.0, shipped=True),
        Target("conversion_rate", 0.035, 0.025, 0.02, shipped=True),
        Target("average_order_value", 85.0, 75.0, 65.0, shipped=True),
        Target("cac", 25.0, 35.0, 45.0, shipped=True),
    )
}


@dataclass(frozen=True)
class Plan:
    """One shop's targets: the usual ones, and those of single months by (metric, first day)."""

    usual: Mapping[str, Target]
    months: Mapping[tuple[str, date], Target] = field(default_factory=dict)

    def of_month(self, metric: str, month: date) -> Target | None:
        """The month's own target, else the usual one."""
        return self.months.get((metric, month.replace(day=1))) or self.usual.get(metric)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Every metric that has a target at all."""
        return tuple(dict.fromkeys([*self.usual, *(metric for metric, _ in self.months)]))


@dataclass(frozen=True)
class Targets:
    store: Store

    def put(
        self,
        shop_id: str,
        metric: str,
        target: float,
        warning: float | None = None,
        critical: float | None = None,
        *,
        month: date | None = None,
    ) -> None:
        """Set or replace the usual target, or one month's own. Raises Refused for a figure that
        is no number, and for levels that are not in order."""
        check_levels(target, warning, critical)
        self._write(shop_id, metric, month, (float(target), warning, critical))

    def put_all(self, shop_id: str, wanted: Mapping[tuple[str, date | None], Target]) -> None:
        """Set the targets of (metric, month or None), all or none. Raises Refused as `put`."""
        for row in wanted.values():
            check_levels(row.target, row.warning, row.critical)
        with self.store.write() as connection:
            for (metric, month), row in wanted.items():
                levels = (row.target, row.warning, row.critical)
                self.store.upsert(connection, TARGETS, self._row((shop_id, metric, month), levels))

    def remove(self, shop_id: str, metric: str, *, month: date | None = None) -> None:
        """From now on there is none: a month falls back on the usual target, but a usual one that
        shipped does not come back by itself."""
        if month is None and metric in self._given():
            self._write(shop_id, metric, None, (None, None, None))
        else:
            self._delete(shop_id, metric, month)

    def reset(self, shop_id: str, metric: str) -> None:
        """Back to the target that ships with the product or the KPI, if any."""
        self._delete(shop_id, metric, None)

    def all(self, shop_id: str) -> dict[str, Target]:
        """Metric name -> its usual target, the shipped ones included."""
        return dict(self.of(shop_id).usual)

    def of(self, shop_id: str) -> Plan:
        """The shop's usual targets and those of single months."""
        mine = sa.select(TARGETS).where(TARGETS.c.shop_id == shop_id).order_by(TARGETS.c.metric)
        with self.store.read() as connection:
            found = rows(connection, mine)
            usual = _given(connection)
        for row in found:
            if row["month"] == EVERY:
                usual.pop(row["metric"], None)
        own = [row for row in found if row["target"] is not None]
        usual |= {row["metric"]: _target(row) for row in own if row["month"] == EVERY}
        months = {
            (row["metric"], date.fromisoformat(f"{row['month']}-01")): _target(row)
            for row in own
            if row["month"] != EVERY
        }
        return Plan(dict(sorted(usual.items())), months)

    def _given(self) -> dict[str, Target]:
        with self.store.read() as connection:
            return _given(connection)

    def _write(
        self,
        shop_id: str,
        metric: str,
        month: date | None,
        levels: tuple[float | None, float | None, float | None],
    ) -> None:
        with self.store.write() as connection:
            self.store.upsert(connection, TARGETS, self._row((shop_id, metric, month), levels))

    def _row(
        self,
        key: tuple[str, str, date | None],
        levels: tuple[float | None, float | None, float | None],
    ) -> dict[str, object]:
        shop_id, metric, month = key
        return {
            "shop_id": shop_id,
            "metric": metric,
            "month": _key(month),
            **dict(zip(("target", "warning", "critical"), levels, strict=True)),
            "changed_at": self.store.now(),
        }

    def _delete(self, shop_id: str, metric: str, month: date | None) -> None:
        mine = sa.and_(
            TARGETS.c.shop_id == shop_id,
            TARGETS.c.metric == metric,
            TARGETS.c.month == _key(month),
        )
        with self.store.write() as connection:
            connection.execute(sa.delete(TARGETS).where(mine))


def check_levels(
    target: float | None, warning: float | None = None, critical: float | None = None
) -> None:
    """Raises Refused for a level that is no number, and for levels that are not in order."""
    given = [level for level in (target, warning, critical) if level is not None]
    if not all(math.isfinite(level) and abs(level) < LARGEST for level in given):
        raise Refused(t("A target is a number."))
    if target is None and given:
        raise Refused(
            t("A warning or critical level needs a target."), hint=t("Set the target too.")
        )
    steps = [after - before for before, after in pairwise(given)]
    if any(step > 0 for step in steps) and any(step < 0 for step in steps):
        raise Refused(
            t("The levels are not in order."),
            hint=t("Warning lies between target and critical, or leave one of them empty."),
        )


def _given(connection: sa.Connection) -> dict[str, Target]:
    """What holds where nobody has said otherwise."""
    with_target = sa.select(KPIS).where(KPIS.c.target.is_not(None))
    own = {
        row["name"]: Target(row["name"], row["target"], row["warning"], row["critical"], True)
        for row in rows(connection, with_target)
    }
    return {**SHIPPED, **own}


def _key(month: date | None) -> str:
    return EVERY if month is None else f"{month:%Y-%m}"


def _target(row: sa.RowMapping) -> Target:
    return Target(row["metric"], row["target"], row["warning"], row["critical"])
