"""The shop's wall clock for whole arrays: seconds since 1970 in UTC and, without offset, on the wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from agent.sources.demo_shop.dice import Ints

DAY = 86_400
EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    return (day - EPOCH).days


@dataclass(frozen=True)
class Zone:
    """`turns` are the instants at which the offset changes, `offsets` the seconds east of UTC before and after each."""

    turns: Ints
    offsets: Ints

    def wall(self, utc: Ints) -> Ints:
        return utc + self.offsets[np.searchsorted(self.turns, utc, side="right")]

    def utc(self, wall: Ints) -> Ints:
        """An hour that the clock shows twice is the first one; one that it skips is the hour after."""
        edges = self.turns + np.maximum(self.offsets[:-1], self.offsets[1:])
        return wall - self.offsets[np.searchsorted(edges, wall, side="right")]


def _offset(zone: ZoneInfo, second: int) -> int:
    shift = datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset()
    return int(shift.total_seconds()) if shift is not None else 0


def _turn(zone: ZoneInfo, low: int, high: int) -> int:
    """The first second in (low, high] with the offset of `high`."""
    after = _offset(zone, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _offset(zone, middle) == after else (middle, high)
    return high


@lru_cache(maxsize=8)
def zone_between(name: str, first: int, last: int) -> Zone:
    """The rules of a zone for the days first..last (days since 1970)."""
    zone = ZoneInfo(name)
    probes = [day * DAY for day in range(first - 2, last + 3)]
    found = [_offset(zone, probe) for probe in probes]
    turns = [
        _turn(zone, probes[at], probes[at + 1])
        for at in range(len(found) - 1)
        if found[at] != found[at + 1]
    ]
    offsets = [found[0], *(_offset(zone, turn) for turn in turns)]
    return Zone(np.array(turns, dtype=np.int64), np.array(offsets, dtype=np.int64))
