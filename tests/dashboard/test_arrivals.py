"""What arrived, gathered: hundreds of small batches of one source do not hide the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.arrivals import gathered

TEN = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ZONES = {"alder": ZoneInfo("America/New_York")}


def batch(minutes: float, by: str = "", **more: Any) -> dict[str, Any]:
    summary = {"connection": "one", "by": by, "rows": {"orders": 2, "sales": 5}} if by else {}
    usual = {"shop_id": "alder", "source": "shopify", "file_name": "", "lines": 5, "rejected": 1}
    return {**usual, "merged_at": TEN + timedelta(minutes=minutes), "summary": summary, **more}


def times(batches: list[dict[str, Any]]) -> list[tuple[float, float]]:
    newest = sorted(batches, key=lambda one: one["merged_at"], reverse=True)
    return [
        ((one.first - TEN).total_seconds() / 60, (one.last - TEN).total_seconds() / 60)
        for one in gathered(newest, ZONES)
    ]


def test_calls_of_a_day_are_one_line_and_a_sync_among_them_another() -> None:
    calls = [batch(at, "calls") for at in range(0, 100, 10)]
    newest = sorted([*calls, batch(45, "sync")], key=lambda b: b["merged_at"], reverse=True)
    called, synced = gathered(newest, ZONES)
    assert (called.why, called.connection, called.lines, called.rejected) == (
        "calls",
        "one",
        50,
        10,
    )
    assert called.rows == {"orders": 20, "sales": 50}
    assert (called.first, called.last) == (TEN, TEN + timedelta(minutes=90))
    assert (synced.why, synced.lines) == ("sync", 5)


@pytest.mark.parametrize(
    ("batches", "lines"),
    [
        ([batch(0, "sync"), batch(4, "sync"), batch(30, "sync")], [(30, 30), (0, 4)]),
        ([batch(0), batch(4), batch(30)], [(30, 30), (0, 4)]),
        ([batch(0, source="demo"), batch(300, source="demo")], [(0, 300)]),
        ([batch(0, file_name="a.csv"), batch(1, file_name="a.csv")], [(1, 1), (0, 0)]),
        ([batch(0, "calls"), batch(0, "calls", shop_id="other")], [(0, 0), (0, 0)]),
        # Midnight of the shop is five in the morning of UTC.
        ([batch(1130, "calls"), batch(1150, "calls")], [(1150, 1150), (1130, 1130)]),
        ([batch(830, "calls"), batch(850, "calls")], [(830, 850)]),
    ],
)
def test_what_goes_together(
    batches: list[dict[str, Any]], lines: list[tuple[float, float]]
) -> None:
    assert times(batches) == lines


def test_a_source_that_names_its_connection_and_a_note_of_another_kind() -> None:
    (one,) = gathered([batch(0, source="http:two", summary={"by": "magic", "rows": 3})], {})
    assert (one.source, one.connection, one.why, dict(one.rows)) == ("http", "two", "", {})
