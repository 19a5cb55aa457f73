"""One gradient-boosting model over all series of a panel, which foretells every step directly."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from agent.forecasting.features import Cells, Ints, Seen, Slim, rows_of, usual_change
from agent.forecasting.series import Floats, Step

LOG = logging.getLogger(__name__)
BUDGET, EACH = 45_000, 600
"""Rows that a model learns from at most, and of each series; more cost time and gain little."""
MANY = 20
SIZES = {
    "few": (4, (80,)),
    "slow": (8, (50, 90, 150)),
    "many": (20, (120, 240, 400)),
}
"""Leaves, and rounds that are tried. Rows of one series resemble each other, and there are few of
months: a model of those may say little of its own."""
LEAST = 60
SPARED = ("sklearn", "pandas", "pyarrow", "matplotlib", "graphviz", "dask")


@dataclass(frozen=True)
class Plain:
    """Plain forecasts from each of `backs` steps back: base (b, n, horizon), what the model
    corrects; views, other members' of the same form: where they part, less is certain."""

    backs: tuple[int, ...]
    base: Floats
    views: tuple[Floats, ...]

    def at(self, place: Ints, cells: Cells) -> tuple[Floats, ...]:
        """(k,) each: the base and the views' distance from it at the cells of these origins."""
        where = (place, cells.row, cells.step - 1)
        base = self.base[where]
        return (base, *(view[where] - base for view in self.views))


@dataclass(frozen=True)
class Sheet:
    """Rows to learn from or to foretell: where they stand, the place of their origin among those of
    the plain forecasts, and what is seen there (k, features)."""

    cells: Cells
    place: Ints
    rows: Slim


@dataclass(frozen=True)
class Lesson:
    """rows (k, features), target (k,) and weight (k,) of so many series."""

    series: int
    slow: bool
    rows: Slim
    target: Floats
    weight: Floats


def sheet_of(seen: Seen, plain: Plain, seed: int) -> Sheet:
    """Rows whose outcome is known, no more than the budget of them."""
    n, last = seen.values.shape
    horizon = plain.base.shape[2]
    chance = np.random.default_rng(seed)
    past = [place for place, back in enumerate(plain.backs) if back > 0]
    budget = min(BUDGET, EACH * n + 1000)
    share = budget / max(len(past) * n * horizon, 1)
    parts: list[tuple[Ints, Ints, Ints]] = []
    for place in past:
        origin = last - plain.backs[place] - 1
        known = np.isfinite(seen.values[:, origin + 1 : origin + 1 + horizon])
        known &= np.isfinite(seen.windows[2][:, origin])[:, None]
        if share < 1:
            known &= chance.random(known.shape) < share
        row, step = np.nonzero(known)
        parts.append((row, np.full(len(row), place), step + 1))
    nothing = np.zeros(0, dtype=np.intp)
    columns = zip(*parts, strict=True) if parts else ((nothing,),) * 3
    row, place_of, step = (np.concatenate(column) for column in columns)
    origin_of = last - np.array(plain.backs)[place_of] - 1
    cells = Cells(row, origin_of, step)
    return Sheet(cells, place_of, rows_of(seen, cells))


def lesson(seen: Seen, sheet: Sheet, cut: int, plain: Plain) -> Lesson | None:
    """Those of the rows whose outcome was known `cut` steps before the last column; None where
    they are few."""
    kept = sheet.cells.ahead < seen.values.shape[1] - cut
    if np.count_nonzero(kept) < LEAST:
        return None
    cells = sheet.cells.of(kept)
    size = seen.size[cells.row, cells.origin]
    base, *views = plain.at(sheet.place[kept], cells)
    target = (seen.values[cells.row, cells.ahead] - base) / size
    weight = np.clip(size / usual_change(seen, cut)[cells.row], 0.2, 20)
    slow = seen.panel.step in (Step.MONTH, Step.WEEK)
    rows = _table(sheet.rows[kept], (base, *views), size)
    return Lesson(len(seen.values), slow, rows, target, weight)


def _table(rows: Slim, plain: Sequence[Floats], size: Floats) -> Slim:
    """(k, features): the plain forecasts beside what is seen."""
    beside = np.stack(
        [part / size for part in plain], axis=1, dtype=np.float32, casting="same_kind"
    )
    return np.concatenate([beside, rows], axis=1)


def _kind(lesson: Lesson) -> str:
    if lesson.series < MANY:
        return "few"
    return "slow" if lesson.slow else "many"


def usual_rounds(lesson: Lesson) -> tuple[int, ...]:
    """Numbers of rounds to choose from."""
    return SIZES[_kind(lesson)][1]


def _boosting() -> Any:
    """LightGBM without the libraries that it takes along for tables and pipelines: they are four
    fifths of its start and 130 MB of the process, and rows here are arrays."""
    spared = [name for name in SPARED if name not in sys.modules]
    if "lightgbm" not in sys.modules:
        sys.modules.update(dict.fromkeys(spared))  # type: ignore[arg-type]  # None: not installed
    try:
        import lightgbm
    finally:
        for name in spared:
            if sys.modules.get(name, sys) is None:
                del sys.modules[name]
    return lightgbm


@lru_cache(maxsize=1)
def there() -> bool:
    """Whether LightGBM can be loaded: it needs a library of the system that slim ones lack.
    Forecasts are made without trees then."""
    try:
        _boosting()
    except (ImportError, OSError) as error:
        LOG.warning("Forecasts are made without trees: LightGBM cannot be loaded. %s", error)
        return False
    return True


def learnt(lesson: Lesson, seed: int, rounds: int) -> Any:
    """A fitted model."""
    lightgbm = _boosting()
    count = len(lesson.target)
    leaves, _ = SIZES[_kind(lesson)]
    settings = {
        "objective": "l1",
        "num_leaves": leaves,
        "min_data_in_leaf": int(np.clip(count / 300, 10, 100)),
        "learning_rate": 0.035,
        "feature_fraction": 0.4,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 5.0,
        "max_bin": 127,
        "num_threads": 1,
        "seed": seed,
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }
    edge = np.quantile(np.abs(lesson.target), 0.995)
    target = np.clip(lesson.target, -edge, edge)
    data = lightgbm.Dataset(lesson.rows, target, weight=lesson.weight, free_raw_data=True)
    return lightgbm.train(settings, data, num_boost_round=rounds)


def ahead_of(seen: Seen, plain: Plain, place: int) -> Sheet:
    """Every step ahead of every series from the origin at this place of `plain.backs`."""
    n, horizon = plain.base.shape[1:]
    row, step = (grid.ravel() for grid in np.indices((n, horizon)))
    origin = np.full(n * horizon, seen.values.shape[1] - plain.backs[place] - 1)
    cells = Cells(row, origin, step + 1)
    return Sheet(cells, np.full(n * horizon, place), rows_of(seen, cells))


def foretold(model: Any, seen: Seen, ahead: Sheet, plain: Plain, rounds: Sequence[int]) -> Floats:
    """(rounds, n, horizon): by each of these numbers of the model's rounds, which rise."""
    size = seen.size[ahead.cells.row, ahead.cells.origin]
    base, *views = plain.at(ahead.place, ahead.cells)
    table = _table(ahead.rows, (base, *views), size)
    off = np.zeros((len(rounds), len(base)))
    done = 0
    for tried, many in enumerate(rounds):
        more = model.predict(table, start_iteration=done, num_iteration=many - done, num_threads=1)
        off[tried] = more + (off[tried - 1] if tried else 0.0)
        done = many
    found: Floats = (base + off * size).reshape(len(rounds), *plain.base.shape[1:])
    return found
