"""Which numbers a report is headed by: those that people chose, their own KPIs among them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.metrics.grammar import words_of
from agent.metrics.questions import Scope
from agent.words import t
from dashboard.address import Address
from dashboard.files.about import Pairs
from dashboard.panels import Own
from reports.documents import REPORTS, Report
from reports.reasons import why
from reports.sections import over_the_period

if TYPE_CHECKING:
    from agent.services import Services

MOST = 12
"""Two rows of paper."""


def chosen(services: Services, report: Report, own: Own) -> tuple[Report, Pairs]:
    """The report with the headline numbers of its word `metrics`, else with those of the settings,
    else with its own; and of each that is left out, why. A page has its own always.
    """
    names = words_of(own.get("metrics", "")) or services.settings.report_metrics
    if report.name not in REPORTS or not names:
        return report, ()
    known = services.catalogue()
    kept = tuple(name for name in names if name in known)
    missing = [
        (t("Not shown: {title}", title=name), t("There is no metric called {name}.", name=name))
        for name in names
        if name not in known
    ]
    missing += [
        (t("Not shown: {title}", title=t(known[name].label)), _too_many()) for name in kept[MOST:]
    ]
    if not kept:
        return report, tuple(missing)
    first = (over_the_period(kept[0], known[kept[0]].label), *why(kept[0]))
    headed = {panel.id: panel for panel in first}
    panels = tuple(headed.get(panel.id, panel) for panel in report.panels)
    return replace(report, figures=kept[:MOST], panels=panels), tuple(missing)


def link(base_url: str, report: Report, scope: Scope, own: Own) -> str:
    """The live page with these very days, whenever it is opened."""
    own = {} if report.name in REPORTS else own
    here = Address(report.path, scope.during(scope.start, scope.end), own)
    return f"{base_url.rstrip('/')}{here.href()}"


def _too_many() -> str:
    return t("Up to {count} metrics are shown at once.", count=MOST)
