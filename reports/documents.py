"""A Document: everything a report says, composed once; paper, workbook and mail only lay it out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from agent.errors import NotFound
from agent.metrics import formats
from agent.metrics.frames import Frame, Number, Receipt, Unit
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope, refund_words
from agent.ports import Shop
from agent.words import mark, t
from dashboard.charts import Chart, Values
from dashboard.files.about import moment
from dashboard.files.panel import Filed
from dashboard.pages import PAGES
from dashboard.panels import Has, Own, Page, Panel, Spoken, Table, View
from dashboard.views import wording
from reports.sections import WEEKLY

if TYPE_CHECKING:
    from agent.services import Services

_SHORTER = {
    "average_order_value": mark("Average order"),
    "repeat_purchase_rate": mark("Repeat rate"),
}


@dataclass(frozen=True)
class KeyFigure:
    """One headline number; `series` is its way through the period, nan for unknown. `reason` says
    why it is not known.
    """

    metric: str
    label: str
    unit: Unit
    value: Number
    before: Number
    text: str
    text_before: str
    change: formats.Change
    series: Values | None = None
    series_before: Values | None = None
    reason: str = ""

    @classmethod
    def unknown(cls, row: Metric) -> KeyFigure:
        """One that has no answer under the filters."""
        none = (row.name, t(row.label), row.unit, None, None)
        said = (formats.UNKNOWN, formats.UNKNOWN, formats.NO_CHANGE)
        return cls(*none, *said, reason=t("Not known with these filters"))

    @property
    def brief(self) -> str:
        """Its label where room is short."""
        short = wording.brief(self.label)
        return t(_SHORTER[self.metric]) if self.metric in _SHORTER else short


@dataclass(frozen=True)
class Part:
    """A panel as it is printed. `frame` made the view, None where its rows are no answer to one
    question; `rows` asks for all of them, once, when the workbook wants them.
    """

    id: str
    title: str
    view: View
    frame: Frame | None
    rows: Callable[[], Filed]
    half: bool = False

    @property
    def chart(self) -> Chart | None:
        return self.view if isinstance(self.view, Chart) else None

    @property
    def table(self) -> Table | None:
        return self.view if isinstance(self.view, Table) else None


@dataclass(frozen=True)
class Document:
    """`lead` is the whole opening; `made_at` is aware, in the shop's zone.

    `definitions` and `notes` are pairs of a name and a sentence; `notes` say what was cut how.
    """

    name: str
    title: str
    lead: tuple[str, ...]
    shop: Shop
    scope: Scope
    period: str
    against: str
    made_for: str
    made_at: datetime
    figures: tuple[KeyFigure, ...]
    series: Frame | None
    parts: tuple[Part, ...]
    definitions: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]
    receipts: tuple[Receipt, ...]
    link: str = ""
    language: str = "en"

    @property
    def currency(self) -> str:
        """What its money is in: the reporting currency where one was asked for."""
        return next((receipt.currency for receipt in self.receipts), self.shop.currency)

    @property
    def terms(self) -> str:
        """On which day its refunds stand."""
        return f"{refund_words(self.scope.refunds)}."

    @property
    def headline(self) -> str:
        return self.lead[0]

    @property
    def printed_definitions(self) -> tuple[tuple[str, str], ...]:
        """Those of the key figures; the workbook has all."""
        shown = {figure.label for figure in self.figures}
        return tuple(pair for pair in self.definitions if pair[0] in shown)

    @property
    def made(self) -> str:
        """When it was made, as read in the shop: 17 Nov 2026 08:00."""
        return moment(self.made_at)

    @property
    def empty(self) -> bool:
        """Whether nothing at all was sold, given back or ordered in the period."""
        return bool(self.figures) and all(not figure.value for figure in self.figures[:2])

    def file_name(self, ending: str) -> str:
        """A name for the file, safe on every system."""
        shop = re.sub(r"[^a-z0-9]+", "-", self.shop.shop_id.lower()).strip("-") or "shop"
        return f"{self.name}-{shop}-{self.scope.start}-{self.scope.end}.{ending}"


@dataclass(frozen=True)
class Report:
    """What is printed: a row of the table below, or a page as it stands.

    `period` is a moving period of the address bar; `cron` is read in the shop's own zone, empty
    where nothing is sent by itself. `figures` are the headline numbers, those of the panels where
    none are named; `known` says which they are by the tables that a shop has, `says` what it opens
    with and of which days. `letter` names the panels that stand in the mail itself.
    """

    name: str
    title: str
    panels: tuple[Panel, ...]
    figures: tuple[str, ...] = ()
    cron: str = ""
    period: str = ""
    letter: tuple[str, ...] = ()
    path: str = "/"
    known: Callable[[Has], tuple[str, ...]] | None = None
    says: Callable[[Services, Scope], Spoken] | None = None


def of_page(page: Page, own: Own) -> Report:
    """A page is a report of the panels that its address chooses."""
    chosen = page.figures

    def known(has: Has) -> tuple[str, ...]:
        return chosen(own, has) if chosen else ()

    told = page.says

    def says(services: Services, scope: Scope) -> Spoken:
        assert told is not None
        return told(services, scope, own)

    return Report(
        page.name,
        page.title,
        page.filed(own),
        page.hero,
        path=page.path,
        known=known,
        says=says if told else None,
    )


def report_of(name: str, own: Own | None = None) -> Report:
    """A report or a page by name. Raises NotFound naming those that exist."""
    pages = {page.name: page for page in PAGES.values() if page.filed({})}
    if name in REPORTS:
        return REPORTS[name]
    if name in pages:
        return of_page(pages[name], own or {})
    known = ", ".join((*REPORTS, *pages))
    raise NotFound(
        t("There is no report called {name!r}.", name=name), hint=t("Known: {names}.", names=known)
    )


_BRIEF = (
    "net_sales",
    "orders",
    "average_order_value",
    "new_customers",
    "returning_customers",
    "repeat_purchase_rate",
)
_ROWS = (
    Report(
        "weekly-executive",
        mark("Weekly executive brief"),
        cron="0 8 * * 1",
        period="last_28_days",
        figures=_BRIEF,
        panels=WEEKLY,
        letter=("series", "why", "matches", "alerts", "steps", "products"),
    ),
)
REPORTS = {row.name: row for row in _ROWS}
