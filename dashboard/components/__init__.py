"""Pure functions from values to dash html: every part of a page, in the classes of assets/*.css."""

from __future__ import annotations

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
from dashboard.components.marks import chip, delta, icon, live_badge, sparkline, toast
from dashboard.components.sections import (
    band,
    cell,
    chart_section,
    empty,
    failed,
    foot,
    heading,
    note,
    skeleton,
    stale_note,
)
from dashboard.components.tables import data_table, list_bars, table_section

__all__ = [
    "HeroFigure",
    "KeyFigure",
    "Level",
    "band",
    "breadcrumb",
    "cell",
    "chart_section",
    "chip",
    "data_table",
    "delta",
    "empty",
    "failed",
    "foot",
    "heading",
    "hero",
    "icon",
    "key_figure",
    "key_figures",
    "lead",
    "list_bars",
    "live_badge",
    "note",
    "skeleton",
    "sparkline",
    "stale_note",
    "standing",
    "table_section",
    "toast",
    "track_of",
]
