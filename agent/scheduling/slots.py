"""Which slots of a schedule are due: pure arithmetic with wall clocks.

A slot is named by the wall clock of the schedule's own zone ("2026-11-23T08:00"), so that a night
in which the clock moves neither doubles nor loses it:
- 02:30 that happens twice is one slot, at its first occurrence;
- 02:30 that does not happen is due when it would have been, at 03:30 on the new clock;
- a schedule for every hour (its hour field starts with *) follows real time instead: the second
  02:30 is a slot of its own, named with its offset ("2026-10-25T02:30+01:00"), and a skipped one
  is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.triggers.cron import CronTrigger

from agent.errors import Refused
from agent.records.schedules import Schedule

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NEAR_A_SHIFT = timedelta(hours=3)
_SECOND = timedelta(seconds=1)
_LOOKS = tuple(timedelta(days=days) for days in (1 / 24, 1, 8, 32, 367, 5 * 366))


@dataclass(frozen=True, order=True)
class Slot:
    """`at` is the moment, in UTC, from which the slot `text` is due."""

    at: datetime
    text: str


def due(schedule: Schedule, since: datetime, until: datetime) -> list[Slot]:
    """The slots with since < at <= until, in order. Raises Refused for a bad cron or time zone."""
    zone = _zone(schedule.timezone)
    hourly = any(field.startswith("*") for field in schedule.cron.split()[1:2])
    found = (
        slot
        for wall in _walls(schedule.cron, zone, since, until)
        for slot in _slots(wall, zone, hourly)
    )
    return sorted(slot for slot in found if since < slot.at <= until)


def newest(schedule: Schedule, since: datetime, until: datetime) -> Slot | None:
    """The last slot with since < at <= until, found without counting through all before it."""
    for look in _LOOKS:
        begin = max(since, until - look)
        found = due(schedule, begin, until)
        if found or begin == since:
            return found[-1] if found else None
    return None


def upcoming(schedule: Schedule, after: datetime) -> Slot | None:
    """The next slot; None when there is none within five years ("0 0 31 2 *")."""
    for look in _LOOKS:
        found = due(schedule, after, after + look)
        if found:
            return found[0]
    return None


def check(schedule: Schedule) -> None:
    """Raises Refused, with a sentence, for a cron or a time zone that cannot be followed."""
    _zone(schedule.timezone)
    _trigger(schedule.cron)


def _walls(cron: str, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[datetime]:
    """Every matching reading of the wall clock, without zone, that could lie in the interval."""
    moments = (since - _NEAR_A_SHIFT, since, until, until + _NEAR_A_SHIFT)
    offsets = [moment.astimezone(zone).utcoffset() or timedelta(0) for moment in moments]
    # The trigger is told that the wall is UTC, where every reading exists exactly once.
    trigger = _trigger(cron)
    trigger.end_date = until.astimezone(UTC) + max(offsets)
    cursor: datetime = since.astimezone(UTC) + min(offsets)
    while (wall := trigger.get_next_fire_time(None, cursor)) is not None:
        yield wall.replace(tzinfo=None)
        cursor = wall + _SECOND


def _slots(wall: datetime, zone: ZoneInfo, hourly: bool) -> list[Slot]:
    first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    text = wall.isoformat(timespec="minutes")
    if not hourly or first == second:
        return [Slot(first, text)]
    if first.astimezone(zone).replace(tzinfo=None) != wall:
        return []
    return [Slot(first, text), Slot(second, second.astimezone(zone).isoformat(timespec="minutes"))]


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Refused(
            f"There is no time zone {name!r}.", hint="Write one like Europe/Berlin."
        ) from None


def _trigger(cron: str) -> CronTrigger:
    fields = cron.split()
    try:
        minute, hour, day, month, weekday = fields
        return CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=_weekdays(weekday),
            timezone=UTC,
        )
    except (ValueError, TypeError, KeyError):
        raise Refused(
            f"{cron!r} says no times.",
            hint="Five fields: minute hour day month weekday, like 0 8 * * mon.",
        ) from None


def _weekdays(field: str) -> str:
    """Weekdays by name: cron counts from Sunday, APScheduler from Monday."""
    return ",".join(name for part in field.lower().split(",") for name in _names(part))


def _names(part: str) -> list[str]:
    days, _, step = part.partition("/")
    if days == "*":
        return [DAYS[number] for number in range(0, 7, int(step))] if step else ["*"]
    first, dash, last = days.partition("-")
    begin, end = _number(first), _number(last) if dash else _number(first)
    length = (end - begin) % 7 if end != begin + 7 else 7
    return [DAYS[(begin + n) % 7] for n in range(0, length + 1, int(step or 1))][:7]


def _number(day: str) -> int:
    if day in DAYS:
        return DAYS.index(day)
    number = int(day)
    if not 0 <= number <= 7:
        raise ValueError(day)
    return number
