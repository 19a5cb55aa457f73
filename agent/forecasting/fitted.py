"""What the fitting process is asked to do: plain arrays in, plain arrays out.

Series of one shop and step are fitted together. A ratio is what stands above its line over what
stands below it, each foretold by itself; its band is that of the ratio's own back-test about that
point, since the two parts' residual paths are not drawn together. Parts of a whole are made to add
up to it (reconciling.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.forecasting import calendar, effects, reconciling
from agent.forecasting.feasts import public_holidays
from agent.forecasting.forecaster import Forecasts, forecast
from agent.forecasting.members.seasonal import repeated
from agent.forecasting.series import Floats, Panel, Step, moved
from agent.forecasting.spreading import TO_SPREAD, grid, spread
from agent.records.events import Event

LEVELS = (0.5, 0.8, 0.95)
Bands = list[tuple[Floats, Floats]]
Watch = Callable[[int, int, str], None]


def _unwatched(done: int, total: int, step: str) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Work:
    """values (n, t) NaN where nothing is known or left out, ending at `end`; `ratios` are rows
    (ratio, above, below), `wholes` rows (whole, *parts); `backs` are origins of the past, in steps
    back, from which the first `judged` steps are tried and scored. `held` is what the first series
    was foretold before, which its parts shall agree with; empty for none. `parts` (n) are what of
    the shop each series is of; empty where all are of all of it."""

    step: Step
    season: int
    horizon: int
    seed: int
    values: Floats
    end: np.datetime64
    countries: Mapping[str, float]
    events: tuple[Event, ...]
    ratios: tuple[tuple[int, int, int], ...] = ()
    wholes: tuple[tuple[int, ...], ...] = ()
    backs: tuple[int, ...] = ()
    judged: int = 28
    held: tuple[float, ...] = ()
    parts: tuple[calendar.Part, ...] = ()


@dataclass(frozen=True)
class Told:
    """point, naive, middle (n, h); bounds level -> (low, high), each (n, h); off (n, q, k) of the
    sums at `steps`."""

    point: Floats
    bounds: dict[float, tuple[Floats, Floats]]
    naive: Floats
    middle: Floats
    steps: NDArray[np.int64]
    off: Floats
    forecasts: Forecasts


def fit(plain: dict[str, Any], *, watch: Watch = _unwatched) -> dict[str, Any]:
    """`plain` is a Work by `packed`. The answer, n series over h steps:

    point, naive, middle (n, h); low, high (3, n, h); steps (k,); off (n, q, k)
    methods, refusals    n texts
    records (n, 5)       error, naive error, shares within 80 and 95, origins
    tried (origins, n, 7)  as `scored`
    holidays             of the horizon: (day, name, country, names by language)
    """
    work = unpacked(plain)
    rounds = len(work.backs) + 1
    told = _told(work, 0, _part(watch, 0, rounds))
    tried = [
        _tried(work, back, _part(watch, place, rounds)) for place, back in enumerate(work.backs, 1)
    ]
    records = [
        (one.error, one.naive, one.within80, one.within95, one.origins)
        for one in told.forecasts.records
    ]
    return {
        "point": told.point,
        "naive": told.naive,
        "middle": told.middle,
        "low": np.stack([told.bounds[level][0] for level in LEVELS]),
        "high": np.stack([told.bounds[level][1] for level in LEVELS]),
        "steps": told.steps,
        "off": told.off,
        "methods": told.forecasts.methods,
        "refusals": told.forecasts.refusals,
        "records": np.array(records, dtype=float),
        "tried": np.stack(tried) if tried else np.zeros((0, len(work.values), 7)),
        "holidays": _holidays(work),
    }


def packed(work: Work) -> dict[str, Any]:
    """As it goes to the process."""
    own = {name: getattr(work, name) for name in ("season", "horizon", "seed", "values", "judged")}
    lists = {name: getattr(work, name) for name in ("ratios", "wholes", "backs", "held")}
    lists["parts"] = tuple(dict(part) for part in work.parts)
    events = tuple(
        (
            *(one.kind, one.name, one.first.isoformat(), one.last.isoformat()),
            *(dict(one.effect), dict(one.part)),
        )
        for one in work.events
    )
    more = {"step": work.step.value, "end": str(work.end), "countries": dict(work.countries)}
    return {**own, **lists, **more, "events": events}


def unpacked(plain: Mapping[str, Any]) -> Work:
    events = tuple(
        Event("", name, kind, date.fromisoformat(first), date.fromisoformat(last), part, effect)
        for kind, name, first, last, effect, part in plain["events"]
    )
    step = Step(plain["step"])
    end = np.datetime64(plain["end"], "h" if step is Step.HOUR else "D")
    return Work(**{**plain, "step": step, "end": end, "events": events})


def _part(watch: Watch, place: int, rounds: int) -> Watch:
    """Progress of one of several rounds."""

    def told(done: int, total: int, step: str) -> None:
        watch(place * total + done, rounds * total, step)

    return told


def panel_of(work: Work, back: int = 0) -> Panel:
    """The series as they were `back` steps ago, with what was known ahead of them."""
    n, length = work.values.shape
    known = _known(work)
    # What has not yet been seen to vary teaches nothing.
    felt = {
        name: table
        for name, table in known.items()
        if np.ptp(table[:, : length - back], axis=1).any()
    }
    panel = Panel(
        tuple(map(str, range(n))),
        work.values,
        np.repeat(work.end, n),
        work.step,
        work.season,
        felt,
    )
    if not back:
        return panel
    was = panel.until(back)
    ahead = was.values.shape[1] + work.horizon
    known = {name: table[:, :ahead] for name, table in was.known.items()}
    return Panel(was.ids, was.values, was.ends, was.step, was.season, known)


def _known(work: Work) -> dict[str, Floats]:
    """Column -> (n, t + h): the calendar, with the events that each series' part is touched by."""
    n, length = work.values.shape
    dates = calendar.days_of(work.end, work.step, length, work.horizon)
    groups: dict[tuple[int, ...], list[int]] = {}
    for row, part in enumerate(work.parts or ({},) * n):
        touching = calendar.touching(work.events, part)
        groups.setdefault(tuple(id(one) for one in touching), []).append(row)
    found: dict[str, Floats] = {}
    for ids, rows in groups.items():
        events = [one for one in work.events if id(one) in ids]
        for name, column in calendar.known(dates, work.step, work.countries, events).items():
            found.setdefault(name, np.zeros((n, dates.size)))[rows] = column
    return found


def _told(work: Work, back: int, watch: Watch) -> Told:
    panel = panel_of(work, back)
    horizon = min(work.horizon, work.judged) if back else work.horizon
    bare, lift = effects.taken_out(panel)
    found = forecast(bare, horizon, seed=work.seed, watch=watch)
    found = effects.put_back(found, lift[:, panel.values.shape[1] :])
    naive = repeated(panel.values, work.season, (0,), horizon)[0]
    naive = np.where(np.isfinite(found.point), naive, np.nan)
    steps = grid(horizon)
    middle = np.cumsum(found.point, axis=1)
    off = spread(found, steps)
    bounds = {level: (low.copy(), high.copy()) for level, (low, high) in found.bounds.items()}
    told = Told(found.point.copy(), bounds, naive, middle, steps, off, found)
    if work.held and not back:
        told.point[0] = work.held[:horizon]
    for whole, *parts in work.wholes:
        _agree(told, whole, np.array(parts, dtype=np.intp))
    for ratio, above, below in work.ratios:
        _divide(told, ratio, above, below)
    return told


def _agree(told: Told, whole: int, parts: NDArray[np.intp]) -> None:
    """Parts that add up to their whole: their lines, bands and sums. Those that were refused stay
    out, and with them the sum."""
    told_of = parts[np.isfinite(told.point[parts]).all(axis=1)]
    if told_of.size < parts.size or not np.isfinite(told.point[whole]).all():
        return
    rows = np.concatenate([[whole], parts])
    low, high = (side[rows] for side in told.bounds[0.8])
    widths = (high - low) / 2 / TO_SPREAD
    moved_to = reconciling.parts_to_whole(told.point[whole], told.point[parts], widths[1:])
    wider = reconciling.narrowed(widths[0], widths[1:])
    for low, high in told.bounds.values():
        floor = np.where(low[parts] < 0, -np.inf, 0.0)
        down, up = low[parts] - told.point[parts], high[parts] - told.point[parts]
        low[parts] = np.maximum(moved_to + down * wider, np.minimum(floor, moved_to))
        high[parts] = moved_to + up * wider
    told.point[parts] = moved_to
    told.middle[parts] = np.cumsum(moved_to, axis=1)
    told.off[parts] *= wider.mean(axis=1)[:, None, None]


def _divide(told: Told, ratio: int, above: int, below: int) -> None:
    """A ratio's line from its parts, its own bands about it."""
    own = told.point[ratio].copy()
    if not np.isfinite(own).all() or not np.isfinite(told.point[[above, below]]).all():
        return
    under = told.point[below]
    with np.errstate(all="ignore"):
        line = np.where(under > 0, told.point[above] / under, own)
        stretch = np.cumsum(told.point[above]) / np.cumsum(under)
    signed = (told.bounds[0.95][0][ratio] < 0).any()
    for low, high in told.bounds.values():
        down = line + (low[ratio] - own)
        low[ratio] = down if signed else np.maximum(down, 0.0)
        high[ratio] = line + (high[ratio] - own)
    steps = np.arange(1, own.size + 1)
    mean = np.cumsum(line) / steps
    told.point[ratio] = line
    told.middle[ratio] = np.where(np.isfinite(stretch), stretch, mean)
    # The mean of so many residuals is their sum over their number.
    told.off[ratio] /= told.steps[None, :]


def _tried(work: Work, back: int, watch: Watch) -> Floats:
    """(n, 7): the score of the forecast made `back` steps ago over its first steps."""
    told = _told(work, back, watch)
    steps = min(back, work.judged, told.point.shape[1])
    length = work.values.shape[1]
    truth = work.values[:, length - back : length - back + steps]
    sides = [told.bounds[level] for level in LEVELS]
    bounds = [(low[:, :steps], high[:, :steps]) for low, high in sides]
    return scored(truth, told.point[:, :steps], told.naive[:, :steps], bounds)


def scored(truth: Floats, point: Floats, naive: Floats, bounds: Bands) -> Floats:
    """(n, 7) from tables (n, h): steps scored, and over them the sums of what came, of what was
    missed by us and by the naive guess, and how many lay within each of the bounds."""
    known = np.isfinite(truth) & np.isfinite(point)

    def sum_of(table: Floats) -> Floats:
        found: Floats = np.where(known, table, 0.0).sum(axis=1)
        return found

    edge = 1e-9 * (1 + np.abs(truth))
    inside = [known & (truth >= low - edge) & (truth <= high + edge) for low, high in bounds]
    columns = [
        known.sum(axis=1).astype(float),
        sum_of(np.abs(truth)),
        sum_of(np.abs(truth - point)),
        sum_of(np.abs(truth - naive)),
        *(hit.sum(axis=1).astype(float) for hit in inside),
    ]
    return np.stack(columns, axis=1)


def _holidays(work: Work) -> tuple[tuple[str, str, str, dict[str, str]], ...]:
    """Public holidays of the shop's countries within the horizon."""
    first = moved(np.array([work.end]), work.step, 1)[0].astype("datetime64[D]")
    last = moved(np.array([work.end]), work.step, work.horizon + 1)[0].astype("datetime64[D]")
    years = range(int(str(first)[:4]), int(str(last)[:4]) + 1)
    found = [
        (one.day.isoformat(), one.name, one.country, dict(one.also))
        for country in work.countries
        for year in years
        for one in public_holidays(country, year)
    ]
    return tuple(sorted((one for one in found if str(first) <= one[0] < str(last)), key=_told_of))


def _told_of(holiday: tuple[str, str, str, dict[str, str]]) -> tuple[str, str, str]:
    return holiday[:3]
