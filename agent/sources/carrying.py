"""Days without a quote: they have the last one before them, up to the next.

Quotes arrive in any order of files. Whatever the order, the table comes out as one file with all of
them would make it; where two files quote one day, the later file stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from agent.ports import RATES_SHOP, Warehouse
from agent.sources.base import Flags, Ints
from agent.sources.values import decimals, one, unscaled
from agent.warehouse import schema

FIELDS = ("local_date", "currency", "base", "rate", "quoted_on", "revision")


@dataclass(frozen=True)
class _Rows:
    """One entry a day and currency, in the order of `key`: the currency's place, then the day."""

    key: Ints
    rate: Ints
    quoted: Ints
    revision: Ints

    def where(self, keep: Flags) -> _Rows:
        return _Rows(*(column[keep] for column in vars(self).values()))


DAYS = 2**20


def with_known_rates(
    warehouse: Warehouse, tables: Mapping[str, pa.Table]
) -> Mapping[str, pa.Table]:
    """The file's quotes and every day that they change, beside those in the warehouse; a row that
    becomes another gets a higher revision."""
    fresh = tables["rates"]
    names = pc.unique(one(fresh["currency"])).sort()
    known = _known(warehouse, names)
    bases = {*pc.unique(fresh["base"]).to_pylist(), *pc.unique(known["base"]).to_pylist()}
    if len(bases) != 1:
        return tables  # The warehouse refuses them, in its own words.
    given, kept = _rows(fresh, names), _rows(known, names)
    quotes = kept.where((kept.key % DAYS == kept.quoted) & ~np.isin(kept.key, given.key))
    rows = carried(
        np.concatenate([given.key, quotes.key]), np.concatenate([given.rate, quotes.rate])
    )
    place = np.minimum(np.searchsorted(kept.key, rows.key), max(len(kept.key) - 1, 0))
    met = kept.key[place] == rows.key if len(kept.key) else np.zeros(len(rows.key), np.bool_)
    same = met.copy()
    same[met] = (kept.rate[place[met]] == rows.rate[met]) & (
        kept.quoted[place[met]] == rows.quoted[met]
    )
    revision = np.zeros(len(rows.key), dtype=np.int64)
    revision[met] = kept.revision[place[met]] + ~same[met]
    changed = _Rows(rows.key, rows.rate, rows.quoted, revision).where(
        ~same | np.isin(rows.key, given.key)
    )
    return {**tables, "rates": _table(changed, names, bases.pop())}


def carried(key: Ints, rate: Ints) -> _Rows:
    """A row for each quote and for each day between it and its currency's next; none after the
    last. Keys come once each."""
    turn = np.argsort(key)
    key, rate = key[turn], rate[turn]
    until = np.append(key[1:], -1)
    spans = np.where(until // DAYS == key // DAYS, until - key, 1)
    after = np.arange(int(spans.sum())) - np.repeat(np.cumsum(spans) - spans, spans)
    quoted = np.repeat(key, spans)
    return _Rows(quoted + after, np.repeat(rate, spans), quoted % DAYS, np.zeros_like(quoted))


def _known(warehouse: Warehouse, names: pa.Array) -> pa.Table:
    table = schema.RATES.c
    return warehouse.read(
        sa.select(*(table[name] for name in FIELDS))
        .where(table.shop_id == RATES_SHOP.shop_id, table.currency.in_(names.to_pylist()))
        .order_by(table.currency, table.local_date)
    )


def _rows(table: pa.Table, names: pa.Array) -> _Rows:
    place = pc.index_in(one(table["currency"]), value_set=names)
    day, quoted = (_days(table[name]) for name in ("local_date", "quoted_on"))
    key = np.asarray(place, dtype=np.int64) * DAYS + day
    return _Rows(key, unscaled(one(table["rate"])), quoted, np.asarray(table["revision"]))


def _days(column: pa.ChunkedArray) -> Ints:
    return np.asarray(one(column).cast(pa.int32()), dtype=np.int64)


def _table(rows: _Rows, names: pa.Array, base: str) -> pa.Table:
    wanted, count = schema.arrow_schema(schema.RATES), len(rows.key)

    def days(numbers: Ints) -> pa.Array:
        return pa.array(numbers.astype(np.int32)).cast(pa.date32())

    columns = {
        "shop_id": pa.repeat(pa.scalar(RATES_SHOP.shop_id), count),
        "local_date": days(rows.key % DAYS),
        "currency": names.take(pa.array(rows.key // DAYS)),
        "base": pa.repeat(pa.scalar(base), count),
        "rate": decimals(rows.rate, wanted.field("rate").type),
        "quoted_on": days(rows.quoted),
        "revision": pa.array(rows.revision),
    }
    return pa.table([columns[name] for name in wanted.names], schema=wanted)
