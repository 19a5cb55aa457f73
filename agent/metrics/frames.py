"""A Frame: a table that knows its units, its total, its comparison and the receipt of where it
came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from agent.metrics.metric import Metric
from agent.metrics.metric import Unit as Unit
from agent.ports import Away

Number = int | float | Decimal | None
NONE = "(none)"
OTHER = "Other"


@dataclass(frozen=True)
class Column:
    """`role` is dimension, label (what a person reads for the dimension before it) or metric;
    percent is a share, 0.081 for 8.1 %."""

    name: str
    label: str
    unit: Unit
    role: Literal["dimension", "label", "metric"]


@dataclass(frozen=True)
class Stale:
    """That an answer is the last good one: when it was made, and why there is no newer one."""

    since: datetime
    reason: str


@dataclass(frozen=True)
class Receipt:
    """How a frame came to be: enough to redo it by hand.

    `rates` says which exchange rates money was converted at, empty where none; `last_sync` when
    the shop's newest rows arrived. `scope` says for programs what `period` and `filters` say in
    words: from, to and until (a time, empty for whole days), and dimension, values and exclude of
    each filter. `stale` is there where the answer could not be made anew.
    """

    definitions: Mapping[str, str]
    sql: tuple[str, ...]
    tables: Mapping[str, int]
    asked_at: datetime
    shops: tuple[str, ...]
    currency: str
    timezone: str
    period: str
    filters: tuple[str, ...]
    rows: int
    last_sync: datetime | None = None
    refunds: str = "processing_day"
    rates: str = ""
    scope: Mapping[str, Any] = field(default_factory=dict)
    stale: Stale | None = None


@dataclass(frozen=True)
class Frame:
    """Rows of one answer.

    `data` has the columns of `columns` in order. Of a top-n answer the last `rest_rows` rows (one,
    or one a time bucket) are the rest: `rest` groups together, their dimension None. `totals` are
    asked of the warehouse over everything, never summed from the rows. `previous` is the comparison
    period's own frame: its totals, and its rows in the same order as ours. `about` describes the
    metrics.
    """

    columns: tuple[Column, ...]
    data: pa.Table
    totals: Mapping[str, Number]
    receipt: Receipt
    rest: int = 0
    rest_rows: int = 0
    previous: Frame | None = None
    about: tuple[Metric, ...] = ()

    def __len__(self) -> int:
        return int(self.data.num_rows)

    # A table asks for the same column row by row, and every part of a page asks it anew.
    @cached_property
    def _lists(self) -> dict[str, list[Any]]:
        return {}

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        return {}

    @property
    def metrics(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.role == "metric")

    @property
    def dimensions(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.role == "dimension")

    def values(self, name: str) -> list[Any]:
        """A column as Python values; money is Decimal."""
        if name not in self._lists:
            self._lists[name] = self.data.column(name).to_pylist()
        return list(self._lists[name])

    def array(self, name: str) -> np.ndarray[Any, Any]:
        """A metric as float64 (nan for unknown), a date as datetime64[ms]: for drawing, not for
        adding up. Read only."""
        if name not in self._arrays:
            self._arrays[name] = self._array(name)
            self._arrays[name].flags.writeable = False
        return self._arrays[name]

    def _array(self, name: str) -> np.ndarray[Any, Any]:
        column = self.data.column(name)
        if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
            return np.asarray(column.cast(pa.timestamp("ms")).to_numpy())
        if pa.types.is_string(column.type):
            return np.asarray(column.to_numpy())
        return np.asarray(column.cast(pa.float64()).to_numpy())

    def labels(self, dimension: str) -> list[Any]:
        """What a person reads for a dimension: its label column where it has one. The rest row
        reads None."""
        label = f"{dimension}_label"
        return self.values(label if label in self.data.column_names else dimension)

    def metric(self, name: str) -> Metric:
        """What a metric column is, people's own metrics included."""
        return next(row for row in self.about if row.name == name)

    def total(self, metric: str) -> Number:
        return self.totals.get(metric)

    def before(self, metric: str) -> Number:
        """The comparison period's total, None without a comparison."""
        return None if self.previous is None else self.previous.total(metric)

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    def rows(self) -> list[dict[str, Any]]:
        return list(self.data.to_pylist())

    def compared_with(self, previous: Frame) -> Frame:
        return replace(self, previous=previous)

    def aged(self, stale: Stale) -> Frame:
        """The frame as the last good answer."""
        return replace(self, receipt=replace(self.receipt, stale=stale))

    def to_json(self) -> dict[str, Any]:
        """The answer as JSON-ready values: columns with units, rows as objects, totals,
        comparison, receipt; `stale` with since and reason where it is the last good one."""
        out: dict[str, Any] = {
            "columns": [
                {"name": c.name, "label": c.label, "unit": c.unit, "role": c.role}
                for c in self.columns
            ],
            "rows": self._json_rows(),
            "rest": self.rest,
            "totals": {k: plain(v) for k, v in self.totals.items()},
            "receipt": receipt_json(self.receipt),
        }
        if self.receipt.stale is not None:
            out["stale"] = stale_json(self.receipt.stale)
        if self.previous is not None:
            out["previous"] = {
                key: value for key, value in self.previous.to_json().items() if key != "columns"
            }
        return out

    def _json_rows(self) -> list[dict[str, Any]]:
        """Rows whose unknown dimension reads "(none)" and whose rest reads "Other"."""
        names = [c.name for c in self.columns if c.role != "metric"]
        first_rest = len(self) - self.rest_rows
        out = []
        for place, row in enumerate(self.data.to_pylist()):
            unknown = OTHER if place >= first_rest else NONE
            out.append(
                {k: unknown if v is None and k in names else plain(v) for k, v in row.items()}
            )
        return out


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    names = (name for name in Receipt.__dataclass_fields__ if name != "stale")
    return {name: plain(getattr(receipt, name)) for name in names}


def stale_json(stale: Stale | Away) -> dict[str, str]:
    return {"since": stale.since.isoformat(), "reason": stale.reason}


def plain(value: Any) -> Any:
    """A value as JSON can carry it; money as a number with its exact digits, dates as ISO text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value
