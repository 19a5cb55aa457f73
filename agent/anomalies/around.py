"""The steps around a finding, as they are kept with it: what was, and what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.forecasting.series import Floats
from agent.records.findings import Finding

KEY = "around"
BEFORE, AFTER = 28, 7
"""Steps that are kept before a finding's first and after its last one."""
DIGITS = 6


@dataclass(frozen=True)
class Around:
    """All of one length (t,): the first days (or hours) of the steps, what was, what was expected
    and within which 95% range; NaN where nothing is known."""

    dates: NDArray[np.datetime64]
    values: Floats
    expected: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, one: Finding) -> Around:
        """What is kept with a finding; of no length where nothing is."""
        kept: Mapping[str, Any] = one.content.get(KEY) or {}
        columns = (_floats(kept.get(name)) for name in ("values", "expected", "low", "high"))
        dates = np.array(kept.get("dates") or [], dtype="datetime64[h]")
        made = cls(dates, *columns)
        whole = all(column.size == dates.size for column in made.columns)
        return made if whole else cls.of(_without(one))

    @property
    def columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.values, self.expected, self.low, self.high

    def to_json(self) -> dict[str, Any]:
        """As the records keep it: no NaN, which is no JSON."""
        names = ("values", "expected", "low", "high")
        told = {name: _plain(column) for name, column in zip(names, self.columns, strict=True)}
        return {"dates": [str(day) for day in self.dates], **told}

    def within(self, one: Finding) -> NDArray[np.intp]:
        """The places of the finding's own steps."""
        first, last = (np.datetime64(text, "h") for text in (one.first, one.last))
        return np.flatnonzero((self.dates >= first) & (self.dates <= last))

    def peak(self, one: Finding) -> int | None:
        """The place of its step that lies farthest from what was expected; None where nothing of it
        is known."""
        places = self.within(one)
        away = np.abs(self.values[places] - self.expected[places])
        known = np.isfinite(away)
        if not known.any():
            there = places[np.isfinite(self.values[places])]
            return int(there[-1]) if there.size else None
        return int(places[np.flatnonzero(known)[np.argmax(away[known])]])


def cut(table: Around, first: int, last: int) -> Around:
    """The steps around places `first` to `last`."""
    part = slice(max(0, first - BEFORE), last + AFTER + 1)
    return Around(table.dates[part], *(column[part] for column in table.columns))


def _without(one: Finding) -> Finding:
    return Finding(one.shop_id, one.metric, one.step, one.kind, one.severity, one.first, one.last)


def _floats(values: Any) -> Floats:
    return np.array([np.nan if v is None else v for v in values or []], dtype=np.float64)


def _plain(column: Floats) -> list[float | None]:
    return [float(f"{v:.{DIGITS}g}") if np.isfinite(v) else None for v in column.tolist()]
