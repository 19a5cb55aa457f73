"""The parts of one page, being drawn for one address: what they are drawn from, what they read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from agent import quality, words
from agent.errors import Refused, Unavailable
from agent.metrics.catalogue import METRICS
from agent.metrics.frames import Frame, Receipt, Stale
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Question, Scope
from agent.ports import Shop
from agent.records.checks import Check
from agent.records.targets import Plan
from agent.services import Services
from dashboard.address import Address
from dashboard.panels import Page

AWAY = -1
"""What stands for every version while the warehouse does not answer; assets/live.js does alike."""


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
    _known: dict[Question, Frame] = field(default_factory=dict)

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
    def measured(self) -> Scope:
        """The scope as it is answered: a comparison wholly before the first sale is none. The
        address keeps it, for other days."""
        return self.services.engine.comparable(self.scope)

    def has(self, table: str) -> bool:
        """Whether the shop has ever had rows in a table of the warehouse."""
        return self._versions.get(table, 0) > 0

    @cached_property
    def _versions(self) -> Mapping[str, int]:
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
        self._note(self._known[question].receipt)
        return self._known[question]

    def _note(self, receipt: Receipt) -> None:
        """An old answer is asked for again as soon as there are versions, whichever."""
        if receipt.stale is None:
            self.tables.update(receipt.tables)
        else:
            self.tables.update(dict.fromkeys(receipt.tables, AWAY))
            self.old.append(receipt.stale)

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
