"""What the fitting process makes of series: ratios through their parts, parts that add up, trials
on the past."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from agent.fitting.parcels import pack, unpack
from agent.forecasting import fitted
from agent.forecasting.fitted import Work, fit, packed, panel_of, unpacked
from agent.forecasting.series import Step
from agent.records.events import Event
from tests.agent.forecasting import small_shop

END = np.datetime64("2026-11-16")
SALE = Event(
    "", "Sale", "promotion", date(2026, 10, 1), date(2026, 10, 3), effect={"discount": 0.2}
)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitted, "forecast", small_shop.told)


def work(values: Any, **more: Any) -> Work:
    return Work(Step.DAY, 7, 14, 0, np.asarray(values, dtype=float), END, {}, (), **more)


def days(count: int = 84, level: float = 100.0) -> np.ndarray:
    weekday = np.arange(count) % 7
    return level * (1 + 0.1 * weekday)


def told(given: Work) -> dict[str, Any]:
    """As it comes back over the line."""
    return dict(unpack(pack(fit(unpack(pack(packed(given)))))))


def test_work_is_the_same_on_the_other_side() -> None:
    given = replace(work([days()], backs=(28,), held=(1.0, 2.0)), events=(SALE,))
    back = unpacked(unpack(pack(packed(given))))
    assert back.events[0].effect == {"discount": 0.2}
    assert (back.backs, back.held, back.end) == (given.backs, given.held, given.end)


def test_a_ratio_is_its_parts_and_has_its_own_bands() -> None:
    above, below = days(level=300.0), days(level=100.0)
    below[-28:] *= 2  # fewer a piece of late
    found = told(work([above / below, above, below], ratios=((0, 1, 2),)))
    assert found["point"][0].tolist() == pytest.approx(
        (found["point"][1] / found["point"][2]).tolist()
    )
    own = np.mean([(above / below)[-7 * n :][:7] for n in (1, 2, 3, 4)], axis=0)
    half = np.tile(own, 2) * small_shop.WIDTHS[0.8]
    assert (found["high"][1, 0] - found["point"][0]).tolist() == pytest.approx(half.tolist())
    # Of the whole stretch it is the ratio of the sums, not the sum of ratios.
    stretch = found["point"][1].sum() / found["point"][2].sum()
    assert found["middle"][0, -1] == pytest.approx(stretch)
    assert (found["low"] >= 0).all()


def test_parts_add_up_to_their_whole() -> None:
    one, two = days(level=30.0), days(level=70.0)
    whole = one + two
    whole[-3:] *= 1.5
    found = told(work([whole, one, two], wholes=((0, 1, 2),)))
    assert found["point"][1:].sum(axis=0).tolist() == pytest.approx(found["point"][0].tolist())
    inside = (found["low"] <= found["point"]) & (found["point"] <= found["high"])
    assert inside.all()


def test_parts_agree_with_a_whole_that_was_told_before() -> None:
    held = tuple(float(value) for value in np.linspace(150, 160, 14))
    found = told(work([days(), days(level=40.0), days(level=60.0)], wholes=((0, 1, 2),), held=held))
    assert found["point"][1:].sum(axis=0).tolist() == pytest.approx(list(held))


def test_a_refused_part_leaves_the_others_alone() -> None:
    young = np.where(np.arange(84) > 78, 5.0, np.nan)
    found = told(work([days(), days(level=40.0), young], wholes=((0, 1, 2),)))
    assert found["refusals"][2]
    plain = told(work([days(level=40.0)]))
    assert found["point"][1].tolist() == plain["point"][0].tolist()


def test_a_trial_knows_nothing_of_what_came() -> None:
    quiet, loud = days(), days()
    loud[-28:] = 1e6
    found = told(work([quiet, loud], backs=(28,)))
    scored, actual, missed, naive, *inside = found["tried"][0, 1]
    assert (scored, inside) == (14, [0, 0, 0])
    assert missed == pytest.approx(actual - told(work([quiet[:-28]]))["point"].sum())
    assert naive > 0
    assert found["tried"][0, 0, 4:].tolist() == [14, 14, 14]


def test_days_left_out_do_not_count_in_a_trial() -> None:
    values = days()
    values[-28:-18] = np.nan
    assert told(work([values], backs=(28,)))["tried"][0, 0, 0] == 4


def test_only_what_has_varied_before_is_a_column() -> None:
    given = replace(work([days()]), events=(SALE,))
    assert "promotion" in panel_of(given).known
    ahead = replace(SALE, first=date(2026, 11, 20), last=date(2026, 11, 21))
    assert "promotion" not in panel_of(replace(given, events=(ahead,))).known
    # Sixty days ago nobody knew how the sale of October would go.
    assert "promotion" not in panel_of(given, 60).known
    assert panel_of(given, 60).values.shape == (1, 24)
    assert {table.shape for table in panel_of(given, 7).known.values()} == {(1, 77 + 14)}


def test_an_event_of_a_part_is_a_column_of_that_part_and_of_the_whole() -> None:
    german = replace(SALE, part={"country": "DE"})
    parts = ({}, {"country": ("DE",)}, {"country": ("FR",)})
    given = replace(work([days()] * 3, parts=parts), events=(SALE, german))
    over = unpacked(unpack(pack(packed(given))))
    assert over.events[1].part == {"country": "DE"}
    table = panel_of(over).known["promotion"]
    assert table.max(axis=1).tolist() == [0.4, 0.4, 0.2]
    assert panel_of(replace(given, events=(german,))).known["promotion"].any(axis=1).tolist() == [
        True,
        True,
        False,
    ]


def test_holidays_of_the_horizon_are_told() -> None:
    given = replace(work([days()]), horizon=60, countries={"DE": 1.0})
    names = {name for _, name, _, _ in told(given)["holidays"]}
    assert any("Weihnacht" in name or "Christmas" in name for name in names)
    assert all("2026-11-17" <= day < "2027-01-16" for day, *_ in told(given)["holidays"])
