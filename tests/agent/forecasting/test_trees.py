"""What the trees are shown, against plain loops; and what they must not be shown."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from agent.forecasting import trees
from agent.forecasting.features import Cells, Seen, rows_of, seen_of
from agent.forecasting.forecaster import forecast
from agent.forecasting.series import Panel, Step
from tests.agent.forecasting.panels import panel, weekly

HORIZON = 7
BACKS = tuple(range(0, 100, 7))


def seen(days: int = 400, count: int = 3, **known: np.ndarray) -> Seen:
    made = panel(weekly(count, days), known=known)
    return seen_of(made, made.values)


def plain(of: Seen) -> trees.Plain:
    shape = (len(BACKS), len(of.values), HORIZON)
    base = np.random.default_rng(1).uniform(40, 60, shape)
    return trees.Plain(BACKS, base, (base * 1.1,))


def cells(*triples: tuple[int, int, int]) -> Cells:
    row, origin, step = (np.array(column) for column in zip(*triples, strict=True))
    return Cells(row, origin, step)


def test_a_row_is_the_same_alone_and_among_others() -> None:
    promo = np.random.default_rng(2).integers(0, 2, (3, 407)).astype(float)
    of = seen(promo=promo)
    places = [(0, 399, 1), (2, 380, 7), (1, 20, 3), (1, 399, 5)]
    together = rows_of(of, cells(*places))
    alone = [rows_of(of, cells(one))[0] for one in places if one[1] != 399]
    np.testing.assert_array_equal(together[[1, 2]], alone)


def test_the_usual_value_of_late_is_of_days_like_the_one_ahead() -> None:
    sale = np.zeros((1, 107))
    sale[0, ::14] = 1.0
    values = np.where(sale[:, :100] > 0, 30.0, 10.0)
    of = seen_of(panel(values, known={"sale": sale}), values)
    found = rows_of(of, cells((0, 97, 1), (0, 97, 2)))[:, -1] * of.size[0, 97]
    assert sale[0, 98:100].tolist() == [1.0, 0.0]
    # Every second Monday was one of a sale; no Tuesday was.
    assert found[0] == pytest.approx(30, rel=0.02)
    assert found[1] == pytest.approx(10, rel=0.02)


@pytest.mark.parametrize("step", [Step.DAY, Step.WEEK])
def test_nothing_after_the_origin_is_seen_but_what_is_known_ahead(step: Step) -> None:
    season = 7 if step is Step.DAY else 52
    values = weekly(4, 420)
    later = values.copy()
    later[:, 400:] *= 9
    here = cells(*((row, 399, ahead) for row in range(4) for ahead in (1, 5, 20)))
    one, other = (
        rows_of(seen_of(panel(table, step, season), table), here) for table in (values, later)
    )
    np.testing.assert_array_equal(one, other)


def test_last_year_of_the_panel_is_the_middle_of_its_series() -> None:
    values = np.full((3, 500), 10.0)
    values[:, 136 + 5] = [5.0, 20.0, 80.0]  # 364 days before the day ahead
    of = seen_of(panel(values), values)
    found = rows_of(of, cells(*((row, 499, 6) for row in range(3))))
    own, pooled = (find_columns(of, found, place) for place in (0, 1))
    assert own.tolist() == [0.5, 2.0, 8.0]
    assert pooled.tolist() == [2.0, 2.0, 2.0]


def find_columns(of: Seen, rows: np.ndarray, place: int) -> np.ndarray:
    before = 1 + len(of.windows) + len(of.zeros) + 1 + sum(map(len, of.phases.values()))
    return rows[:, before + place]


def test_a_lesson_of_the_past_holds_no_later_outcome() -> None:
    of = seen()
    late = of.values.copy()
    late[:, -21:] = np.nan  # as if these days had not come
    told = []
    for values in (of.values, late):
        view = replace(of, values=values)
        sheet = trees.sheet_of(view, plain(of), 0)
        told.append(trees.lesson(replace(of, values=of.values), sheet, 21, plain(of)))
    one, other = told
    assert one is not None and other is not None
    np.testing.assert_array_equal(one.target, other.target)
    whole = trees.lesson(of, trees.sheet_of(of, plain(of), 0), 0, plain(of))
    assert whole is not None
    assert len(whole.target) == 3 * HORIZON * (len(BACKS) - 1)
    assert len(one.target) == 3 * HORIZON * (len(BACKS) - 4)
    assert trees.lesson(of, trees.sheet_of(of, plain(of), 0), 98, plain(of)) is None


def test_rows_stay_within_their_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "BUDGET", 100)
    of = seen()
    kept = trees.sheet_of(of, plain(of), 0).rows
    assert 50 < len(kept) < 160
    np.testing.assert_array_equal(kept, trees.sheet_of(of, plain(of), 0).rows)


def test_rounds_are_foretold_in_one_walk() -> None:
    of, given = seen(), plain(seen())
    lesson = trees.lesson(of, trees.sheet_of(of, given, 0), 0, given)
    assert lesson is not None
    model = trees.learnt(lesson, 0, 20)
    ahead = trees.ahead_of(of, given, 0)
    few, many = trees.foretold(model, of, ahead, given, (5, 20))
    np.testing.assert_allclose(few, trees.foretold(model, of, ahead, given, (5,))[0])
    np.testing.assert_allclose(many, trees.foretold(model, of, ahead, given, (20,))[0])
    assert np.abs(many - of.values[:, -7:]).mean() < np.abs(few - of.values[:, -7:]).mean()


def test_the_model_is_loaded_without_what_it_does_not_need() -> None:
    words = (
        "import sys; from agent.forecasting import trees; trees._boosting(); "
        "print([name for name in trees.SPARED if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_panel_of_numbers_has_no_calendar() -> None:
    values = weekly(2, 60)
    made: Panel = panel(values, Step.NUMBER, 1)
    by_day = rows_of(seen_of(panel(values), values), cells((0, 59, 1)))
    assert rows_of(seen_of(made, values), cells((0, 59, 1))).shape[1] < by_day.shape[1]


def test_without_the_library_the_other_members_are_enough(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> None:
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(trees, "_boosting", missing)
    trees.there.cache_clear()
    try:
        found = forecast(panel(weekly(3, 160)), 14)
    finally:
        trees.there.cache_clear()
    assert np.isfinite(found.point).all()
    assert not any("trees" in method for method in found.methods)
    assert [one.message for one in caplog.records] == [
        "Forecasts are made without trees: LightGBM cannot be loaded. "
        "libgomp.so.1: cannot open shared object file"
    ]
