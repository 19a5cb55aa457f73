"""The question engine: compile, look in the cache, read, shape, compare."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from agent.asking import take_turn
from agent.errors import Refused, Throttled, Unavailable
from agent.metrics import asked, codec, exchange, periods
from agent.metrics.frames import Frame, Stale
from agent.metrics.keeping import Answers, Lifetimes, place_of, shop_words
from agent.metrics.questions import Question, Scope
from agent.metrics.reader import Cells, Known, Reader
from agent.metrics.reading import Reading, Terms, Window
from agent.metrics.shaping import shape
from agent.ports import Cache, Clock, Shop, Warehouse
from agent.sharing import Shared
from agent.warehouse.schema import DAILY_SALES

logger = logging.getLogger(__name__)

MAX_BUCKETS = 20_000


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

    @property
    def state(self) -> object:
        """What an answer was made at, beside the question itself."""
        shops = [(s.shop_id, s.currency, s.timezone) for s in self.shops]
        return (self.today, shops, sorted(self.versions.items()))


Spans = tuple[Window, Window | None]


class Engine:
    """Answers questions. Two callers with the same question share one read."""

    def __init__(
        self,
        warehouse: Warehouse,
        cache: Cache,
        clock: Clock,
        seconds: int | Lifetimes = 600,
        terms: Terms = Terms(),  # noqa: B008  # frozen
    ) -> None:
        """`seconds` is how long an answer is kept; 0 keeps none. `terms` are the installation's
        own; a scope may change refunds and currency."""
        self._terms = terms
        self._warehouse = warehouse
        self._answers = Answers(cache, clock)
        self._clock = clock
        self._lives = Lifetimes(seconds) if isinstance(seconds, int) else seconds
        self._frames = codec.Kept()
        self._known = Known.empty(keeps=self._lives.seconds > 0)
        # Nothing stays in it: answers are kept by the cache.
        self._flights: Shared[bytes] = Shared(0, len)

    def answer(self, question: Question, *, told: bool = True) -> Frame:
        """The frame of a question, its comparison inside; unless `told`, its receipt leaves out the
        statements. While the warehouse does not answer, the last good one, which says so. Raises
        Refused, NotFound, or Unavailable where nothing was kept."""
        try:
            return self._current(question, told)
        except Throttled:
            # Nothing is away: whoever asked too often is told to wait.
            raise
        except Unavailable as failure:
            last = self._last(question, told)
            if last is None:
                raise
            logger.info("The last good answer stands in: %s", failure.message)
            return last.aged(Stale(last.receipt.asked_at, failure.message))

    def forget(self) -> None:
        """Read everything anew from now on: what several questions share is no longer known."""
        self._frames, self._known = codec.Kept(), Known.empty(keeps=self._lives.seconds > 0)

    def now(self) -> datetime:
        """The present moment; while the warehouse does not answer, the last one at which it did: a
        page then keeps to the days whose answers are known."""
        away = self._warehouse.away
        return self._clock.now() if away is None else away.since

    def _current(self, question: Question, told: bool) -> Frame:
        context = self._context(question)
        window = _window(question, context)
        other = _comparison(question, context)
        place, state = self._place(question, told), (context.state, other)
        kept = self._kept(place, state)
        if kept is not None:
            return kept
        take_turn()
        seconds = self._lives.of(question, context.today)

        def made() -> bytes:
            content = codec.dump(self._compute(question, context, (window, other), told))
            self._answers.keep(place, state, content, seconds)
            return content

        return self._frames.load(place, self._flights.of((place, repr(state)), made))

    def _place(self, question: Question, told: bool) -> str:
        return place_of(question, (self._terms.tiers, told))

    def _last(self, question: Question, told: bool) -> Frame | None:
        """What was answered last; at worst without the statements that were asked for."""
        places = (self._place(question, how) for how in dict.fromkeys((told, not told)))
        kept = next(filter(None, map(self._answers.last, places)), None)
        try:
            return codec.load(kept) if kept else None
        except ValueError:
            return None

    def cells(self, question: Question) -> tuple[Cells, Cells | None]:
        """All groups of a question over its period and over the one it is compared with, as they
        come from the warehouse: nothing is ranked, cut, matched or kept, for there may be 100,000
        of them. Raises as `answer`; no last answer stands in."""
        context = self._context(question)
        window, other = _window(question, context), _comparison(question, context)
        take_turn()
        reader = self._reader(question, context, (window, other), told=False)
        names = tuple(dict.fromkeys(m for metric in question.ask.rows for m in metric.measures))
        shops, scope = tuple(shop.shop_id for shop in context.shops), question.scope
        reading = Reading(shops, window, scope.filters, question.ask.by, names, terms=reader.terms)
        exchange.check(self._warehouse, reading)
        found = reader.cells(reading)
        return found[window], found[other] if other else None

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
        place = f"{shop_words(shops)}{end}_day:reads:sales:{shops!r}"
        try:
            day = self._end_read(place, shops, end)
        except Unavailable:
            last = self._answers.last(place)
            if last is None:
                raise
            day = last
        return date.fromisoformat(day.decode()) if day != b"-" else None

    def _end_read(self, place: str, shops: tuple[str, ...], end: str) -> bytes:
        state = sorted(self._warehouse.versions(shops).items())
        kept = self._answers.get(place, state)
        if kept is not None:
            return kept
        found = sa.func.min if end == "first" else sa.func.max
        days = sa.select(found(DAILY_SALES.c.local_date).label("day")).where(
            DAILY_SALES.c.shop_id.in_(shops)
        )
        day: date | None = self._warehouse.read(days).column("day")[0].as_py()
        content = day.isoformat().encode() if day else b"-"
        self._answers.keep(place, state, content, self._lives.seconds)
        return content

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
        try:
            shops = [shop for shop in self._warehouse.shops() if shop.shop_id in scope.shops]
            found = (
                exchange.find(self._warehouse, shops, scope.currency) if scope.currency else None
            )
        except (Refused, Unavailable):  # Answering will say so.
            return date.min
        return found.first if found else date.min

    def _kept(self, place: str, state: object) -> Frame | None:
        content = self._answers.get(place, state)
        try:
            return None if content is None else self._frames.load(place, content)
        except ValueError:
            logger.warning("A cached answer was spoilt; it is read again.")
            return None

    def _compute(self, question: Question, context: Context, windows: Spans, told: bool) -> Frame:
        window, other = windows
        reader = self._reader(question, context, windows, told)
        frame = shape(reader, question, window)
        if other is None:
            return frame
        return frame.compared_with(shape(reader, question, other, like=frame))

    def _reader(self, question: Question, context: Context, windows: Spans, told: bool) -> Reader:
        window, other = windows
        return Reader(
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

    def _terms_of(self, question: Question, context: Context) -> Terms:
        scope, found = question.scope, None
        if scope.currency and asked.asks_money(question):
            found = exchange.find(self._warehouse, context.shops, scope.currency)
        return replace(self._terms, refunds=scope.refunds, currency=scope.currency, exchange=found)

    def _context(self, question: Question) -> Context:
        shops = asked.shops_of(question, self._warehouse.shops())
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
