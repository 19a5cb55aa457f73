"""A shop's time zone for whole columns at once: wall clock to UTC and back, exact at every change
of the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from agent.errors import Refused
from agent.words import t

Ints = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_YEAR, LAST_YEAR = 1970, 2100


@dataclass(frozen=True)
class Zone:
    """Offsets of a zone over time: `offset[i]` seconds hold from `since_utc[i]` on (seconds since
    1970).
    """

    name: str
    since_utc: Ints
    since_wall: Ints
    offset: Ints

    def to_wall(self, utc: Ints) -> Ints:
        """Wall clock of UTC seconds."""
        return utc + self.offset[np.searchsorted(self.since_utc, utc, side="right") - 1]

    def to_utc(self, wall: Ints) -> Ints:
        """UTC of wall-clock seconds.

        A time that comes twice (clocks go back) is the first of the two; one that does not exist
        (clocks go forward) is as many minutes after the change as it pretends: 01:30 becomes 02:30.
        """
        return wall - self.offset[np.searchsorted(self.since_wall, wall, side="right") - 1]


def _offset(zone: ZoneInfo, seconds: int) -> int:
    moment = (EPOCH + timedelta(seconds=seconds)).astimezone(zone)
    return int((moment.utcoffset() or timedelta()).total_seconds())


def _change_between(zone: ZoneInfo, low: int, high: int) -> int:
    """The second at which the offset that holds at `low` ends, when another holds at `high`."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


@lru_cache(maxsize=64)
def zone_of(name: str) -> Zone:
    """The zone of an IANA name; raises Refused for a name that does not exist."""
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise Refused(
            t("There is no time zone called '{name}'.", name=name),
            hint=t("Use a name like Europe/London."),
        ) from fault
    step, first = 5 * 86_400, _offset(zone, 0)
    since, offsets = [-(2**62)], [first]
    end = int((datetime(LAST_YEAR, 1, 1, tzinfo=UTC) - EPOCH).total_seconds())
    for start in range(0, end, step):
        if _offset(zone, start + step) != offsets[-1]:
            since.append(_change_between(zone, start, start + step))
            offsets.append(_offset(zone, start + step))
    utc, offset = np.array(since, np.int64), np.array(offsets, np.int64)
    wall = utc + np.maximum(offset, np.concatenate([offset[:1], offset[:-1]]))
    return Zone(name, utc, wall, offset)
