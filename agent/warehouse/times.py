"""The moment as the tables keep it: UTC, naive."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.ports import Clock


def naive_now(clock: Clock | None) -> datetime:
    moment = datetime.now(UTC) if clock is None else clock.now()
    return moment.astimezone(UTC).replace(tzinfo=None)
