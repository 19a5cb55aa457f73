"""Rows of a table laid side by side as panels, and what was said of them laid back onto rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agent.anomalies.judged import MISSING, Judged
from agent.forecasting.reading import NEEDED
from agent.forecasting.series import Floats, Panel, Step

SEASON = {Step.HOUR: 24, Step.DAY: 7, Step.WEEK: 52, Step.MONTH: 12, Step.NUMBER: 1}
TOGETHER = 2000
"""Series of one panel at most."""
MOST = 4_000_000
"""Cells of one panel at most."""
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Laid:
    """A panel, and of each row of the table that went in: its place there, its series' row and its
    column in the panel."""

    panel: Panel
    places: Places
    rows: Places
    columns: Places


def laid(rows: pd.DataFrame, season: int | None = None) -> Iterator[Laid]:
    """Panels of series of one step each, from rows as `reading.cleaned` gives them.

    Finer than an hour there is no calendar: a row is a step. `season` None is the usual one.
    """
    if rows.empty:
        return
    codes, ids = pd.factorize(rows.series_id)
    names = [name for name in rows.columns if name not in NEEDED]
    steps = _steps(rows, codes, len(ids))
    at = _places(rows, codes, steps)
    lengths = _lengths(codes, at, len(ids))
    for step in Step:
        mine = np.flatnonzero(steps == step)
        ordered = mine[np.argsort(lengths[mine], kind="stable")]
        for part in _parts(ordered, lengths):
            yield _laid(rows, names, (codes, at, np.asarray(ids)), (part, step, season))


def _parts(ordered: Places, lengths: Places) -> Iterator[Places]:
    """So many series together that a panel stays small; the shortest first."""
    first = 0
    for place in range(1, len(ordered) + 1):
        full = place - first >= TOGETHER
        if place == len(ordered) or full or lengths[ordered[place]] * (place - first + 1) > MOST:
            yield np.sort(ordered[first:place])
            first = place


def _steps(rows: pd.DataFrame, codes: Places, count: int) -> NDArray[np.object_]:
    """(series,): what usually lies between two rows of each."""
    found = np.full(count, Step.NUMBER, dtype=object)
    if rows.ds.dtype.kind != "M":
        return found
    same = codes[1:] == codes[:-1]
    hours = np.diff(rows.ds.to_numpy()).astype("timedelta64[s]").astype(float)[same] / 3600.0
    usual = pd.Series(hours).groupby(codes[1:][same]).median()
    middle = np.full(count, 24.0)
    middle[usual.index.to_numpy()] = usual.to_numpy()
    for step, least, most in (
        (Step.HOUR, 0.9, 12.0),
        (Step.DAY, 12.0, 120.0),
        (Step.WEEK, 120.0, 504.0),
        (Step.MONTH, 504.0, 1000.0),
    ):
        found[(middle >= least) & (middle < most)] = step
    return found


_UNITS = {Step.HOUR: ("h", 1), Step.DAY: ("D", 1), Step.WEEK: ("D", 7), Step.MONTH: ("M", 1)}


def _places(rows: pd.DataFrame, codes: Places, steps: NDArray[np.object_]) -> Places:
    """(rows,): whole numbers that count the steps; of series without calendar the rows."""
    found: Places = rows.groupby(codes).cumcount().to_numpy(np.int64, copy=True)
    for step, (unit, span) in _UNITS.items():
        mine = steps[codes] == step
        if mine.any():
            dates = rows.ds.to_numpy()[mine].astype(f"datetime64[{unit}]").astype(np.int64)
            found[mine] = dates // span
    return found


def _lengths(codes: Places, at: Places, count: int) -> Places:
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(first, codes, at)
    np.maximum.at(last, codes, at)
    return np.asarray(last - first + 1)


def _laid(
    rows: pd.DataFrame,
    names: list[str],
    series: tuple[Places, Places, NDArray[np.object_]],
    part: tuple[Places, Step, int | None],
) -> Laid:
    codes, at, ids = series
    chosen, step, season = part
    place_of = np.full(len(ids), -1)
    place_of[chosen] = np.arange(len(chosen))
    inside = np.flatnonzero(place_of[codes] >= 0)
    row, when = place_of[codes[inside]], at[inside]
    ends = np.full(len(chosen), np.iinfo(np.int64).min)
    np.maximum.at(ends, row, when)
    back = ends[row] - when
    width = int(back.max()) + 1
    column = width - 1 - back

    def table(name: str) -> Floats:
        found = np.full((len(chosen), width), np.nan)
        found[row, column] = rows[name].to_numpy(float)[inside]
        return found

    panel = Panel(
        tuple(map(str, ids[chosen])),
        table("y"),
        _dated(ends, step),
        step,
        season or SEASON[step],
        {name: table(name) for name in names},
    )
    return Laid(panel, rows.index.to_numpy()[inside], row, column)


def _dated(ends: Places, step: Step) -> NDArray[np.datetime64]:
    if step is Step.NUMBER:
        return np.zeros(len(ends), "datetime64[D]")
    unit, span = _UNITS[step]
    dates = (ends * span).astype(f"datetime64[{unit}]")
    return dates if step is Step.HOUR else dates.astype("datetime64[D]")


COLUMNS = ("expected", "lo", "hi", "score", "is_anomaly", "kind")


def said(one: Laid, judged: Judged) -> dict[str, NDArray[np.generic]]:
    """Column name -> what is said of each row of `one`. What was missing where the table has no row
    is said at the next one that it has."""
    score, alarm, kinds = (x.copy() for x in (judged.score, judged.is_anomaly, judged.kinds))
    there = np.zeros(score.shape, bool)
    there[one.rows, one.columns] = True
    for row, column in np.argwhere(judged.is_anomaly & ~there):
        after = np.flatnonzero(there[row, column:])
        if len(after):
            to = column + int(after[0])
            score[row, to] = max(score[row, to], score[row, column])
            alarm[row, to], kinds[row, to] = True, MISSING
    at = (one.rows, one.columns)
    names = np.array(["", "spike", "drop", "shift", "trend", "missing", "variance"], dtype=object)
    return {
        "expected": judged.expected[at],
        "lo": judged.lo[at],
        "hi": judged.hi[at],
        "score": np.round(score[at], 4),
        "is_anomaly": alarm[at],
        "kind": names[kinds[at]],
    }
