"""A frame as rows of a file: names as a person reads them, keys beside, each metric with its former
value and its change, exact, and totals that can be computed anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics import formats
from agent.metrics.catalogue import MEASURES
from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.frames import Column, Frame, Number
from agent.metrics.metric import Metric
from agent.words import inner, n, t
from dashboard.files.moves import CLOSE, change_formula, changes, moved
from dashboard.files.parts import Part, as_long, one, sheet_from
from dashboard.files.sheets import Heading, Sheet
from dashboard.files.steps import steps


def sheet_of(frame: Frame, title: str, notice: str = "") -> Sheet:
    """Every row of a frame. Without a dimension, its metrics one below the other."""
    if not frame.dimensions:
        return steps(frame, title, notice)
    return sheet_from(_columns(named(frame)), title, frame.receipt.currency, notice)


def named(frame: Frame) -> Frame:
    """Without the unnamed group where nothing is in it, now or before: that is no group."""
    if not frame.dimensions or _grain(frame) or frame.rest_rows:
        return frame
    nulls = (pc.is_null(one(frame.data.column(c.name))) for c in frame.dimensions)
    unnamed = pc.indices_nonzero(reduce(pc.and_, nulls)).to_pylist()
    if len(unnamed) != 1 or _anything(frame, unnamed[0]):
        return frame
    former = frame.previous and _without(frame.previous, unnamed[0])
    return replace(_without(frame, unnamed[0]), previous=former)


def _anything(frame: Frame | None, at: int) -> bool:
    if frame is None or at >= len(frame):
        return False
    own = (frame.data.column(column.name)[at].as_py() for column in frame.metrics)
    return any(own) or _anything(frame.previous, at)


def _without(frame: Frame, at: int) -> Frame:
    rows = [frame.data.slice(0, at), frame.data.slice(at + 1)]
    return replace(frame, data=pa.concat_tables(rows))


def _columns(frame: Frame) -> list[Part]:
    gone = _gone(frame)
    out = [part for column in frame.dimensions for part in _dimension(frame, column, gone)]
    metrics = [_Metric(frame, column, gone) for column in frame.metrics]
    names = frozenset(column.name for column in frame.metrics)
    return [*out, *(part for metric in metrics for part in metric.parts(names))]


def _gone(frame: Frame) -> int:
    """Groups that the comparison has and we do not: one more row, or its column would not add up.
    Where there is a rest, they are in it."""
    former = frame.previous
    if former is None or frame.rest_rows or not _attributes(frame):
        return 0
    return 0 if _grain(frame) else former.rest


def _attributes(frame: Frame) -> list[Column]:
    return [column for column in frame.dimensions if column.name not in GRAINS]


def _grain(frame: Frame) -> str:
    return next((c.name for c in frame.dimensions if c.name in GRAINS), "")


def _dimension(frame: Frame, column: Column, gone: int) -> list[Part]:
    row, values = DIMENSIONS[column.name], frame.data.column(column.name)
    label = t(column.label)
    if column.name in GRAINS:
        return [Part(Heading(label, column.unit), _longer(values, gone)), *_former_days(frame, row)]
    named = f"{column.name}_label"
    read = frame.data.column(named) if named in frame.data.column_names else values
    names = _names(column.name, read, values)
    if column == _attributes(frame)[0]:
        kept = pa.concat_arrays([names.slice(0, len(frame) - frame.rest_rows), _rest(frame, row)])
        names = _with_gone(kept, row, gone)
    else:
        names = _longer(_unsaid(names, frame.rest_rows), gone)
    parts = [Part(Heading(label, "text"), names)]
    if row.named or row.values or column.name == "country":
        key = Heading(t("{name} key", name=label), "text")
        parts.append(Part(key, _longer(values, gone)))
    return parts


def _former_days(frame: Frame, row: Any) -> list[Part]:
    """Where the comparison has days of its own, which one each row stands against."""
    former = frame.previous
    if former is None or row.name not in former.data.column_names:
        return []
    heading = Heading(t("{name} before", name=t(row.label)), frame.column(row.name).unit)
    return [Part(heading, as_long(former.data.column(row.name), len(frame)))]


def _names(dimension: str, read: Any, values: Any) -> pa.Array:
    """What a person reads for each value; every different value is looked up once."""
    chosen = pc.coalesce(one(read).cast(pa.string()), one(values).cast(pa.string()))
    known = chosen.dictionary_encode(null_encoding="encode")
    said = [formats.value_label(dimension, value) for value in known.dictionary.to_pylist()]
    return pa.array(said, pa.string()).take(known.indices)


def _unsaid(names: pa.Array, rest_rows: int) -> pa.Array:
    """Of a second dimension: what a gathered row gathers, the first one says."""
    kept = names.slice(0, len(names) - rest_rows)
    return pa.concat_arrays([kept, pa.nulls(rest_rows, names.type)])


def _rest(frame: Frame, row: Any) -> pa.Array:
    said = n(
        "{count} other {group}",
        "{count} other {group}",
        frame.rest,
        count=formats.number(frame.rest, "count", style="full"),
        group=inner(t(row.label)) if frame.rest == 1 else t(row.plural),
    )
    return pa.array([said] * frame.rest_rows, pa.string())


def _with_gone(names: pa.Array, row: Any, gone: int) -> pa.Array:
    if not gone:
        return names
    said = t(
        "{count} {group} only before",
        count=formats.number(gone, "count", style="full"),
        group=t(row.plural),
    )
    return pa.concat_arrays([names, pa.array([said])])


def _longer(column: Any, gone: int) -> pa.Array:
    """With an unknown at the end, for the row of groups that are gone."""
    whole = one(column)
    return pa.concat_arrays([whole, pa.nulls(1, whole.type)]) if gone else whole


@dataclass(frozen=True)
class _Metric:
    """A metric's columns: now, and with a comparison before and change."""

    frame: Frame
    column: Column
    gone: int

    def parts(self, others: frozenset[str]) -> list[Part]:
        name, label, unit = self.column.name, t(self.column.label), self.column.unit
        now = _longer(self.frame.data.column(name), self.gone)
        total = self.frame.total(name)
        out = [Part(Heading(label, unit, total, self._formula(now, total, others), name), now)]
        former = self.frame.previous
        if former is None:
            return out
        before, was = self._before(former), former.total(name)
        heading = Heading(
            t("{name} before", name=label),
            unit,
            was,
            self._formula(before, was, others, "_before"),
            f"{name}_before",
        )
        return [*out, Part(heading, before), self._change(now, before, (total, was))]

    def _before(self, former: Frame) -> pa.Array:
        rows = as_long(former.data.column(self.column.name), len(self.frame))
        if not self.gone:
            return rows
        left = _left(former.total(self.column.name), rows) if self._adds_up else None
        return pa.concat_arrays([rows, pa.array([left]).cast(rows.type)])

    @property
    def _adds_up(self) -> bool:
        metric = self.frame.metric(self.column.name)
        return not metric.ratio and all(MEASURES[m].additive for m in metric.measures)

    def _formula(
        self, values: pa.Array, total: Number, others: frozenset[str], ending: str = ""
    ) -> str:
        """What Excel recomputes the total by: the column's sum where the rows do add up to it, the
        metric's own formula where its parts stand beside it; "" where it is only known by asking.
        """
        metric = self.frame.metric(self.column.name)
        if total is None:
            return ""
        if not metric.ratio:
            return "sum" if _near(pc.sum(values).as_py() or 0, total) else ""
        beside = others - {metric.name}
        known = all(m in beside and self.frame.metric(m).formula == m for m in metric.measures)
        return _written(metric, ending) if known else ""

    def _change(self, now: pa.Array, before: pa.Array, totals: tuple[Number, Number]) -> Part:
        name, label = self.column.name, t(self.column.label)
        points = self.column.unit == "percent"
        heading = Heading(
            t("{name} change", name=label),
            "points" if points else "change",
            moved(*totals, points),
            change_formula(name, points),
        )
        return Part(heading, changes(now, before, points))


def _written(metric: Metric, ending: str) -> str:
    """A rate over the totals of its parts, as Excel reads it; empty where a divisor is zero."""
    named = re.sub(r"\b[A-Za-z_]\w*", lambda found: f"{{{found[0]}{ending}}}", metric.formula)
    return f'IFERROR({named},"")'


def _left(total: Number, rows: pa.Array) -> Number:
    if total is None:
        return None
    kept = Decimal(str(pc.sum(rows).as_py() or 0))
    left = Decimal(str(total)) - kept
    return left if pa.types.is_decimal(rows.type) else float(left)


def _near(one: Any, other: Any) -> bool:
    return bool(abs(float(one) - float(other)) <= CLOSE * max(1.0, abs(float(other))))
