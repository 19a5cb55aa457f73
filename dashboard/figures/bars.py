"""Bars from zero: upright over time, the comparison dashed; lying for ranks, it is a tick."""

from __future__ import annotations

from typing import Any

import numpy as np

from agent.metrics import formats
from dashboard.charts import Chart, Series
from dashboard.figures import axes
from dashboard.figures.frame import Figure, chosen_of, colour_of, figure, names, room, short
from dashboard.figures.lines import places, target_shape, time_axis, trace, value_layout
from dashboard.figures.theme import palette


def draw_bar(chart: Chart, theme: str) -> Figure:
    return _upright(chart, theme) if axes.is_time(chart) else _lying(chart, theme)


def _own(chart: Chart) -> list[tuple[int, Series]]:
    return [(n, s) for n, s in enumerate(chart.series) if s.role != "previous"]


def _before(chart: Chart) -> Series | None:
    return next((s for s in chart.series if s.role == "previous"), None)


def _upright(chart: Chart, theme: str) -> Figure:
    own, before = _own(chart), _before(chart)
    reach = _stacked(chart) + ([before.values] if before else [])
    axis = axes.value_axis(chart, reach, () if chart.target is None else (chart.target,))
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "x": places(chart),
            "y": series.values,
            "name": series.label,
            "marker": {"color": colour_of(series, number, theme)},
            "meta": {"role": series.role, "key": series.key},
            "hovertemplate": axes.hover_number(chart, "y"),
        }
        for number, series in own
    ]
    if before:
        traces.append(trace(chart, before, palette(theme)["compare"]))
    few, says = axes.time_ticks(chart, 3)
    layout = {
        "barmode": "relative" if len(own) > 1 else "group",
        "margin": {"l": room(axis.says, 28), "r": 16, "t": 16, "b": 30},
        "xaxis": time_axis(chart, 6) | {"showspikes": False},
        "yaxis": value_layout(axis),
        "shapes": target_shape(chart, theme),
    }
    narrow = {"xaxis.tickvals": [f"{m:%Y-%m-%dT%H:%M}" for m in few], "xaxis.ticktext": says}
    return figure(chart, theme, traces, layout, narrow)


def _stacked(chart: Chart) -> list[Any]:
    """The heights that the axis must hold: stacked parts above and below zero."""
    parts = [np.nan_to_num(s.values) for _, s in _own(chart)]
    return [sum(np.maximum(p, 0) for p in parts), sum(np.minimum(p, 0) for p in parts)]


def _lying(chart: Chart, theme: str) -> Figure:
    own, before = _own(chart), _before(chart)
    said = names(chart)
    reach = _stacked(chart) + ([before.values] if before else [])
    axis = axes.value_axis(chart, reach)
    lanes = np.arange(chart.x.size)
    traces = [_rank(chart, series, colour_of(series, n, theme), len(own) == 1) for n, series in own]
    if picked := chosen_of(chart):
        for drawn in traces:
            drawn["marker"] = {"color": drawn["marker"]["color"], "opacity": _steps_back(picked)}
    if before:
        traces += _ticks(chart, before, lanes, theme)
    labels = [short(name) for name in said]
    layout = {
        "barmode": "relative" if len(own) > 1 else "group",
        "hovermode": "closest",
        "margin": {"l": room(labels), "r": 72 if len(own) == 1 else 16, "t": 4, "b": 6},
        "xaxis": {
            "visible": False,
            "showspikes": False,
            "range": [min(_lowest(reach) * 1.2, 0.0), axis.at[-1]],
        },
        "yaxis": {
            "range": [chart.x.size - 0.4, -0.6],
            "showgrid": False,
            "tickmode": "array",
            "tickvals": lanes.tolist(),
            "ticktext": labels,
            "ticklabelstandoff": 8,
            "tickfont": {"color": palette(theme)["ink-2"]},
        },
    }
    return figure(chart, theme, traces, layout, {"margin.l": min(room(labels), 120)})


def _rank(chart: Chart, series: Series, colour: str, alone: bool) -> dict[str, Any]:
    said = f"{series.label} {axes.hover_number(chart, 'x')}"
    bar: dict[str, Any] = {
        "type": "bar",
        "orientation": "h",
        "x": series.values,
        "y": np.arange(chart.x.size),
        "customdata": names(chart),
        "name": series.label,
        "marker": {"color": colour},
        "width": 0.62,
        "meta": {"role": series.role, "key": series.key},
        "hovertemplate": f"<b>%{{customdata}}</b><br>{said}<extra></extra>",
    }
    if alone:
        write = formats.number
        bar["text"] = [
            f" {write(v, chart.unit, chart.currency, 'short', chart.locale)} "
            for v in series.values.tolist()
        ]
        bar |= {"textposition": "outside", "textfont": {"size": 12}, "textangle": 0}
    return bar


def _steps_back(picked: list[bool]) -> list[float]:
    return [1.0 if on else 0.3 for on in picked]


def _lowest(reach: list[Any]) -> float:
    return min((float(np.nanmin(v)) for v in reach if np.isfinite(v).any()), default=0.0)


def _ticks(chart: Chart, before: Series, lanes: Any, theme: str) -> list[dict[str, Any]]:
    """The former values as ticks, each on a halo of the page's colour to show inside a bar."""
    colours = palette(theme)
    tick: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "x": before.values,
        "y": lanes,
        "name": before.label,
        "meta": {"role": "previous", "key": before.key},
        "hovertemplate": f"{before.label} {axes.hover_number(chart, 'x')}<extra></extra>",
    }
    halo: dict[str, Any] = {"marker": _upright_line(4, colours["surface"]), "hoverinfo": "skip"}
    halo |= {"hovertemplate": None, "meta": {"role": "halo"}}
    return [tick | halo, tick | {"marker": _upright_line(2, colours["ink-2"])}]


def _upright_line(width: int, colour: str) -> dict[str, Any]:
    return {"symbol": "line-ns", "size": 14, "line": {"width": width, "color": colour}}
