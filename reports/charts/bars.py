"""Bars from zero: upright and lying, steps that add up, a funnel, progress to a target."""

from __future__ import annotations

import numpy as np

from agent.metrics import formats
from agent.words import t
from dashboard.charts import Chart, Series, Values
from dashboard.figures import axes
from reports.axes import dates_at, scale_of
from reports.charts.pen import Pen, names_of, room, short
from reports.inks import Sheet

LANE = 0.62


def bar(pen: Pen, chart: Chart) -> None:
    """Upright where a few names or a time axis stand side by side, else a lane for each name."""
    dated = np.issubdtype(chart.x.dtype, np.datetime64)
    few = len(chart.x) <= 8 and all(len(name) <= 12 for name in names_of(chart))
    (upright if dated or few else lying)(pen, chart)


def upright(pen: Pen, chart: Chart) -> None:
    """Bars from zero, one group a name; the comparison is the pale bar behind."""
    places = np.arange(len(chart.x), dtype=float)
    pen.within(44, 4, 10, 24)
    pen.value_axis(scale_of(chart, _heights(chart)))
    pen.axes.set_xlim(-0.6, max(len(places) - 0.4, 0.6))
    base = np.zeros(len(places))
    for number, series in sorted(enumerate(chart.series), key=lambda s: s[1].role != "previous"):
        previous = series.role == "previous"
        values = np.nan_to_num(series.values[: len(places)])
        pen.axes.bar(
            places,
            values,
            width=0.78 if previous else 0.56,
            bottom=0 if previous else base,
            color=pen.ink.grid if previous else pen.colour(series, number),
            zorder=2 if previous else 3,
        )
        base = base if previous else base + values
    if np.issubdtype(chart.x.dtype, np.datetime64):
        ticks = dates_at(chart.x, chart.grain) if len(places) else []
        pen.names([float(at) for at, _ in ticks], [text for _, text in ticks])
    else:
        pen.names(list(places), _names(chart, pen.sheet))


def _heights(chart: Chart) -> Values:
    """What the axis must hold: parts stacked, the comparison by itself."""
    parts = [np.nan_to_num(s.values) for s in chart.series if s.role != "previous"]
    before = [np.nan_to_num(s.values) for s in chart.series if s.role == "previous"]
    above = sum((np.maximum(part, 0) for part in parts), np.zeros(len(chart.x)))
    below = sum((np.minimum(part, 0) for part in parts), np.zeros(len(chart.x)))
    return np.concatenate([above, below, *before])


def waterfall(pen: Pen, chart: Chart) -> None:
    """Sums stand on zero; the others add to what stands before them."""
    steps = np.nan_to_num(chart.series[0].values)
    totals = [at in chart.grounded for at in range(len(steps))]
    pen.within(44, 4, 14, 24)
    bottoms, tops = _stairs(steps, totals)
    pen.value_axis(scale_of(chart, np.concatenate([bottoms, tops])))
    pen.axes.set_xlim(-0.6, max(len(steps) - 0.4, 0.6))
    for place, (low, high) in enumerate(zip(bottoms, tops, strict=True)):
        colour = pen.ink.previous if totals[place] else _tone(pen, high - low)
        pen.axes.bar([place], [high - low], bottom=low, width=0.62, color=colour, zorder=3)
        sign = not totals[place] and steps[place] > 0
        text = formats.number(steps[place], chart.unit, chart.currency, "short", chart.locale)
        said, top = ("+" if sign else "") + text, (place, max(low, high))
        pen.note(said, top, (0, 4), ha="center", color=pen.ink.text, strong=True)
    pen.names([float(i) for i in range(len(steps))], _names(chart, pen.sheet))


def _stairs(steps: Values, totals: list[bool]) -> tuple[Values, Values]:
    """Where each step starts and ends: a total stands on zero, a part on what came before."""
    ends: list[float] = []
    starts: list[float] = []
    for step, total in zip(steps.tolist(), totals, strict=True):
        start = 0.0 if total or not ends else ends[-1]
        starts.append(start)
        ends.append(start + step)
    return np.asarray(starts), np.asarray(ends)


def _tone(pen: Pen, step: float) -> str:
    return pen.ink.good if step >= 0 else pen.ink.bad


def _names(chart: Chart, sheet: Sheet) -> list[str]:
    room = max(int(sheet.width / max(len(chart.x), 1) / 6.2), 4)
    return [
        text if len(text) <= room else f"{text[: room - 1].rstrip()}…" for text in map(str, chart.x)
    ]


def lying(pen: Pen, chart: Chart) -> None:
    """A lane for each name; the former value is a tick, parts stand one after the other."""
    names = [short(name, 30) for name in names_of(chart)]
    own = [(n, s) for n, s in enumerate(chart.series) if s.role != "previous"]
    lanes = np.arange(len(names), dtype=float)
    _lanes(pen, names, 76 if len(own) == 1 else 12)
    before = next((s for s in chart.series if s.role == "previous"), None)
    _reach(pen, chart)
    base = np.zeros(len(lanes))
    for number, series in own:
        values = np.nan_to_num(series.values[: len(lanes)])
        pen.axes.barh(lanes, values, LANE, left=base, color=pen.colour(series, number), zorder=3)
        base = base + values
    if before is not None:
        _ticks(pen, before, lanes)
    if len(own) == 1:
        _said(pen, chart, own[0][1].values[: len(lanes)])


def _lanes(pen: Pen, names: list[str], right: float) -> None:
    pen.within(room(names), right, 4, 6)
    pen.axes.set_ylim(max(len(names), 1) - 0.4, -0.6)
    pen.beside([float(n) for n in range(len(names))], names)


def _reach(pen: Pen, chart: Chart) -> None:
    own = [np.nan_to_num(s.values) for s in chart.series if s.role != "previous"]
    before = [np.nan_to_num(s.values) for s in chart.series if s.role == "previous"]
    whole = np.concatenate([np.sum(own, axis=0), *before]) if own else np.zeros(1)
    low, high = float(whole.min(initial=0.0)), float(whole.max(initial=0.0))
    pen.axes.set_xlim(low * 1.05, high or 1.0)


def _ticks(pen: Pen, before: Series, lanes: Values) -> None:
    values = before.values[: len(lanes)]
    known = np.isfinite(values)
    for width, colour in ((4, pen.ink.surface), (2, pen.ink.label)):
        pen.axes.vlines(
            values[known],
            lanes[: len(values)][known] - LANE / 2,
            lanes[: len(values)][known] + LANE / 2,
            color=colour,
            linewidth=pen.points(width),
            zorder=4,
        )


def _said(pen: Pen, chart: Chart, values: Values, texts: list[str] | None = None) -> None:
    for lane, value in enumerate(values.tolist()):
        if not np.isfinite(value):
            continue
        text = formats.number(value, chart.unit, chart.currency, "short", chart.locale)
        said = texts[lane] if texts else text
        pen.note(said, (max(value, 0.0), lane), (6, 0), va="center", color=pen.ink.text)


def funnel(pen: Pen, chart: Chart) -> None:
    """Every step on the scale of the first, with its share of the first."""
    values = np.nan_to_num(chart.series[0].values)
    first = float(values[0]) if len(values) and values[0] > 0 else float(values.max(initial=1.0))
    texts = [
        f"{formats.number(v, chart.unit, chart.currency, 'short', chart.locale)} · "
        f"{axes.part_of(chart, v / first)}"
        for v in values.tolist()
    ]
    _lanes(pen, [short(name, 30) for name in names_of(chart)], room(texts))
    pen.axes.set_xlim(0, max(first, float(values.max(initial=0.0))) or 1.0)
    pen.axes.barh(np.arange(len(values)), values, LANE, color=pen.ink.now, zorder=3)
    _said(pen, chart, values, texts)


def gauge(pen: Pen, chart: Chart) -> None:
    """Progress to a target: one bar on its track, the target as a tick."""
    value = float(np.nan_to_num(chart.series[0].values)[-1]) if len(chart.series[0].values) else 0.0
    goal = chart.target or 0.0
    full = max(value, goal, 0.0) * 1.15 or 1.0

    def said(amount: float) -> str:
        return formats.number(amount, chart.unit, chart.currency, "short", chart.locale)

    pen.within(4, 4, 4, 4)
    pen.bare()
    pen.axes.set_xlim(0, full)
    pen.axes.set_ylim(-1, 1)
    pen.axes.barh([0], [full], 0.3, color=pen.ink.grid, zorder=2)
    pen.axes.barh([0], [max(value, 0.0)], 0.3, color=pen.ink.now, zorder=3)
    pen.write(0, 0.5, said(value), strong=True, va="center")
    if goal:
        pen.axes.vlines([goal], -0.25, 0.25, color=pen.ink.text, linewidth=pen.points(2), zorder=4)
        pen.write(goal, -0.5, t("Target {value}", value=said(goal)), ha="center", va="center")
