"""The Numenta Anomaly Benchmark's scoring, from its published description.

A window of a file is found by the first alarm inside it: the earlier, the more it counts, 1 at
most. An alarm outside costs `fp`, less shortly after a window; a window without any costs `fn`.
What falls into the first 15 % of a file (of 5,000 rows at most) counts for nothing. One threshold
serves all files, the best of them; 0 is silence, 100 an alarm at the first row of each window.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import erfc
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Parts = tuple[Floats, Floats, list[tuple[Floats, Floats]]]
PROBATION, PROBATION_ROWS = 0.15, 5000
FAR = 3.0
WINDOW, RENEWED = 6400, 100


@dataclass(frozen=True)
class File:
    """One series of the benchmark: its windows as first and last row."""

    name: str
    values: Floats
    windows: tuple[tuple[int, int], ...]

    @property
    def probation(self) -> int:
        return int(PROBATION * min(len(self.values), PROBATION_ROWS))


@dataclass(frozen=True)
class Profile:
    """What a hit, a false alarm and a miss count."""

    tp: float
    fp: float
    fn: float


def profiles(folder: Path) -> dict[str, Profile]:
    told = json.loads((folder / "profiles.json").read_text())
    costs = {name: one["CostMatrix"] for name, one in told.items()}
    return {n: Profile(c["tpWeight"], c["fpWeight"], c["fnWeight"]) for n, c in costs.items()}


def files(folder: Path) -> list[File]:
    """All series with their windows, in the order of their names."""
    windows = json.loads((folder / "combined_windows.json").read_text())
    table = pd.read_parquet(folder / "nab_all_series.parquet")
    return [_file(str(name), part, windows) for name, part in table.groupby("file", sort=True)]


def _file(name: str, part: pd.DataFrame, windows: Mapping[str, list[list[str]]]) -> File:
    times = pd.to_datetime(part["timestamp"]).to_numpy()
    found = []
    for first, last in windows.get(name, []):
        inside = (times >= np.datetime64(first)) & (times <= np.datetime64(last))
        rows = np.flatnonzero(inside)
        found.append((int(rows[0]), int(rows[-1])))
    return File(name, part["value"].to_numpy(float), tuple(found))


def _worth(position: Floats) -> Floats:
    """From 1 well before a window's end, over 0 at its end, to -1 far behind it."""
    near = 2.0 / (1.0 + np.exp(5.0 * np.minimum(position, FAR + 1.0))) - 1.0
    return np.where(position > FAR, -1.0, near)


FULL = float(_worth(np.array([-1.0]))[0])


def _parts(one: File, scores: Floats) -> Parts:
    """Scores and worths of rows outside of windows; and of each window's rows, in order."""
    rows = np.arange(len(scores))
    counted = rows >= one.probation
    outside = counted.copy()
    worth = np.full(len(rows), -1.0)
    inside = []
    for first, last in one.windows:
        width = last - first + 1
        here = (rows >= first) & (rows <= last)
        outside &= ~here
        after = rows > last
        worth[after] = _worth((rows[after] - last) / max(width - 1, 1))
        place = np.flatnonzero(here & counted)
        gains = _worth(-(last - place + 1) / width) / FULL
        inside.append((scores[place], gains))
    return scores[outside], worth[outside], inside


def raws(parts: Iterable[Parts], at: Floats, costs: Profile) -> Floats:
    """(k,): the score at each of k thresholds: rows of at least that score are alarms."""
    total = np.zeros(len(at))
    for outside, worth, inside in parts:
        order = np.argsort(-outside, kind="stable")
        running = np.concatenate([[0.0], np.cumsum(worth[order])])
        total += costs.fp * running[np.searchsorted(-outside[order], -at, side="right")]
        for scores, gains in inside:
            rising = np.maximum.accumulate(scores)
            first = np.searchsorted(rising, at, side="left")
            found = np.append(costs.tp * gains, -costs.fn)
            total += found[first]
    return total


def normalised(some: list[File], found: float, costs: Profile) -> float:
    windows = sum(len(one.windows) for one in some)
    least, most = -costs.fn * windows, costs.tp * windows
    return 100.0 * (found - least) / (most - least)


def best(some: list[File], scores: list[Floats], costs: Profile) -> tuple[float, float]:
    """The normalised score and its threshold, the best of all."""
    parts = [_parts(one, mine) for one, mine in zip(some, scores, strict=True)]
    every = np.unique(np.concatenate(scores))
    tried = np.append(every, every[-1] + 1.0)
    found = raws(parts, tried, costs)
    place = int(found.argmax())
    return normalised(some, float(found[place]), costs), float(tried[place])


def scored(some: list[File], scores: list[Floats], costs: Profile, at: float) -> float:
    """The normalised score at one given threshold."""
    parts = [_parts(one, mine) for one, mine in zip(some, scores, strict=True)]
    return normalised(some, float(raws(parts, np.array([at]), costs)[0]), costs)


def windowed_gaussian(values: Floats) -> Floats:
    """The benchmark's own detector of this name, by which the scoring is checked: how improbable a
    value is by the mean and deviation of the last 6,400, renewed every 100; with the twelve digits
    that its published results were written with, beyond which all is as improbable."""
    at = np.arange(len(values))
    last = np.where(at <= WINDOW, at, WINDOW + (at - WINDOW) // RENEWED * RENEWED)
    out = np.zeros(len(values))
    for end in np.unique(last[1:]):
        here = (last == end) & (at > 0)
        past = values[max(end - WINDOW, 0) : end]
        away = np.abs(values[here] - past.mean()) / (past.std() or 1e-6)
        out[here] = [round(1.0 - 0.5 * erfc(one / 1.4142), 12) for one in away]
    return out
