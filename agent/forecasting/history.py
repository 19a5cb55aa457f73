"""A panel made fit for the members: finite, of one size, not too long, closed days apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from agent.forecasting.closed import Flags, closed_days, stood_still
from agent.forecasting.scaling import begins, mean_of
from agent.forecasting.series import Floats, Panel, Step
from agent.words import mark, t

MOST = {Step.HOUR: 1680, Step.DAY: 1130, Step.WEEK: 520, Step.MONTH: 420, Step.NUMBER: 1130}
"""Columns that are looked at: older ones tell little of what comes and cost as much."""
NEED = {Step.HOUR: 48, Step.DAY: 14, Step.WEEK: 12, Step.MONTH: 12, Step.NUMBER: 8}
"""Known values below which a forecast would be a guess."""
SILENT = {Step.HOUR: 96, Step.DAY: 56, Step.WEEK: 13, Step.MONTH: 12, Step.NUMBER: 56}
"""Steps without any value after which a series has ended."""


@dataclass(frozen=True)
class History:
    """panel: values in units of `unit`, NaN where nothing is known; open: without closed days;
    closed: (n, t + 1, season) phases of the calendar that are closed, as seen before each column;
    still: (n, t) days on which most of the panel stood still, which no error counts;
    unit: (n,) what values were divided by; signed: (n,) whether any value was negative."""

    panel: Panel
    open: Floats
    closed: Flags
    still: Flags
    unit: Floats
    signed: Flags

    def shut(self, back: int, horizon: int) -> Flags:
        """(n, horizon): which of the next steps are closed days, seen from `back` steps ago."""
        last = self.panel.values.shape[1] - back
        phases = (last + np.arange(horizon)) % self.closed.shape[2]
        return self.closed[:, last][:, phases]

    def truth(self, back: int, horizon: int) -> Floats:
        """(n, horizon): what came after the origin `back` steps ago, NaN where not known."""
        values = np.where(self.still, np.nan, self.panel.values)
        first = values.shape[1] - back
        out = np.full((len(values), horizon), np.nan)
        ahead = min(back, horizon)
        out[:, :ahead] = values[:, first : first + ahead]
        return out


def history_of(panel: Panel) -> History:
    """Read the panel: infinite values are unknown, each series has a size of about one."""
    values = np.asarray(panel.values, dtype=np.float64)
    cut = max(values.shape[1] - MOST[panel.step], 0)
    values = values[:, cut:]
    values = np.where(np.isfinite(values), values, np.nan)
    most = np.max(np.abs(np.nan_to_num(values)), axis=1, initial=0.0)
    most = np.where(most > 0, most, 1.0)
    values = values / most[:, None]
    size = np.nan_to_num(mean_of(np.abs(values)))
    size = np.where(size > 0, size, 1.0)
    known = {
        name: np.where(np.isfinite(table[:, cut:]), table[:, cut:], np.nan)
        for name, table in panel.known.items()
    }
    ready = replace(panel, values=values / size[:, None], known=known)
    was, phases = closed_days(ready)
    still = stood_still(ready, phases)
    signed: Flags = np.any(values < 0, axis=1)
    return History(
        ready,
        np.where(was, np.nan, ready.values),
        phases,
        still,
        most * size,
        signed,
    )


def refusals(panel: Panel) -> tuple[str, ...]:
    """A sentence for each series that cannot be foretold, and "" for the others."""
    values = np.where(np.isfinite(panel.values), panel.values, np.nan)
    count = np.isfinite(values).sum(axis=1)
    silent = begins(values[:, ::-1])
    return tuple(
        _refusal(panel, int(known), int(gap)) for known, gap in zip(count, silent, strict=True)
    )


def _refusal(panel: Panel, known: int, silent: int) -> str:
    need = NEED[panel.step]
    if not known:
        return t("There is no value to go by.")
    if known < need:
        return t("Too little history: {have} values, {need} are needed.", have=known, need=need)
    if silent >= SILENT[panel.step]:
        return t(ENDED[panel.step], count=silent)
    return ""


ENDED = {
    Step.HOUR: mark("Nothing has come for {count} hours: the series has ended."),
    Step.DAY: mark("Nothing has come for {count} days: the series has ended."),
    Step.WEEK: mark("Nothing has come for {count} weeks: the series has ended."),
    Step.MONTH: mark("Nothing has come for {count} months: the series has ended."),
    Step.NUMBER: mark("Nothing has come for {count} steps: the series has ended."),
}


def constant(values: Floats) -> Flags:
    """(n,): whether all that is known is one and the same value."""
    known = np.isfinite(values)
    top = np.where(known, values, -np.inf).max(axis=1, initial=-np.inf)
    low = np.where(known, values, np.inf).min(axis=1, initial=np.inf)
    found: Flags = known.any(axis=1) & (top == low)
    return found


def origins(history: History, horizon: int) -> tuple[int, ...]:
    """How many steps back each back-test begins, the latest first; none where history is short."""
    values = history.panel.values
    length = int(np.median(values.shape[1] - begins(values)))
    season = history.panel.season
    # Of a long season one is enough: without origins there are neither weights nor bands.
    least = max(2 * season if season <= 24 else season, 8)
    room = length - least
    if room >= 5 * horizon:
        stride = horizon
    elif room >= 3 * horizon:
        stride = -(-horizon // 2)
    else:
        stride = max(-(-horizon // 3), 1)
    # The trees too must have a past to learn from before the earliest origin.
    room = min(room, max(length - least - horizon // 2, room * 6 // 10))
    backs = [stride * place for place in range(1, 6) if stride * place <= room]
    return tuple(backs) or ((max(min(room, horizon), 1),) if room > 0 else ())


def unseasoned(history: History, backs: Sequence[int]) -> Flags:
    """(origins,): where a panel that has shown its season twice by now had not yet. A method that
    takes the season off first tells nothing there of what it does today."""
    values = history.panel.values
    need = 2 * history.panel.season + 1
    length = values.shape[1] - int(begins(values).min(initial=values.shape[1]))
    found: Flags = (length >= need) & (length - np.array(backs, dtype=np.intp) < need)
    return found


def lessons(history: History) -> tuple[int, ...]:
    """Steps back from which the trees learn: spread over the past, not all on the same weekday."""
    values = history.panel.values
    season = max(history.panel.season, 1)
    start = max(2 * season if season <= 24 else season, 4)
    span = values.shape[1] - int(np.median(begins(values))) - start
    count = 36 if len(values) >= 20 else 48
    stride = max(span // count, 1)
    if season > 1 and stride > 1 and stride % season == 0:
        stride += 1
    return tuple(range(stride, max(span, 0) + 1, stride))
