"""Forecasts, findings and events are kept, renewed and handed out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from agent.errors import NotFound, Refused
from agent.records import Records
from agent.records.events import Event
from agent.records.findings import ACKNOWLEDGED, OPEN, SNOOZED, Finding, Handling
from agent.records.forecasts import Forecast, Key, Score
from tests.clock import FrozenClock

SERIES = Key("alma", "net_sales")
DROP = Finding("alma", "net_sales", "day", "drop", "critical", "2026-11-11", "2026-11-11")
SALE = Event("alma", " Black   Friday ", "promotion", date(2026, 11, 27), date(2026, 11, 30))


def made(origin: str, horizon: int = 7, key: Key = SERIES) -> Forecast:
    return Forecast(key, origin, 3, "Theta", horizon, {"point": [1.5] * horizon})


def test_a_forecast_takes_the_place_of_the_same_origin(records: Records) -> None:
    records.forecasts.keep([made("2026-11-15"), made("2026-11-16")])
    records.forecasts.keep([made("2026-11-16", 28)])
    assert [one.horizon for one in records.forecasts.of(SERIES)] == [28, 7]
    newest = records.forecasts.newest(SERIES)
    assert newest is not None
    assert newest.content == {"point": [1.5] * 28}
    assert records.forecasts.newest(replace(SERIES, member="DE", dimension="country")) is None


def test_the_current_forecasts_are_the_newest_of_each_series(records: Records) -> None:
    orders = replace(SERIES, metric="orders")
    records.forecasts.keep([made("2026-11-15"), made("2026-11-16"), made("2026-11-10", 7, orders)])
    found = [(one.key.metric, one.origin) for one in records.forecasts.current("alma")]
    assert found == [("net_sales", "2026-11-16"), ("orders", "2026-11-10")]
    assert records.forecasts.current("other") == ()


def test_the_metrics_with_a_forecast_of_all_of_a_shop(records: Records) -> None:
    part = replace(SERIES, metric="units", dimension="country", member="DE")
    records.forecasts.keep([made("2026-11-16"), made("2026-11-15"), made("2026-11-16", key=part)])
    assert records.forecasts.metrics("alma", SERIES.step) == {SERIES.metric}
    assert records.forecasts.metrics("alma", "month") == frozenset()


def test_a_forecast_is_scored_until_its_end(records: Records) -> None:
    records.forecasts.keep([made("2026-11-09"), made("2026-11-15")])
    old, young = records.forecasts.unscored("alma")
    records.forecasts.score(old, Score(7, 90.0, 9.0, 12.0, 3, 6, 7))
    records.forecasts.score(young, Score(1, 12.0, 1.0, 2.0, 1, 1, 1))
    assert [one.origin for one in records.forecasts.unscored("alma")] == ["2026-11-15"]
    scored = records.forecasts.scored("alma", records.store.now() - timedelta(days=1))
    assert [(one.score.missed, one.done) for one in scored] == [(9.0, True), (1.0, False)]


def test_old_forecasts_are_forgotten(records: Records, clock: FrozenClock) -> None:
    records.forecasts.keep([made("2026-11-09")])
    assert records.forecasts.prune(records.store.now()) == 0
    assert records.forecasts.prune(records.store.now() + timedelta(seconds=1)) == 1
    assert records.forecasts.of(SERIES) == ()


def test_old_findings_are_forgotten(records: Records) -> None:
    records.findings.keep([DROP, replace(DROP, first="2026-11-09", last="2026-11-14")])
    assert records.findings.prune(date(2026, 11, 11)) == 0
    assert records.findings.prune(date(2026, 11, 13)) == 1
    assert [one.last for one in records.findings.all("alma")] == ["2026-11-14"]
    assert "findings" in records.prune()


def test_a_finding_is_renewed_and_keeps_what_people_did(records: Records) -> None:
    (first,) = records.findings.keep([DROP])
    records.findings.handle(first.finding_id, Handling(ACKNOWLEDGED, "ana", "real"))
    (again,) = records.findings.keep([replace(first, last="2026-11-12", score=4.5)])
    kept = records.findings.get(again.finding_id)
    assert (kept.last, kept.score) == ("2026-11-12", 4.5)
    assert (kept.state, kept.verdict, kept.handled_by) == (ACKNOWLEDGED, "real", "ana")
    assert records.findings.verdicts("alma") == {"real": 1}


def test_findings_stand_in_order_and_from_a_day_on(records: Records) -> None:
    later = replace(DROP, first="2026-11-14", last="2026-11-15")
    records.findings.keep([DROP, later])
    assert [one.first for one in records.findings.all("alma")] == ["2026-11-14", "2026-11-11"]
    assert [one.first for one in records.findings.all("alma", "2026-11-12")] == ["2026-11-14"]
    assert len(records.findings.all("alma", metric=DROP.metric, step=DROP.step)) == 2
    assert records.findings.all("alma", metric="luck") == ()


def test_what_waits_goes_on_or_ended_of_late_and_nobody_has_seen_it(
    records: Records, clock: FrozenClock
) -> None:
    findings = records.findings
    assert findings.changed("alma") is None
    old, _, late = findings.keep([replace(DROP, over=over) for over in (True, False, True)])
    findings.keep([replace(late, last="2026-11-16")])
    assert [one.over for one in findings.waiting("alma", "2026-11-12")] == [False, True]
    clock.advance(minutes=1)
    findings.handle(late.finding_id, Handling(ACKNOWLEDGED, "ana"))
    assert [one.over for one in findings.waiting("alma", "2026-11-12")] == [False]
    assert findings.changed("alma") == records.store.now()
    assert old.finding_id in [one.finding_id for one in findings.waiting("alma", "2026-11-11")]


def test_what_was_snoozed_wakes(records: Records) -> None:
    (one,) = records.findings.keep([DROP])
    now = records.store.now()
    records.findings.handle(one.finding_id, Handling(SNOOZED, "ana", until=now + timedelta(days=1)))
    assert records.findings.wake() == 0
    records.findings.handle(one.finding_id, Handling(SNOOZED, "ana", until=now))
    assert records.findings.wake() == 1
    assert records.findings.get(one.finding_id).state == OPEN


@pytest.mark.parametrize(
    "handling",
    [Handling("gone", "ana"), Handling(OPEN, "ana", "maybe"), Handling(SNOOZED, "ana")],
)
def test_what_cannot_be_done_with_a_finding_is_refused(
    records: Records, handling: Handling
) -> None:
    (one,) = records.findings.keep([DROP])
    with pytest.raises(Refused):
        records.findings.handle(one.finding_id, handling)
    with pytest.raises(NotFound):
        records.findings.handle("other", Handling(OPEN, "ana"))


def test_events_are_kept_found_and_removed(records: Records) -> None:
    kept = records.events.put(SALE)
    assert kept.name == "Black Friday"
    assert records.events.get(kept.event_id) == kept
    touching = records.events.between("alma", date(2026, 11, 30), date(2026, 12, 5))
    assert [one.name for one in touching] == ["Black Friday"]
    assert records.events.between("alma", date(2026, 12, 1), date(2026, 12, 5)) == ()
    assert records.events.remove(kept.event_id) == kept
    with pytest.raises(NotFound):
        records.events.get(kept.event_id)


def test_what_repeats_comes_every_year_from_its_first_on(records: Records) -> None:
    turn = replace(SALE, first=date(2024, 12, 30), last=date(2025, 1, 2), repeats="year")
    records.events.put(turn)
    found = records.events.between("alma", date(2024, 1, 1), date(2026, 6, 1))
    assert [(one.first, one.last) for one in found] == [
        (date(2024, 12, 30), date(2025, 1, 2)),
        (date(2025, 12, 30), date(2026, 1, 2)),
    ]


@pytest.mark.parametrize(
    "event",
    [
        replace(SALE, name="  "),
        replace(SALE, kind="party"),
        replace(SALE, last=date(2026, 11, 26)),
        replace(SALE, last=date(2027, 11, 28)),
        replace(SALE, repeats="week"),
        replace(SALE, effect={"discount": float("nan")}),
    ],
)
def test_an_event_that_cannot_be_is_refused_and_nothing_is_kept(
    records: Records, event: Event
) -> None:
    with pytest.raises(Refused):
        records.events.put_all([SALE, event])
    assert records.events.all("alma") == ()
