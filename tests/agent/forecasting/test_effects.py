"""Planned events are taken out of what models learn from, and put back where they are planned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agent.forecasting.effects import put_back, taken_out
from agent.forecasting.forecaster import NO_RECORD, Forecasts, Residuals
from agent.forecasting.series import Panel, Step

DAYS, AHEAD = 400, 14
END = np.datetime64("2026-11-16")


def planned(starts: tuple[int, ...] = (60, 140, 220, 300), days: int = 7) -> np.ndarray:
    """A sale of so many days, each of 20 %; the next one a week ahead."""
    column = np.zeros(DAYS + AHEAD)
    for first in (*starts, DAYS + 7):
        column[first : first + days] = 0.2
    return column


def panel(lift: float, column: np.ndarray, step: Step = Step.DAY, **known: Any) -> Panel:
    chance = np.random.default_rng(3)
    days = np.arange(DAYS)
    level = 100 * (1 + 0.2 * np.sin(days / 60)) * (1 + 0.3 * (days % 7 == 5))
    noise = chance.normal(0, 0.05, DAYS)
    values = level * np.exp(noise) * lift ** (column[:DAYS] > 0)
    tables = {name: table[None] for name, table in {"promotion": column, **known}.items()}
    return Panel(("a",), values[None], np.array([END]), step, 7, tables)


def test_an_effect_is_taken_out_and_put_back() -> None:
    given = panel(1.3, planned())
    bare, lift = taken_out(given)
    on = planned() > 0
    assert lift[0, on] == pytest.approx(1.3, rel=0.05)
    assert (lift[0, ~on] == 1).all()
    assert bare.values[0] * lift[0, :DAYS] == pytest.approx(given.values[0])
    assert "promotion" not in bare.known
    point = np.full((1, 10), 100.0)
    made = Forecasts(
        ("a",), point, {0.8: (point - 10, point + 10)}, ("",), (NO_RECORD,), ("",),
        (Residuals(np.zeros((0, 10)), 0.0),),
    )  # fmt: skip
    found = put_back(made, lift[:, DAYS:])
    assert found.point[0, :7].tolist() == [100.0] * 7
    assert found.point[0, 7:] == pytest.approx(130, rel=0.05)
    assert found.bounds[0.8][0][0, 7:] == pytest.approx(117, rel=0.05)
    assert put_back(made, lift[:, DAYS : DAYS + 10] * 0 + 1) is made


def test_what_is_not_clear_is_left_to_the_models() -> None:
    given = panel(1.0, planned())
    bare, lift = taken_out(given)
    assert lift[0] == pytest.approx(1.0, abs=0.04)
    few = panel(1.3, planned((60,), 3))
    bare, lift = taken_out(few)
    assert (lift == 1).all() and "promotion" in bare.known
    weeks = panel(1.3, planned(), Step.WEEK)
    assert taken_out(weeks)[0] is weeks


def test_series_without_sales_on_many_days_keep_their_column() -> None:
    given = panel(1.3, planned())
    rare = replace(given, values=np.where(np.arange(DAYS) % 3 == 0, given.values, 0.0))
    bare, lift = taken_out(rare)
    assert (lift == 1).all() and (bare.values == rare.values).all()


def test_nobody_knows_what_a_stronger_one_brings() -> None:
    column = planned()
    column[DAYS:] *= 4
    _, lift = taken_out(panel(1.3, column))
    assert lift[0, DAYS + 8] == pytest.approx(1.3, rel=0.05)


def test_unknown_days_stay_unknown() -> None:
    given = panel(1.3, planned())
    given.values[0, 50:70] = np.nan
    bare, _ = taken_out(given)
    assert (np.isnan(bare.values) == np.isnan(given.values)).all()
