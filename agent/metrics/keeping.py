"""Answers that are kept: under which words, for how long, and the last good one for when nothing
answers.

A question has one place. What lies there was made at some versions of the tables: at others it is
no answer any more, and stays only as the last good one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from agent.metrics.measures import MEASURES
from agent.metrics.questions import Question
from agent.ports import Cache, Clock

# Cached answers of an older release are never read: a change to a definition changes this.
EDITION = "6"
LAST_SECONDS = 86_400
"""How long the last good answer stays at least, for when the warehouse does not answer."""
LONG_AGO = timedelta(days=28)
LONGER, SHORTER = 6, 2
MOST_LETTERS = 300
_STAMP, _TIME = 16, 8
_TABLES: Mapping[str, tuple[str, ...]] = {
    "sales": ("sales",),
    "orders": ("orders",),
    "history": ("orders", "customers"),
    "traffic": ("sessions",),
    "spend": ("spend",),
    "costs": ("costs",),
    "stock": ("inventory", "sales"),
}
"""What a fact is read from, as its tables are called."""


@dataclass(frozen=True)
class Lifetimes:
    """How many seconds an answer is asked for again without reading: `seconds`, or what `tables`
    says of the shortest-lived table that it is read from. Six times as long where its period ended
    28 days ago or earlier, half as long where that holds today; 0 keeps none."""

    seconds: int = 600
    tables: Mapping[str, int] = field(default_factory=dict)

    def of(self, question: Question, today: date) -> int:
        own = [self.tables[name] for name in read_from(question) if name in self.tables]
        seconds = min(own) if own and self.seconds else self.seconds
        end = question.scope.end
        if end <= today - LONG_AGO:
            return seconds * LONGER
        return seconds if end < today else -(-seconds // SHORTER)


def read_from(question: Question) -> tuple[str, ...]:
    """The tables whose rows the question's metrics add up, in the order of the metrics."""
    facts = (MEASURES[name].fact for metric in question.ask.rows for name in metric.measures)
    return tuple(dict.fromkeys(table for fact in facts for table in _TABLES[fact]))


def place_of(question: Question, more: object) -> str:
    """shop:almas:answer:net_sales,orders:by:month:reads:sales,orders:5f0c…: in words what a person
    would clear it by, then a digest of all that was asked. `more` is what else decides it."""
    ask, scope = question.ask, question.scope
    days = (scope.start, scope.end, scope.previous())
    parts = (EDITION, ask, scope.shops, days, scope.filters, scope.refunds, scope.currency, more)
    metrics, tables = ",".join(ask.metrics)[:MOST_LETTERS], ",".join(read_from(question))
    by = f":by:{','.join(ask.by)}" if ask.by else ""
    words = f"{shop_words(scope.shops)}answer:{metrics}{by}:reads:{tables}"
    return f"{words}:{_digest(parts).hex()}"


def shop_words(shops: tuple[str, ...]) -> str:
    """shop:almas:shop:hearth:, at most as many as fit."""
    return "".join(f"shop:{shop}:" for shop in dict.fromkeys(shops))[:MOST_LETTERS]


@dataclass(frozen=True)
class Answers:
    """The places of a cache, each with the newest answer that was read for it."""

    cache: Cache
    clock: Clock

    def get(self, place: str, state: object) -> bytes | None:
        """What was kept at this state of the tables, while its time is not over."""
        content = self.cache.get(place)
        if content is None or content[:_STAMP] != _digest(state):
            return None
        until = int.from_bytes(content[_STAMP : _STAMP + _TIME])
        return content[_STAMP + _TIME :] if self._now() < until else None

    def last(self, place: str) -> bytes | None:
        """What was kept last, at whatever state and however long ago."""
        content = self.cache.get(place)
        return content[_STAMP + _TIME :] if content and len(content) > _STAMP + _TIME else None

    def keep(self, place: str, state: object, content: bytes, seconds: int) -> None:
        """Keep it as an answer for some seconds, and as the last good one for a day; not at all for
        0 seconds."""
        if seconds:
            until = self._now() + seconds * 1000
            head = _digest(state) + until.to_bytes(_TIME)
            self.cache.set(place, head + content, max(seconds, LAST_SECONDS))

    def _now(self) -> int:
        return int(self.clock.now().timestamp() * 1000)


def _digest(parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()[:_STAMP]
