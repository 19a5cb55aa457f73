"""What the trees see of a series at an origin and a step ahead: nothing later than the origin but
the calendar and what is known ahead.

Rows are made all at once, from tables that were reckoned once: a single series has as many origins
as a panel has series, and a loop over origins would cost more than the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.scaling import mean_of, phase_mean, rolling_mean, seasonal_change
from agent.forecasting.series import Floats, Panel, Step, moved

WINDOWS = {
    Step.DAY: (1, 7, 28, 91, 364),
    Step.HOUR: (1, 24, 72, 168, 672),
    Step.WEEK: (1, 4, 13, 26, 52),
    Step.MONTH: (1, 3, 6, 12, 24),
    Step.NUMBER: (1, 4, 12, 24, 48),
}
YEAR = {Step.DAY: 364, Step.WEEK: 52, Step.HOUR: 168, Step.MONTH: 12}

LOOKS = 8
"""So many days of the same phase are compared with the one ahead."""

Slim = NDArray[np.float32]
Ints = NDArray[np.intp]
Late = tuple[tuple[Ints, Floats], ...]


@dataclass(frozen=True)
class Cells:
    """Where rows stand, each (k,): the series, the column of the origin, and the steps ahead."""

    row: Ints
    origin: Ints
    step: Ints

    @property
    def ahead(self) -> Ints:
        """The column that is foretold."""
        return self.origin + self.step

    def of(self, kept: NDArray[np.bool_]) -> Cells:
        """Those that are kept."""
        return Cells(self.row[kept], self.origin[kept], self.step[kept])


@dataclass(frozen=True)
class Seen:
    """Running figures of a panel, reckoned once: each column tells of itself and before."""

    panel: Panel
    values: Floats  # without closed days
    size: Floats  # (n, t) the size at each column
    windows: tuple[Slim, ...]
    zeros: tuple[Slim, ...]
    restless: Slim
    phases: dict[int, tuple[Slim, ...]]
    year: int
    spreads: Mapping[str, Floats]  # (n,) of each column known ahead


def seen_of(panel: Panel, values: Floats) -> Seen:
    """Reckon what rows are made of. `values` are the panel's without closed days."""
    windows = WINDOWS[panel.step]
    season = panel.season
    means = tuple(_slim(rolling_mean(values, window)) for window in windows)
    floor = 0.1 * rolling_mean(np.abs(values), values.shape[1])
    size = np.maximum(np.abs(rolling_mean(np.abs(values), windows[2] * 2)), floor)
    size = np.where(np.isfinite(size) & (size > 1e-12), size, 1.0)
    zero = np.where(np.isfinite(values), values == 0, np.nan)
    zeros = (_slim(rolling_mean(zero, windows[2])), _slim(rolling_mean(zero, windows[3])))
    lag = min(season, values.shape[1] - 1)
    change = np.full_like(values, np.nan)
    if lag:
        change[:, lag:] = np.abs(values[:, lag:] - values[:, :-lag])
    restless = _slim(rolling_mean(change, windows[2] * 2) / size)
    phases = {
        span: tuple(_slim(phase_mean(values, span, count)) for count in (1, 2, 4, 8))
        for span in _spans(panel)
    }
    spreads = {name: _spread(table) for name, table in panel.known.items()}
    year = YEAR.get(panel.step, 0)
    return Seen(panel, values, size, means, zeros, restless, phases, year, spreads)


def _slim(table: Floats) -> Slim:
    """Half the memory: features need no more digits."""
    return table.astype(np.float32)


def _spread(table: Floats) -> Floats:
    """(n,): how far a column strays from its mean."""
    found: Floats = np.sqrt(mean_of((table - mean_of(table)[:, None]) ** 2)) + 1e-9
    return found


def _spans(panel: Panel) -> tuple[int, ...]:
    season = max(panel.season, 1)
    return (season, 2 * season) if season in (7, 24) else (season,)


def rows_of(seen: Seen, cells: Cells) -> Slim:
    """(k, features): what is seen at each cell's origin of the step ahead."""
    columns = list(_columns(seen, cells))
    return np.stack(columns, axis=1, dtype=np.float32, casting="same_kind")


def _columns(seen: Seen, cells: Cells) -> Iterator[Floats]:
    row, origin = cells.row, cells.origin
    size = seen.size[row, origin]
    yield cells.step.astype(float)
    for table in seen.windows:
        yield table[row, origin] / size
    for table in (*seen.zeros, seen.restless):
        yield table[row, origin].astype(float)
    for span, tables in seen.phases.items():
        latest = cells.ahead - span * (-(-cells.step // span))
        for table in tables:
            yield _picked(table, row, latest) / size
    yield from _of_last_year(seen, cells)
    yield from _calendar(seen, cells)
    late = _of_late(seen, cells) if seen.panel.known else ()
    for name, known in seen.panel.known.items():
        ahead = _picked(known, row, cells.ahead)
        yield ahead
        yield _usual_then(late, known, row, (ahead, seen.spreads[name][row])) / size


def _picked(table: Floats | Slim, row: Ints, column: Ints) -> Floats:
    """(k,): the table's figures there, NaN before its first column and after its last."""
    fine = (column >= 0) & (column < table.shape[1])
    found: Floats = table[row, np.where(fine, column, 0)].astype(float)
    found[~fine] = np.nan
    return found


def _of_last_year(seen: Seen, cells: Cells) -> Iterator[Floats]:
    """The same week a year ago, against the level then, of the series and of the panel."""
    if not seen.year or seen.values.shape[1] <= seen.year:
        return
    ratio = _against_last_year(seen, cells)
    yield ratio
    yield ratio if len(seen.values) == 1 else _pooled(seen, cells)
    column = cells.ahead - seen.year + seen.panel.season // 2
    week = _picked(seen.windows[1], cells.row, column)
    yield np.clip(week / _level_then(seen, cells), -10, 10)


def _level_then(seen: Seen, cells: Cells) -> Floats:
    """(k,): the level a year before the origin, NaN where there was none."""
    then = cells.origin - seen.year
    level = np.abs(_picked(seen.windows[2], cells.row, then))
    level = np.maximum(level, 0.1 * _picked(seen.size, cells.row, then))
    return np.where(level > 0, level, np.nan)


def _against_last_year(seen: Seen, cells: Cells) -> Floats:
    ago = _picked(seen.values, cells.row, cells.ahead - seen.year)
    ago[cells.step > seen.year] = np.nan
    found: Floats = np.clip(ago / _level_then(seen, cells), -10, 10)
    return found


def _pooled(seen: Seen, cells: Cells) -> Floats:
    """(k,): the middle of the whole panel's figures against last year's at the same step."""
    n, most = len(seen.values), int(cells.step.max(initial=1))
    row, step = (grid.ravel() for grid in np.indices((n, most)))
    found = np.full(len(cells.row), np.nan)
    for origin in np.unique(cells.origin):
        here = cells.origin == origin
        every = Cells(row, np.full(n * most, origin), step + 1)
        middle = _column_median(_against_last_year(seen, every).reshape(n, most))
        found[here] = middle[cells.step[here] - 1]
    return found


def _column_median(table: Floats) -> Floats:
    """(h,): the middle of each column over the series, NaN where none is known."""
    count = np.isfinite(table).sum(axis=0)
    ordered = np.sort(table, axis=0)  # what is not known comes last
    place = np.arange(table.shape[1])
    low = ordered[np.maximum(count - 1, 0) // 2, place]
    high = ordered[np.minimum(count // 2, len(table) - 1), place]
    return np.where(count > 0, (low + high) / 2, np.nan)


def _calendar(seen: Seen, cells: Cells) -> Iterator[Floats]:
    panel = seen.panel
    if panel.step is Step.NUMBER:
        return
    after = cells.ahead - (seen.values.shape[1] - 1)
    dates = moved(panel.ends[cells.row], panel.step, after)
    days = dates.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    month = (months.astype(np.int64) % 12).astype(float)
    year_day = (days - days.astype("datetime64[Y]")).astype(float)
    if panel.step is Step.MONTH:
        yield month
    elif panel.step is Step.WEEK:
        yield from (year_day, month)
    else:
        yield ((days.astype(np.int64) + 3) % 7).astype(float)
        yield from ((days - months).astype(float), year_day)
    if panel.step is Step.HOUR:
        yield (dates.astype("datetime64[h]").astype(np.int64) % 24).astype(float)


def _of_late(seen: Seen, cells: Cells) -> Late:
    """The last days of the same phase as the one ahead: their columns, and what came then."""
    season = max(seen.panel.season, 1)
    latest = cells.ahead - season * (-(-cells.step // season))
    columns = [latest - season * back for back in range(LOOKS)]
    return tuple((column, _picked(seen.values, cells.row, column)) for column in columns)


def _usual_then(late: Late, table: Floats, row: Ints, about: tuple[Floats, Floats]) -> Floats:
    """(k,): the usual value of late on days like the one ahead: those with what is known ahead
    nearest to it. `about` is what is known of the day ahead, and how far that strays."""
    ahead, spread = about
    total, weight = np.zeros(len(ahead)), np.zeros(len(ahead))
    for back, (column, value) in enumerate(late, 1):
        then = _picked(table, row, column)
        close = np.exp(-3 * np.abs(ahead - then) / spread) * 0.9**back
        known = np.isfinite(value) & np.isfinite(close)
        weight += np.where(known, close, 0.0)
        total += np.where(known, close * value, 0.0)
    return np.where(weight > 1e-6, total / np.maximum(weight, 1e-9), np.nan)


def usual_change(seen: Seen, back: int) -> Floats:
    """(n,): the scale of errors by what is known `back` steps before the last column."""
    last = seen.values.shape[1] - back
    return seasonal_change(seen.values[:, :last], seen.panel.season)
