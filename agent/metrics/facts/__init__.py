"""The facts, one row each: which table measures are read from, and what they are known by."""

from __future__ import annotations

from collections.abc import Mapping

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.facts.history import history
from agent.metrics.facts.orders import orders
from agent.metrics.facts.sales import sales
from agent.metrics.reading import Fact

_TIME = frozenset(row.name for row in DIMENSIONS.values() if row.level in ("time", "clock"))
_ALL = frozenset(DIMENSIONS)
_ROWS = (
    Fact("sales", "Sales are", _ALL, sales),
    Fact("orders", "Orders are", _ALL, orders),
    Fact("history", "Customers' histories are", _ALL, history),
)
FACTS: Mapping[str, Fact] = {row.name: row for row in _ROWS}
