"""The question engine: compile, look in the cache, read, shape, compare."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from agent.errors import Refused
from agent.metrics import codec, exchange, periods
from agent.metrics.asked import asks_money, shops_of
from agent.metrics.frames import Frame
from agent.metrics.questions import Question, Scope
from agent.metrics.reader import Known, Reader
from agent.metrics.reading import Reading, Terms, Window
from agent.metrics.shaping import shape
from agent.ports import Cache, Clock, Shop, Warehouse
from agent.sharing import Shared
from agent.warehouse.schema import DAILY_SALES

logger = logging.getLogger(__name__)

MAX_BUCKETS = 20_000
# Cached answers of an older release are never read: a change to a definition changes this.
EDITION = "5"


@dataclass(frozen=True)
class Context:
    """What an answer is made with: the shops asked, their wall clock, and the versions of the
    tables."""

    shops: tuple[Shop, ...]
    now: datetime
    asked_at: datetime
    versions: Mapping[str, int]

    @property
    def currency(self) -> str:
        return self.shops[0].currency

    @property
    def today(self) -> date:
        return self.now.date()


Spans = tuple[Window, Window | None]


class Engine:
    """Answers questions. Two callers with the same question share one read."""

    def __init__(
        self,
        warehouse: Warehouse,
        cache: Cache,
        clock: Clock,
        seconds: int = 600,
        terms: Terms = Terms(),  # noqa: B008  # frozen
    ) -> None:
        """`seconds` is how long an answer is kept; 0 keeps none. `terms` are the installation's
        own; a scope may change refunds and currency."""
        self._terms = terms
        self._warehouse = warehouse
        self._cache = cache
        self._clock = clock
        self._seconds = seconds
        self._frames = codec.Kept()
        self._known = Known.empty(keeps=seconds > 0)
        # Nothing stays in it: answers are kept by the cache.
        self._flights: Shared[bytes] = Shared(0, len)

    def answer(self, question: Question, *, told: bool = True) -> Frame:
        """The frame of a question, its comparison inside; unless `told`, its receipt leaves out the
        statements. Raises Refused, NotFound or Unavailable."""
        context = self._context(question)
        window = _window(question, context)
        other = _comparison(question, context)
        key = _key(question, context, other, (*self._terms.tiers, told))
        kept = self._kept(key)
        if kept is not None:
            return kept
        read = self._flights.of(
            key,
            lambda: self._cached(key, self._compute(question, context, (window, other), told)),
        )
        return self._frames.load(key, read)

    def reading(self, question: Question) -> Reading:
        """What the question's one number is read from: its scope, without its dimensions. For the
        rows under it. Raises as `answer`."""
        context, scope = self._context(question), question.scope
        measures = dict.fromkeys(m for metric in question.ask.rows for m in metric.measures)
        terms = self._terms_of(question, context)
        shops = tuple(shop.shop_id for shop in context.shops)
        window = _window(question, context)
        return Reading(shops, window, scope.filters, (), tuple(measures), terms=terms)

    def first_day(self, shops: tuple[str, ...]) -> date | None:
        """The oldest local day on which these shops have sales; None while they have none."""
        return self._end_of_history(shops, "first")

    def last_day(self, shops: tuple[str, ...]) -> date | None:
        """The newest local day on which these shops have sales; None while they have none."""
        return self._end_of_history(shops, "last")

    def _end_of_history(self, shops: tuple[str, ...], end: Literal["first", "last"]) -> date | None:
        versions = self._warehouse.versions(shops)
        key = f"{end}:{EDITION}:{shops!r}:{sorted(versions.items())!r}"
        kept = self._cache.get(key)
        if kept is not None:
            return date.fromisoformat(kept.decode()) if kept else None
        found = sa.func.min if end == "first" else sa.func.max
        days = sa.select(found(DAILY_SALES.c.local_date).label("day")).where(
            DAILY_SALES.c.shop_id.in_(shops)
        )
        day: date | None = self._warehouse.read(days).column("day")[0].as_py()
        self._cache.set(key, day.isoformat().encode() if day else b"", self._seconds)
        return day

    def comparable(self, scope: Scope) -> Scope:
        """The scope; without its comparison where that lies wholly before the first sale, so that
        no figure is set against a time without figures, or where it has sales from before the
        first exchange rate."""
        span, first = scope.previous(), self.first_day(scope.shops)
        if span is None or first is None:
            return scope
        unrated = self._first_rate(scope) > max(span[0], first)
        return scope.alone() if span[1] < first or unrated else scope

    def _first_rate(self, scope: Scope) -> date:
        """The day before which the scope's currency has no rates; the first of all days where none
        are needed, or none are there."""
        shops = [shop for shop in self._warehouse.shops() if shop.shop_id in scope.shops]
        try:
            found = (
                exchange.find(self._warehouse, shops, scope.currency) if scope.currency else None
            )
        except Refused:  # Answering will say so.
            return date.min
        return found.first if found else date.min

    def _kept(self, key: str) -> Frame | None:
        content = self._cache.get(key)
        try:
            return None if content is None else self._frames.load(key, content)
        except ValueError:
            logger.warning("A cached answer was spoilt; it is read again.")
            return None

    def _cached(self, key: str, frame: Frame) -> bytes:
        content = codec.dump(frame)
        self._cache.set(key, content, self._seconds)
        return content

    def _compute(self, question: Question, context: Context, windows: Spans, told: bool) -> Frame:
        window, other = windows
        reader = Reader(
            self._warehouse,
            context.shops,
            context.versions,
            context.asked_at,
            (window,) if other is None else (window, other),
            self._terms_of(question, context),
            self._warehouse.last_sync(tuple(shop.shop_id for shop in context.shops)),
            self._known,
            told,
        )
        frame = shape(reader, question, window)
        if other is None:
            return frame
        return frame.compared_with(shape(reader, question, other, like=frame))

    def _terms_of(self, question: Question, context: Context) -> Terms:
        scope, found = question.scope, None
        if scope.currency and asks_money(question):
            found = exchange.find(self._warehouse, context.shops, scope.currency)
        return replace(self._terms, refunds=scope.refunds, currency=scope.currency, exchange=found)

    def _context(self, question: Question) -> Context:
        shops = shops_of(question, self._warehouse.shops())
        now = self._clock.now()
        local = now.astimezone(ZoneInfo(shops[0].timezone)).replace(tzinfo=None)
        return Context(shops, local, now, self._warehouse.versions(tuple(s.shop_id for s in shops)))


def _window(question: Question, context: Context) -> Window:
    scope = question.scope
    grain = question.ask.grain
    # Buckets that lie wholly in the future are not drawn; a period that begins there has one.
    end = max(scope.start, min(scope.end, context.today))
    periods.check_points(scope.start, end, grain, MAX_BUCKETS)
    return Window(scope.start, end)


def _comparison(question: Question, context: Context) -> Window | None:
    """The comparison's window, cut at the same elapsed time when our own period is still
    running."""
    scope = question.scope
    span = scope.previous()
    if span is None:
        return None
    start, end = span
    if not scope.start <= context.today <= scope.end:
        return Window(start, end)
    elapsed = context.now - datetime.combine(scope.start, time())
    until = datetime.combine(start, time()) + elapsed
    until = until.replace(minute=until.minute // 5 * 5, second=0, microsecond=0)
    last = min(end, (until - timedelta(microseconds=1)).date())
    return Window(start, max(start, last), until if last < end or until.date() == end else None)


def _key(
    question: Question, context: Context, other: Window | None, more: tuple[float | bool, ...]
) -> str:
    ask = question.ask
    shops = [(s.shop_id, s.currency, s.timezone) for s in context.shops]
    versions = sorted(context.versions.items())
    asked = question.scope
    scope = (asked.start, asked.end, asked.filters, asked.refunds, asked.currency)
    parts: Sequence[object] = (EDITION, ask, scope, more, context.today, other, shops, versions)
    return "frame:" + hashlib.sha256(repr(parts).encode()).hexdigest()
