"""The numeric core: a panel in, for every step what was expected and how unusual it was, and the
incidents. Knows no shop.

What is said of a step follows from the steps before it and itself; a panel that ends earlier says
the same of its steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from agent.anomalies import judged
from agent.anomalies.discovery import Budget
from agent.anomalies.judged import Incident, Judged
from agent.anomalies.looking import Looking, Seen
from agent.anomalies.telling import Telling
from agent.forecasting.series import Floats, Panel

Flags = NDArray[np.bool_]
Watch = Callable[[int, int, str], None]
CHUNK = 4000
"""So many series are judged side by side; the memory stays bounded."""
EVERY = 64
NEAR = 3
SURE = 1.6
TAKEN = 0.8
"""Errors of one sign, added up and that far beyond the usual, move the level by that much of the
last."""


def _silent(done: int, whole: int, step: str) -> None:
    """Nobody watches."""


def judge(
    panel: Panel,
    *,
    budget: float = 0.3,
    expected: Floats | None = None,
    left_out: Flags | None = None,
    foreseen: Flags | None = None,
    together: bool = True,
    seed: int = 0,
    watch: Watch = _silent,
) -> Judged:
    """Judge every step of every series.

    budget    incidents tolerated per series-month; what a score has to be follows from it
    expected  (n, t) one step ahead, from a forecaster, NaN where it has none
    left_out  (t,) or (n, t): steps that are neither judged nor learnt from
    foreseen  the same shape, of those: what people expected, which a year later is no news either
    together  whether what most series of a day do is no news of each: for series side by side, such
              as stores; not for a whole beside its parts, whose common drop is the news
    seed      the same for all detectors of today, which draw nothing
    watch     told (steps done, steps in all, what is being done)
    Needs values (n, t), else ValueError.
    """
    values = np.asarray(panel.values, dtype=np.float64)
    if values.ndim != 2 or not budget > 0:
        raise ValueError("judging needs a table of series and a budget above zero")
    n, steps = values.shape
    given = np.full((n, steps), np.nan) if expected is None else expected
    skip, again = (
        np.broadcast_to(False if flags is None else flags, (n, steps))
        for flags in (left_out, foreseen)
    )
    pieces = []
    for first in range(0, n, CHUNK):
        rows = np.arange(first, min(first + CHUNK, n))
        told = _Told(watch, first * steps, n * steps, len(rows))
        asked = _Given(budget, given[rows], (skip[rows], again[rows]), together)
        pieces.append(_part(panel.of(rows), asked, told))
    watch(n * steps, n * steps, "done")
    return _joined(panel.ids, steps, pieces)


@dataclass(frozen=True)
class _Told:
    watch: Watch
    before: int
    whole: int
    rows: int

    def at(self, column: int) -> None:
        if column % EVERY == 0:
            self.watch(self.before + column * self.rows, self.whole, "judging")


@dataclass(frozen=True)
class _Given:
    budget: float
    expected: Floats
    skip: tuple[Flags, Flags]  # all that is left out, and what of it may be so again
    together: bool


@dataclass(frozen=True)
class _Tables:
    expected: Floats
    lo: Floats
    hi: Floats
    score: Floats
    alarms: Flags
    kinds: NDArray[np.int8]
    needed: Floats


def _tables(n: int, steps: int) -> _Tables:
    blank = np.full((n, steps), np.nan)
    flags, kinds = np.zeros((n, steps), bool), np.zeros((n, steps), np.int8)
    return _Tables(
        blank, blank.copy(), blank.copy(), np.zeros((n, steps)), flags, kinds, np.zeros(steps)
    )


def _part(panel: Panel, given: _Given, told: _Told) -> Judged:
    """Series that are judged side by side."""
    n, steps = panel.values.shape
    values = np.where(np.isfinite(panel.values), panel.values, np.nan)
    values = np.where(np.abs(values) < 1e300, values, np.nan)
    columns = [_even(table[:, :steps]) for table in panel.known.values()]
    known = np.stack(columns, axis=2) if columns else np.zeros((n, steps, 0))
    looking = Looking(panel, known, given.together)
    telling = Telling(n, panel.step, Budget(given.budget, panel.step))
    out = _tables(n, steps)
    with np.errstate(all="ignore"):
        for column in range(steps):
            told.at(column)
            skip, again = (flags[:, column] for flags in given.skip)
            now = values[:, column], given.expected[:, column]
            seen = looking.look(column, *now, skip, again)
            _write(out, column, looking, telling, seen)
            _follow(column, looking, telling, seen)
            out.kinds[:, column] = np.where(telling.open & seen.live, telling.kind, judged.NONE)
            telling.settle()
    telling.close(telling.open.copy(), over=False)
    incidents = _incidents(telling.ended, values, out)
    return _judged(panel.ids, out, incidents)


def _even(table: Floats) -> Floats:
    """A known column about its own middle and within -1 and 1, as far as it was known by then."""
    known = np.isfinite(table)
    filled = np.where(known, table, 0.0)
    count = np.maximum(np.cumsum(known, axis=1), 1)
    away = np.where(known, filled - np.cumsum(filled, axis=1) / count, 0.0)
    most = np.maximum.accumulate(np.abs(away), axis=1)
    return np.where(most > 0, away / np.where(most > 0, most, 1.0), 0.0)


def _write(out: _Tables, column: int, looking: Looking, telling: Telling, seen: Seen) -> None:
    out.needed[column] = telling.budget.needed
    absent = seen.kind == judged.MISSING
    score, told = telling.tell(column, np.nan_to_num(seen.score), seen.live, absent)
    telling.kind[told] = seen.kind[told]
    telling.sign[told] = seen.sign[told]
    telling.first[told] = seen.since[told]
    expected, low, high = looking.band(out.needed[column])
    ready = looking.usual.count >= looking.need
    out.expected[:, column] = np.where(ready, expected, np.nan)
    out.lo[:, column] = np.where(ready, low, np.nan)
    out.hi[:, column] = np.where(ready, high, np.nan)
    out.score[:, column] = np.where(seen.live, score, 0.0)
    out.alarms[:, column] = told


def _follow(column: int, looking: Looking, telling: Telling, seen: Seen) -> None:
    """Errors that stayed on one side for NEAR steps are a new level: the expected moves there at
    once, and what began as a spike or a drop is a shift. A day without any is a drop of few sales;
    one more, and they do not arrive."""
    goes_on = telling.open & (telling.kind == judged.DROP) & (seen.kind == judged.MISSING)
    telling.kind[goes_on] = judged.MISSING
    stayed = column - looking.quick.since() >= NEAR - 1
    shifted = seen.live & (looking.lasting >= SURE) & stayed
    pointed = (telling.kind == judged.SPIKE) | (telling.kind == judged.DROP)
    telling.kind[telling.open & pointed & shifted] = judged.SHIFT
    looking.usual.moved(shifted, TAKEN * np.nan_to_num(seen.excess))
    looking.quick.forget(shifted)
    named = telling.open & (telling.named == column)
    lasting = named & ((telling.kind == judged.TREND) | (telling.kind == judged.SHIFT))
    looking.usual.caught_up(lasting)
    looking.slow.forget(shifted | lasting)


def _incidents(ended: list[tuple[int, ...]], values: Floats, out: _Tables) -> tuple[Incident, ...]:
    found = [_incident(one, values, out) for one in ended]
    return tuple(sorted(found, key=lambda one: (one.row, one.named)))


def _incident(one: tuple[int, ...], values: Floats, out: _Tables) -> Incident:
    row, kind, first, last, named, sign, over = one
    span = slice(first, max(last, named) + 1)
    actual, expected = np.nan_to_num(values[row, span]), out.expected[row, span]
    fine = np.isfinite(expected)

    def total(table: Floats) -> float:
        return float(np.sum(table, where=fine))

    return Incident(
        row,
        judged.KINDS[kind],
        first,
        max(last, named),
        named,
        bool(over),
        sign,
        float(out.score[row, span].max()),
        total(actual),
        total(expected),
        total(out.lo[row, span]),
        total(out.hi[row, span]),
    )


def _joined(ids: tuple[str, ...], steps: int, pieces: list[Judged]) -> Judged:
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        return _judged((), _tables(0, steps), ())
    incidents: list[Incident] = []
    before = 0
    for piece in pieces:
        incidents += [Incident(**{**vars(i), "row": i.row + before}) for i in piece.incidents]
        before += len(piece.ids)
    return Judged(
        ids,
        np.concatenate([piece.expected for piece in pieces]),
        np.concatenate([piece.lo for piece in pieces]),
        np.concatenate([piece.hi for piece in pieces]),
        np.concatenate([piece.score for piece in pieces]),
        np.concatenate([piece.is_anomaly for piece in pieces]),
        np.concatenate([piece.kinds for piece in pieces]),
        np.max([piece.needed for piece in pieces], axis=0),
        tuple(incidents),
    )


def _judged(ids: tuple[str, ...], out: _Tables, incidents: tuple[Incident, ...]) -> Judged:
    tables = (out.expected, out.lo, out.hi, out.score, out.alarms, out.kinds, out.needed)
    return Judged(ids, *tables, incidents)
