"""What a forecast is drawn with: bands under its line, and the hairline at which it begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from agent.words import t
from dashboard.charts import Band, Chart, Series, Values
from dashboard.figures.theme import palette
from dashboard.views import wording

TINTS = ((0.9, 0.085), (0.0, 0.17))
"""From which level on a band has which share of the accent: where two lie over each other, both."""
TONES = {"ahead": "accent", "usual": "compare"}
GREY = 0.2
DASHES = {"previous": "4px,3px", "past": ""}


def bands(chart: Chart, at: list[Any], theme: str) -> list[dict[str, Any]]:
    """Each band as one surface without an outline, the widest first; `at` are the places of x."""
    ordered = sorted(chart.bands, key=lambda band: -band.level)
    out = []
    for band in ordered:
        low, high = chart.rooted(band.low), chart.rooted(band.high)
        places = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
        there, back = places.tolist(), places[::-1].tolist()
        out.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [at[place] for place in (*there, *back)],
                "y": np.concatenate([high[places], low[places[::-1]]]),
                "fill": "toself",
                "fillcolor": palette(theme)[TONES[band.kind]],
                "opacity": tint(band),
                "line": {"width": 0, "color": palette(theme)[TONES[band.kind]]},
                "hoverinfo": "skip",
                "name": name(band.level),
                "meta": {"role": "band", "level": band.level},
            }
        )
    return out


def tint(band: Band) -> float:
    if band.kind == "usual":
        return GREY
    return next(share for least, share in TINTS if band.level >= least)


def name(level: float) -> str:
    """80% range."""
    return t("{share} range", share=wording.share(level))


def dash(chart: Chart, series: Series) -> str:
    """Dotted where what was has the same colour, and whole where it is in ink."""
    if series.role != "ahead":
        return DASHES.get(series.role, "")
    return "" if chart.known.role == "past" else "1px,3px"


def rule(chart: Chart, theme: str) -> list[dict[str, Any]]:
    if chart.rule is None:
        return []
    return [
        {
            "type": "line",
            "x0": str(chart.rule.x),
            "x1": str(chart.rule.x),
            "yref": "paper",
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"color": palette(theme)["rule-2"], "width": 1},
        }
    ]


def word(chart: Chart, theme: str) -> list[dict[str, Any]]:
    """The rule's word, on the side of what was."""
    if chart.rule is None:
        return []
    return [
        {
            "text": chart.rule.word,
            "x": str(chart.rule.x),
            "y": 1,
            "yref": "paper",
            "xanchor": "right",
            "yanchor": "top",
            "xshift": -6,
            "font": {"color": palette(theme)["ink-3"]},
        }
    ]


def ends(chart: Chart, theme: str) -> list[tuple[float, str, str, int]]:
    """The widest band's name beside its upper edge."""
    widest = max(chart.bands, key=lambda band: band.level, default=None)
    if widest is None or not np.isfinite(widest.high).any():
        return []
    last = float(widest.high[np.isfinite(widest.high)][-1])
    return [(last, name(widest.level), palette(theme)["ink-3"], 400)]


def heights(chart: Chart) -> Values:
    """Over what a label at each place stands: what was, and ahead of it the widest band."""
    out = chart.known.values.copy()
    widest = max(chart.bands, key=lambda band: band.level, default=None)
    return out if widest is None else np.where(np.isfinite(out), out, widest.high)
