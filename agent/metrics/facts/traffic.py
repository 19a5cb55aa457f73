"""Sums over the visits that the session source counted."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import grouped, within
from agent.metrics.facts.known import first_of, known_sum
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.warehouse.schema import SESSIONS


def traffic(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    first = first_of(reading, SESSIONS)
    sums = [
        label
        for measure in measures
        for label in known_sum(reading, measure, SESSIONS.c[measure.name], first)
    ]
    return [grouped(reading, SESSIONS, SESSIONS, sums).where(*within(reading, SESSIONS))]
