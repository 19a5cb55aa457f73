"""Frames as charts and tables: pure, without I/O, the same for the screen, the paper and the
workbook.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE, Frame, Number
from agent.metrics.questions import Scope
from dashboard.charts import Chart, Series
from dashboard.panels import Cell, Heading, Row, Table, View

Shape = Callable[[Frame, Scope], View]
UNITS = {"count": "Count", "percent": "Share", "number": "Number"}
PREVIOUS = {"prev": "previous period", "year": "a year before"}
KINDS = {"new": "New customers", "returning": "Returning customers"}


def trend(metric: str) -> Shape:
    """A metric over time, its comparison beneath it position by position."""
    return lambda frame, scope: _trend(frame, scope, metric)


def breakdown(metric: str) -> Shape:
    """A metric by the question's one dimension: name, value as a bar with the former value as its
    tick, change.
    """
    return lambda frame, scope: _breakdown(frame, scope, metric)


def parts(metric: str, title: str) -> Shape:
    """The few groups that make up a metric, for a list of bars; the title says what the largest one
    brings.
    """
    return lambda frame, scope: _parts(frame, scope, metric, title)


def ranking(metric: str, beside: str, title: str) -> Shape:
    """The largest groups, with a second metric beside the first."""
    return lambda frame, scope: _ranking(frame, scope, (metric, beside), title)


def _trend(frame: Frame, scope: Scope, metric: str) -> Chart:
    grain = frame.dimensions[0].name
    row, currency = frame.metric(metric), frame.receipt.currency
    x, values = frame.array(grain), frame.array(metric)
    series = [Series("now", "This period", values, "now")]
    previous_x = None
    if frame.previous is not None:
        before, previous_x = frame.previous.array(metric), frame.previous.array(grain)
        series.append(Series("previous", "Previous", before, "previous"))
    return Chart(
        kind="line",
        title=f"{row.label} per {grain}",
        measure=_measure(row.unit, currency, scope, frame.previous is not None),
        unit=row.unit,
        currency=currency,
        x=x,
        series=tuple(series),
        grain=grain,
        previous_x=previous_x,
        footer=_extremes(frame, metric, grain),
        total=_float(frame.total(metric)),
    )


def _measure(unit: str, currency: str, scope: Scope, compared: bool) -> str:
    what = currency if unit == "money" else UNITS.get(unit, "")
    span = scope.previous()
    if span is None or not compared:
        return what
    return f"{what}. Dashed: {PREVIOUS[scope.compare]}, {formats.date_range(*span)}"


def _extremes(frame: Frame, metric: str, grain: str) -> str:
    """The highest bucket of a series, where one stands out at all."""
    values = frame.array(metric)
    known = np.isfinite(values)
    if known.sum() < 3 or np.nanmax(values) <= np.nanmin(values):
        return ""
    place = int(np.nanargmax(values))
    moment = frame.values(grain)[place]
    amount = formats.number(
        frame.values(metric)[place], frame.metric(metric).unit, frame.receipt.currency
    )
    words = "week from " if grain == "week" else ""
    years = {moment.year for moment in frame.values(grain)}
    return f"Highest: {words}{formats.bucket(moment, grain, year=len(years) > 1)}, {amount}."


def _breakdown(frame: Frame, scope: Scope, metric: str) -> Table:
    column, dimension = frame.metric(metric), frame.dimensions[0].name
    by = DIMENSIONS[dimension]
    money = column.unit == "money"
    headings = [Heading(by.label, number=False), Heading(column.label, sorted=True)]
    if frame.previous is not None:
        headings.append(Heading("Change"))
        headings += [Heading("Difference", priority=2)] if money else []
    return Table(
        title=f"By {by.label.lower()}",
        measure=f"{column.label} by {by.label.lower()}{_tick(frame, scope)}",
        headings=tuple(headings),
        rows=tuple(_rows(frame, (metric,), money)),
        dimension=dimension,
    )


def _parts(frame: Frame, scope: Scope, metric: str, title: str) -> Table:
    table = _breakdown(frame, scope, metric)
    by = DIMENSIONS[table.dimension]
    return replace(
        table,
        title=_largest(frame, metric) or title,
        measure=f"{frame.metric(metric).label} by {by.label.lower()}",
    )


def _largest(frame: Frame, metric: str) -> str:
    """What the first group brings of the whole, when there is a whole to speak of."""
    whole, dimension = frame.total(metric), frame.dimensions[0].name
    groups = len(frame) - frame.rest_rows
    if not whole or whole <= 0 or groups < 2 or frame.values(dimension)[0] is None:
        return ""
    share = float(frame.values(metric)[0] or 0) / float(whole)
    name = _name(dimension, frame.values(dimension)[0], frame.labels(dimension)[0])
    verb = "bring" if dimension == "customer_kind" else "brings"
    return f"{name} {verb} {share:.0%} of {frame.metric(metric).label.lower()}" if share < 1 else ""


def _ranking(frame: Frame, scope: Scope, metrics: tuple[str, str], title: str) -> Table:
    main, beside = frame.metric(metrics[0]), frame.metric(metrics[1])
    by = DIMENSIONS[frame.dimensions[0].name]
    headings = [
        Heading(by.label, number=False),
        Heading(beside.label, priority=2),
        Heading(main.label, sorted=True),
    ]
    if frame.previous is not None:
        headings.append(Heading("Change"))
    rows = _rows(frame, metrics, difference=False)
    return Table(title, f"{main.label}{_tick(frame, scope)}", tuple(headings), tuple(rows), by.name)


def _tick(frame: Frame, scope: Scope) -> str:
    return "" if frame.previous is None else f". Tick on the bar: {PREVIOUS[scope.compare]}"


def _rows(frame: Frame, metrics: tuple[str, ...], difference: bool) -> list[Row]:
    """Every group, the rest, the total; the first metric has the bar."""
    main, dimension = metrics[0], frame.dimensions[0].name
    now, keys, labels = frame.values(main), frame.values(dimension), frame.labels(dimension)
    before = _former(frame, main)
    groups = len(frame) - frame.rest_rows
    scale = max((abs(float(v or 0)) for v in [*now[:groups], *before[:groups]]), default=0) or 1.0
    beside = [frame.values(name) for name in metrics[1:]]
    out = []
    for place in range(len(frame)):
        rest = place >= groups
        others = [_cell(values[place], metrics[i + 1], frame) for i, values in enumerate(beside)]
        cells = _cells(frame, main, (now[place], before[place]), None if rest else scale)
        name = _rest(frame, dimension) if rest else _name(dimension, keys[place], labels[place])
        cells = cells if difference or len(cells) < 3 else cells[:2]
        key = None if rest else NONE if keys[place] is None else str(keys[place])
        out.append(Row(name, (*others, *cells), key, "rest" if rest else ""))
    return [*out, _total(frame, metrics, difference)]


def _total(frame: Frame, metrics: tuple[str, ...], difference: bool) -> Row:
    main = metrics[0]
    others = [_cell(frame.total(name), name, frame) for name in metrics[1:]]
    cells = _cells(frame, main, (frame.total(main), frame.before(main)), None)
    cells = cells if difference or len(cells) < 3 else cells[:2]
    plural = DIMENSIONS[frame.dimensions[0].name].plural
    return Row(f"All {plural}", (*others, *cells), None, "total")


def _cells(
    frame: Frame, metric: str, pair: tuple[Number, Number], scale: float | None
) -> list[Cell]:
    """Value, change and difference of one group."""
    now, before = pair
    row, currency = frame.metric(metric), frame.receipt.currency
    value = replace(
        _cell(now, metric, frame),
        bar=None if scale is None else max(0.0, float(now or 0)) / scale,
        tick=None if scale is None or before is None else max(0.0, float(before)) / scale,
    )
    if frame.previous is None:
        return [value]
    moved = formats.change(now, before, row.unit, row.good_up)
    words = Cell(str(moved), moved.ratio, moved.tone)
    amount = None if now is None or before is None else float(now) - float(before)
    signed = Cell(formats.difference(now, before, currency), amount, moved.tone)
    return [value, words, signed]


def _cell(value: Number, metric: str, frame: Frame) -> Cell:
    unit = frame.metric(metric).unit
    text = formats.number(value, unit, frame.receipt.currency, "full")
    return Cell(text, _float(value))


def _former(frame: Frame, metric: str) -> list[Number]:
    if frame.previous is None:
        return [None] * len(frame)
    return list(frame.previous.values(metric))


def _name(dimension: str, key: object, label: object) -> str:
    """A group's name: its title where it has one, else what a person reads for its value."""
    if dimension == "customer_kind" and key in KINDS:
        return KINDS[str(key)]
    text = formats.value_label(dimension, None if key is None else str(key))
    return str(label) if label is not None and label != key else text


def _rest(frame: Frame, dimension: str) -> str:
    by = DIMENSIONS[dimension]
    return f"{frame.rest:,} other {by.label.lower() if frame.rest == 1 else by.plural}"


def _float(value: Number) -> float | None:
    return None if value is None else float(value)
