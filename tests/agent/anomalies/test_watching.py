"""A shop with four months of sales whose last day breaks in half: found, kept once, continued,
closed, and quiet where somebody says that it was expected."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from agent.anomalies import fitted, watching
from agent.anomalies.around import Around
from agent.anomalies.handling import TOPIC, handle
from agent.anomalies.judged import Incident, Judged
from agent.anomalies.series import Watched, watched
from agent.anomalies.together import DEVIATIONS
from agent.anomalies.watching import Watch, look
from agent.fitting.parcels import pack, unpack
from agent.forecasting.series import Panel, Step
from agent.records.connections import Connection
from agent.records.findings import Finding
from agent.services import Services
from tests.agent.forecasting.small_shop import LAST, SHOP, batch
from tests.clock import FrozenClock

DIP = LAST


class Here:
    """A fitting in this process, with a judge that finds what a test puts there: by series name the
    kind, the first and the last column counted from the end."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.there: dict[str, tuple[str, int, int]] = {}

    def run(self, name: str, *arguments: Any, **_: Any) -> Any:
        assert name == fitted.NAME
        asked = unpack(pack(arguments[0]))
        self.asked.append(asked)
        return unpack(pack(self._said(asked)))

    def close(self) -> None: ...

    def _said(self, asked: dict[str, Any]) -> dict[str, Any]:
        values = asked["values"]
        level = np.full(values.shape, 200.0)
        blank = np.zeros(values.shape)
        found = [
            self._incident(row, values, self.there[name])
            for row, name in enumerate(asked["ids"])
            if name in self.there and asked["step"] == "day"
        ]
        skipped = [one for one in found if not asked["left_out"][one["row"], one["first"]]]
        return {
            "ids": asked["ids"],
            "expected": level,
            "lo": 0.8 * level,
            "hi": 1.2 * level,
            "score": blank,
            "is_anomaly": blank > 0,
            "kinds": blank.astype(np.int8),
            "needed": np.ones(values.shape[1]),
            "incidents": skipped,
            "mixed": {"columns": [], "scores": [], "leading": []},
        }

    def _incident(self, row: int, values: Any, there: tuple[str, int, int]) -> dict[str, Any]:
        kind, first, last = there
        steps = values.shape[1]
        span = slice(steps - first, steps - last + 1)
        actual = float(values[row, span].sum())
        return {
            **{"row": row, "kind": kind, "first": steps - first, "last": steps - last},
            **{"named": steps - first, "over": last > 1, "direction": -1, "score": 3.0},
            **{"actual": actual, "expected": 200.0, "low": 160.0, "high": 240.0},
        }


@pytest.fixture
def shop(services: Services) -> Services:
    services.warehouse.merge(batch(LAST - timedelta(days=119), LAST))
    return replace(services, fitting=Here())


@pytest.fixture
def judge(shop: Services) -> Here:
    here: Any = shop.fitting
    here.there = {"net_sales||": ("drop", 1, 1)}
    return here  # type: ignore[no-any-return]


def findings(shop: Services) -> tuple[Finding, ...]:
    return shop.records.findings.all(SHOP.shop_id)


def again(shop: Services, clock: FrozenClock, **later: float) -> watching.Looked:
    """A look after the pause, with something new to look at."""
    clock.advance(**(later or {"hours": 2}))
    shop.warehouse.merge(batch(LAST, LAST, f"again{clock.now()}"))
    shop.cache.clear("watch:*")
    return look(shop, SHOP)


def test_what_is_found_is_kept_once(shop: Services, judge: Here, clock: FrozenClock) -> None:
    heard: list[Any] = []
    shop.bus.subscribe(TOPIC, heard.append)
    looked = look(shop, SHOP)
    assert looked.new == looked.open == 1
    assert looked.sentence() == f"{looked.series} series seen, 1 new finding."
    (one,) = findings(shop)
    assert (one.metric, one.kind, one.first, one.last) == (
        *("net_sales", "drop", "2026-11-16", "2026-11-16"),
    )
    assert (one.over, one.expected, one.low, one.high) == (False, 200.0, 160.0, 240.0)
    assert Around.of(one).peak(one) is not None
    assert again(shop, clock).new == 0
    assert [row.finding_id for row in findings(shop)] == [one.finding_id]
    shop.bus._worker.submit(int).result()  # type: ignore[attr-defined]
    assert heard == [{"shop": SHOP.shop_id}]


def test_an_incident_that_goes_on_stays_the_same_finding(
    shop: Services, judge: Here, clock: FrozenClock
) -> None:
    look(shop, SHOP)
    (before,) = findings(shop)
    judge.there = {"net_sales||": ("shift", 3, 1)}
    again(shop, clock)
    (after,) = findings(shop)
    assert after.finding_id == before.finding_id
    assert (after.kind, after.first, after.found_at) == ("shift", "2026-11-14", before.found_at)


def test_what_is_not_found_any_more_is_over(
    shop: Services, judge: Here, clock: FrozenClock
) -> None:
    look(shop, SHOP)
    judge.there = {}
    assert again(shop, clock).new == 0
    (one,) = findings(shop)
    assert one.over


def test_days_that_somebody_expected_are_left_out(
    shop: Services, judge: Here, clock: FrozenClock
) -> None:
    look(shop, SHOP)
    (one,) = findings(shop)
    handle(shop, one.finding_id, "expected", "Mara")
    again(shop, clock)
    days = next(asked for asked in reversed(judge.asked) if asked["step"] == "day")
    assert days["left_out"][0, -1]
    assert not days["left_out"][0, :-1].any()
    np.testing.assert_array_equal(days["foreseen"], days["left_out"])
    (after,) = findings(shop)
    assert (after.over, after.verdict) == (True, "expected")


def test_hours_are_looked_at_hourly_days_when_they_change_weeks_once(
    shop: Services, judge: Here, clock: FrozenClock
) -> None:
    def steps() -> list[str]:
        judge.asked.clear()
        look(shop, SHOP)
        return [asked["step"] for asked in judge.asked]

    assert steps() == ["hour", "day", "week"]
    clock.advance(minutes=10)
    assert steps() == []
    shop.warehouse.merge(batch(LAST, LAST, "late"))
    shop.warehouse.merge(batch(LAST + timedelta(days=1), LAST + timedelta(days=1), "today"))
    assert steps() == []  # the days were looked at less than an hour ago
    clock.advance(minutes=50)
    assert steps() == ["day"]  # no further hour has arrived
    shop.warehouse.merge(batch(LAST, LAST, "an hour later"))
    assert steps() == ["hour"]
    clock.advance(days=1)
    assert steps() == []  # nothing has arrived since
    shop.warehouse.merge(batch(LAST, LAST, "a day later"))
    clock.advance(days=6, hours=1)
    assert steps() == ["hour", "day"]
    shop.warehouse.merge(batch(LAST, LAST, "a week later"))
    clock.advance(hours=1)
    assert steps() == ["hour", "day", "week"]


def test_a_silent_checkout_is_looked_at_once_its_hours_are_known(
    shop: Services, judge: Here, clock: FrozenClock
) -> None:
    """Nothing arrives, but the source answers: what it has not told of did not happen."""
    shop.records.connections.add(Connection("one", "shopify", "Alder", SHOP.shop_id, {}, ""))
    look(shop, SHOP)
    clock.advance(hours=1)
    judge.asked.clear()
    look(shop, SHOP)
    assert judge.asked == []
    shop.records.connections.note_sync("one")
    look(shop, SHOP)
    (hours,) = judge.asked
    assert hours["values"].shape[1] == hours["left_out"].shape[1]
    assert str(hours["ends"][0]) == "2026-11-17T08"


def test_a_shop_without_sales_has_nothing_to_watch(services: Services) -> None:
    services.warehouse.put_shop(SHOP)
    here = Here()
    looked = look(replace(services, fitting=here), SHOP)
    assert (looked.series, here.asked) == (0, [])
    assert looked.sentence() == "Nothing new has arrived since the last look."


def test_progress_is_told(shop: Services, judge: Here) -> None:
    told: list[tuple[int, int, str]] = []
    looked = look(shop, SHOP, Watch(lambda *step: told.append(step), threading.Event()))
    assert [step for *_, step in told] == ["Hours", "Days", "Weeks", ""]
    assert told[-1] == (looked.series, looked.series, "")


def test_the_real_judge_finds_a_broken_day(services: Services) -> None:
    """Through the process's own function, over plain values and back."""
    services.warehouse.merge(batch(LAST - timedelta(days=119), LAST - timedelta(days=1)))
    services.warehouse.merge(one_order(LAST))
    seen = watched(services, SHOP, Step.DAY)
    assert seen is not None
    asked = unpack(pack(fitted.packed(seen, 1.0)))
    told = unpack(pack(fitted.judged(asked, watch=lambda *_: None)))
    judged, mixed = fitted.unpacked(told)
    assert isinstance(judged, Judged)
    assert mixed.columns.size == 0
    last = [one for one in judged.incidents if one.last == seen.dates.size - 1]
    (sales,) = [one for one in last if judged.ids[one.row] == "net_sales||"]
    assert isinstance(sales, Incident)
    assert sales.direction < 0


def one_order(day: date) -> Any:
    """A day on which hardly anything came."""
    whole = batch(day, day, "broken")
    tables = {name: table.slice(0, 1) for name, table in whole.tables.items()}
    return replace(whole, tables=tables)


def test_the_days_of_the_whole_shop_are_looked_at_as_a_mixture(shop: Services, judge: Here) -> None:
    look(shop, SHOP)
    asked = {one["step"]: one for one in judge.asked}
    named = [asked["day"]["ids"][row] for row in asked["day"]["mixed"]]
    assert named == ["net_sales||", "orders||", "average_order_value||"]
    assert all(len(asked[step]["mixed"]) == 0 for step in ("hour", "week"))


def test_a_mixture_that_no_figure_shows_alone_is_found() -> None:
    """Three figures that rise and fall together, and then do not."""
    generator = np.random.default_rng(4)
    days = 200
    common = 0.1 * generator.normal(size=days)
    base = 100 * np.exp(common + 0.01 * generator.normal(size=(3, days)))
    panel = Panel(("a", "b", "c"), base, np.full(3, np.datetime64("2026-11-16")), Step.DAY, 7, {})
    none = np.zeros(base.shape, bool)
    seen = Watched(SHOP, (), np.empty(0, "datetime64[D]"), panel, none, none)
    asked = unpack(pack(fitted.packed(seen, 0.3, [0, 1, 2])))
    asked["values"][:, -1] = 100 * np.exp([0.25, -0.25, 0.25])
    judged, mixed = fitted.unpacked(unpack(pack(fitted.judged(asked, watch=lambda *_: None))))
    assert mixed.columns[-1] == days - 1
    assert mixed.scores[-1] >= DEVIATIONS
    assert not judged.is_anomaly[:, -1].any()
