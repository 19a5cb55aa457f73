"""Days as whole numbers since 1970."""

from __future__ import annotations

from datetime import date, timedelta

DAY = 86_400
EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    return (day - EPOCH).days


def as_day(number: int) -> date:
    return EPOCH + timedelta(days=number)
