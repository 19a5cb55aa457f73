"""What a metric can be broken down and filtered by, and why not by everything."""

from __future__ import annotations

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.facts import FACTS
from agent.metrics.measures import MEASURES
from agent.metrics.metric import Metric


def unknown_by(metric: Metric, *dimensions: str) -> str:
    """Why a metric is not known by one of these dimensions, as a sentence; empty where it is known
    by all."""
    for name in metric.measures:
        fact = FACTS[MEASURES[name].fact]
        for dimension in dimensions:
            if dimension not in fact.dimensions:
                return f"{fact.noun} not known by {DIMENSIONS[dimension].label.lower()}."
    return ""
