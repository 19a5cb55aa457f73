"""The parts of one page, being drawn for one address: what they are drawn from, what they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from agent import quality, words
from agent.errors import Refused, Unavailable
from agent.forecasting.asking import Wanted
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Frame, Stale
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Question, Scope
from agent.records.checks import Check
from agent.records.targets import Plan
from agent.services import Services
from agent.sources import histories
from dashboard.address import Address
from dashboard.foretold import Fits, Making, standing
from dashboard.panels import Page

if TYPE_CHECKING:
    from agent.ports import Shop

AWAY = -1
"""What stands for every version while the warehouse does not answer; assets/live.js does alike."""

ENDED = timedelta(days=21)
"""So long without a sale, and the newest figures are of another time."""


T = TypeVar("T")


class From(Protocol):
    """What says of which versions of the tables it was made, and whether it is an old one."""

    @property
    def tables(self) -> Mapping[str, int]: ...

    @property
    def stale(self) -> Stale | None: ...


@dataclass(frozen=True)
class _Told:
    tables: Mapping[str, int]
    stale: Stale | None


@dataclass
class Showing:
    """`tables` gathers the versions of every table read, so that the browser knows when to ask
    again; `old` whatever answer was the last good one.
    """

    services: Services
    page: Page
    here: Address
    theme: str = "light"
    tables: dict[str, int] = field(default_factory=dict)
    old: list[Stale] = field(default_factory=list)
    fits: Fits | None = None
    _known: dict[Question, Frame] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)
    _ahead: dict[Wanted, Making] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        return self.here.scope

    @cached_property
    def shop(self) -> Shop:
        return self.services.shop(self.scope.shops[0])

    @cached_property
    def today(self) -> date:
        return self.services.today(self.shop)

    @property
    def locale(self) -> str:
        return words.locale()

    @cached_property
    def first_day(self) -> date | None:
        return self.services.engine.first_day((self.shop.shop_id,))

    @cached_property
    def ended(self) -> date | None:
        """The shop's last day with sales, where that is weeks ago; None while it sells, or while
        nobody can say."""
        try:
            last = self.services.engine.last_day((self.shop.shop_id,))
        except Unavailable:
            return None
        return last if last and self.services.today(self.shop) - last > ENDED else None

    @cached_property
    def begins(self) -> date | None:
        """The first day that a platform shows, where it cuts the history; None while what says so
        is away: figures need no records."""
        try:
            return histories.begins(self.services, self.scope.shops)
        except Unavailable:
            return None

    @cached_property
    def measured(self) -> Scope:
        """The scope as it is answered: a comparison wholly before the first sale is none. The
        address keeps it, for other days."""
        return self.services.engine.comparable(self.scope)

    def has(self, table: str) -> bool:
        """Whether the shop has ever had rows in a table of the warehouse."""
        return self.versions.get(table, 0) > 0

    @cached_property
    def versions(self) -> Mapping[str, int]:
        return self.services.warehouse.versions(self.scope.shops)

    @cached_property
    def plan(self) -> Plan:
        """The shop's targets."""
        return self.services.records.targets.of(self.shop.shop_id)

    @cached_property
    def doubted(self) -> Mapping[str, Check]:
        """Table -> the check that failed on it; none while the records are away."""
        try:
            return quality.affected(self.services, self.scope.shops)
        except Unavailable:
            return {}

    @property
    def ahead(self) -> bool:
        """Whether every day of the period is still to come."""
        return self.scope.start > self.today

    def answer(self, question: Question) -> Frame:
        """The question's frame, asked once however often a part needs it. Its receipt leaves out
        the statements, which only a receipt shows."""
        if question not in self._known:
            compared = question.scope.previous() is None or self.measured.previous() is not None
            scope = question.scope if compared else question.scope.alone()
            self._known[question] = self.services.answer(replace(question, scope=scope), told=False)
        self.note(self._known[question].receipt)
        return self._known[question]

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` makes, made once however many parts show it."""
        if name not in self._made:
            self._made[name] = make()
        made: T = self._made[name]
        return made

    def note(self, receipt: From) -> None:
        """An old answer is asked for again as soon as there are versions, whichever."""
        if receipt.stale is None:
            self.tables.update(receipt.tables)
        else:
            self.tables.update(dict.fromkeys(receipt.tables, AWAY))
            self.old.append(receipt.stale)

    def outlook(self, wanted: Wanted, horizon: int, who: str = "") -> Making:
        """The forecast of a series as it is kept, or how far it is: begun where nothing is."""
        if wanted not in self._ahead:
            self._ahead[wanted] = standing(self.services, (wanted, horizon), self.fits, who)
        self.note_all()
        return self._ahead[wanted]

    def note_all(self) -> None:
        """What is shown stems from all tables as they are now; while the warehouse is away, as they
        were when it last answered."""
        away = self.services.warehouse.away
        stale = None if away is None else Stale(away.since, away.reason)
        self.note(_Told(self.versions, stale))

    def metric(self, name: str) -> Metric:
        """A metric by its name, people's own included. Raises Refused."""
        if name in METRICS:
            return METRICS[name]
        return Ask((name,)).completed(self.services.catalogue()).metric(name)

    def ask(self, ask: Ask, scope: Scope | None = None) -> Frame:
        return self.answer(ask.within(scope or self.scope))

    def attempt(self, ask: Ask, scope: Scope | None = None) -> Frame | None:
        """The frame; None where the question has no answer under these filters."""
        try:
            return self.ask(ask, scope)
        except Refused:
            return None
