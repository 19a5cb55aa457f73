"""Sessions from Google Analytics' exports and from plain files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agent.errors import BadFile
from agent.sources.base import ImportOptions
from agent.warehouse import schema
from tests.agent.sources.conftest import Desk

Sheet = Callable[..., Path]
TEA = ImportOptions("", "Tea", "EUR", "Europe/Berlin")
ANALYTICS = """# ----------------------------------------
# Traffic acquisition
# Start date: 20261101
# ----------------------------------------

Date,Session source,Country,Sessions,Items viewed,Add to carts,Checkouts,Ecommerce purchases
20261101,Direct,Germany,"1,100",80,10,5,2
20261102,Organic Search,(not set),50,30,3,2,1
,,Grand total,1150,110,13,7,3
"""
COUNTS = ("sessions", "product_views", "add_to_cart", "reached_checkout", "purchases")


def test_google_analytics_writes_remarks_above_and_days_without_signs(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "ga4.csv"
    path.write_text(ANALYTICS)
    summary = desk.take(path, TEA)
    assert (summary.format, summary.lines, summary.rejected) == ("sessions", 3, 1)
    rows = desk.rows(schema.SESSIONS, "local_at")
    assert [(row["channel"], row["country"]) for row in rows] == [
        ("Direct", "Germany"),
        ("Organic Search", "(none)"),
    ]
    assert [row[name] for row in rows for name in COUNTS] == [1100, 80, 10, 5, 2, 50, 30, 3, 2, 1]
    assert str(rows[0]["local_at"]) == "2026-11-01 00:00:00"


def test_hours_stand_in_their_own_column_or_behind_the_day(desk: Desk, sheet: Sheet) -> None:
    desk.take(sheet(("Datum", "Stunde", "Sitzungen"), [("01.11.2026", "09:00", 3)]), TEA)
    desk.take(
        sheet(("Date + hour (YYYYMMDDHH)", "Sessions"), [("2026110213", 4)], name="b.csv"), TEA
    )
    rows = desk.rows(schema.SESSIONS, "local_at")
    assert [(row["local_at"].day, row["local_at"].hour, row["sessions"]) for row in rows] == [
        (1, 9, 3),
        (2, 13, 4),
    ]


def test_a_file_states_its_days_whole(desk: Desk, sheet: Sheet) -> None:
    header = ("date", "channel", "sessions")
    desk.take(sheet(header, [("2026-11-01", "a", 5), ("2026-11-02", "a", 5)]), TEA)
    summary = desk.take(sheet(header, [("2026-11-01", "b", 4)], name="new.csv"), TEA)
    assert (summary.inserted["sessions"], summary.removed["sessions"]) == (1, 1)
    rows = desk.rows(schema.SESSIONS, "local_at")
    assert [(row["channel"], row["sessions"]) for row in rows] == [("b", 4), ("a", 5)]


def test_what_is_not_counted_is_said(desk: Desk, sheet: Sheet) -> None:
    summary = desk.take(sheet(("date", "users", "purchases"), [("2026-11-01", 5, 1)]), TEA)
    said = " ".join(summary.warnings)
    assert "no column of product views, add to cart, reached checkout" in said
    assert "The file counts users, not sessions" in said


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("2026-11-01", "24", "1"), "The hour is not a whole number from 0 to 23."),
        (("2026-11-01", "x", "1"), "The hour is not a whole number from 0 to 23."),
        (("2026-11-01", "1", "-1"), "The sessions is not a whole number."),
        (("2026-11-01", "1", ""), "The sessions is missing."),
        (("2026-11-01", "1", "99999999999999"), "The sessions is not a whole number."),
        (("20261301", "1", "1"), "The date is not a day from 1990 to today."),
    ],
)
def test_lines_that_cannot_be_used(
    desk: Desk, sheet: Sheet, row: tuple[str, ...], reason: str
) -> None:
    good = ("2026-11-01", "0", "1")
    assert desk.take(sheet(("date", "hour", "sessions"), [good, row]), TEA).reasons == {reason: 1}


def test_a_file_of_something_else(desk: Desk, sheet: Sheet) -> None:
    path = sheet(("date", "purchases"), [("2026-11-01", 1)])
    with pytest.raises(BadFile, match="no file of sessions: no column sessions"):
        desk.take(path, ImportOptions("sessions", "Tea", "EUR", "UTC"))


@pytest.mark.shared
def test_a_log_of_events_is_no_file_of_sessions(desk: Desk, shared: Path) -> None:
    path = shared / "data/rees46_events_sample/events_2019_11_01_first_rows.parquet"
    with pytest.raises(BadFile, match="no column date, sessions"):
        desk.take(path, ImportOptions("sessions", "Tea", "EUR", "UTC"))
    assert desk.warehouse.shops() == ()
