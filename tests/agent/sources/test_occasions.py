"""Events from files: kept with the records, checked as those that people type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from agent.errors import BadFile, Refused
from agent.records import open_records
from agent.records.events import Event
from agent.sources.base import ImportOptions
from agent.sources.guessing import guess
from agent.sources.previewing import preview
from agent.words import speaking
from tests import almas_tea
from tests.agent.sources.conftest import Desk

Sheet = Callable[..., Path]
HEADER = ("name", "kind", "first", "last", "dimension", "value", "discount", "price", "spend",
          "repeats", "note")  # fmt: skip
TEA = ImportOptions("", "almas tea")
SHOP = "almas-tea"
WEEK = (
    "Black Week",
    "promotion",
    "2026-11-23",
    "2026-11-30",
    "",
    "",
    "25%",
    "",
    "",
    "",
    "all teas",
)

BAD = (
    ({"name": ""}, "needs a name"),
    ({"kind": "party"}, "There is no kind of event of this name."),
    ({"kind": ""}, "The kind is missing."),
    ({"first": ""}, "The first day is missing."),
    ({"first": "soon"}, "The first day is not one like 2026-11-27."),
    ({"last": "2026-13-01"}, "The last day is not one like"),
    ({"last": "2026-11-22"}, "ends before it begins"),
    ({"last": "2028-01-01"}, "lasts longer than a year"),
    ({"dimension": "weather", "value": "rain"}, "cannot be about 'weather'"),
    ({"dimension": "country"}, "The part of the shop is empty."),
    ({"value": "DE"}, "Say what DE is"),
    ({"dimension": "country", "value": "Atlantis"}, "There is no country called 'Atlantis'"),
    ({"discount": "many"}, "The discount is not a number."),
    ({"discount": "25"}, "is written with a percent sign"),
    ({"discount": "140%"}, "Discount lies between 0% and 100%."),
    ({"spend": "5%"}, "The spend is an amount"),
    ({"spend": "-5"}, "Spend lies between"),
    ({"spend": "nan"}, "The spend is not a number."),
    ({"repeats": "weekly"}, "repeats every year or not at all"),
    ({"note": "x" * 501}, "A note has at most 500 characters."),
)


@pytest.fixture
def shop(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A desk with records, and Alma's Tea, which has sales."""
    records = open_records(f"sqlite:///{tmp_path / 'records.sqlite'}", desk.clock)
    desk.warehouse.merge(almas_tea.batch())
    yield replace(desk, records=records)
    records.close()


def kept(shop: Desk) -> tuple[Event, ...]:
    found: tuple[Event, ...] = shop.records.events.all(SHOP)
    return found


def line(**changes: str) -> tuple[str, ...]:
    return tuple({**dict(zip(HEADER, WEEK, strict=True)), **changes}[name] for name in HEADER)


def test_a_line_is_an_event(shop: Desk, sheet: Sheet) -> None:
    rows = [
        WEEK,
        (
            "Tea fair",
            "Campaign",
            "3 Dec 2026",
            "",
            "country",
            "Germany",
            "",
            "",
            "1,200.50",
            "",
            "",
        ),
        ("Easter closure", "closure", "2026-04-03", "2026-04-06", "", "", "", "", "", "yearly", ""),
    ]
    summary = shop.take(sheet(HEADER, rows), TEA)
    assert (summary.format, summary.inserted, summary.rejected) == ("events", {"events": 3}, 0)
    fair, week, closed = kept(shop)
    assert (week.name, week.kind, week.first, week.last, week.effect, week.note) == (
        "Black Week", "promotion", date(2026, 11, 23), date(2026, 11, 30), {"discount": 0.25},
        "all teas",
    )  # fmt: skip
    assert (fair.first, fair.last, fair.part, fair.effect) == (
        date(2026, 12, 3), date(2026, 12, 3), {"country": "DE"}, {"spend": 1200.5},
    )  # fmt: skip
    assert (closed.repeats, closed.part, closed.effect) == ("year", {}, {})


def test_the_same_file_changes_nothing_and_a_later_one_replaces(shop: Desk, sheet: Sheet) -> None:
    shop.take(sheet(HEADER, [WEEK]), TEA)
    (before,) = kept(shop)
    assert shop.take(sheet(HEADER, [WEEK]), TEA).unchanged == {"events": 1}
    later = line(discount="0.3", name="BLACK week")
    assert shop.take(sheet(HEADER, [WEEK, later]), TEA).replaced == {"events": 1}
    (after,) = kept(shop)
    assert after == replace(before, effect={"discount": 0.3})
    other = line(dimension="country", value="DE")
    assert shop.take(sheet(HEADER, [other]), TEA).inserted == {"events": 1}
    assert len(kept(shop)) == 2


def test_german_names_and_days(shop: Desk, sheet: Sheet) -> None:
    header = ("Ereignis", "Art", "Von", "Bis", "Rabatt", "Wiederholt", "Notiz")
    with speaking("de_DE"):
        shop.take(
            sheet(
                header, [("Adventswoche", "other", "30.11.2026", "6.12.2026", "12,5%", "ja", "")]
            ),
            TEA,
        )
    (one,) = kept(shop)
    assert (one.first, one.last) == (date(2026, 11, 30), date(2026, 12, 6))
    assert (one.effect, one.repeats) == ({"discount": 0.125}, "year")


def test_lines_that_cannot_be_used(shop: Desk, sheet: Sheet) -> None:
    rows = [line(name="Good"), *(line(**change) for change, _ in BAD)]
    summary = shop.take(sheet(HEADER, rows), TEA)
    assert summary.rejected == len(BAD)
    missing = [why for _, why in BAD if not any(why in said for said in summary.reasons)]
    assert missing == []
    assert [one.name for one in kept(shop)] == ["Good"]


def test_a_campaign_may_be_yet_to_come(shop: Desk, sheet: Sheet) -> None:
    shop.take(sheet(HEADER, [line(dimension="campaign", value="Advent 2027")]), TEA)
    assert kept(shop)[0].part == {"campaign": "Advent 2027"}


def test_nothing_is_kept_of_a_file_without_a_good_line(shop: Desk, sheet: Sheet) -> None:
    with pytest.raises(BadFile, match="no kind of event"):
        shop.take(sheet(HEADER, [line(kind="x")]), TEA)
    assert kept(shop) == ()


def test_a_shop_that_is_not_there_has_no_events(shop: Desk, sheet: Sheet) -> None:
    with pytest.raises(Refused, match="no shop called Coffee to have events"):
        shop.take(sheet(HEADER, [WEEK]), ImportOptions("", "Coffee", "EUR", "UTC"))


def test_the_guess_and_the_preview_know_them(shop: Desk, sheet: Sheet) -> None:
    path = sheet(HEADER, [WEEK, line(kind="x")])
    assert guess(path).format == "events"
    shown = preview(shop, path, None, ImportOptions())
    assert shown.columns[:3] == ("Event", "Kind", "First day")
    assert shown.rows[0][:4] == ("Black Week", "promotion", "2026-11-23", "2026-11-30")
    assert shown.rows[0][5] == "discount: 0.25"
    assert len(shown.rejected) == 1
