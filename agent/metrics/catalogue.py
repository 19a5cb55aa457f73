"""The metric catalogue: every number that the product knows, by name.

Definitions follow docs/metrics.md; every metric is proved by hand-written SQL in
tests/agent/metrics/cases.toml.
"""

from __future__ import annotations

from collections.abc import Mapping

from agent.metrics.chapters.customers import CUSTOMERS
from agent.metrics.chapters.marketing import CONTRIBUTION, FUNNEL, MARKETING
from agent.metrics.chapters.sales import SALES
from agent.metrics.chapters.stock import STOCK
from agent.metrics.measures import MEASURES as MEASURES
from agent.metrics.metric import Metric as Metric

_ROWS = (*SALES, *CUSTOMERS, *FUNNEL, *MARKETING, *CONTRIBUTION, *STOCK)
METRICS: Mapping[str, Metric] = {row.name: row for row in _ROWS}
