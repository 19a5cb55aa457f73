"""Money of another currency at each day's rate, exactly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import numpy as np
import pytest

from agent.sources.base import ImportOptions
from agent.sources.converting import Till
from tests.agent.sources.conftest import Desk

Sheet = Callable[..., Path]
# Days since 1970 of the first of November 2026 and of the one after.
FIRST = 20_758
ROWS = [
    ("2026-11-01", "EUR", "USD", "1.0637"),
    ("2026-11-03", "EUR", "USD", "1.07"),
    ("2026-11-01", "EUR", "JPY", "161.23"),
]


@pytest.fixture
def till(desk: Desk, sheet: Sheet) -> Till:
    desk.take(sheet(("date", "base", "currency", "rate"), ROWS), ImportOptions())
    return Till(desk.warehouse, ["USD", "EUR", "JPY", "CHF"])


def changed(till: Till, amount: int, day: int, ways: tuple[str, str]) -> int | None:
    value, known = till.exchange((np.array([amount]), np.array([day])), ways)
    return int(value[0]) if known[0] else None


@pytest.mark.parametrize("amount", [0, 1, 3, -7, 10_637, 99_999_999_999])
def test_it_is_the_quotient_half_to_even(till: Till, amount: int) -> None:
    exact = (Decimal(amount) / Decimal("1.0637")).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert changed(till, amount, FIRST, ("USD", "EUR")) == int(exact)
    crossed = Decimal(amount) * Decimal("161.23") / Decimal("1.0637")
    assert changed(till, amount, FIRST, ("USD", "JPY")) == int(
        crossed.quantize(Decimal(1), ROUND_HALF_EVEN)
    )


def test_a_day_without_a_quote_has_the_last_before_it(till: Till) -> None:
    assert changed(till, 10_637, FIRST + 1, ("USD", "EUR")) == 10_000
    assert changed(till, 10_700, FIRST + 100, ("USD", "EUR")) == 10_000
    assert changed(till, 10_637, FIRST - 1, ("USD", "EUR")) is None


def test_what_has_no_rate_is_not_known(till: Till, desk: Desk) -> None:
    assert changed(till, 1, FIRST, ("CHF", "EUR")) is None
    assert changed(till, 2**61, FIRST, ("EUR", "JPY")) is None
    assert changed(Till(None, ["EUR", "USD"]), 1, FIRST, ("USD", "EUR")) is None
