"""Small made panels: the truth behind each is known."""

from __future__ import annotations

import numpy as np

from agent.forecasting.series import Floats, Panel, Step

WEEK = np.array([1.0, 0.9, 0.95, 1.1, 1.4, 1.6, 0.7])
MONDAY = np.datetime64("2026-11-16")


def panel(values: Floats, step: Step = Step.DAY, season: int = 7, **more: object) -> Panel:
    """Series that all end on one Monday."""
    table = np.atleast_2d(np.asarray(values, dtype=np.float64))
    ids = tuple(f"s{place}" for place in range(len(table)))
    return Panel(ids, table, np.full(len(table), MONDAY), step, season, **more)  # type: ignore[arg-type]


def weekly(count: int = 3, days: int = 140, noise: float = 0.05, seed: int = 0) -> Floats:
    """(count, days): a week's rhythm of different sizes, a slow rise, some noise."""
    chance = np.random.default_rng(seed)
    size = 50.0 * (1 + np.arange(count))[:, None]
    base = size * WEEK[np.arange(days) % 7] * (1 + 0.001 * np.arange(days))
    return base * (1 + noise * chance.standard_normal((count, days)))
