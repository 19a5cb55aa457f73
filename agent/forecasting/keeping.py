"""Forecasts as they are kept: rounded figures, no dates (they follow from the origin)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.asking import History, Wanted
from agent.forecasting.assuming import assumed, of_json
from agent.forecasting.foreseen import JUDGED, LEVELS, NO_SUMS, Outlook, Sums, Track, adds
from agent.forecasting.gathering import Holidays, Row
from agent.forecasting.series import Floats, Step, moved
from agent.forecasting.teaching import Taught
from agent.records.forecasts import Forecast, Forecasts, Key

DIGITS, EXACT = 6, 10
NEVER = datetime.min.replace(tzinfo=UTC)
FORM = 1
"""Raised when the content changes its form: what is of an older one is made anew."""


def key(wanted: Wanted, member: str = "") -> Key:
    """Whose record it is; what is filtered has none."""
    dimension = wanted.dimension if member else ""
    return Key(wanted.shop.shop_id, wanted.metric, dimension, member, wanted.step.value)


def forecasts_of(
    given: Taught,
    rows: Sequence[Row],
    holidays: Holidays,
    now: datetime,
    held: Forecast | None = None,
) -> tuple[Forecast, ...]:
    """The whole (`held`, where it was there already) and its members as they are kept. Only the
    first steps are ever scored (JUDGED): that is the `horizon` of the record, while the content
    reaches further."""
    found, digest = given.history, given.digest
    origin = str(found.dates[-1])
    made = [held] if held else []
    of = _stamp(held.made_at if held else now)
    for place, row in list(enumerate(rows))[len(made) :]:
        member = found.members[place - 1] if place else ""
        told = np.isfinite(row.point).all() and not row.refusal
        content: dict[str, Any] = _content(row) if told else {"form": FORM}
        content["read"] = digest
        if place:
            content["of"] = of
        else:
            after = moved(found.dates[-1:], found.wanted.step, len(row.point) + 1)[0]
            content["assumes"] = assumed(given, holidays, _day(after - np.timedelta64(1, "s")))
        judged = min(JUDGED[found.wanted.step], len(row.point))
        made.append(
            Forecast(
                key(found.wanted, member),
                origin,
                found.version,
                row.method,
                judged,
                content,
                row.refusal,
                now,
            )
        )
    return tuple(made)


def newest(records: Forecasts, found: History, horizon: int) -> tuple[Forecast, ...]:
    """The whole and its members, where all of them are kept from this history's last step and reach
    so far; else nothing."""
    if found.wanted.filters:
        return ()
    origin = str(found.dates[-1])
    kept = []
    for member in ("", *found.members):
        one = records.newest(key(found.wanted, member))
        if one is None or one.origin != origin or not reaches(one, horizon):
            return ()
        kept.append(one)
    # Members agree with the whole that they were made beside, and with no other.
    if any(one.content.get("of") != _stamp(kept[0].made_at) for one in kept[1:]):
        return ()
    return tuple(kept)


def whole(records: Forecasts, found: History, horizon: int) -> Forecast | None:
    """The whole of members that are asked for, where it is kept already."""
    if found.wanted.filters or not found.members:
        return None
    one = records.newest(key(found.wanted))
    if one is None or one.origin != str(found.dates[-1]) or not point(one):
        return None
    return one if reaches(one, horizon) else None


def point(one: Forecast | None) -> tuple[float, ...]:
    """What it tells as likely; nothing where there is none."""
    return () if one is None else tuple(one.content.get("point", ()))


def carried(records: Forecasts, made: Sequence[Forecast]) -> tuple[Forecast, ...]:
    """With the trials on the past of the forecasts before them: they are made once."""
    kept = []
    for one in made:
        before = None if one.content.get("tried") else records.newest(one.key)
        if before is not None and before.content.get("tried"):
            tried = {name: before.content[name] for name in ("tried", "tried_from")}
            one = replace(one, content={**one.content, **tried})
        kept.append(one)
    return tuple(kept)


def _stamp(when: datetime | None) -> str:
    return "" if when is None else when.astimezone(UTC).isoformat()


def reaches(one: Forecast, horizon: int) -> bool:
    """Whether it tells of so many steps, or why it tells nothing."""
    if one.content.get("form") != FORM:
        return False
    return bool(one.refusal) or len(one.content.get("point", ())) >= horizon


def outlook_of(
    kept: Sequence[Forecast], found: History, horizon: int, tracks: Sequence[Track]
) -> Outlook:
    """As it is told: the first `horizon` steps. `tracks` are in the order of `kept`, the whole
    first."""
    whole, *members = (
        _one(one, found, place, horizon, track)
        for place, (one, track) in enumerate(zip(kept, tracks, strict=True))
    )
    return replace(whole, members=tuple(members))


def _one(one: Forecast, found: History, place: int, horizon: int, track: Track) -> Outlook:
    content = one.content
    wanted = found.wanted
    empty = np.full(horizon, np.nan)
    point, naive, bounds = empty, empty, [(empty, empty)] * len(LEVELS)
    if "point" in content:
        point, naive, bounds = lines(one, horizon)
    return Outlook(
        wanted,
        found.metric,
        one.made_at or NEVER,
        last_of(found),
        one.method,
        found.dates,
        found.values[place],
        dates_of(one, horizon),
        point,
        dict(zip(LEVELS, bounds, strict=True)),
        naive,
        member=one.key.member,
        track=track,
        assumes=tuple(map(of_json, content.get("assumes", ()))),
        sums=sums_of(content, found),
        version=one.version,
        refusal=one.refusal,
    )


def last_of(found: History) -> date:
    """The last day that is in a history."""
    step, last = found.wanted.step, found.dates[-1:]
    if step in (Step.DAY, Step.HOUR):
        return _day(last[0])
    return _day(moved(last, step, 1)[0]) - timedelta(days=1)


def dates_of(one: Forecast, horizon: int) -> NDArray[np.datetime64]:
    """The first days (hours) of its steps."""
    step = Step(one.key.step)
    origin = np.datetime64(one.origin, "h" if step is Step.HOUR else "D")
    return moved(np.repeat(origin, horizon), step, np.arange(1, horizon + 1))


def lines(one: Forecast, steps: int) -> tuple[Floats, Floats, list[tuple[Floats, Floats]]]:
    """Point, naive guess and the bounds of 50, 80 and 95 % over its first steps, each (steps,)."""
    content = one.content
    bounds = []
    for level in LEVELS:
        low, high = content["bounds"][f"{level:g}"]
        bounds.append((_floats(low)[:steps], _floats(high)[:steps]))
    return _floats(content["point"])[:steps], _floats(content["naive"])[:steps], bounds


def sums_of(content: Mapping[str, Any], found: History) -> Sums:
    """Of what adds up and of ratios; of others there is no sum."""
    sums = content.get("sums")
    if not sums or not (adds(found.metric) or found.metric.ratio):
        return NO_SUMS
    steps = np.array(sums["steps"], dtype=np.int64)
    levels = np.array(sums["levels"], dtype=np.float64)
    return Sums(_floats(sums["middle"]), steps, levels, np.array(sums["off"], dtype=np.float64))


def _content(row: Row) -> dict[str, Any]:
    return {
        "form": FORM,
        "point": _short(row.point, EXACT),
        "naive": _short(row.naive),
        "bounds": {f"{level:g}": [_short(side) for side in row.bounds[level]] for level in LEVELS},
        "sums": {
            "middle": _short(row.sums.middle),
            "steps": row.sums.steps.tolist(),
            "levels": row.sums.levels.tolist(),
            "off": [_short(line) for line in row.sums.off],
        },
        "record": _short(row.record),
        "tried": [_short(line) for line in row.tried],
        "tried_from": [str(one) for one in row.origins],
    }


def _short(values: Floats, digits: int = DIGITS) -> list[float | None]:
    """So many digits, and None for what JSON has no word for."""
    return [
        float(f"{value:.{digits}g}") if np.isfinite(value) else None for value in values.tolist()
    ]


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _day(when: np.datetime64) -> date:
    return date.fromisoformat(str(when)[:10])
