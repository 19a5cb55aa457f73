from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agent.metrics import aging
from agent.metrics.frames import Receipt, Stale
from tests.clock import START

FRESH = Receipt({}, (), {}, START, ("a",), "EUR", "Europe/Berlin", "", (), 0)
OLD = replace(FRESH, stale=Stale(START, "PostgreSQL does not answer."))


def test_the_time_is_the_shops_and_the_day_is_said_where_it_is_another() -> None:
    stale = Stale(START, "PostgreSQL does not answer.")
    late = START.replace(hour=22, minute=50)
    assert aging.said(stale, "Europe/Berlin", late) == "08:41, PostgreSQL does not answer."
    # Past midnight in Berlin, not yet in London.
    much = START.replace(hour=23, minute=10)
    assert aging.said(stale, "Europe/London", much).startswith("07:41, ")
    assert aging.said(stale, "Europe/Berlin", much).startswith("17 Nov 2026, 08:41, ")


def test_a_file_says_its_oldest_figures() -> None:
    older = Stale(START - timedelta(hours=3), "Busy.")
    receipts = (FRESH, OLD, replace(OLD, stale=older))
    assert aging.explained(receipts, START) == (
        "Not all figures are new. The oldest are of 05:41: Busy."
    )
    assert aging.explained((FRESH,), START) == ""
    assert aging.explained((), START) == ""
