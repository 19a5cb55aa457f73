"""What a shop wants each metric to be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import sqlalchemy as sa

from agent.errors import Refused
from agent.records.schema import TARGETS
from agent.records.store import Store, rows


@dataclass(frozen=True)
class Target:
    """A month's sum, or a rate as it is; `warning` and `critical` are where it is missed."""

    metric: str
    target: float
    warning: float | None = None
    critical: float | None = None


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
    ) -> None:
        """Set or replace; raises Refused for a figure that is no number."""
        for figure in (target, warning, critical):
            if figure is not None and not math.isfinite(figure):
                raise Refused("A target is a number.")
        values = {
            "shop_id": shop_id,
            "metric": metric,
            "target": float(target),
            "warning": warning,
            "critical": critical,
            "changed_at": self.store.now(),
        }
        with self.store.write() as connection:
            self.store.upsert(connection, TARGETS, values)

    def all(self, shop_id: str) -> dict[str, Target]:
        """Metric name -> its target."""
        mine = sa.select(TARGETS).where(TARGETS.c.shop_id == shop_id).order_by(TARGETS.c.metric)
        with self.store.read() as connection:
            found = rows(connection, mine)
        return {
            row["metric"]: Target(row["metric"], row["target"], row["warning"], row["critical"])
            for row in found
        }

    def remove(self, shop_id: str, metric: str) -> None:
        mine = sa.and_(TARGETS.c.shop_id == shop_id, TARGETS.c.metric == metric)
        with self.store.write() as connection:
            connection.execute(sa.delete(TARGETS).where(mine))
