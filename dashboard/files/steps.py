"""Metrics one below the other, each in its own unit; those that others add up to are sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa

from agent.metrics.catalogue import MEASURES
from agent.metrics.frames import Column, Frame, Number
from agent.metrics.metric import Measure
from agent.words import t
from dashboard.files.moves import CLOSE, change_formula, moved
from dashboard.files.parts import Part, sheet_from
from dashboard.files.sheets import Heading, Kind, Line, Sheet


def steps(frame: Frame, title: str, notice: str = "") -> Sheet:
    """The totals of a question without a dimension."""
    labels = pa.array([t(column.label) for column in frame.metrics], pa.string())
    now = [frame.total(column.name) for column in frame.metrics]
    unit = _unit(frame.metrics)
    out = [
        Part(Heading(t("Figure"), "text"), labels),
        Part(Heading(t("This period"), unit, name="now"), _numbers(now)),
    ]
    if frame.previous is not None:
        before = [frame.before(column.name) for column in frame.metrics]
        out += [
            Part(Heading(t("Before"), unit, name="now_before"), _numbers(before)),
            Part(
                Heading(t("Change"), "move", formula=change_formula("now", False)),
                pa.array([_change(frame, column) for column in frame.metrics], pa.float64()),
            ),
        ]
    lines = tuple(Line(column.unit, _parts(frame, at)) for at, column in enumerate(frame.metrics))
    return replace(sheet_from(out, title, frame.receipt.currency, notice), lines=lines)


def _change(frame: Frame, column: Column) -> float | None:
    now, before = frame.total(column.name), frame.before(column.name)
    return moved(now, before, column.unit == "percent")


def _unit(columns: Sequence[Column]) -> Kind:
    units: set[Kind] = {column.unit for column in columns}
    return units.pop() if len(units) == 1 else "own"


def _numbers(values: list[Number]) -> pa.Array:
    """Exact where all are money or counts; where they are mixed, as floats."""
    if all(value is None or isinstance(value, Decimal) for value in values):
        return pa.array(values, pa.decimal128(38, 4))
    return pa.array([None if v is None else float(v) for v in values], pa.float64())


def _parts(frame: Frame, at: int) -> tuple[int, ...]:
    """The fewest earlier rows that add up the same columns of the ledger as this one."""
    left = _added(frame, at)
    found: list[int] = []
    earlier = [place for place in range(at) if _added(frame, place)]
    for place in sorted(earlier, key=lambda place: -len(_added(frame, place))):
        own = _added(frame, place)
        if own <= left:
            left, found = left - own, [*found, place]
    whole = not left and len(found) > 1 and _adds_up(frame, at, found)
    return tuple(sorted(found)) if whole else ()


def _added(frame: Frame, at: int) -> frozenset[tuple[str, bool]]:
    """The columns that a plain sum adds up, each of goods or of every line; empty for others."""
    row = MEASURES.get(frame.metric(frame.metrics[at].name).formula)
    if not isinstance(row, Measure):
        return frozenset()
    return frozenset({(name, True) for name in row.goods} | {(name, False) for name in row.every})


def _adds_up(frame: Frame, at: int, places: list[int]) -> bool:
    names = [column.name for column in frame.metrics]
    for one in filter(None, (frame, frame.previous)):
        whole = float(one.total(names[at]) or 0)
        added = sum(float(one.total(names[place]) or 0) for place in places)
        if abs(whole - added) > CLOSE * max(1.0, abs(whole)):
            return False
    return True
