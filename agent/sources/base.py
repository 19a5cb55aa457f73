"""What every source of orders speaks: options in, lines read, ledger tables out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from agent.metrics.frames import plain
from agent.metrics.metric import Metric
from agent.ports import Shop, Span, Warehouse
from agent.records.events import Event
from agent.sources.rejects import Checks, Unreadable
from agent.sources.zones import Zone

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MAX_UPLOAD = 1024**3
"""Bytes of a file that the running app takes over HTTP."""

MAX_INFLATED = 4 * 1024**3
"""Bytes that a file may hold once it is unpacked."""


@dataclass(frozen=True)
class ImportOptions:
    """How to read a file, and for whom.

    `format` is a name of SOURCES or the path of a mapping (.toml), empty: the one that recognises
    the columns. `shop` is its name, whose slug is its id; rates need none. An empty currency or
    time zone means the one the shop already has.
    """

    format: str = ""
    shop: str = ""
    currency: str = ""
    timezone: str = ""
    max_bytes: int = MAX_INFLATED


@dataclass(frozen=True)
class Progress:
    """`done` of `total` in the unit of the step: bytes while reading, lines afterwards."""

    step: str
    done: int
    total: int
    rows_per_second: float = 0.0


Watch = Callable[[Progress], None]


@dataclass(frozen=True)
class ImportSummary:
    """What became of a file. `kinds` maps a row kind to (rows, amount in shop money)."""

    shop: Shop
    format: str
    lines: int
    orders: int
    rejected: int
    reasons: Mapping[str, int]
    kinds: Mapping[str, tuple[int, Decimal]]
    rejected_file: Path | None
    rows_per_second: float
    seconds: Mapping[str, float]
    inserted: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)
    unchanged: Mapping[str, int] = field(default_factory=dict)
    removed: Mapping[str, int] = field(default_factory=dict)
    already: bool = False
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The summary as JSON-ready values; the rejected lines' file by its name."""
        found: dict[str, Any] = {n: getattr(self, n) for n in self.__dataclass_fields__}
        rejected = self.rejected_file.name if self.rejected_file else None
        own = {"shop": vars(self.shop), "rejected_file": rejected}
        return {name: plain(value) for name, value in (found | own).items()}


@dataclass(frozen=True)
class TextFormat:
    """How a text file is written; empty means: find out."""

    delimiter: str = ""
    encoding: str = ""


@dataclass(frozen=True)
class Lines:
    """A file as columns of text: `table` has one row per line that has the header's number of
    fields.

    `number` is each row's line in the file (its first, header = 1), `part` the sheet it came from.
    """

    table: pa.Table
    number: Ints
    part: Ints
    unreadable: tuple[Unreadable, ...] = ()
    notes: tuple[str, ...] = ()
    delimiter: str = ","

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.table.column_names)


@dataclass(frozen=True)
class Setting:
    """The shop that the lines are for, its zone, the latest date a line may have, the warehouse
    whose exchange rates turn other money into the shop's, and the metrics that may have targets."""

    shop: Shop
    zone: Zone
    latest: datetime
    warehouse: Warehouse | None = None
    metrics: Mapping[str, Metric] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """A line of a file of targets; without a month it is the usual one."""

    metric: str
    month: date | None
    target: float
    warning: float | None = None
    critical: float | None = None


@dataclass(frozen=True)
class Built:
    """Ledger tables made of lines, and what the lines were.

    `tables` has the columns of schema.arrow_schema; every line is either marked in `checks` or
    counted in one kind (formats that derive several ledger rows of a line count those instead, and
    their kinds add up to the totals). `spans` are days that the tables state anew; rows of the
    `newest` tables stand in place of what is known of their keys, whatever came before; `targets`
    and `events` are for the records, not for the warehouse.
    """

    tables: Mapping[str, pa.Table]
    checks: Checks
    kinds: Mapping[str, tuple[int, Decimal]]
    warnings: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    newest: tuple[str, ...] = ()
    targets: tuple[Wanted, ...] = ()
    events: tuple[Event, ...] = ()


class Source(Protocol):
    """A file format. `text` says how its text files are written, `build` turns lines into ledger
    tables.
    """

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def text(self) -> TextFormat: ...

    def recognise(self, names: tuple[str, ...]) -> None:
        """Returns when the columns are there; raises BadFile naming what is missing and what was
        found.
        """

    def build(self, lines: Lines, setting: Setting) -> Built: ...
