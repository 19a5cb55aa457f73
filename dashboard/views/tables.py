"""Breakdowns as tables: every group, then the rest, then the total, asked of the warehouse and
never added up from the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE, Frame, Number
from agent.metrics.questions import Scope
from agent.words import inner, t
from dashboard.panels import Cell, Heading, Row, Shape, Table
from dashboard.views import wording


@dataclass(frozen=True)
class Column:
    """A metric of the frame, or a further dimension of it as text. `bar` draws it with the former
    value as tick, `change` adds how it moved, `difference` by how much money."""

    name: str
    priority: Literal[1, 2, 3] = 1
    bar: bool = False
    change: bool = False
    difference: bool = False


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
    columns = (Column(beside, 2), Column(metric, bar=True, change=True))
    return lambda frame, scope: replace(
        table(frame, columns, t(title)),
        measure=wording.label(frame, metric) + wording.tick(frame, scope),
    )


def table(frame: Frame, columns: Sequence[Column], title: str, sorted_by: str = "") -> Table:
    """The frame's groups under these columns; `sorted_by` is what they are ordered by, the bar's
    column where it is left out."""
    by = DIMENSIONS[frame.dimensions[0].name]
    main = sorted_by or next((c.name for c in columns if c.bar), columns[0].name)
    headings = [Heading(t(by.label), number=False)]
    for column in columns:
        headings += _headings(frame, column, main)
    scales = _scales(frame, columns)
    rows = [_row(frame, columns, scales, place) for place in range(len(frame))]
    total = Row(wording.all_of(by.name), _totals(frame, columns), None, "total")
    return Table(title, "", tuple(headings), (*rows, total), by.name)


def _headings(frame: Frame, column: Column, main: str) -> list[Heading]:
    if column.name in DIMENSIONS:
        text = t(DIMENSIONS[column.name].label)
        return [Heading(text, number=False, priority=column.priority)]
    heading = Heading(
        wording.brief(wording.label(frame, column.name)),
        priority=column.priority,
        sorted=column.name == main,
        key=column.name,
    )
    more = []
    if frame.previous is not None and column.change:
        more = [Heading(t("Change"), priority=column.priority)]
        more += [Heading(t("Difference"), priority=2)] if column.difference else []
    return [heading, *more]


def _scales(frame: Frame, columns: Sequence[Column]) -> dict[str, float]:
    """The largest value of every column with bars, of both periods."""
    groups = len(frame) - frame.rest_rows
    found = {}
    for column in columns:
        if column.bar:
            values = [*frame.values(column.name)[:groups], *former(frame, column.name)[:groups]]
            found[column.name] = max((abs(float(v or 0)) for v in values), default=0) or 1.0
    return found


def former(frame: Frame, metric: str) -> list[Number]:
    """The comparison's values, row by row; unknown without one."""
    if frame.previous is None:
        return [None] * len(frame)
    return list(frame.previous.values(metric))


def _row(frame: Frame, columns: Sequence[Column], scales: dict[str, float], place: int) -> Row:
    dimension = frame.dimensions[0].name
    rest = place >= len(frame) - frame.rest_rows
    cells: list[Cell] = []
    for column in columns:
        scale = None if rest else scales.get(column.name)
        cells += _cells(frame, column, _pair(frame, column.name, place), scale)
    if rest:
        return Row(wording.rest_name(frame), tuple(cells), None, "rest")
    key = frame.values(dimension)[place]
    name = wording.group_name(dimension, key, frame.labels(dimension)[place])
    return Row(name, tuple(cells), NONE if key is None else str(key))


def _pair(frame: Frame, name: str, place: int) -> tuple[Any, Any]:
    if name in DIMENSIONS:
        rest = place >= len(frame) - frame.rest_rows
        text = "" if rest else wording.group_name(name, frame.values(name)[place], None)
        return text, None
    return frame.values(name)[place], former(frame, name)[place]


def _totals(frame: Frame, columns: Sequence[Column]) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for column in columns:
        text = column.name in DIMENSIONS
        pair = ("", None) if text else (frame.total(column.name), frame.before(column.name))
        cells += _cells(frame, column, pair, None)
    return tuple(cells)


def _cells(frame: Frame, column: Column, pair: tuple[Any, Any], scale: float | None) -> list[Cell]:
    """Value, and where the column has them its change and difference."""
    now, before = pair
    if column.name in DIMENSIONS:
        return [Cell(str(now))]
    row = frame.metric(column.name)
    value = wording.cell(frame, column.name, now)
    if scale is not None:
        tick = max(0.0, float(before)) / scale if before else None
        value = replace(value, bar=max(0.0, float(now or 0)) / scale, tick=tick)
    if frame.previous is None or not column.change:
        return [value]
    moved = formats.change(now, before, row.unit, row.good_up)
    cells = [value, Cell(str(moved), moved.ratio, moved.tone)]
    if column.difference:
        amount = None if now is None or before is None else float(now) - float(before)
        text = formats.difference(now, before, frame.receipt.currency)
        cells.append(Cell(text, amount, moved.tone))
    return cells


def _breakdown(frame: Frame, scope: Scope, metric: str) -> Table:
    by = DIMENSIONS[frame.dimensions[0].name]
    money = frame.metric(metric).unit == "money"
    what, noun = wording.label(frame, metric), inner(t(by.label))
    shown = table(
        frame,
        (Column(metric, bar=True, change=True, difference=money),),
        t("By {dimension}", dimension=noun),
    )
    measure = t("{metric} by {dimension}", metric=what, dimension=noun)
    return replace(shown, measure=measure + wording.tick(frame, scope))


def _parts(frame: Frame, scope: Scope, metric: str, title: str) -> Table:
    by = DIMENSIONS[frame.dimensions[0].name]
    shown = table(frame, (Column(metric, bar=True, change=True),), t(title))
    what, noun = wording.label(frame, metric), inner(t(by.label))
    measure = t("{metric} by {dimension}", metric=what, dimension=noun)
    return replace(shown, title=wording.largest(frame, metric) or t(title), measure=measure)
