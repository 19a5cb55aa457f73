"""What a metric can be broken down and filtered by, and why not by everything."""

from __future__ import annotations

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.facts import FACTS
from agent.metrics.measures import MEASURES
from agent.metrics.metric import Metric
from agent.metrics.reading import Fact
from agent.words import inner, t


def unknown_by(metric: Metric, *dimensions: str) -> str:
    """Why a metric is not known by one of these dimensions, as a sentence; empty where it is known
    by all."""
    for name in metric.measures:
        fact = FACTS[MEASURES[name].fact]
        for dimension in dimensions:
            if dimension not in fact.dimensions:
                return not_known(fact, dimension)
    return ""


def not_known(fact: Fact, dimension: str) -> str:
    """Sessions are not known by product."""
    label = inner(t(DIMENSIONS[dimension].label))
    return t("{noun} not known by {label}.", noun=t(fact.noun), label=label)
