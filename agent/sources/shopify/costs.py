"""Shopify's cost bucket of one shop: what a query may cost now, and how long to wait for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST = 1000.0
"""Points that one query may ask for, whatever the bucket holds."""


@dataclass
class Bucket:
    """Filled again with time. What it holds is Shopify's word at every answer; between answers it
    is reckoned. `requested` remembers what each query asked for the last time."""

    available: float = 0.0
    most: float = 0.0
    restore: float = 0.0
    at: float = 0.0
    requested: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self, query: str, now: float) -> float:
        """Seconds until a query that is known can be paid; 0 also for one never asked before."""
        with self.lock:
            wanted = self.requested.get(query)
            if wanted is None or not self.restore:
                return 0.0
            return max(0.0, (wanted - self._now(now)) / self.restore)

    def spend(self, query: str, now: float) -> None:
        """A query is sent: until its answer is there, others must not count on the same points."""
        with self.lock:
            left = self._now(now) - self.requested.get(query, 0.0)
            self.available, self.at = max(0.0, left), now

    def learn(self, query: str, cost: Mapping[str, Any], now: float) -> None:
        """Take over what an answer says of costs; what is no number says nothing."""
        status = cost.get("throttleStatus")
        found = status if isinstance(status, Mapping) else {}
        wanted = number(cost.get("requestedQueryCost"))
        with self.lock:
            if wanted is not None:
                self.requested[query] = wanted
            self.most = number(found.get("maximumAvailable")) or self.most
            self.restore = number(found.get("restoreRate")) or self.restore
            available = number(found.get("currentlyAvailable"))
            if available is not None:
                self.available, self.at = available, now

    def forbid(self, query: str) -> None:
        """Remember a query that asks for more than any may."""
        with self.lock:
            self.requested[query] = MOST + 1

    def after(self, cost: Mapping[str, Any]) -> float:
        """Seconds that a refused query has to wait, by Shopify's own figures; 1 where it gives
        none."""
        status = cost.get("throttleStatus")
        found = status if isinstance(status, Mapping) else {}
        wanted, left = (
            number(cost.get("requestedQueryCost")),
            number(found.get("currentlyAvailable")),
        )
        restore = number(found.get("restoreRate")) or self.restore
        if wanted is None or left is None or not restore:
            return 1.0
        return max(0.0, (wanted - left) / restore)

    def _now(self, now: float) -> float:
        grown = self.available + max(0.0, now - self.at) * self.restore
        return min(self.most, grown) if self.most else grown


def number(value: object) -> float | None:
    """A number of an answer; None for anything else."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known else None  # type: ignore[arg-type]  # checked above
