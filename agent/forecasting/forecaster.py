"""The numeric core: a panel in, forecasts with their bands and their record out. Knows no shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from agent.forecasting import combining, conformal
from agent.forecasting.backtesting import Trials, trials
from agent.forecasting.history import History, constant, history_of, refusals
from agent.forecasting.intermittent import settled
from agent.forecasting.scaling import seasonal_change
from agent.forecasting.series import Floats, Panel
from agent.words import t

CHUNK = 1000
"""So many series are foretold together: they share a model, and the memory stays bounded."""
Watch = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Record:
    """How a series' forecasts did at the origins of the past; NaN where there was none.

    error, naive   mean absolute error as a share of the mean size of the values: ours, and of the
                   last season repeated
    within80/95    the share of values within the bands of the past
    origins        how many origins were tried
    """

    error: float
    naive: float
    within80: float
    within95: float
    origins: int


@dataclass(frozen=True)
class Residuals:
    """paths (k, horizon): running sums of how far the past was off, shared by series and in units
    of `size`, the usual error of one of them; count: how many of them are independent, None for
    all."""

    paths: Floats
    size: float
    count: float | None = None

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True)
class Forecasts:
    """point (n, horizon), NaN where refused; bounds level -> (low, high), each (n, horizon);
    methods, records, refusals: one a series, in the order of `ids`; a refusal is "" or why."""

    ids: tuple[str, ...]
    point: Floats
    bounds: Mapping[float, tuple[Floats, Floats]]
    methods: tuple[str, ...]
    records: tuple[Record, ...]
    refusals: tuple[str, ...]
    sums: tuple[Residuals, ...]

    def total(self, row: int, steps: int, level: float) -> float:
        """The quantile of the sum over the first `steps` steps of a series.

        Sums of bands are no band of the sum: this one comes from whole paths of residuals.
        """
        middle = float(self.point[row, :steps].sum())
        off = self.sums[row]
        return middle + off.size * conformal.quantile(off.paths[:, steps - 1], level, off.count)


NO_RECORD = Record(np.nan, np.nan, np.nan, np.nan, 0)


def _silent(done: int, whole: int, step: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class _Part:
    """Forecasts of some rows."""

    point: Floats
    bounds: Mapping[float, tuple[Floats, Floats]]
    methods: tuple[str, ...]
    records: tuple[Record, ...]
    sums: tuple[Residuals, ...]


def forecast(panel: Panel, horizon: int, *, seed: int = 0, watch: Watch = _silent) -> Forecasts:
    """Foretell `horizon` steps of every series.

    watch is told (series done, series in all, what is being done). The same seed gives the same
    forecasts. Needs values (n, t) and horizon >= 1, else ValueError.
    """
    if horizon < 1 or panel.values.ndim != 2:
        raise ValueError("a forecast needs a table of series and at least one step ahead")
    n = len(panel.ids)
    why = refusals(panel)
    same = constant(panel.values)
    live = np.array([not sentence for sentence in why], dtype=bool)
    rows = np.flatnonzero(live & ~same)
    pieces: list[tuple[np.ndarray, _Part]] = []
    for part in (np.flatnonzero(~live), np.flatnonzero(live & same)):
        if len(part):
            pieces.append((part, _without_model(panel.of(part), horizon)))
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        told = partial(watch, n - len(rows) + first, n)
        pieces.append((chunk, _chunk(panel.of(chunk), horizon, seed, told)))
    watch(n, n, "done")
    return _joined(panel.ids, horizon, pieces, why)


def _chunk(panel: Panel, horizon: int, seed: int, said: Callable[[str], None]) -> _Part:
    """Series that are foretold together."""
    with np.errstate(all="ignore"):
        history = history_of(panel)
        tried = trials(history, horizon, seed, said)
        scale = seasonal_change(history.panel.values, panel.season)
        taste = combining.taste_of(panel.step)
        weight = combining.weights(tried, scale, taste)
        paths = combining.honest(tried, scale, taste)
        paths = settled(paths, history.open, panel.season, tried.backs)
        said("bands")
        habit = conformal.habit_of(panel.step)
        errors = _errors(tried, paths, scale, habit)
        bounds = _banded(history, errors, paths[0])
    unit = history.unit[:, None]
    sizes = errors.size * conformal.swollen(paths[0], errors.swell) * history.unit
    sums = tuple(Residuals(errors.sums, float(size), errors.count) for size in sizes)
    return _Part(
        paths[0] * unit,
        {level: (low * unit, high * unit) for level, (low, high) in bounds.items()},
        tuple(_method(tuple(tried.members), column) for column in weight.T),
        _records(history, tried, paths, (scale, habit)),
        sums,
    )


def _errors(
    tried: Trials, paths: Floats, scale: Floats, habit: conformal.Habit
) -> conformal.Errors:
    if len(tried.truth):
        return conformal.errors_of(paths[1:], tried.truth, scale, habit)
    nothing = np.full((1, *paths.shape[1:]), np.nan)
    return conformal.errors_of(nothing * 0 + 1, nothing, scale, habit)


def _banded(
    history: History, errors: conformal.Errors, path: Floats
) -> dict[float, tuple[Floats, Floats]]:
    """Bands about the path: nothing on closed days, nothing negative where nothing was."""
    shut = history.shut(0, path.shape[1])
    floor = np.where(history.signed, -np.inf, 0.0)[:, None]
    return {
        level: (
            np.where(shut, 0.0, np.maximum(low, floor)),
            np.where(shut, 0.0, np.maximum(high, floor)),
        )
        for level, (low, high) in conformal.bands(errors, path).items()
    }


def _records(
    history: History, tried: Trials, paths: Floats, unit: tuple[Floats, conformal.Habit]
) -> tuple[Record, ...]:
    """Each series' record; the bands of each origin come from the other origins."""
    past = len(tried.truth)
    if not past:
        return tuple(NO_RECORD for _ in range(paths.shape[1]))
    held = []
    for origin in range(past):
        others = np.arange(past) != origin if past > 1 else np.ones(past, bool)
        errors = conformal.errors_of(paths[1:][others], tried.truth[others], *unit)
        held.append(_banded(history, errors, paths[1 + origin]))
    within = {
        level: conformal.inside(
            (np.stack([b[level][0] for b in held]), np.stack([b[level][1] for b in held])),
            tried.truth,
        )
        for level in (0.8, 0.95)
    }
    ours = _share(paths[1:], tried.truth)
    plain = _share(tried.members["naive"][1:], tried.truth)
    found: tuple[Record, ...] = tuple(
        Record(float(a), float(b), float(c), float(d), past)
        for a, b, c, d in zip(ours, plain, within[0.8], within[0.95], strict=True)
    )
    return found


def _share(paths: Floats, truth: Floats) -> Floats:
    """(n,): the absolute errors as a share of the values."""
    known = np.isfinite(truth)
    off = np.where(known, np.abs(paths - truth), 0.0).sum(axis=(0, 2))
    size = np.where(known, np.abs(truth), 0.0).sum(axis=(0, 2))
    return np.where(size > 0, off / np.where(size > 0, size, 1.0), np.nan)


def _method(names: Sequence[str], weight: Floats) -> str:
    """The members that count, the weightiest first."""
    order = np.argsort(-weight, kind="stable")
    parts = [f"{names[place]} {weight[place]:.0%}" for place in order if weight[place] >= 0.01]
    return ", ".join(parts)


def _without_model(panel: Panel, horizon: int) -> _Part:
    """Constant series, as constant as they were; and of refused ones no number at all."""
    same = constant(panel.values)
    refused = np.array([bool(sentence) for sentence in refusals(panel)])
    known = np.isfinite(panel.values)
    last = np.where(known, panel.values, -np.inf).max(axis=1, initial=-np.inf)
    point = np.repeat(np.where(same & ~refused, last, np.nan)[:, None], horizon, axis=1)
    words = tuple("" if no else t("constant in all its history") for no in refused)
    nothing = np.zeros((1, horizon))
    return _Part(
        point,
        dict.fromkeys(conformal.LEVELS, (point, point)),
        words,
        (NO_RECORD,) * len(point),
        tuple(Residuals(nothing[:0] if no else nothing, 0.0) for no in refused),
    )


def _joined(
    ids: tuple[str, ...],
    horizon: int,
    pieces: Sequence[tuple[np.ndarray, _Part]],
    why: tuple[str, ...],
) -> Forecasts:
    """The parts in the order of the panel."""
    n = len(ids)
    point = np.full((n, horizon), np.nan)
    bounds = {level: (point.copy(), point.copy()) for level in conformal.LEVELS}
    methods, records, sums = [""] * n, [NO_RECORD] * n, [Residuals(np.zeros((0, horizon)), 0.0)] * n
    for rows, part in pieces:
        point[rows] = part.point
        for level, (low, high) in part.bounds.items():
            bounds[level][0][rows], bounds[level][1][rows] = low, high
        for place, row in enumerate(rows):
            methods[row] = part.methods[place]
            records[row] = part.records[place]
            sums[row] = part.sums[place]
    return Forecasts(ids, point, bounds, tuple(methods), tuple(records), why, tuple(sums))
