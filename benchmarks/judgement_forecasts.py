"""Our forecasts beside naive floors, on the last window of real series. That window is read here
and nowhere else: what was chosen was chosen on earlier ones.

The data lie beside the repository, or where JUDGEMENT_DATA says.
"""

from __future__ import annotations

import resource

import numpy as np

from benchmarks import judgement_measures as measures
from benchmarks.judgement_sets import DATA, MORE, SETS, Set
from benchmarks.measuring import Figure, cost
from benchmarks.rooms import Room

QUICK = 12
FEW = ("small daily", *MORE)
"""So few series that the cost of each tells nothing."""


def run(room: Room) -> list[Figure]:
    if not DATA.is_dir():
        print(f"skipped: the real series are not in {DATA}")
        return []
    out: list[Figure] = []
    ratios: list[float] = []
    scores: list[float] = []
    for name, read in (SETS | MORE).items():
        figures, ratio, score = _one(name, read(), room.quick)
        out += figures
        if name in SETS:
            ratios.append(ratio)
            scores.append(score)
    out.append(Figure("OWA, geometric mean", _mean(ratios), "", goal=0.66))
    out.append(Figure("interval score, geometric mean", _mean(scores), "", 1.0, "naive", 0.53))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [*out, Figure("memory of the process", memory, "MB", goal=500)]


def _mean(values: list[float]) -> float:
    return float(np.exp(np.mean(np.log(values))))


def _one(name: str, given: Set, quick: bool) -> tuple[list[Figure], float, float]:
    """The figures of a set, its OWA and its interval score against the naive."""
    from agent.forecasting.forecaster import forecast
    from agent.forecasting.members.seasonal import repeated
    from agent.forecasting.members.smoothing import Ask, smoothed
    from agent.forecasting.members.theta import theta

    if quick:
        rows = np.arange(min(QUICK, len(given.truth)))
        given = Set(given.panel.of(rows), given.truth[rows])
    panel, truth, horizon = given.panel, given.truth, given.horizon
    values, season = panel.values, panel.season
    made = []
    spent = cost(lambda: made.append(forecast(panel, horizon))).cpu / len(truth) * 1000
    ours = made[0]
    scales = measures.scale(values, season)
    plain = measures.naive2(values, season, horizon)
    naive = repeated(values, season, (0,), horizon)[0]
    point = np.where(np.isfinite(ours.point), ours.point, naive)

    def against(forecast_: measures.Floats) -> float:
        return measures.owa(forecast_, truth, plain, scales)

    owa = against(point)
    others = {
        "naive": naive,
        "Theta": theta(values, season, (0,), horizon)[0],
        "smoothing": smoothed(values, season, Ask((0,), horizon, 0))[0],
    }
    out = [
        Figure(f"{name}: OWA", owa, "", against(other), f"{word} alone")
        for word, other in others.items()
    ]
    floor = measures.msis(_naive_bounds(values, naive, season), truth, scales)
    score = measures.msis(_known(ours.bounds[0.95], naive), truth, scales)
    out.append(Figure(f"{name}: interval score 95 %", score, "", floor, "naive", goal=0.53 * floor))
    for level in (0.8, 0.95):
        held = measures.covered(_known(ours.bounds[level], naive), truth)
        missed = 100 * abs(held - level)
        out.append(
            Figure(f"{name}: off {level:.0%} coverage, {held:.1%} inside", missed, "points", goal=3)
        )
    out.append(Figure(f"{name}: 1,000 series", spent, "s CPU", goal=None if name in FEW else 60))
    return out, owa, score / floor


def _known(
    bounds: tuple[measures.Floats, measures.Floats], naive: measures.Floats
) -> tuple[measures.Floats, measures.Floats]:
    low, high = bounds
    return np.where(np.isfinite(low), low, naive), np.where(np.isfinite(high), high, naive)


def _naive_bounds(
    values: measures.Floats, naive: measures.Floats, season: int
) -> tuple[measures.Floats, measures.Floats]:
    """The seasonal naive's bands by the bell curve, which grow with each season."""
    spread = np.sqrt(np.nanmean((values[:, season:] - values[:, :-season]) ** 2, axis=1))[:, None]
    wide = 1.96 * spread * np.sqrt(np.arange(naive.shape[1]) // season + 1)
    return naive - wide, naive + wide
