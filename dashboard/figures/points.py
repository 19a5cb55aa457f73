"""Points between two numbers, as large as a third: the extremes named, the medians as lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from agent.metrics import formats
from dashboard.charts import Across, Chart, Values
from dashboard.figures import axes
from dashboard.figures.frame import Figure, chosen_of, figure, room, short
from dashboard.figures.lines import value_layout
from dashboard.figures.theme import palette

SMALLEST, LARGEST = 7.0, 34.0
NAMED = 5
"""Points whose names stand beside them."""
APART, WIDE = 0.06, 0.28
"""How far two names are from each other at least, up and along, as a share of the plane."""
SKEWED = 4.0


def draw_scatter(chart: Chart, theme: str) -> Figure:
    """Points between the chart's x and the series' values; the hover names each one."""
    up = axes.free_axis(chart, np.concatenate([series.values for series in chart.series]))
    along = _along(chart)
    traces = [_points(chart, place, theme) for place in range(len(chart.series))]
    layout: dict[str, Any] = {
        "hovermode": "closest",
        "margin": {"l": room(up.says, 28), "r": 20, "t": 16, "b": 44 if chart.across else 30},
        "xaxis": {"showspikes": False} | _layout(chart, along),
        "yaxis": value_layout(up),
    }
    narrow: dict[str, Any] = {}
    if chart.across:
        layout["xaxis"]["title"] = {"text": chart.across.label}
        layout["shapes"] = _medians(chart, theme) if chart.across.corners else []
        named = _names(chart, (along, up), theme)
        layout["annotations"] = [*_corners(chart.across, theme), *named]
        narrow = {"annotations": named[:2]}
    return figure(chart, theme, traces, layout, narrow)


def _measured(chart: Chart) -> bool:
    return bool(chart.x.dtype.kind in "iuf")


def _by_powers(chart: Chart) -> bool:
    """Whether few large values would push all others to the edge."""
    if not _measured(chart) or chart.x.size < 8 or chart.x.min() <= 0:
        return False
    return float(chart.x.max()) > SKEWED * float(np.median(chart.x))


def _along(chart: Chart) -> axes.Axis:
    lying = _lying(chart)
    if _by_powers(chart):
        return axes.log_axis(lying, chart.x.astype(float))
    return axes.free_axis(lying, chart.x.astype(float) if _measured(chart) else np.zeros(1))


def _layout(chart: Chart, along: axes.Axis) -> dict[str, Any]:
    if not _measured(chart):
        return {"nticks": 6}
    shown = value_layout(along) | {"zeroline": False}
    if not _by_powers(chart):
        return shown
    return shown | {"type": "log", "tickvals": [10**place for place in along.at]}


def _lying(chart: Chart) -> Chart:
    """The chart in the unit of its x, for the axis along the bottom."""
    return replace(chart, unit=chart.across.unit) if chart.across else chart


def _points(chart: Chart, place: int, theme: str) -> dict[str, Any]:
    series, colours = chart.series[place], palette(theme)
    colour = colours["accent" if series.role == "now" else f"c{place % 8 + 1}"]
    picked = chosen_of(chart)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": chart.x,
        "y": series.values,
        "name": series.label,
        "customdata": _said(chart, series.values),
        "marker": {
            "size": _sizes(chart),
            "color": [colour if on else colours["compare"] for on in picked] if picked else colour,
            "opacity": [0.85 if on else 0.35 for on in picked] if picked else 0.62,
            "line": {"width": 1, "color": colours["surface"]},
        },
        "meta": {"role": series.role, "key": series.key},
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _said(chart: Chart, values: Values) -> list[str]:
    """What the hover says of each point: its name, then its figures as the table writes them."""
    write = formats.number
    names = chart.across.names if chart.across else [key or "" for key in chart.keys]
    label = chart.series[0].label
    out = []
    for place, value in enumerate(values.tolist()):
        lines = [f"<b>{names[place]}</b>"] if place < len(names) else []
        lines.append(f"{label}: {write(value, chart.unit, chart.currency, 'full', chart.locale)}")
        if chart.across:
            x = write(chart.x.tolist()[place], chart.across.unit, chart.currency, "full")
            lines.append(f"{chart.across.label}: {x}")
        if chart.across and chart.across.sizes:
            size = chart.across.sizes
            amount = write(size.values.tolist()[place], "money", chart.currency, "full")
            lines.append(f"{size.label}: {amount}")
        out.append("<br>".join(lines))
    return out


def _sizes(chart: Chart) -> list[float] | float:
    """Diameters whose areas stand to each other as the third figure does."""
    if chart.across is None or chart.across.sizes is None:
        return 9.0
    values = np.nan_to_num(chart.across.sizes.values).clip(min=0)
    largest = float(values.max()) if values.size else 0.0
    scaled = np.sqrt(values / largest) if largest else np.zeros(values.size)
    return list(np.maximum(scaled * LARGEST, SMALLEST).round(1).tolist())


def _medians(chart: Chart, theme: str) -> list[dict[str, Any]]:
    line = {"color": palette(theme)["rule-2"], "width": 1}
    x, y = float(np.median(chart.x)), float(np.nanmedian(chart.series[0].values))
    down = {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1}
    along = {"type": "line", "y0": y, "y1": y, "xref": "paper", "x0": 0, "x1": 1}
    return [shape | {"layer": "below", "line": line} for shape in (down, along)]


def _corners(across: Across, theme: str) -> list[dict[str, Any]]:
    places = ((0, 1), (1, 1), (0, 0), (1, 0))
    return [
        {
            "text": text,
            "xref": "paper",
            "yref": "paper",
            "x": x,
            "y": y,
            "xanchor": "right" if x else "left",
            "yanchor": "top" if y else "bottom",
            "yshift": 0 if y else 3,
            "font": {"color": palette(theme)["ink-3"], "size": 11},
        }
        for text, (x, y) in zip(across.corners, places, strict=False)
    ]


def _names(chart: Chart, both: tuple[axes.Axis, axes.Axis], theme: str) -> list[dict[str, Any]]:
    """The largest, the furthest right, the highest and the lowest point, by name, where there is
    room between them; and whatever is chosen."""
    if chart.across is None or not chart.x.size:
        return []
    along, up = both
    x = np.log10(chart.x) if _by_powers(chart) else chart.x
    plane = np.stack([_part(x, along), _part(chart.series[0].values, up)], axis=1)
    kept: list[int] = []
    for place in _telling(chart):
        gaps = [np.abs(plane[place] - plane[other]) for other in kept]
        if len(kept) < NAMED and not any(gap[0] < WIDE and gap[1] < APART for gap in gaps):
            kept.append(place)
    return [_name(chart, place, (float(x[place]), float(plane[place][0])), theme) for place in kept]


def _part(values: Values, axis: axes.Axis) -> Values:
    return np.asarray((values - axis.low) / ((axis.high - axis.low) or 1))


def _telling(chart: Chart) -> list[int]:
    y = chart.series[0].values
    order = [n for n, on in enumerate(chosen_of(chart)) if on]
    if chart.across and chart.across.sizes:
        order += np.argsort(-np.nan_to_num(chart.across.sizes.values))[:2].tolist()
    order += [int(np.argmax(chart.x)), int(np.nanargmax(y)), int(np.nanargmin(y))]
    return list(dict.fromkeys(order))


def _name(chart: Chart, place: int, at: tuple[float, float], theme: str) -> dict[str, Any]:
    sizes, (x, along) = _sizes(chart), at
    shift = (sizes[place] if isinstance(sizes, list) else sizes) / 2 + 4
    left = along > 0.7
    names = chart.across.names if chart.across else ()
    return {
        "text": short(names[place], 24),
        "x": x,
        "y": float(chart.series[0].values[place]),
        "xanchor": "right" if left else "left",
        "xshift": -shift if left else shift,
        "font": {"color": palette(theme)["ink-2"], "size": 12},
    }
