"""The facts, one row each: which table measures are read from, and what they are known by."""

from __future__ import annotations

from collections.abc import Mapping

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.facts.costs import costs
from agent.metrics.facts.history import history
from agent.metrics.facts.orders import orders
from agent.metrics.facts.sales import sales
from agent.metrics.facts.spend import spend
from agent.metrics.facts.stock import stock
from agent.metrics.facts.traffic import traffic
from agent.metrics.measures import MEASURES
from agent.metrics.metric import Metric
from agent.metrics.reading import Fact
from agent.words import mark

_TIME = frozenset(row.name for row in DIMENSIONS.values() if row.level in ("time", "clock"))
_DAYS = _TIME - {"hour"}
_ALL = frozenset(DIMENSIONS) - {"campaign"}
_PLACES = frozenset({"country", "region", "city", "channel", "customer_kind", "shop"})
_PEOPLE = frozenset(row.name for row in DIMENSIONS.values() if row.level in ("customer", "age"))
_GOODS = frozenset({"product", "product_type", "vendor", "abc", "shop"})
_ROWS = (
    Fact("sales", mark("Sales are"), _ALL, sales),
    Fact("orders", mark("Orders are"), _ALL, orders),
    Fact("history", mark("Customers' histories are"), _ALL, history, by_end=True),
    Fact("traffic", mark("Sessions are"), _TIME | {"channel", "country", "shop"}, traffic),
    Fact("spend", mark("Marketing spend is"), _DAYS | {"channel", "campaign", "shop"}, spend),
    Fact("costs", mark("Shipping cost and payment fees are"), _DAYS | _PLACES | _PEOPLE, costs),
    Fact("stock", mark("Stock is"), _DAYS - {"weekday"} | _GOODS, stock, by_end=True),
)
FACTS: Mapping[str, Fact] = {row.name: row for row in _ROWS}


def known_by(metric: Metric) -> frozenset[str]:
    """The dimensions that a metric can be broken down and filtered by: those that every fact knows
    that it is made of."""
    facts = (FACTS[MEASURES[name].fact].dimensions for name in metric.measures)
    return frozenset(DIMENSIONS).intersection(*facts)
