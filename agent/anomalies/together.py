"""Several metrics of one shop at once: days whose mixture is odd, though each metric alone may
pass. An Isolation Forest over how far each strayed, and a threshold in standard deviations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.anomalies.judged import Judged
from agent.forecasting.series import Floats

NEED = 60
"""Days before there is a usual mixture."""
EVERY = 28
"""Steps between two forests: each has seen only what was before it."""
TREES = 60
DEVIATIONS = 3.0
FEW, LATELY = 28, 180
FAR = 8.0
QUIET = 2


@dataclass(frozen=True)
class Together:
    """All (t,). score: standard deviations above the usual oddness, 0 while too little is known;
    is_anomaly: the step at which an incident is named; leading: the row that strays most."""

    score: Floats
    is_anomaly: NDArray[np.bool_]
    leading: NDArray[np.intp]


def together(
    values: Floats, judged: Judged, *, deviations: float = DEVIATIONS, seed: int = 0
) -> Together:
    """Judge the columns of several metrics as one. `values` (m, t) are those that `judged` judged.

    What is said of a step follows from the steps before it; the same seed says the same. Fewer than
    two metrics are never odd together.
    """
    strays = _strays(values, judged)
    rows, steps = strays.shape
    score = np.zeros(steps)
    leading = np.abs(strays).argmax(axis=0) if rows else np.zeros(steps, np.intp)
    known = np.flatnonzero(np.isfinite(judged.expected).any(axis=0))
    if rows < 2 or not known.size:
        return Together(score, score > 0, leading)
    begin = int(known[0])
    odd: list[float] = []
    for first in range(begin + NEED, steps, EVERY):
        forest = _forest(strays[:, begin:first], seed)
        odd += list(_oddness(forest, strays[:, first : first + EVERY]))
    score[steps - len(odd) :] = _deviations(np.array(odd))
    return Together(score, _once(score >= deviations), leading)


def _strays(values: Floats, judged: Judged) -> Floats:
    """(m, t): how far each value lies from the expected, 1 at the edge of its range."""
    away = values - judged.expected
    half = np.where(away >= 0, judged.hi - judged.expected, judged.expected - judged.lo)
    away = away / np.where(half > 0, half, np.nan)
    return np.clip(np.nan_to_num(away, nan=0.0, posinf=0.0, neginf=0.0), -FAR, FAR)


def _forest(past: Floats, seed: int) -> Any:
    from sklearn.ensemble import IsolationForest

    return IsolationForest(n_estimators=TREES, random_state=seed, n_jobs=1).fit(past.T)


def _deviations(odd: Floats) -> Floats:
    """(k,): standard deviations above the middle of the steps before, by their median distance
    from it, which no single odd day moves; 0 for the first of them.

    A forest knows its own days too well: only days that it had not seen say what is usual.
    """
    out = np.zeros(len(odd))
    for at in range(FEW, len(odd)):
        past = odd[max(at - LATELY, 0) : at]
        middle = np.median(past)
        deviation = 1.4826 * np.median(np.abs(past - middle))
        out[at] = max((odd[at] - middle) / max(deviation, 1e-6), 0.0)
    return out


def _oddness(forest: Any, strays: Floats) -> Floats:
    return np.asarray(-forest.score_samples(strays.T), dtype=np.float64)


def _once(high: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The first step of each stretch, quiet steps within it forgiven."""
    before = np.zeros(len(high), bool)
    for back in range(1, QUIET + 1):
        before[back:] |= high[:-back]
    return np.asarray(high & ~before)
