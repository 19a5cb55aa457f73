"""What is said of an answer that is the last good one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.metrics import formats
from agent.metrics.frames import Receipt, Stale
from agent.words import t


def moment(since: datetime, zone: str, now: datetime) -> str:
    """07:12; on another day of the zone than now 16 Nov 2026, 07:12."""
    then = since.astimezone(ZoneInfo(zone))
    if then.date() == now.astimezone(ZoneInfo(zone)).date():
        return f"{then:%H:%M}"
    return f"{formats.day(then.date(), year=True)}, {then:%H:%M}"


def said(stale: Stale, zone: str, now: datetime) -> str:
    """07:12, PostgreSQL does not answer."""
    return t("{time}, {reason}", time=moment(stale.since, zone, now), reason=t(stale.reason))


def explained(receipts: Iterable[Receipt], now: datetime) -> str:
    """What a file says of itself where figures of it are old, by the oldest; empty where none
    are."""
    old = [(r.stale.since, r.stale.reason, r.timezone) for r in receipts if r.stale is not None]
    if not old:
        return ""
    since, reason, zone = min(old)
    return t(
        "Not all figures are new. The oldest are of {time}: {reason}",
        time=moment(since, zone, now),
        reason=t(reason),
    )
