"""Lines over time: this period in the accent, the comparison dashed, names at the line ends."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from agent.metrics import formats
from agent.words import t
from dashboard.charts import Chart, Mark, Series, Values
from dashboard.figures import axes
from dashboard.figures.frame import Figure, colour_of, figure, room
from dashboard.figures.theme import palette

PLOT_HEIGHT = 280.0
LINE_HEIGHT = 15.0
PAD = 0.015
MANY = 200
GRAIN_STEP = {"hour": 1, "day": 24, "week": 168, "month": 720, "quarter": 2190, "year": 8760}


def draw_line(chart: Chart, theme: str) -> Figure:
    target = () if chart.target is None else (chart.target,)
    axis = axes.value_axis(chart, [s.values for s in chart.series], target)
    ordered = sorted(enumerate(chart.series), key=lambda pair: pair[1].role != "previous")
    traces = [trace(chart, s, colour_of(s, n, theme)) for n, s in ordered]
    traces += _rings(chart, theme)
    ends = _end_labels(chart, axis, theme)
    marks = _mark_labels(chart, theme)
    layout = {
        "margin": _margin(axis, room([_words(e["text"]) for e in ends], 16), chart.along),
        "xaxis": time_axis(chart, 6) if axes.is_time(chart) else _number_axis(chart),
        "yaxis": value_layout(axis),
        "shapes": target_shape(chart, theme),
        "annotations": [*ends, *marks],
    }
    narrow: dict[str, Any] = {"margin.r": 10, "annotations": [_brief(mark) for mark in marks]}
    if axes.is_time(chart):
        few, says = axes.time_ticks(chart, 3)
        narrow |= {"xaxis.tickvals": _text(few), "xaxis.ticktext": says}
    return figure(chart, theme, traces, layout, narrow)


def trace(chart: Chart, series: Series, colour: str) -> dict[str, Any]:
    """One line; a point without neighbours gets a dot, or it would not be seen."""
    before = series.role == "previous"
    line: dict[str, Any] = {
        "color": colour,
        "width": 1.5 if before or chart.x.size > MANY else 2.25,
    }
    if before:
        line["dash"] = "4px,3px"
    count = min(chart.x.size, series.values.size)
    values = series.values[:count]
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
            colour = palette(theme)[tone] if tone else colour_of(series, number, theme)
            weight = 400 if tone else 600
            ends.append((float(series.values[finite[-1]]), series.label, colour, weight))
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


def _found(chart: Chart, mark: Mark) -> int | None:
    at = np.flatnonzero(chart.x == np.array(mark.x, dtype=chart.x.dtype))
    return int(at[0]) if at.size and np.isfinite(_main(chart).values[at[0]]) else None


def _main(chart: Chart) -> Series:
    return next((s for s in chart.series if s.role == "now"), chart.series[0])


def _rings(chart: Chart, theme: str) -> list[dict[str, Any]]:
    """Anomalies as open rings in plum, events as small dots."""
    colour = palette(theme)
    out = []
    for kind, size, line in (("anomaly", 12, colour["anomaly"]), ("event", 7, colour["ink-2"])):
        at = [i for m in chart.marks if m.kind == kind and (i := _found(chart, m)) is not None]
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
    for mark in chart.marks:
        at = _found(chart, mark)
        if at is None:
            continue
        values = _main(chart).values
        nearby = values[max(0, at - 3) : at + 4]
        above = bool(values[at] >= np.nanmedian(nearby))
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


def _brief(label: dict[str, Any]) -> dict[str, Any]:
    return label | {"text": label["text"].split("<br>")[0]}


def _words(text: str) -> str:
    return text.replace("<b>", "").replace("</b>", "")
