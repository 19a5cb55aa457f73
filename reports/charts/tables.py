"""A table drawn as a picture: names, bars with their former value, changes in their colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.metrics import formats
from agent.words import t
from dashboard.figures.theme import palette
from dashboard.panels import Cell, Row, Table
from reports.charts.pen import LETTER, Pen, room, short

ROW = 30.0
MOST_ROWS = 60
BAR_HEIGHT = 12.0
_LEAST, _GAP = 72.0, 16.0
MANY = 8
"""Columns from which on none is wider than its texts."""


@dataclass(frozen=True)
class Lane:
    """A column: where it starts and ends, and how much of it, from its left, is for bars."""

    left: float
    right: float
    bars: float = 0.0


def draw_table(pen: Pen, table: Table) -> None:
    """Every row up to MOST_ROWS, then how many more there are."""
    pen.within(0, 0, 0, 0)
    pen.bare()
    pen.axes.set_xlim(0, pen.box.width)
    pen.axes.set_ylim(pen.box.height, 0)
    lanes = _lanes(table, pen.box.width)
    _heads(pen, table, lanes)
    shown = table.rows[:MOST_ROWS]
    for at, row in enumerate(shown, start=1):
        _row(pen, table, (row, at * ROW), lanes)
    if len(table.rows) > len(shown):
        left = t(
            "{count} more rows are in the CSV and XLSX files.",
            count=formats.number(len(table.rows) - len(shown), "count"),
        )
        pen.write(0, (len(shown) + 1) * ROW + ROW / 2, left, va="center")


def _lanes(table: Table, width: float) -> list[Lane]:
    """The name takes what the figures leave; a column with bars gets the larger share of it."""
    texts = [_texts(table, place) for place in range(1, len(table.headings))]
    least = _LEAST if len(texts) <= MANY else 24
    needs = [max(least, room(column, most=160)) + _GAP for column in texts]
    barred = [any(_bar(row, place) for row in table.rows) for place in range(len(texts))]
    free = max(width - sum(needs), 200.0)
    names = min(free, max(160.0, room([row.name for row in table.rows], most=360)))
    spare = max(free - names, 0.0) / max(sum(barred), 1)
    lanes, left = [Lane(0, names)], names
    for need, has in zip(needs, barred, strict=True):
        bars = spare - _GAP if has and spare > 60 else 0.0
        right = left + need + (bars + _GAP if bars else 0.0)
        lanes.append(Lane(left, right, bars))
        left = right
    return lanes


def _texts(table: Table, place: int) -> list[str]:
    cells = [row.cells[place - 1].text for row in table.rows if len(row.cells) >= place]
    return [table.headings[place].label, *cells]


def _bar(row: Row, place: int) -> bool:
    return len(row.cells) > place and row.cells[place].bar is not None


def _heads(pen: Pen, table: Table, lanes: list[Lane]) -> None:
    for heading, lane in zip(table.headings, lanes, strict=False):
        first = lane is lanes[0]
        at = lane.left if first else lane.right
        pen.write(at, ROW / 2, heading.label, ha="left" if first else "right", va="center")
    _rule(pen, ROW, pen.ink.rule)


def _rule(pen: Pen, y: float, colour: str) -> None:
    pen.axes.hlines([y], 0, pen.box.width, color=colour, linewidth=pen.points(0.8), zorder=1)


def _row(pen: Pen, table: Table, row: tuple[Row, float], lanes: list[Lane]) -> None:
    said, top = row
    middle = top + ROW / 2
    strong = said.kind == "total"
    letters = max(int(lanes[0].right / LETTER), 8)
    colour = pen.ink.label if said.kind == "rest" else pen.ink.text
    pen.write(0, middle, short(said.name, letters), va="center", color=colour, strong=strong)
    for cell, lane in zip(said.cells, lanes[1:], strict=False):
        _cell(pen, cell, (lane, middle), strong)
    _rule(pen, top + ROW, pen.ink.grid)


def _cell(pen: Pen, cell: Cell, place: tuple[Lane, float], strong: bool) -> None:
    lane, middle = place
    if cell.heat is not None:
        _shade(pen, lane, middle, cell)
    if cell.spark:
        _spark(pen, cell.spark, lane, middle)
    if cell.bar is not None and lane.bars:
        _draw_bar(pen, cell, lane, middle)
    tones = {"pos": pen.ink.good, "neg": pen.ink.bad, "mut": pen.ink.label}
    pen.write(
        lane.right,
        middle,
        cell.text,
        ha="right",
        va="center",
        color=tones.get(cell.tone, pen.ink.text),
        strong=strong,
        zorder=5,
    )


def _shade(pen: Pen, lane: Lane, middle: float, cell: Cell) -> None:
    """The ground of a cell, the darker the more; stripes where its days are not over."""
    colour = palette(pen.sheet.theme)[f"q{min(3, int((cell.heat or 0.0) * 4))}"]
    place = ([middle], [lane.right - lane.left - 4], ROW - 4, lane.left + 8)
    if cell.masked:
        look: dict[str, Any] = {
            "facecolor": "none",
            "edgecolor": pen.ink.rule,
            "hatch": "////",
            "linewidth": 0,
        }
        pen.axes.barh(*place, zorder=1, **look)
    else:
        pen.axes.barh(*place, color=colour, zorder=1)


def _spark(pen: Pen, values: Sequence[float], lane: Lane, middle: float) -> None:
    """A line without axes, from its lowest to its highest value."""
    low, reach = min(values), (max(values) - min(values)) or 1.0
    step = (lane.right - lane.left - _GAP) / max(len(values) - 1, 1)
    across = [lane.left + _GAP + step * place for place in range(len(values))]
    up = [middle + BAR_HEIGHT * (0.5 - (value - low) / reach) for value in values]
    pen.axes.plot(across, up, color=pen.ink.label, linewidth=pen.points(1.2), zorder=3)


def _draw_bar(pen: Pen, cell: Cell, lane: Lane, middle: float) -> None:
    start = lane.left + _GAP
    length = max(0.0, min(1.0, cell.bar or 0.0)) * lane.bars
    pen.axes.barh([middle], [length], BAR_HEIGHT, left=start, color=pen.ink.now, zorder=3)
    if cell.tick is None:
        return
    at = start + max(0.0, min(1.0, cell.tick)) * lane.bars
    for width, colour in ((4, pen.ink.surface), (2, pen.ink.label)):
        pen.axes.vlines(
            [at], middle - 9, middle + 9, color=colour, linewidth=pen.points(width), zorder=4
        )
