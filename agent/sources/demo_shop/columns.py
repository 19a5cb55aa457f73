"""Arrow columns made of whole numbers, and rows that wait to be cut before they become a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources.demo_shop.dice import Columns, Flags, Ints, rows_of
from agent.warehouse import schema

MICRO = 1_000_000


class Dated(Protocol):
    """Rows that know when they came to be; cut first and made into a table then, which spares a
    second copy of the history."""

    def between(self, since: int, until: int) -> pa.Table: ...


@dataclass(frozen=True)
class Entries(Generic[Columns]):
    """Rows as columns of numbers, each row's moment (UTC second), and how they become a table."""

    columns: Columns
    moments: Ints
    make: Callable[[Columns], pa.Table]

    def between(self, since: int, until: int) -> pa.Table:
        return self.make(rows_of(self.columns, (self.moments > since) & (self.moments <= until)))


def whole(numbers: list[int]) -> Ints:
    return np.array(numbers, dtype=np.int64)


def money(cents: Ints, absent: Flags | None = None) -> pa.Array:
    """Whole cents as DECIMAL(18,4), written as the integers they are."""
    wide = np.empty((len(cents), 2), dtype=np.int64)
    wide[:, 0] = cents * 100
    wide[:, 1] = wide[:, 0] >> 63
    exact = pa.Array.from_buffers(
        pa.decimal128(18, 4), len(cents), [None, pa.py_buffer(wide.tobytes())]
    )
    return exact if absent is None else pc.if_else(pa.array(absent), None, exact)


def moment(seconds: Ints, absent: Flags | None = None) -> pa.Array:
    return pa.array(seconds * MICRO, mask=absent).cast(pa.timestamp("us"))


def day(days: Ints) -> pa.Array:
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def word(words: tuple[str | None, ...], positions: Ints) -> pa.Array:
    """Names by position; -1 is NULL."""
    return pa.array(words, pa.string()).take(pa.array(positions, mask=positions < 0))


def numbered(prefix: str, numbers: Ints, width: int = 0, absent: Flags | None = None) -> pa.Array:
    digits = pa.array(numbers, mask=absent).cast(pa.string())
    if width:
        digits = pc.utf8_lpad(digits, width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def tabled(name: str, shop_id: str, columns: Mapping[str, pa.Array]) -> pa.Table:
    """Columns in the schema's order and types, with the shop and, where it was not given, the first
    revision."""
    wanted = schema.arrow_schema(schema.METADATA.tables[name])
    length = len(next(iter(columns.values())))
    given = {
        "shop_id": pa.repeat(pa.scalar(shop_id), length),
        "revision": pa.repeat(pa.scalar(1, pa.int64()), length),
        **columns,
    }
    return pa.Table.from_arrays([given[field.name] for field in wanted], schema=wanted)
