"""Parts of one whole: ring, funnel, gauge, and the waterfall that adds up."""

from __future__ import annotations

from typing import Any

import numpy as np

from agent.metrics import formats
from agent.words import n as counted
from agent.words import t
from dashboard.charts import Chart
from dashboard.figures import axes
from dashboard.figures.frame import Figure, chosen_of, figure, names, room, short
from dashboard.figures.theme import palette

PARTS = 5


def _said(chart: Chart, value: float, style: formats.Style = "short") -> str:
    return formats.number(value, chart.unit, chart.currency, style, chart.locale)


def draw_ring(chart: Chart, theme: str) -> Figure:
    """At most five parts, the others gathered; the table alone has what is below zero."""
    colour = palette(theme)
    labels, parts = parts_of(chart)
    whole = chart.total if chart.total is not None else float(sum(parts))
    ring = {
        "type": "pie",
        "hole": 0.68,
        "sort": False,
        "direction": "clockwise",
        "values": parts,
        "labels": labels,
        "textinfo": "none",
        "marker": {
            "colors": _colours(chart, len(parts), theme),
            "line": {"color": colour["surface"], "width": 2},
        },
        "meta": {"role": "part"},
        "hovertemplate": "<b>%{label}</b><br>%{customdata}, %{percent}<extra></extra>",
        "customdata": [_said(chart, v, "full") for v in parts],
    }
    middle = {
        "text": f"<b>{_said(chart, whole)}</b>",
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "center",
        "font": {"size": 22, "color": colour["ink"]},
    }
    margin = {"l": 4, "r": 4, "t": 4, "b": 4}
    return figure(chart, theme, [ring], {"margin": margin, "annotations": [middle]})


def parts_of(chart: Chart) -> tuple[list[str], list[float]]:
    """The names and sizes of a ring's parts: five at most, the smaller ones gathered."""
    parts = np.nan_to_num(chart.series[0].values).clip(min=0).tolist()
    labels = names(chart)
    if len(parts) <= PARTS:
        return labels, parts
    kept = PARTS - 1
    count = len(parts) - kept
    rest = counted("{count} other", "{count} others", count, count=count)
    return [*labels[:kept], rest], [*parts[:kept], sum(parts[kept:])]


def _colours(chart: Chart, count: int, theme: str) -> list[str]:
    """The series colours in order; what is not chosen steps back where something is."""
    colour, picked = palette(theme), chosen_of(chart)
    back = {n for n in range(count) if picked and not (n < len(picked) and picked[n])}
    return [colour["neutral-soft" if n in back else f"c{n + 1}"] for n in range(count)]


def _lying_axes(chart: Chart, theme: str, reach: list[float]) -> dict[str, Any]:
    labels = [short(name) for name in names(chart)]
    return {
        "hovermode": False,
        "margin": {"l": room(labels), "r": 76, "t": 4, "b": 8},
        "xaxis": {"visible": False, "showspikes": False, "range": reach},
        "yaxis": {
            "range": [chart.x.size - 0.4, -0.6],
            "showgrid": False,
            "tickmode": "array",
            "tickvals": list(range(chart.x.size)),
            "ticktext": labels,
            "ticklabelstandoff": 8,
            "tickfont": {"color": palette(theme)["ink-2"]},
        },
    }


def _lying_bar(chart: Chart, sizes: list[float], colours: list[str], texts: list[str]) -> Any:
    return {
        "type": "bar",
        "orientation": "h",
        "y": list(range(chart.x.size)),
        "x": sizes,
        "width": 0.62,
        "text": [f" {text}" for text in texts],
        "textposition": "outside",
        "textangle": 0,
        "marker": {"color": colours},
        "hoverinfo": "skip",
        "meta": {"role": "part"},
    }


def draw_funnel(chart: Chart, theme: str) -> Figure:
    """Every step on the scale of the first, with its share of the first."""
    values = np.nan_to_num(chart.series[0].values).tolist()
    first = values[0] if values and values[0] > 0 else max([*values, 1.0])
    texts = [f"{_said(chart, v)} · {axes.part_of(chart, v / first)}" for v in values]
    bars = _lying_bar(chart, values, [palette(theme)["accent"]] * len(values), texts)
    layout = _lying_axes(chart, theme, [0, max(first, *values)])
    layout["margin"]["r"] = room(texts)
    return figure(chart, theme, [bars], layout)


def draw_gauge(chart: Chart, theme: str) -> Figure:
    """Progress to a target: one bar on its track, the target as a tick."""
    colour = palette(theme)
    value = float(np.nan_to_num(chart.series[0].values)[-1])
    goal = chart.target if chart.target else 0.0
    full = max(value, goal, 0.0) * 1.15 or 1.0
    track = {
        "type": "bar",
        "orientation": "h",
        "x": [full],
        "y": [0],
        "width": 0.3,
        "marker": {"color": colour["neutral-soft"]},
        "hoverinfo": "skip",
        "meta": {"role": "track"},
    }
    bar = track | {"x": [max(value, 0.0)], "marker": {"color": colour["accent"]}}
    bar |= {"meta": {"role": "now"}, "name": chart.series[0].label}
    labels = [_gauge_label(_said(chart, value), 0, 0.5, colour["ink"], 22)]
    shapes = []
    if goal:
        line = {"color": colour["ink"], "width": 2}
        shapes = [{"type": "line", "x0": goal, "x1": goal, "y0": -0.25, "y1": 0.25, "line": line}]
        words = t("Target {value}", value=_said(chart, goal))
        labels.append(_gauge_label(words, goal, -0.5, colour["target"], 12))
    layout = {
        "barmode": "overlay",
        "hovermode": False,
        "margin": {"l": 2, "r": 2, "t": 4, "b": 4},
        "xaxis": {"visible": False, "showspikes": False, "range": [0, full]},
        "yaxis": {"visible": False, "range": [-1, 1]},
        "shapes": shapes,
        "annotations": labels,
    }
    return figure(chart, theme, [track, bar], layout)


def _gauge_label(text: str, x: float, y: float, colour: str, size: int) -> dict[str, Any]:
    font = {"color": colour, "size": size, "weight": 600 if size > 12 else 400}
    return {"text": text, "x": x, "y": y, "xanchor": "center" if x else "left", "font": font}


def draw_waterfall(chart: Chart, theme: str) -> Figure:
    """Levels stand on the ground, between them are steps. An axis that is cut says so."""
    colour = palette(theme)
    values = np.nan_to_num(chart.series[0].values).tolist()
    grounded = chart.grounded
    levels = _levels(values, grounded)
    low, high = _cut(levels)
    bases, sizes, colours, texts = [], [], [], []
    for n, value in enumerate(values):
        level = n in grounded
        start = low if level else levels[n - 1]
        bases.append(min(start, levels[n]))
        sizes.append(abs(levels[n] - start))
        colours.append(colour["compare" if level else "pos" if value >= 0 else "neg"])
        texts.append(_said(chart, value, "full") if level else _stepped(chart, value))
    bars = _lying_bar(chart, sizes, colours, texts) | {"base": bases}
    layout = _lying_axes(chart, theme, [low, high + (high - low) * 0.04])
    layout["shapes"] = [_joint(levels[n], n, colour["rule-2"]) for n in range(len(values) - 1)]
    layout["margin"]["r"] = room(texts)
    if low:
        text = t(
            "The axis starts at {value}\nso that the steps can be read.", value=_said(chart, low)
        ).replace("\n", "<br>")
        place = {"xref": "paper", "yref": "paper", "x": 0, "y": 0, "yanchor": "top"}
        layout["annotations"] = [place | {"text": text, "xshift": -layout["margin"]["l"]}]
        layout["margin"]["b"] = 44
    return figure(chart, theme, [bars], layout)


def _stepped(chart: Chart, value: float) -> str:
    """What a step adds: of a rate, points."""
    if chart.unit == "percent":
        return formats.change(value, 0.0, chart.unit, locale=chart.locale).text
    return ("+" if value > 0 else "") + _said(chart, value, "full")


def _levels(values: list[float], grounded: tuple[int, ...]) -> list[float]:
    """How high one stands after each value: a level is reached by itself, a step adds to it."""
    out: list[float] = []
    for place, value in enumerate(values):
        out.append(value if place in grounded or not out else out[-1] + value)
    return out


def _joint(level: float, n: int, colour: str) -> dict[str, Any]:
    line = {"color": colour, "width": 1}
    return {"type": "line", "x0": level, "x1": level, "y0": n + 0.32, "y1": n + 0.68, "line": line}


def _cut(levels: list[float]) -> tuple[float, float]:
    low, high = min(levels), max(levels)
    if low <= 0.6 * high or low <= 0:
        return min(low, 0.0), max(high, 0.0) or 1.0
    step = axes.round_step((high - low) or high, "number")
    return max(0.0, (low - 0.5 * (high - low)) // step * step), high
