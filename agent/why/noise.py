"""Whether a segment's change is more than it usually changes by: against its own changes between
equally long stretches of the year before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from agent.metrics.grammar import Filter
from agent.metrics.questions import Ask, Scope
from agent.why.cube import Floats, Text
from agent.why.leaves import Change, measured_by, parts_of
from agent.why.parts import NOISE, SIGNAL, UNCLEAR, Part

if TYPE_CHECKING:
    from agent.services import Services

WEEKS = 52
BEYOND = 2.0
"""A change beyond so many of its usual ones is a signal."""
LEAST = 8
"""Earlier changes that have to be known before anything is said."""
MOST_DIMENSIONS, QUESTIONS = 4, 2
NORMAL = 1.4826


@dataclass(frozen=True)
class Usual:
    """How a segment usually changes: the middle of its earlier changes, their spread, how many are
    known, and in how many steps there was anything at all. `z` is how far the present one is from
    there, in spreads."""

    middle: float
    spread: float
    known: int
    full: int
    z: float

    @property
    def verdict(self) -> str:
        if min(self.known, self.full) < LEAST:
            return UNCLEAR
        return SIGNAL if abs(self.z) >= BEYOND else NOISE


def usual(series: Floats, length: int, lag: int, now: float, per: Floats | None = None) -> Usual:
    """`series` (t,) are the steps before; changes are those between sums of `length` steps, `lag`
    steps apart; with `per`, of ratios of such sums. `now` is the change to be judged."""
    window = np.ones(length)
    sums = np.convolve(series, window, "valid") if series.size >= length else np.zeros(0)
    if per is not None and sums.size:
        below = np.convolve(per, window, "valid")
        sums = np.divide(sums, below, out=np.full_like(sums, np.nan), where=below != 0)
    changes = sums[lag:] - sums[:-lag] if sums.size > lag else np.zeros(0)
    changes = changes[np.isfinite(changes)]
    if not changes.size:
        return Usual(0.0, 0.0, 0, 0, 0.0)
    middle = float(np.median(changes))
    spread = NORMAL * float(np.median(np.abs(changes - middle)))
    least = 0.01 * float(np.nanmedian(np.abs(sums))) or 1e-9
    spread = max(spread, least)
    full = int(np.count_nonzero(series))
    return Usual(middle, spread, int(changes.size), full, (now - middle) / spread)


def judged(services: Services, change: Change, parts: Sequence[Part]) -> tuple[Part, ...]:
    """The parts, each with the verdict of its own past: one question more, rarely two. Where a year
    of it would need too many dimensions at once, or is not there, that is unclear. Raises as
    `answer`."""
    if change.scope.previous() is None:
        return tuple(parts)
    out: dict[int, Part] = {}
    for batch in _batches(parts)[:QUESTIONS]:
        out |= _judged(services, change, {number: parts[number] for number in batch})
    return tuple(out.get(n, replace(part, verdict=UNCLEAR)) for n, part in enumerate(parts))


def _batches(parts: Sequence[Part]) -> list[list[int]]:
    """Parts that few dimensions tell apart together, the first ones first."""
    batches: list[tuple[set[str], list[int]]] = []
    for number, part in enumerate(parts):
        for names, batch in batches:
            if len(names | set(part.where)) <= MOST_DIMENSIONS:
                names |= set(part.where)
                batch.append(number)
                break
        else:
            batches.append((set(part.where), [number]))
    return [batch for _, batch in batches]


def _judged(services: Services, change: Change, parts: Mapping[int, Part]) -> dict[int, Part]:
    scope, previous = change.scope, change.scope.previous()
    assert previous is not None
    by = tuple(dict.fromkeys(name for part in parts.values() for name in part.where))
    past, grain = _past(scope, by, list(parts.values()))
    days = 7 if grain == "week" else 1
    length = max(1, round(((scope.end - scope.start).days + 1) / days))
    # Against last year there is no earlier change of that kind: neighbouring stretches stand in.
    lag = (
        length
        if scope.compare == "year"
        else max(1, round((scope.start - previous[0]).days / days))
    )
    steps = np.arange(np.datetime64(past.start), np.datetime64(past.end) + 1, days)
    table = _table(services, change, past, (*by, grain))
    out = {}
    for number, part in parts.items():
        series, per = _series(table, part.where, grain, steps)
        now = float(part.change if per is None else part.actual - part.expected)
        out[number] = replace(part, verdict=usual(series, length, lag, now, per).verdict)
    return out


def _past(scope: Scope, by: Sequence[str], parts: Sequence[Part]) -> tuple[Scope, str]:
    """What is asked: the year before by week, or some weeks by day for a period shorter than one;
    only what the segments are of."""
    filters = list(scope.filters)
    held = {f.dimension for f in filters}
    for name in by:
        values = {part.where[name] for part in parts if name in part.where}
        if name not in held and all(name in part.where for part in parts) and None not in values:
            filters.append(Filter(name, tuple(sorted(str(value) for value in values))))
    last = scope.start - timedelta(days=1)
    grain = "week" if (scope.end - scope.start).days >= 6 else "day"
    first = last - timedelta(days=7 * (WEEKS if grain == "week" else 10))
    if grain == "week":
        last -= timedelta(days=(last.weekday() + 1) % 7)
        first += timedelta(days=-first.weekday() % 7)
    kept = replace(scope, start=first, end=last, compare="none", preset="", filters=tuple(filters))
    return kept, grain


def _table(
    services: Services, change: Change, scope: Scope, by: tuple[str, ...]
) -> list[tuple[pa.Table, NDArray[np.float64]]]:
    """Rows of the metric's sums; several where facts are several, each beside what it is of."""
    columns = parts_of(change.metric)
    ask = Ask(tuple(row.name for row in columns), by, defined=columns, deep=True)
    cells, _ = services.engine.cells(ask.within(scope))
    return measured_by(columns, cells.tables)


def _series(
    tables: Sequence[tuple[pa.Table, Floats]],
    where: Mapping[str, Text],
    grain: str,
    steps: NDArray[np.datetime64],
) -> tuple[Floats, Floats | None]:
    """A segment's figure by step, and what it is per."""
    sums = np.zeros((2, steps.size))
    per = False
    for table, values in tables:
        inside = np.ones(table.num_rows, bool)
        for name, value in where.items():
            column = table.column(name)
            own = pc.is_null(column) if value is None else pc.equal(column, value)
            inside &= pc.fill_null(own, False).to_numpy()
        days = table.column(grain).to_numpy().astype("datetime64[D]")[inside]
        place = np.searchsorted(steps, days, side="right") - 1
        ok = (place >= 0) & (days <= steps[-1] + 6)
        per |= values.shape[0] > 1
        for row, each in enumerate(values):
            sums[row] += np.bincount(place[ok], each[inside][ok], steps.size)
    # Before the first row there is no history, not a history of nothing.
    begun = int(np.argmax(np.any(sums != 0, axis=0)))
    return sums[0][begun:], sums[1][begun:] if per else None
