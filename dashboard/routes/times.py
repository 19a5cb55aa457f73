"""When a schedule is due next: told by whoever runs the jobs, and lent to the pages."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, current_app

from agent.errors import Failure
from agent.records.schedules import Schedule
from dashboard.working import Times

KEY = "royal.times"


def lend(server: Flask, times: Times | None) -> None:
    server.extensions[KEY] = times


def next_of(schedule: Schedule) -> datetime | None:
    """None where nobody runs jobs, or the schedule names no time that comes."""
    times: Times | None = current_app.extensions.get(KEY)
    try:
        return times(schedule) if times is not None else None
    except Failure:
        return None
