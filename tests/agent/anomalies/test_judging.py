from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from agent.anomalies.judged import Judged
from agent.anomalies.judging import judge
from agent.forecasting.series import Floats, Step
from tests.agent.anomalies.panels import panel, sales

AT = 170


def judged(values: Floats, budget: float = 0.3) -> Judged:
    return judge(panel(values), budget=budget, together=False)


def named(found: Judged, row: int = 0, since: int = AT) -> list[tuple[str, int]]:
    """Kind and first column of what is told of a row from a column on."""
    return [(i.kind, i.first) for i in found.incidents if i.row == row and i.named >= since]


def test_nothing_is_told_of_usual_days() -> None:
    values = sales(12, 400)
    found = judged(values)
    months = values.size / 30.4
    assert found.is_anomaly.sum() / months < 0.3
    inside = (values >= found.lo) & (values <= found.hi)
    assert inside[:, 60:].mean() > 0.97
    assert np.abs(found.expected[:, 100:] / values[:, 100:] - 1).mean() < 0.08


@pytest.mark.parametrize(("times", "kind"), [(2.5, "spike"), (0.3, "drop")])
def test_a_single_day(times: float, kind: str) -> None:
    values = sales(1, 200)
    values[0, AT] *= times
    found = judged(values)
    assert named(found) == [(kind, AT)]
    one = next(i for i in found.incidents if i.named == AT)
    assert one.over
    assert one.direction == (1 if times > 1 else -1)
    assert one.percent == pytest.approx(100 * (times - 1), abs=25)
    assert found.kind()[0, AT] == kind


def test_a_gap_is_one_incident_and_a_closed_weekday_none() -> None:
    values = sales(1, 200)
    values[0, 6::7] = 0.0
    values[0, AT : AT + 4] = [np.nan, 0.0, np.nan, 0.0]
    found = judged(values)
    assert named(found) == [("missing", AT)]
    assert found.is_anomaly[0, 60:].sum() == found.is_anomaly[0, AT] == 1
    (gone,) = (one for one in found.incidents if one.named == AT)
    assert (gone.last, gone.over, gone.actual) == (AT + 3, True, 0.0)
    assert np.nan_to_num(found.expected[0, AT]) > 500


def few(rate: float, n: int = 20, days: int = 420) -> Floats:
    """Sales of so many things a day, each at its own price: days without any come by themselves."""
    rng = np.random.default_rng(8)
    counts = rng.poisson(rate, (n, days))
    return np.asarray(counts * 40.0 * np.exp(0.2 * rng.standard_normal((n, days))))


@pytest.mark.parametrize("rate", [1.0, 2.0, 3.0, 4.0])
def test_days_without_any_of_few_sales_are_no_news(rate: float) -> None:
    values = few(rate)
    empty = values[:, 120:] == 0
    assert empty.any()
    found = judged(values)
    assert (found.is_anomaly[:, 120:] & empty).sum() <= 0.08 * empty.sum()
    gone = [one for one in found.incidents if one.kind == "missing" and one.named >= 120]
    assert len(gone) <= 0.02 * empty.sum()


def test_one_day_without_any_of_few_sales_is_a_drop_and_more_are_a_feed_that_stopped() -> None:
    for count, kind, least in ((1, "drop", 6), (2, "missing", 8)):
        values = few(8.0, 10, AT + count)
        values[:, AT:] = 0.0
        told = [one for one in judged(values).incidents if one.first == AT]
        assert {one.kind for one in told} == {kind}
        assert len(told) >= least
        assert all(one.actual == 0 and one.expected > 100 for one in told)
    steady = sales(1, AT + 1)
    steady[0, AT] = 0.0
    assert named(judged(steady)) == [("missing", AT)]


@pytest.mark.parametrize("times", [0.55, 1.7])
def test_a_new_level_is_named_once_within_two_days_and_becomes_usual(times: float) -> None:
    values = sales(1, 240)
    values[0, AT:] *= times
    found = judged(values)
    told = named(found)
    assert len(told) == 1
    assert told[0][1] in (AT, AT + 1, AT + 2)
    assert "shift" in found.kind()[0, AT : AT + 3]
    assert np.abs(found.expected[0, AT + 10 :] / values[0, AT + 10 :] - 1).mean() < 0.12


def test_a_trend_is_named_within_ten_days_and_dated_back() -> None:
    values = sales(4, 240, noise=0.04)
    values[:, AT:] *= np.exp(-0.02 * np.arange(70))
    found = judged(values)
    first = [next(i for i in found.incidents if i.row == row and i.named >= AT) for row in range(4)]
    assert np.median([one.named for one in first]) <= AT + 10
    assert all(one.first <= one.named for one in found.incidents)
    assert any(one.first < one.named for one in found.incidents)


def test_a_peak_of_every_year_is_no_news_the_second_time() -> None:
    values = sales(6, 860)
    for at in (340, 340 + 366):
        values[:, at : at + 3] *= 2.2
    found = judged(values)
    assert found.is_anomaly[:, 339:345].any(axis=1).sum() >= 5
    assert not found.is_anomaly[:, 700:712].any()


def test_what_all_stores_do_is_no_news_but_a_break_of_all_of_them_is() -> None:
    rng = np.random.default_rng(1)
    values = sales(10, 400) * np.exp(0.25 * rng.standard_normal(400))[None, :]
    values[3, 380] *= 0.5
    apart = judge(panel(values), together=False)
    found = judge(panel(values), together=True)
    assert found.is_anomaly[3, 380] and not apart.is_anomaly[3, 380]
    values[:, 390] *= 0.08
    assert judge(panel(values)).is_anomaly[:, 390].sum() >= 8


def test_nobody_looks_ahead() -> None:
    values = sales(3, 420, seed=4)
    values[1, 200] *= 3
    values[2, 300:] *= 0.5
    values[0, 250:253] = np.nan
    whole = judge(panel(values))
    for back in (1, 57):
        part = judge(panel(values).until(back))
        for name in ("expected", "lo", "hi", "score", "is_anomaly", "kinds"):
            np.testing.assert_array_equal(
                getattr(part, name), getattr(whole, name)[:, :-back], err_msg=name
            )


def test_a_known_column_explains() -> None:
    rng = np.random.default_rng(2)
    promotion = (rng.random(400) < 0.1) * 1.0
    values = sales(4, 400) * np.exp(0.7 * promotion)[None, :]
    plain = judge(panel(values), together=False)
    told = replace(panel(values), known={"promotion": np.tile(promotion, (4, 1))})
    found = judge(told, together=False)
    assert found.is_anomaly[:, 200:].sum() <= plain.is_anomaly[:, 200:].sum()
    off = [np.abs(one.expected / values - 1)[:, 200:].mean() for one in (plain, found)]
    assert off[1] < 0.8 * off[0]


def test_what_is_left_out_is_not_told_and_a_given_expectation_counts() -> None:
    values = sales(1, 200)
    values[0, AT] *= 0.2
    skip = np.zeros((1, 200), bool)
    skip[0, AT] = True
    assert named(judge(panel(values), left_out=skip)) == []
    given = np.full((1, 200), np.nan)
    given[0, AT] = values[0, AT]
    found = judge(panel(values), expected=given)
    assert named(found) == []
    assert found.expected[0, AT] == pytest.approx(values[0, AT])


def test_what_people_expected_is_no_news_a_year_later() -> None:
    year = 364
    quiet = sales(1, AT + year + 20)
    quiet[0, AT + year] *= 0.4
    before = quiet.copy()
    before[0, AT] *= 0.4
    marked = np.zeros(quiet.shape, bool)
    marked[0, AT] = True
    for values, told in ((quiet, [("drop", AT + year)]), (before, [])):
        found = judge(panel(values), left_out=marked, foreseen=marked, together=False)
        assert named(found) == told


@pytest.mark.parametrize(("times", "kind"), [(0.4, "drop"), (0.0, "missing")])
def test_an_outage_pardons_nothing_a_year_later(times: float, kind: str) -> None:
    """Its day teaches nothing: neither what is usual, nor what the same day may be like."""
    year = 364
    values = sales(1, AT + year + 20)
    values[0, [AT, AT + year]] *= times
    marked = np.zeros(values.shape, bool)
    marked[0, AT] = True
    for foreseen, told in ((None, [(kind, AT + year)]), (marked, [])):
        found = judge(panel(values), left_out=marked, foreseen=foreseen, together=False)
        assert named(found) == told


def test_series_that_jump_each_day_do_not_seem_to_be_steady() -> None:
    """What the calendar pardons is learnt as a stray, or it would pardon ever more."""
    values = sales(8, 800, noise=0.4)
    found = judge(panel(values), together=False)
    late = slice(600, 800)
    width = np.log(found.hi[:, late] / np.maximum(found.lo[:, late], 1.0))
    assert np.median(width) > 2.0
    assert found.score.max() < 6.0


def test_a_larger_budget_tells_more() -> None:
    rng = np.random.default_rng(3)
    values = sales(20, 300) * np.exp(rng.standard_t(3, (20, 300)) * 0.08)
    counts = [int(judged(values, budget).is_anomaly.sum()) for budget in (0.1, 0.5, 2.0)]
    assert counts[0] < counts[1] < counts[2]


def test_bad_input_is_an_answer() -> None:
    days = 120
    wave = sales(1, days)[0]
    rows = {
        "constant": np.full(days, 7.0),
        "zero": np.zeros(days),
        "missing": np.full(days, np.nan),
        "one": np.where(np.arange(days) == 60, 5.0, np.nan),
        "infinite": np.where(np.arange(days) == 90, np.inf, wave),
        "huge": wave * 1e15,
        "negative": wave - 1000.0,
        "tiny": wave * 1e-12,
    }
    found = judge(panel(np.stack(list(rows.values()))), together=False)
    told = dict(zip(rows, found.is_anomaly.sum(axis=1), strict=True))
    assert all(told[name] == 0 for name in ("constant", "zero", "missing", "one"))
    assert np.isfinite(found.score).all()
    np.testing.assert_allclose(found.expected[0, 60:], 7.0, rtol=1e-6)
    assert np.isnan(found.expected[2]).all()
    np.testing.assert_allclose(found.expected[5, 60:] / 1e15, found.expected[7, 60:] * 1e12)
    empty = judge(panel(np.zeros((0, 5))))
    assert empty.expected.shape == (0, 5) and empty.incidents == ()
    with pytest.raises(ValueError, match="budget"):
        judge(panel(wave[None]), budget=0.0)


def test_other_steps() -> None:
    rng = np.random.default_rng(5)
    for step, season, length in ((Step.HOUR, 24, 700), (Step.WEEK, 52, 160), (Step.MONTH, 12, 80)):
        values = 100 * np.exp(0.05 * rng.standard_normal((2, length)))
        values[0, length - 20] *= 4
        found = judge(panel(values, step, season), together=False)
        assert found.is_anomaly[0, length - 20], step
        assert not found.is_anomaly[1, length - 25 :].any(), step


def test_without_a_calendar_a_plateau_is_told_once() -> None:
    rng = np.random.default_rng(6)
    values = 50 + rng.standard_normal((1, 1500))
    values[0, 1000:1200] += 15
    found = judge(panel(values, Step.NUMBER, 1))
    told = np.flatnonzero(found.is_anomaly[0])
    assert 1000 in told
    assert len(told) <= 3


def test_parts_are_judged_as_one_and_progress_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    values = sales(5, 200)
    values[4, AT] *= 3
    monkeypatch.setattr("agent.anomalies.judging.CHUNK", 2)
    seen: list[tuple[int, int]] = []
    found = judge(panel(values), watch=lambda done, whole, step: seen.append((done, whole)))
    assert [(i.row, i.kind) for i in found.incidents if i.named == AT] == [(4, "spike")]
    assert found.score.shape == values.shape
    assert seen[-1] == (1000, 1000) and seen == sorted(seen)
