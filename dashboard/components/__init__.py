"""Pure functions from values to dash html: every part of a page, in the classes of assets/*.css."""

from __future__ import annotations

from dashboard.components import exports
from dashboard.components.figures import (
    HeroFigure,
    KeyFigure,
    Level,
    breadcrumb,
    hero,
    key_figure,
    key_figures,
    lead,
    standing,
    track_of,
)
from dashboard.components.heat import heat_section, is_heat
from dashboard.components.marks import chip, delta, icon, live_badge, sparkline, toast
from dashboard.components.sections import (
    band,
    cell,
    chart_section,
    empty,
    failed,
    foot,
    heading,
    link,
    note,
    notes,
    skeleton,
    stale_note,
)
from dashboard.components.states import aged, doubted, no_access, nothing_fits, partial, stale
from dashboard.components.steps import funnel
from dashboard.components.tables import data_table, list_bars, table_section

__all__ = [
    "HeroFigure",
    "KeyFigure",
    "Level",
    "aged",
    "band",
    "breadcrumb",
    "cell",
    "chart_section",
    "chip",
    "data_table",
    "delta",
    "doubted",
    "empty",
    "exports",
    "failed",
    "foot",
    "funnel",
    "heading",
    "heat_section",
    "hero",
    "icon",
    "is_heat",
    "key_figure",
    "key_figures",
    "lead",
    "link",
    "list_bars",
    "live_badge",
    "no_access",
    "note",
    "notes",
    "nothing_fits",
    "partial",
    "skeleton",
    "sparkline",
    "stale",
    "stale_note",
    "standing",
    "table_section",
    "toast",
    "track_of",
]
