"""When something was, and how long it took, as a person reads it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from agent.metrics import formats
from agent.services import Services
from agent.words import n, t


def house_zone(services: Services) -> ZoneInfo:
    """The zone of the first shop, where the people are that look."""
    shops = services.warehouse.shops()
    return ZoneInfo(shops[0].timezone) if shops else ZoneInfo("UTC")


def clock(moment: datetime, zone: ZoneInfo) -> str:
    """07:41."""
    return f"{moment.astimezone(zone):%H:%M}"


def soon(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """07:41, and 07:41:20 for what is due within two minutes."""
    if moment - now < timedelta(minutes=2):
        return f"{moment.astimezone(zone):%H:%M:%S}"
    return clock(moment, zone)


def moment(when: datetime, zone: ZoneInfo, now: datetime) -> str:
    """07:41; of another day 17 Nov, 07:41, and of another year 17 Nov 2025, 07:41."""
    then, here = when.astimezone(zone), now.astimezone(zone)
    if then.date() == here.date():
        return f"{then:%H:%M}"
    return f"{formats.day(then.date(), year=then.year != here.year)}, {then:%H:%M}"


def ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return t("just now")
    if minutes < 120:
        return t("{count} min ago", count=minutes)
    if minutes < 2 * 1440:
        return t("{count} h ago", count=minutes // 60)
    return n("{count} day ago", "{count} days ago", minutes // 1440, count=minutes // 1440)


def took(seconds: float) -> str:
    """3.2 s, 4 min 12 s."""
    if seconds < 60:
        return t("{count} s", count=f"{seconds:.1f}")
    return t("{count} min {rest} s", count=int(seconds // 60), rest=int(seconds % 60))
