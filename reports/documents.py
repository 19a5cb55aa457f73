"""A Document: everything a report says, composed once; paper, workbook and mail only lay it out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from agent.metrics.formats import Change
from agent.metrics.frames import Frame, Number, Receipt, Unit
from agent.metrics.questions import Scope
from agent.ports import Shop
from dashboard.charts import Chart, Values
from dashboard.pages.overview import KEY_FIGURES
from dashboard.panels import Panel, Table, View
from reports.sections import WEEKLY


@dataclass(frozen=True)
class KeyFigure:
    """One headline number; `series` is its way through the period, nan for unknown."""

    metric: str
    label: str
    unit: Unit
    value: Number
    before: Number
    text: str
    text_before: str
    change: Change
    series: Values
    series_before: Values | None = None


@dataclass(frozen=True)
class Part:
    """A panel as it is printed. `frame` made the view; `detail` is the workbook's longer answer."""

    id: str
    title: str
    view: View
    frame: Frame
    detail: Frame
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
    series: Frame
    parts: tuple[Part, ...]
    definitions: tuple[tuple[str, str], ...]
    notes: tuple[tuple[str, str], ...]
    receipts: tuple[Receipt, ...]
    link: str = ""
    language: str = "en"

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
        at = self.made_at
        return f"{at.day} {at:%b %Y %H:%M}"

    @property
    def empty(self) -> bool:
        """Whether nothing at all was sold, given back or ordered in the period."""
        return all(not figure.value for figure in self.figures[:2])

    def file_name(self, ending: str) -> str:
        """A name for the file, safe on every system."""
        shop = re.sub(r"[^a-z0-9]+", "-", self.shop.shop_id.lower()).strip("-") or "shop"
        return f"{self.name}-{shop}-{self.scope.start}-{self.scope.end}.{ending}"


@dataclass(frozen=True)
class Report:
    """`period` is a moving period of the address bar; `cron` is read in the shop's own zone.

    `letter` names the panels that stand in the mail itself.
    """

    name: str
    title: str
    cron: str
    period: str
    figures: tuple[str, ...]
    panels: tuple[Panel, ...]
    letter: tuple[str, ...] = ()


_ROWS = (
    Report(
        "weekly-executive",
        "Weekly executive brief",
        cron="0 8 * * 1",
        period="last_28_days",
        figures=KEY_FIGURES,
        panels=WEEKLY,
        letter=("series", "steps", "products"),
    ),
)
REPORTS = {row.name: row for row in _ROWS}
