"""What models learn from: a history up to its last known step, without the days that mislead."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agent.errors import Refused
from agent.forecasting import calendar
from agent.forecasting.asking import ABOVE, BELOW, WHOLE, History, Wanted, history
from agent.forecasting.series import Floats, Step
from agent.records.events import Event
from agent.records.findings import Finding
from agent.words import mark, t

if TYPE_CHECKING:
    from agent.services import Services

ALONE = ("spike", "drop", "missing")
"""Kinds of findings whose days are left out; a level that shifted is the new level."""
LONGEST_OUT = 14
SHARE: Mapping[Step, int] = {Step.HOUR: 3, Step.DAY: 3, Step.WEEK: 2, Step.MONTH: 2}
"""History must be so many times as long as what is forecast from it."""
LEAST: Mapping[Step, int] = {Step.HOUR: 24, Step.DAY: 14, Step.WEEK: 6, Step.MONTH: 6}
"""So far may be told from however short a history."""
FURTHEST: Mapping[Step, int] = {Step.HOUR: 48, Step.DAY: 92, Step.WEEK: 54, Step.MONTH: 25}


@dataclass(frozen=True)
class Taught:
    """A history and what models learn of it: `out` (n, t) are steps that say nothing of what comes,
    `events` the shop's own calendar, some of the days to come included."""

    history: History
    events: tuple[Event, ...]
    out: NDArray[np.bool_]

    def table(self, part: str = WHOLE) -> Floats:
        """(n, t): the values, or what stands above or below their line."""
        values = self.history.parts[part] if part else self.history.values
        return np.where(self.out, np.nan, values)

    @property
    def parts(self) -> tuple[str, ...]:
        """What is foretold of it: itself, and what it is divided into."""
        return (WHOLE, ABOVE, BELOW) if len(self.history.parts) == 2 else (WHOLE,)

    @property
    def digest(self) -> str:
        """Changes with everything that a forecast would be made from."""
        read = hashlib.sha256(str(self.history.dates[-1]).encode())
        for part in self.parts:
            read.update(self.table(part).tobytes())
        known = [
            (one.kind, one.first, one.last, sorted(one.effect.items()), sorted(one.part.items()))
            for one in self.events
            if one.kind in calendar.EVENTS
        ]
        read.update(repr((self.history.members, known)).encode())
        return read.hexdigest()[:16]

    @property
    def days_out(self) -> tuple[date, ...]:
        """The days that the whole was not taught, in order."""
        days = self.history.dates[self.out[0]].astype("datetime64[D]")
        return tuple(date.fromisoformat(str(day)) for day in np.unique(days))


def asked(services: Services, wanted: Wanted) -> History:
    """The history up to the last step that is known; raises as `history`."""
    found = history(services, wanted)
    if wanted.step is not Step.HOUR:
        return found
    known = np.flatnonzero(np.isfinite(found.values).any(axis=0))
    if not known.size:
        raise Refused(t("Today has no complete hour yet."))
    cut = slice(0, int(known[-1]) + 1)
    parts = {name: table[:, cut] for name, table in found.parts.items()}
    return replace(found, dates=found.dates[cut], values=found.values[:, cut], parts=parts)


def reach(found: History) -> int:
    """How many steps may be told from this history."""
    known = int(np.isfinite(found.values[0]).sum())
    step = found.wanted.step
    return max(known // SHARE[step], min(LEAST[step], known))


def check(found: History, horizon: int) -> None:
    """Raises Refused where the history is too short for so long a forecast."""
    most = reach(found)
    if horizon <= most:
        return
    step, known = found.wanted.step, int(np.isfinite(found.values[0]).sum())
    told = {"have": known, "need": horizon * SHARE[step], "most": most, "horizon": horizon}
    raise Refused(
        t(_SHORT[step], **told),
        hint=t("Ask for {most} at most, or wait until there is more history.", most=most),
    )


_SHORT: Mapping[Step, str] = {
    Step.HOUR: mark(
        "A forecast of {horizon} hours needs {need} hours of history; there are {have}."
    ),
    Step.DAY: mark("A forecast of {horizon} days needs {need} days of history; there are {have}."),
    Step.WEEK: mark(
        "A forecast of {horizon} weeks needs {need} weeks of history; there are {have}."
    ),
    Step.MONTH: mark(
        "A forecast of {horizon} months needs {need} months of history; there are {have}."
    ),
}


def taught(services: Services, found: History) -> Taught:
    """A history with what the shop knows of its days."""
    step, last = found.wanted.step, found.dates[-1]
    until = last + (FURTHEST[step] + 1) * _span(step)
    days = [date.fromisoformat(str(day)[:10]) for day in (found.dates[0], until)]
    shop_id = found.wanted.shop.shop_id
    events = services.records.events.between(shop_id, *days)
    findings = services.records.findings.all(shop_id, str(days[0]))
    return Taught(found, events, left_out(found, events, findings))


def _span(step: Step) -> np.timedelta64:
    if step is Step.HOUR:
        return np.timedelta64(1, "h")
    return np.timedelta64({Step.DAY: 1, Step.WEEK: 7}.get(step, 31), "D")


def left_out(
    found: History, events: Sequence[Event], findings: Sequence[Finding]
) -> NDArray[np.bool_]:
    """(n, t): what says nothing of what comes: outages, days marked as expected, and incidents that
    people found to be real. Only by day and hour: of a week one such day is little."""
    wanted = found.wanted
    out = np.zeros(found.values.shape, dtype=bool)
    if wanted.step not in (Step.DAY, Step.HOUR):
        return out
    for row, part in enumerate(found.of):
        out[row] |= calendar.left_out(found.dates, wanted.step, calendar.touching(events, part))
    days = found.dates.astype("datetime64[D]")
    for one in findings:
        if not _incident(one):
            continue
        during = (days >= np.datetime64(one.first[:10])) & (days <= np.datetime64(one.last[:10]))
        for row, member in enumerate(("", *found.members)):
            whole = not one.dimension
            same = one.dimension == wanted.dimension and one.member == member and row > 0
            if whole or same:
                out[row] |= during
    return out


def _incident(one: Finding) -> bool:
    days = date.fromisoformat(one.last[:10]) - date.fromisoformat(one.first[:10])
    return one.verdict == "real" and one.kind in ALONE and days < timedelta(days=LONGEST_OUT)
