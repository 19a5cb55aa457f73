"""How forecasts did once the days were there, and whether they still do as they used to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from agent.errors import Refused
from agent.forecasting.asking import History, Wanted, last_day
from agent.forecasting.fitted import scored as score_of
from agent.forecasting.foreseen import JUDGED, LAST, Made, Track
from agent.forecasting.keeping import FORM, dates_of, lines
from agent.forecasting.series import Floats, Step
from agent.forecasting.teaching import asked, taught
from agent.ports import Shop
from agent.records.forecasts import Forecast, Score

if TYPE_CHECKING:
    from agent.services import Services

HELD = 0.8
SURE = 2.6
"""Standard errors below what the band promises from which it is no chance."""
TOGETHER = 3.0
"""Steps of one forecast hang together: a third of them count."""
WORSE = 1.25
"""Times its usual error against naive, from which a forecast drifts."""
FEW = 20
FORGOTTEN = {"form": FORM}


def score(services: Services, shop: Shop) -> int:
    """Score what has come of every kept forecast of a shop; returns how many it changed.

    Days left out of training are left out here too. What a dimension or metric no longer knows
    stays as it was scored.
    """
    series: dict[tuple[str, str, str], list[Forecast]] = defaultdict(list)
    for one in services.records.forecasts.unscored(shop.shop_id):
        series[one.key.metric, one.key.step, one.key.dimension].append(one)
    changed = 0
    for (metric, step, dimension), forecasts in series.items():
        wanted = Wanted(shop, metric, Step(step), dimension, top=_top(forecasts))
        if all(one.origin >= _last(services, wanted) for one in forecasts):
            continue
        try:
            found = asked(services, wanted)
        except Refused:
            continue
        changed += _score_all(services, found, forecasts)
    return changed


def _top(forecasts: Sequence[Forecast]) -> int:
    """So many members as there are, that none is among the others now."""
    return max(len({one.key.member for one in forecasts}), 5)


def _last(services: Services, wanted: Wanted) -> str:
    """The last step that is over, as forecasts name their origin."""
    last = last_day(services, wanted.shop, wanted.step)
    if wanted.step is Step.HOUR:
        return f"{last}T23"
    return str(last)


def _score_all(services: Services, found: History, forecasts: Iterable[Forecast]) -> int:
    values = taught(services, found).table()
    members = ("", *found.members)
    changed = 0
    for one in forecasts:
        if one.key.member in members and "point" in one.content:
            changed += _score(services, found, values[members.index(one.key.member)], one)
    return changed


def _score(services: Services, found: History, values: Floats, one: Forecast) -> bool:
    dates = dates_of(one, one.horizon)
    over = dates <= found.dates[-1]
    if not over.any():
        return False
    place = np.searchsorted(found.dates, dates[over])
    truth = np.full(dates.size, np.nan)
    fine = (place < found.dates.size) & (
        found.dates[np.minimum(place, found.dates.size - 1)] == dates[over]
    )
    truth[np.flatnonzero(over)[fine]] = values[place[fine]]
    point, naive, bounds = lines(one, one.horizon)
    now = _as_score(
        score_of(
            truth[None], point[None], naive[None], [(low[None], high[None]) for low, high in bounds]
        )[0]
    )
    if over.all():
        # All that will ever come is there: it is done, perhaps with fewer steps. Its lines are long
        # and nobody asks for them again.
        done = replace(one, horizon=now.scored, content=FORGOTTEN, score=now)
        services.records.forecasts.keep([replace(done, scored_at=services.clock.now())])
        return True
    if now == one.score:
        return False
    services.records.forecasts.score(one, now)
    return True


def _as_score(row: Floats) -> Score:
    steps, actual, missed, naive, *inside = row.tolist()
    return Score(int(steps), actual, missed, naive, *map(int, inside))


def track(kept: Sequence[Forecast], newest: Forecast | None, step: Step) -> Track:
    """The record of a series from its forecasts (their content is not needed), the newest
    first; where none is whole yet, from
    those that `newest` was tried on its past."""
    whole = [one for one in kept if one.score.scored and one.done]
    chosen = _apart(whole, step)
    made = tuple(_made(one) for one in chosen)
    if made:
        return replace(_track(made, step), drifting=drifting(kept))
    return _tested(newest, step) if newest is not None else Track(step=step)


def _apart(kept: Sequence[Forecast], step: Step) -> list[Forecast]:
    """The last ones of which no two tell of the same days."""
    unit = {Step.HOUR: "h", Step.MONTH: "M"}.get(step, "D")
    apart = JUDGED[step] * (7 if step is Step.WEEK else 1)
    chosen: list[Forecast] = []
    before: np.datetime64 | None = None
    for one in kept:
        at = np.datetime64(one.origin).astype(f"datetime64[{unit}]")
        if before is None or (before - at).astype(np.int64) >= apart:
            chosen.append(one)
            before = at
    return chosen[:LAST]


def _made(one: Forecast) -> Made:
    row = np.array(
        [
            one.score.scored,
            one.score.actual or 0.0,
            one.score.missed or 0.0,
            one.score.naive_missed or 0.0,
            one.score.inside_50,
            one.score.inside_80,
            one.score.inside_95,
        ]
    )
    return _of_row(row, date.fromisoformat(one.origin[:10]), one.horizon, one.method)


def _of_row(row: Floats, origin: date, horizon: int, method: str, *, tested: bool = False) -> Made:
    steps, actual, missed, naive, _, within80, within95 = row.tolist()
    known = actual > 0
    return Made(
        origin,
        horizon,
        int(steps),
        missed / actual if known else None,
        naive / actual if known else None,
        int(within80),
        int(within95),
        method,
        tested,
    )


def _track(made: tuple[Made, ...], step: Step, *, tested: bool = False) -> Track:
    """Their record together: each forecast counts as much."""
    steps = sum(one.scored for one in made)
    return Track(
        made,
        _mean([one.miss for one in made]),
        _mean([one.naive_miss for one in made]),
        (sum(one.inside_80 for one in made), steps),
        (sum(one.inside_95 for one in made), steps),
        tested,
        step=step,
    )


def _mean(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return sum(known) / len(known) if known else None


def _tested(newest: Forecast, step: Step) -> Track:
    """From back-dated forecasts; without them from the back-test's own figures."""
    content = newest.content
    made = []
    for origin, row in zip(content.get("tried_from", ()), content.get("tried", ()), strict=True):
        values = np.array(row, dtype=np.float64)
        if values[0] > 0:
            at = date.fromisoformat(origin[:10])
            made.append(_of_row(values, at, int(values[0]), newest.method, tested=True))
    if made:
        return _track(tuple(made), step, tested=True)
    return _of_back_test(content.get("record") or (), newest, step)


def _of_back_test(record: Sequence[float | None], newest: Forecast, step: Step) -> Track:
    """The core tells shares only: they are put as steps of so many origins."""
    if len(record) < 5 or not record[4] or record[0] is None:
        return Track(step=step)
    error, naive, within80, within95, origins = record
    steps = int(origins or 0) * newest.horizon
    one = Made(
        date.fromisoformat(newest.origin[:10]),
        newest.horizon,
        steps,
        error,
        naive,
        round((within80 or 0.0) * steps),
        round((within95 or 0.0) * steps),
        newest.method,
        tested=True,
    )
    return _track((one,), step, tested=True)


def drifting(kept: Sequence[Forecast]) -> bool:
    """Whether the last forecasts held less than they promise, or missed more, against naive, than
    the ones before them. `kept` has the newest first."""
    begun = [one.score for one in kept if one.score.scored]
    late, before = begun[:LAST], begun[LAST:]
    steps = sum(one.scored for one in late)
    if steps < FEW:
        return False
    spread = float(np.sqrt(HELD * (1 - HELD) / (steps / TOGETHER)))
    if sum(one.inside_80 for one in late) / steps < HELD - SURE * spread:
        return True
    if len(before) < LAST:
        return False
    usual = np.array([_against(one) for one in before])
    usual = usual[np.isfinite(usual)]
    now = float(np.nanmean([_against(one) for one in late] or [np.nan]))
    edge = usual.mean() + 2 * usual.std() if usual.size else np.inf
    return bool(np.isfinite(now) and now > max(edge, WORSE * usual.mean(), 1.0))


def _against(score: Score) -> float:
    if score.missed is None or not score.naive_missed:
        return float("nan")
    return score.missed / score.naive_missed
