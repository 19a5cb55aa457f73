"""Lines over time: this period in the accent, the comparison dashed, names at the line ends."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from agent.metrics import formats
from agent.words import t
from dashboard.charts import Chart, Mark, Series, Values
from dashboard.figures import axes, fans
from dashboard.figures.frame import Figure, colour_of, figure, room
from dashboard.figures.theme import palette

PLOT_HEIGHT = 280.0
LINE_HEIGHT = 15.0
PAD = 0.015
MANY = 200
EDGE = 0.2
"""A label so near an end of a narrow chart stands on the side that has room."""
THIN = {"previous": 1.5, "past": 1.75}
GRAIN_STEP = {"hour": 1, "day": 24, "week": 168, "month": 720, "quarter": 2190, "year": 8760}


def draw_line(chart: Chart, theme: str) -> Figure:
    target = () if chart.target is None else (chart.target,)
    axis = axes.value_axis(chart, chart.heights, target)
    ordered = sorted(enumerate(chart.series), key=lambda pair: pair[1].role != "previous")
    traces = fans.bands(chart, places(chart), theme)
    traces += [trace(chart, s, colour_of(s, n, theme)) for n, s in ordered]
    traces += _rings(chart, theme)
    ends = _end_labels(chart, axis, theme)
    marks = _mark_labels(chart, theme)
    layout = {
        "margin": _margin(axis, room([_words(e["text"]) for e in ends], 16), chart.along),
        "xaxis": time_axis(chart, 6) if axes.is_time(chart) else _number_axis(chart),
        "yaxis": value_layout(axis),
        "shapes": [*target_shape(chart, theme), *fans.rule(chart, theme)],
        "annotations": [*ends, *marks, *fans.word(chart, theme)],
    }
    narrow: dict[str, Any] = {
        "margin.r": 10,
        "annotations": [*_narrow(chart, marks), *fans.word(chart, theme)],
    }
    if axes.is_time(chart):
        few, says = axes.time_ticks(chart, 3)
        narrow |= {"xaxis.tickvals": _text(few), "xaxis.ticktext": says}
    return figure(chart, theme, traces, layout, narrow)


def trace(chart: Chart, series: Series, colour: str) -> dict[str, Any]:
    """One line; a point without neighbours gets a dot, or it would not be seen."""
    before = series.role == "previous"
    line: dict[str, Any] = {
        "color": colour,
        "width": THIN.get(series.role, 1.5 if chart.x.size > MANY else 2.25),
    }
    if dash := fans.dash(chart, series):
        line["dash"] = dash
    count = min(chart.x.size, series.values.size)
    values = series.values[:count]
    values = chart.rooted(values) if series.role == "ahead" else values
    alone = _alone(values)
    drawn: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers" if alone.any() else "lines",
        "x": places(chart)[:count],
        "y": values,
        "name": series.label,
        "line": line,
        "connectgaps": False,
        "meta": {"role": series.role, "key": series.key},
        "hovertemplate": _hover(chart, series) + "<extra></extra>" * (len(chart.series) == 1),
    }
    if alone.any():
        drawn["marker"] = {"color": colour, "opacity": 1, "size": np.where(alone, 6, 0)}
    if before and chart.previous_x is not None:
        drawn["customdata"] = chart.previous_x[:count]
    return drawn


def _hover(chart: Chart, series: Series) -> str:
    value = axes.hover_number(chart, "y")
    if series.role == "previous" and chart.previous_x is not None:
        return f"{value}, %{{customdata|{axes.hover_date(chart)}}}"
    return value


def _alone(values: Values) -> Values:
    """Where a finite value stands between two gaps."""
    finite = np.isfinite(values)
    padded = np.concatenate(([False], finite, [False]))
    return finite & ~padded[:-2] & ~padded[2:]


def places(chart: Chart) -> list[Any]:
    """The x values as they travel: whole days without their midnight, half the bytes."""
    if not axes.is_time(chart):
        return list(chart.x.tolist())
    unit: Literal["s", "D"] = "s" if chart.grain in ("", "hour") else "D"
    return list(np.datetime_as_string(chart.x, unit=unit).tolist())


def _text(moments: list[Any]) -> list[str]:
    return [f"{m:%Y-%m-%dT%H:%M}" for m in moments]


def time_axis(chart: Chart, most: int) -> dict[str, Any]:
    at, says = axes.time_ticks(chart, most)
    hours = GRAIN_STEP.get(chart.grain, 24)
    pad = np.timedelta64(int(hours * 24), "m")  # two fifths of a step
    first, last = chart.x[0].astype("datetime64[m]"), chart.x[-1].astype("datetime64[m]")
    return {
        "type": "date",
        "range": [str(first - pad), str(last + pad)],
        "tickmode": "array",
        "tickvals": _text(at),
        "ticktext": says,
        "tickangle": 0,
        "unifiedhovertitle": {"text": f"<b>%{{x|{axes.hover_date(chart)}}}</b>"},
    }


def _number_axis(chart: Chart) -> dict[str, Any]:
    axis: dict[str, Any] = {"unifiedhovertitle": {"text": "<b>%{x}</b>"}, "nticks": 8}
    if chart.along:
        axis["title"] = {"text": chart.along}
    if chart.x.dtype.kind in "iuf" and chart.x.size > 1:
        # Else the first point would lie on the words beside the axis.
        first, last = float(chart.x[0]), float(chart.x[-1])
        pad = PAD * (last - first)
        axis |= {"range": [first - pad, last + pad], "tickformat": ","}
    return axis


def value_layout(axis: axes.Axis) -> dict[str, Any]:
    return {
        "range": [axis.low, axis.high],
        "tickmode": "array",
        "tickvals": axis.at,
        "ticktext": axis.says,
        "zeroline": axis.low < 0,
    }


def _margin(axis: axes.Axis, right: float, along: str = "") -> dict[str, float]:
    return {"l": room(axis.says, 28), "r": right, "t": 16, "b": 44 if along else 30}


def target_shape(chart: Chart, theme: str) -> list[dict[str, Any]]:
    if chart.target is None:
        return []
    return [
        {
            "type": "line",
            "xref": "paper",
            "x0": 0,
            "x1": 1,
            "y0": chart.target,
            "y1": chart.target,
            "layer": "below",
            "line": {"color": palette(theme)["target"], "width": 1},
        }
    ]


def _end_labels(chart: Chart, axis: axes.Axis, theme: str) -> list[dict[str, Any]]:
    """Names at the line ends and beside the target, pushed apart where they would touch."""
    ends: list[tuple[float, str, str, int]] = []
    for number, series in enumerate(chart.series):
        finite = np.flatnonzero(np.isfinite(series.values[: chart.x.size]))
        if finite.size and len(chart.series) > 1:
            tone = "ink-3" if series.role == "previous" else ""
            if series.role in ("now", "past") and finite[-1] + 1 < chart.x.size:
                continue  # Its end lies within the chart, where the forecast goes on.
            colour = palette(theme)[tone] if tone else colour_of(series, number, theme)
            weight = 400 if tone else 600
            ends.append((float(series.values[finite[-1]]), series.label, colour, weight))
    ends += fans.ends(chart, theme)
    if chart.target is not None:
        said = formats.number(chart.target, chart.unit, chart.currency, "short", chart.locale)
        ends.append((chart.target, t("Target {value}", value=said), palette(theme)["target"], 400))
    return _apart(ends, axis)


def _apart(ends: list[tuple[float, str, str, int]], axis: axes.Axis) -> list[dict[str, Any]]:
    pixel = PLOT_HEIGHT / (axis.high - axis.low)
    placed: list[dict[str, Any]] = []
    top = float("inf")
    for place, (value, text, colour, weight) in enumerate(sorted(ends, key=lambda end: -end[0])):
        wanted = (value - axis.low) * pixel
        room_below = (len(ends) - 1 - place) * LINE_HEIGHT
        height = max(min(wanted, top - LINE_HEIGHT), room_below)
        top = height
        placed.append(
            {
                "text": text,
                "x": 1,
                "xref": "paper",
                "y": value,
                "xshift": 6,
                "yshift": round(height - wanted, 1),
                "font": {"color": colour, "size": 12, "weight": weight},
            }
        )
    return placed


def _found(chart: Chart, mark: Mark, values: Values) -> int | None:
    at = np.flatnonzero(chart.x == np.array(mark.x, dtype=chart.x.dtype))
    return int(at[0]) if at.size and np.isfinite(values[at[0]]) else None


def _main(chart: Chart) -> Series:
    return chart.known


def _rings(chart: Chart, theme: str) -> list[dict[str, Any]]:
    """Anomalies as open rings in plum, events as small dots."""
    colour = palette(theme)
    out = []
    for kind, size, line in (("anomaly", 12, colour["anomaly"]), ("event", 7, colour["ink-2"])):
        mine = [mark for mark in chart.marks if mark.kind == kind]
        at = [i for m in mine if (i := _found(chart, m, _main(chart).values)) is not None]
        if not at:
            continue
        ring = {"size": size, "color": colour["surface"], "line": {"width": 2, "color": line}}
        out.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [places(chart)[n] for n in at],
                "y": _main(chart).values[at],
                "marker": ring,
                "hoverinfo": "skip",
                "meta": {"role": kind},
                "name": kind.capitalize(),
            }
        )
    return out


def _mark_labels(chart: Chart, theme: str) -> list[dict[str, Any]]:
    labels = []
    values = fans.heights(chart)
    for mark in chart.marks:
        at = _found(chart, mark, values)
        if at is None or not mark.label:
            continue
        nearby = values[max(0, at - 3) : at + 4]
        above = bool(values[at] >= np.nanmedian(nearby)) or _low(chart, float(values[at]))
        note = f"<br>{mark.note}" if mark.note else ""
        labels.append(
            {
                "text": f"<b>{mark.label}</b>{note}",
                "x": places(chart)[at],
                "y": float(values[at]),
                "xanchor": "center",
                "align": "center",
                "yanchor": "bottom" if above else "top",
                "yshift": 11 if above else -11,
                "bgcolor": palette(theme)["surface"],
                "borderpad": 1,
                "font": {"color": palette(theme)["anomaly" if mark.kind == "anomaly" else "ink-2"]},
            }
        )
    return labels


def _low(chart: Chart, value: float) -> bool:
    """Whether under a point there is no room for its label: it would lie on the days' names."""
    edges = [edge for band in chart.bands for edge in (band.low, band.high)]
    every = np.concatenate([_main(chart).values, *edges])
    least, most = min(float(np.nanmin(every)), 0.0), max(float(np.nanmax(every)), 0.0)
    finding = any(band.kind == "usual" for band in chart.bands)
    return value - least < (0.28 if finding else 0.12) * (most - least)


def _narrow(chart: Chart, labels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """First lines alone; a finding's own chart has one label, which has room for both of its."""
    whole = any(band.kind == "usual" for band in chart.bands)
    every = places(chart) if labels else []
    out = []
    for label in labels:
        along = every.index(label["x"]) / max(1, len(every) - 1)
        # Beyond the edge it would be cut off.
        side = "right" if along > 1 - EDGE else "left" if along < EDGE else "center"
        text = label["text"] if whole else label["text"].split("<br>")[0]
        out.append(label | {"text": text, "xanchor": side})
    return out


def _words(text: str) -> str:
    return text.replace("<b>", "").replace("</b>", "")
