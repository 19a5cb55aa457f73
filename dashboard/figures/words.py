"""A chart without a picture: its one-sentence alternative, and its figures as a table."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agent.metrics import formats
from agent.words import inner, mark, t
from dashboard.charts import Across, Chart, Series
from dashboard.figures import axes, fans
from dashboard.figures.frame import has_values, names
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views import wording

FIRST = {
    "hour": mark("Hour"),
    "day": mark("Day"),
    "week": mark("Week from"),
    "month": mark("Month"),
    "quarter": mark("Quarter"),
}
MARKS = 3


def alternative(chart: Chart) -> str:
    """One sentence that holds the finding, the reach of the figures and the marked points."""
    if not has_values(chart):
        return t("{title}: no figures in this period.", title=_opening(chart))
    parts = [_reach(chart, _main(chart))]
    before = next((s for s in chart.series if s.role == "previous"), None)
    if before is not None and np.isfinite(before.values).any():
        parts.append(f"{inner(before.label)} {_sum_or_last(chart, before)}")
    parts += [_ahead(chart, series) for series in chart.series if series.role == "ahead"]
    if chart.target is not None:
        parts.append(t("target {value}", value=_said(chart, chart.target)))
    parts += [f"{m.label} {_place(chart, m.x)}" for m in chart.marks[:MARKS]]
    if chart.total is not None:
        parts.append(t("in total {value}", value=_said(chart, chart.total)))
    return f"{_opening(chart)}: {', '.join(parts)}."


def _opening(chart: Chart) -> str:
    title, measure = chart.title.rstrip(". "), chart.measure.split(". ")[0].rstrip(". ")
    return title if not measure or measure == title else f"{title}. {measure}"


def _main(chart: Chart) -> Series:
    return chart.known


def _ahead(chart: Chart, series: Series) -> str:
    """What is expected until when, and within which range it ends."""
    known = np.flatnonzero(np.isfinite(series.values))
    if not known.size:
        return inner(series.label)
    last = int(known[-1])
    said = t(
        "{label} until {day} {value}",
        label=inner(series.label),
        day=axes.date_label(chart.x[last], chart) if axes.is_time(chart) else chart.x[last],
        value=_sum_or_last(chart, series),
    )
    ranges = [
        t(
            "{range} at its end between {low} and {high}",
            range=inner(fans.name(band.level)),
            low=_said(chart, float(band.low[last])),
            high=_said(chart, float(band.high[last])),
        )
        for band in chart.bands
        if np.isfinite(band.low[last]) and np.isfinite(band.high[last])
    ]
    return ", ".join([said, *ranges])


def _said(chart: Chart, value: float, style: formats.Style = "short") -> str:
    return formats.number(value, chart.unit, chart.currency, style, chart.locale)


def _place(chart: Chart, x: object) -> str:
    if axes.is_time(chart):
        day = axes.date_label(x, chart)
        return t("on {day}", day=day) if chart.grain == "day" else day
    return str(x)


def _reach(chart: Chart, series: Series) -> str:
    values = series.values[: chart.x.size]
    top, bottom = int(np.nanargmax(values)), int(np.nanargmin(values))
    said, label = names(chart) if not axes.is_time(chart) else [], series.label
    at = (
        [_place(chart, v) for v in chart.x[[top, bottom]]]
        if not said
        else [said[top], said[bottom]]
    )
    most = t("highest {value} ({place})", value=_said(chart, values[top]), place=at[0])
    least = t("lowest {value} ({place})", value=_said(chart, values[bottom]), place=at[1])
    if chart.x.size == 1:
        return f"{label} {_said(chart, values[0])} ({at[0]})"
    if not axes.is_time(chart):
        return t("{count} values, {most}, {least}", count=chart.x.size, most=most, least=least)
    first, last = (axes.date_label(chart.x[place], chart) for place in (0, -1))
    span = t("{label} from {first} to {last}", label=label, first=first, last=last)
    return f"{span}, {most}, {least}"


def _sum_or_last(chart: Chart, series: Series) -> str:
    finite = series.values[np.isfinite(series.values)]
    low, high = _said(chart, finite.min()), _said(chart, finite.max())
    return t("between {low} and {high}", low=low, high=high)


def table_of(chart: Chart) -> Table:
    """The chart's figures, in full; a gap reads –, a note has the comparison's own date."""
    dated = axes.is_time(chart)
    first = t(FIRST.get(chart.grain, mark("Year"))) if dated else t("Name")
    said = [axes.date_label(v, chart) for v in chart.x] if dated else names(chart)
    lines = (*chart.series, *_edges(chart))
    headings = (Heading(first, number=False), *(Heading(s.label) for s in lines))
    columns = [_cells(chart, series) for series in lines]
    if chart.across:
        headings += _further_headings(chart.across)
        columns += _further_cells(chart, chart.across)
    keys = chart.keys or (None,) * len(said)
    notes = _notes(chart, len(said))
    rows = [
        Row(name, tuple(column[n] for column in columns), keys[n], "", notes[n])
        for n, name in enumerate(said)
    ]
    if chart.total is not None:
        total = Cell(_said(chart, chart.total, "full"), chart.total)
        rest = (Cell(""),) * (len(lines) - 1)
        at = chart.series.index(_main(chart)) if chart.series else 0
        rows.append(Row(t("Total"), (*rest[:at], total, *rest[at:]), kind="total"))
    return Table(chart.title, chart.measure, headings, tuple(rows), footer=chart.footer)


def _edges(chart: Chart) -> list[Series]:
    """The edges of the bands, as two columns each."""
    out = []
    for band in sorted(chart.bands, key=lambda band: band.level):
        said = wording.share(band.level)
        out += [
            Series("low", t("{share} range from", share=said), band.low, "ahead"),
            Series("high", t("{share} range to", share=said), band.high, "ahead"),
        ]
    return out


def _further_headings(across: Across) -> tuple[Heading, ...]:
    size = (Heading(across.sizes.label),) if across.sizes else ()
    return (Heading(across.label), *size)


def _further_cells(chart: Chart, across: Across) -> list[list[Cell]]:
    lying = replace(chart, unit=across.unit)
    columns = [_cells(lying, Series("x", across.label, chart.x.astype(float)))]
    if across.sizes:
        columns.append(_cells(replace(chart, unit="money"), across.sizes))
    return columns


def _cells(chart: Chart, series: Series) -> list[Cell]:
    known = series.values.tolist()[: chart.x.size]
    known += [float("nan")] * (chart.x.size - len(known))
    return [
        Cell(_said(chart, v, "full"), v) if np.isfinite(v) else Cell(formats.UNKNOWN) for v in known
    ]


def _notes(chart: Chart, count: int) -> list[str]:
    if chart.previous_x is None:
        return [""] * count
    # A shorter comparison has no day to set against our last ones.
    said = [
        "" if np.isnat(v) else t("against {day}", day=axes.date_label(v, chart))
        for v in chart.previous_x[:count]
    ]
    return said + [""] * (count - len(said))
