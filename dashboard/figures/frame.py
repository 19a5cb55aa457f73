"""What every figure shares: its layout, what changes where it is narrow, the words of an empty one.

assets/looks.js reads a figure's `layout.meta`: the `theme` it was drawn in, and the `wide` and
`narrow` patches of its layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from babel.dates import get_day_names, get_month_names

from agent.words import SOURCE, locale, mark, t
from dashboard.charts import Chart, Series
from dashboard.figures.axes import affixes
from dashboard.figures.theme import palette, template

Figure = dict[str, Any]
Patch = dict[str, Any]
LETTER = 6.7
TONES = {"previous": "compare", "past": "ink-2"}
"""The token of a line's colour by its role; every other one is ours, in the accent."""
EMPTY = mark("No figures in this period")
CONFIG: Mapping[str, Any] = {
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "showTips": False,
}


def config() -> dict[str, Any]:
    """What plotly is told beside the figure: CONFIG, and how the language spoken names days and
    months under the pointer."""
    name = locale().partition("_")[0]
    if name == SOURCE.partition("_")[0]:
        return dict(CONFIG)
    return {**CONFIG, "locale": name, "locales": {name: {"format": dict(_calendar(locale()))}}}


@cache
def _calendar(name: str) -> tuple[tuple[str, list[str]], ...]:
    days, months = get_day_names, get_month_names
    # Plotly's week begins on Sunday, Babel's on Monday.
    week = (6, 0, 1, 2, 3, 4, 5)
    year = range(1, 13)
    return (
        ("days", [days("wide", locale=name)[at] for at in week]),
        ("shortDays", [days("abbreviated", locale=name)[at] for at in week]),
        ("months", [months("wide", locale=name)[at] for at in year]),
        ("shortMonths", [months("abbreviated", locale=name)[at] for at in year]),
    )


def figure(
    chart: Chart, theme: str, traces: list[Any], layout: Patch, narrow: Patch | None = None
) -> Figure:
    """A figure as a plain dict; `narrow`: dotted layout names, their values on a small panel."""
    patch = narrow or {}
    wide = {name: _found(layout, name) for name in patch}
    return {
        "data": traces,
        "layout": {
            "template": template(theme),
            "autosize": True,
            "uirevision": "keep",
            "separators": affixes(chart.unit, chart.currency, chart.locale).separators,
            "meta": {"theme": theme, "wide": wide, "narrow": patch},
            **layout,
        },
    }


def _found(layout: Patch, name: str) -> Any:
    value: Any = layout
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def blank(chart: Chart, theme: str) -> Figure:
    """Axes off and a sentence: an empty period is a fact, not a broken chart."""
    note = {
        "text": t(EMPTY),
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "center",
        "font": {"color": palette(theme)["ink-3"]},
    }
    off = {"visible": False, "range": [0, 1]}
    return figure(chart, theme, [], {"xaxis": off, "yaxis": off, "annotations": [note]})


def has_values(chart: Chart) -> bool:
    return chart.x.size > 0 and any(np.isfinite(s.values).any() for s in chart.series)


def room(texts: list[str], least: float = 24.0, size: int = 12) -> float:
    """The width in pixels that the longest of these texts needs."""
    longest = max((len(line) for text in texts for line in text.split("<br>")), default=0)
    return max(least, longest * LETTER * size / 12 + 12)


def colour_of(series: Series, number: int, theme: str) -> str:
    colours = palette(theme)
    if series.role == "part":
        return colours[f"c{number % 8 + 1}"]
    return colours[TONES.get(series.role, "accent")]


def chosen_of(chart: Chart) -> list[bool]:
    """Which of the parts the page is filtered by; empty where by none, so that all are equal."""
    picked = [key in chart.chosen for key in chart.keys]
    return picked if any(picked) else []


def short(text: str, letters: int = 26) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def names(chart: Chart) -> list[str]:
    """What a person reads for each place of x."""
    if chart.across:
        return list(chart.across.names)
    return [said_name(value) for value in chart.x.tolist()]


def said_name(value: Any) -> str:
    return t("Other") if value is None else str(value)
