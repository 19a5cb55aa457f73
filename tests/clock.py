"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 17, 7, 41, tzinfo=UTC)


class FrozenClock:
    def __init__(self, moment: datetime = START) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def set(self, moment: datetime) -> None:
        """Stand at a moment; a moment without a zone is UTC."""
        self._moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    def advance(self, seconds: float = 0, **parts: float) -> None:
        """Move by seconds or by any parts of a timedelta: advance(60), advance(days=1, hours=2)."""
        self._moment += timedelta(seconds=seconds, **parts)
