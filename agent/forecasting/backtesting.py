"""Every member's forecasts from now and from each origin of the past, by one and the same code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from agent.forecasting import trees
from agent.forecasting.besides import besides
from agent.forecasting.features import Seen, seen_of
from agent.forecasting.history import History, lessons, origins, unseasoned
from agent.forecasting.members.season import POOLED
from agent.forecasting.members.seasonal import repeated, usual
from agent.forecasting.members.smoothing import Ask, smoothed
from agent.forecasting.members.theta import damped, theta
from agent.forecasting.scaling import seasonal_change
from agent.forecasting.series import Floats, Step

Said = Callable[[str], None]
Method = Callable[[Floats, int, Sequence[int], int, bool], Floats]
AT_ONCE = 256
"""So many series and origins together go through one loop over time."""
SHORT = (Step.MONTH, Step.WEEK)
FAIR = 0.5
FEW = 5


@dataclass(frozen=True)
class Trials:
    """backs: origins, 0 first; members: name -> (origins, n, horizon); truth: (origins - 1, n,
    horizon) what came after all origins but 0; scale: (n,) the unit of errors."""

    backs: tuple[int, ...]
    members: dict[str, Floats]
    truth: Floats


def trials(history: History, horizon: int, seed: int, said: Said) -> Trials:
    """Foretell from every origin. Nothing after an origin is used for its forecasts."""
    past = origins(history, horizon)
    backs = (0, *past)
    learn = lessons(history)
    every = tuple(dict.fromkeys((*backs, *learn)))
    said("smoothing")
    plain, logged = _smoothings(history, Ask(every, horizon, max(past, default=0)))
    wide = {"ets": plain, "log ets": logged}
    values, season = history.open, max(history.panel.season, 1)
    said("theta")
    # Long series are smoothed well by now, and there the plain methods cost most.
    asked = every if history.panel.step in SHORT else backs
    narrow = {
        "theta": _at_once(theta, values, season, (asked, horizon)),
        "damped": _at_once(damped, values, season, (asked, horizon)),
    }
    if asked is every:
        wide |= narrow
    members = {name: paths[: len(backs)] for name, paths in (wide | narrow).items()}
    blind = unseasoned(history, backs)[:, None, None]
    members |= {name: np.where(blind, members["ets"], members[name]) for name in narrow}
    members["naive"] = repeated(values, season, backs, horizon)
    members["usual"] = usual(values, season, 4, (backs, horizon))
    if history.panel.step is Step.DAY and season == 7:
        members["fortnight"] = usual(values, 14, 4, (backs, horizon))
    members |= besides(history, backs, members["ets"])
    said("trees")
    views = tuple(wide.values())
    given = trees.Plain(every, np.mean(views, axis=0), views)
    members |= _trees(history, backs, given, seed)
    bounded = {name: _bounded(history, backs, paths) for name, paths in members.items()}
    empty = np.empty((0, len(values), horizon))
    truth = np.stack([_fair(history, back, horizon) for back in past]) if past else empty
    return Trials(backs, bounded, truth)


def _fair(history: History, back: int, horizon: int) -> Floats:
    """What came after an origin, of the series that had half of their history by then: the errors
    of a beginning say little of today's."""
    values = history.panel.values
    known = np.isfinite(values)
    before = known[:, : values.shape[1] - back].sum(axis=1)
    fair = (before >= FAIR * known.sum(axis=1)) & (before >= 4)
    return np.where(fair[:, None], history.truth(back, horizon), np.nan)


def _at_once(
    method: Method, values: Floats, season: int, ask: tuple[tuple[int, ...], int]
) -> Floats:
    """(origins, n, horizon): a few series from all origins in one loop over time, each origin a
    series that begins later and ends with the others. Of many series that saves nothing, and those
    share a season, which the origins must not tell one another."""
    backs, horizon = ask
    n, length = values.shape
    if n >= POOLED or n * len(backs) > AT_ONCE:
        return method(values, season, backs, horizon, True)
    rows = np.full((len(backs), n, length), np.nan)
    for place, back in enumerate(backs):
        rows[place, :, back:] = values[:, : length - back]
    paths = method(rows.reshape(-1, length), season, (0,), horizon, False)
    return paths.reshape(len(backs), n, horizon)


def _smoothings(history: History, ask: Ask) -> tuple[Floats, Floats]:
    """As it is, and multiplied where all values are above zero."""
    values, season = history.open, max(history.panel.season, 1)
    above = np.where(np.isfinite(values), values, np.inf).min(axis=1, initial=np.inf) > 1e-6
    # In one table: of few series the loop over time costs more than what it does.
    both = smoothed(np.concatenate([values, np.log(values[above])]), season, ask)
    plain = both[:, : len(values)]
    logged = plain.copy()
    logged[:, above] = np.exp(np.clip(both[:, len(values) :], -20, 20))
    return plain, logged


def _trees(
    history: History, backs: tuple[int, ...], plain: trees.Plain, seed: int
) -> dict[str, Floats]:
    """Name -> (origins, n, horizon). Two models: one corrects the plain forecasts, one starts from
    nothing. For the past, from what was known at its earliest origin; none where that is little."""
    if not trees.there():
        return {}
    seen = seen_of(history.panel, history.open)
    ways = {"trees": plain}
    if history.panel.step not in SHORT and len(history.unit) >= FEW:
        nothing = np.broadcast_to(0.0, plain.base.shape)
        ways["bare trees"] = trees.Plain(plain.backs, nothing, plain.views)
    sheet = trees.sheet_of(seen, plain, seed)
    now = {name: trees.lesson(seen, sheet, 0, way) for name, way in ways.items()}
    then = {name: trees.lesson(seen, sheet, max(backs), way) for name, way in ways.items()}
    taught = [
        _Taught(name, ways[name], first, then[name] if len(backs) > 1 else None)
        for name, first in now.items()
        if first is not None and (len(backs) == 1 or then[name] is not None)
    ]
    past = _pasts(history, seen, backs, (taught, seed))
    ahead = trees.ahead_of(seen, plain, 0)
    made = {}
    for one in taught:
        rounds, paths = past[one.name]
        model = trees.learnt(one.now, seed, rounds)
        path = trees.foretold(model, seen, ahead, one.way, (rounds,))
        made[one.name] = np.concatenate([path, paths])
    return made


@dataclass(frozen=True)
class _Taught:
    """What a way of learning learns from, today and at the earliest origin."""

    name: str
    way: trees.Plain
    now: trees.Lesson
    then: trees.Lesson | None


def _pasts(
    history: History, seen: Seen, backs: tuple[int, ...], given: tuple[list[_Taught], int]
) -> dict[str, tuple[int, Floats]]:
    """How many rounds the origins of the past say are best, and their forecasts with so many."""
    taught, seed = given
    n, horizon = len(history.unit), taught[0].way.base.shape[2] if taught else 0
    if len(backs) == 1:
        nothing = np.zeros((0, n, horizon))
        return {one.name: (_middle(trees.usual_rounds(one.now)), nothing) for one in taught}
    rounds = {one.name: trees.usual_rounds(one.now) for one in taught}
    models = {
        one.name: trees.learnt(one.then, seed, rounds[one.name][-1])
        for one in taught
        if one.then is not None
    }
    tries: dict[str, list[Floats]] = {one.name: [] for one in taught}
    for place in range(1, len(backs)) if taught else ():
        ahead = trees.ahead_of(seen, taught[0].way, place)
        for one in taught:
            made = trees.foretold(models[one.name], seen, ahead, one.way, rounds[one.name])
            tries[one.name].append(made)
    truth = np.stack([_fair(history, back, horizon) for back in backs[1:]])
    scale = seasonal_change(history.panel.values, history.panel.season)
    found = {}
    for name, paths in tries.items():
        stacked = np.stack(paths, axis=1)
        losses = [_loss(way, truth, scale) for way in stacked]
        best = int(np.argmin(losses))
        found[name] = (rounds[name][best], stacked[best])
    return found


def _middle(rounds: tuple[int, ...]) -> int:
    return rounds[len(rounds) // 2]


def _loss(paths: Floats, truth: Floats, scale: Floats) -> float:
    off = np.abs(paths - truth) / scale[None, :, None]
    known = np.isfinite(off)
    return float(np.minimum(off[known], 10.0).mean()) if known.any() else 0.0


def _bounded(history: History, backs: tuple[int, ...], paths: Floats) -> Floats:
    """Closed days are nothing, nothing negative where nothing was, no flight from all that was."""
    values = history.panel.values
    out = np.empty_like(paths)
    for place, back in enumerate(backs):
        before = values[:, : values.shape[1] - back]
        top = np.nan_to_num(np.where(np.isfinite(before), before, -np.inf).max(axis=1), neginf=0.0)
        low = np.nan_to_num(np.where(np.isfinite(before), before, np.inf).min(axis=1), posinf=0.0)
        wide = np.maximum(top - low, 0.1 * np.abs(top))
        floor = np.where(low < 0, low - wide, 0.0)[:, None]
        path = np.clip(np.nan_to_num(paths[place]), floor, (top + 2 * wide)[:, None])
        out[place] = np.where(history.shut(back, paths.shape[2]), 0.0, path)
    return out
