"""One part of one page, being drawn for one address: what it is drawn from, and what it read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from agent.metrics.frames import Frame
from agent.metrics.questions import Ask, Question, Scope
from agent.ports import Shop
from agent.services import Services
from dashboard.address import Address
from dashboard.panels import Page


@dataclass
class Showing:
    """`tables` gathers the versions of every table read, so that the browser knows when to ask
    again.
    """

    services: Services
    page: Page
    here: Address
    theme: str = "light"
    tables: dict[str, int] = field(default_factory=dict)
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
        return self.services.settings.locale

    def answer(self, question: Question) -> Frame:
        """The question's frame, asked once however often a part needs it."""
        if question not in self._known:
            self._known[question] = self.services.answer(question)
            self.tables.update(self._known[question].receipt.tables)
        return self._known[question]

    def ask(self, ask: Ask, scope: Scope | None = None) -> Frame:
        return self.answer(ask.within(scope or self.scope))
