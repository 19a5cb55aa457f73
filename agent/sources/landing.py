"""Plain rows of a service or a database, made ready for the warehouse: checked, their money in the
shop's currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import is_currency

from agent.errors import BadFile
from agent.ports import RATES_SHOP, Shop, Warehouse
from agent.sources import daily, flat_orders, plain, rates
from agent.sources.base import Flags, Ints, Lines, Setting
from agent.sources.converting import Till
from agent.sources.flat_orders import FlatOrders
from agent.sources.joining import beside_known
from agent.sources.mapping import parse
from agent.sources.rejects import Checks
from agent.sources.values import decimals, flags, money
from agent.sources.zones import zone_of

DAILY: Mapping[str, Callable[..., tuple[pa.Table, Checks]]] = {
    "spend": daily.spend_table, "sessions": daily.sessions_table, "costs": daily.costs_table,
}  # fmt: skip
AMOUNTS = ("amount", "attributed_revenue")
_NO_RATE = "There is no exchange rate from {source} to {target} for this day."
_NO_CURRENCY = "The currency is none of ISO 4217."
_AHEAD = timedelta(days=2)
Reject = tuple[str, str]


@dataclass(frozen=True)
class Plain:
    """Rows of one `target` (a table of daily.FIELDS, rates or orders) with our own column names;
    `currency` and `timezone` are what they are in where no column says it. `options` are a
    mapping's, for orders, and `broken` those of which a line was lost before."""

    target: str
    rows: pa.Table
    currency: str = ""
    timezone: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Landing:
    """Tables of the warehouse for a shop, and the rows that cannot be used with why."""

    shop: Shop
    tables: Mapping[str, pa.Table]
    rejects: Sequence[Reject] = ()

    @property
    def count(self) -> int:
        return sum(len(table) for table in self.tables.values())


def land(warehouse: Warehouse, shop: Shop, given: Plain, now: datetime) -> Landing:
    """The rows as tables. Raises BadFile where a needed column is absent."""
    if given.target in DAILY:
        return _daily(warehouse, shop, given, now)
    if given.target == "rates":
        return _rates(warehouse, given, now)
    return _orders(shop, given, now)


def _daily(warehouse: Warehouse, shop: Shop, given: Plain, now: datetime) -> Landing:
    written = daily.Written(latest=now + _AHEAD, timezone=given.timezone)
    rows, lost = _in_own_money(warehouse, shop, given, written)
    table, checks = DAILY[given.target](shop, rows, written)
    return Landing(shop, {given.target: table}, (*lost, *plain.refused(rows, checks)))


def _in_own_money(
    warehouse: Warehouse, shop: Shop, given: Plain, written: daily.Written
) -> tuple[pa.Table, Sequence[Reject]]:
    """The rows with every amount in the shop's currency at its day's rate, and those without a
    rate."""
    rows = given.rows
    names = [name for name in AMOUNTS if name in rows.column_names]
    if not len(rows) or not names or "date" not in rows.column_names:
        return rows, ()
    own = pa.scalar(given.currency or shop.currency)
    named = plain.as_text(rows["currency"]) if "currency" in rows.column_names else None
    currency = pc.utf8_upper(pc.fill_null(named, own) if named is not None else _same(own, rows))
    others = [code for code in pc.unique(currency).to_pylist() if code != shop.currency]
    checks = Checks(len(rows))
    if others:
        till = Till(warehouse, [shop.currency, *others])
        day = daily.days_of(plain.as_text(rows["date"]), written)
        for name in names:
            changing = _Changing(till, plain.as_text(rows[name]), day, currency, checks)
            rows = _put(rows, name, changing.into(shop.currency, others))
    lost = plain.refused(rows, checks)
    return rows.filter(pa.array(checks.good)), lost


@dataclass(frozen=True)
class _Changing:
    """A column of amounts on its way into another currency."""

    till: Till
    text: pa.Array
    day: Ints
    currency: pa.Array
    checks: Checks

    def into(self, target: str, others: Sequence[str]) -> pa.Array:
        read = money(self.text, rounded=True)
        text = self.text
        for source in others:
            here: Flags = flags(pc.equal(self.currency, source))
            if not is_currency(source):
                self.checks.reject(here, _NO_CURRENCY)
                continue
            value, known = self.till.exchange((read.or_zero, self.day), (source, target))
            self.checks.reject(here & ~known, _NO_RATE.format(source=source, target=target))
            changed = here & known & read.valid
            text = pc.if_else(pa.array(changed), decimals(value).cast(pa.string()), text)
        return text


def _put(rows: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return rows.set_column(rows.column_names.index(name), name, column)


def _same(value: pa.Scalar, rows: pa.Table) -> pa.Array:
    return pa.repeat(value, len(rows))


def _rates(warehouse: Warehouse, given: Plain, now: datetime) -> Landing:
    lines = _lines(given.rows)
    rates.SOURCE.recognise(lines.names)
    built = rates.SOURCE.build(lines, Setting(RATES_SHOP, zone_of("UTC"), now + _AHEAD))
    tables = beside_known(warehouse, RATES_SHOP.shop_id, built.tables)
    return Landing(RATES_SHOP, tables, plain.refused(lines.table, built.checks))


def _orders(shop: Shop, given: Plain, now: datetime) -> Landing:
    tables, rejects = whole_orders(shop, _lines(given.rows), given.options, now)
    return Landing(shop, _without(tables, pa.array(sorted(given.broken), pa.string())), rejects)


def whole_orders(
    shop: Shop, lines: Lines, options: Mapping[str, Any], now: datetime
) -> tuple[Mapping[str, pa.Table], Sequence[Reject]]:
    """Ledger tables of flat order lines whose columns have our own names, and the lines that cannot
    be used; `options` are those of docs/examples/mapping.toml. An order comes whole or, where one
    of its lines cannot be used, not at all. Raises BadFile."""
    columns = {name: name for name in lines.names}
    mapping: FlatOrders = parse({**options, "columns": columns}, plain_name(options))
    setting = Setting(shop, zone_of(shop.timezone), now + _AHEAD)
    built = flat_orders.build(mapping, lines, setting)
    bad = pa.array(~built.checks.good)
    broken = pc.unique(lines.table["order_id"].filter(bad)).drop_null()
    # Who bought is no part of what is kept aside: it may be a mail address.
    shown = lines.table.drop_columns([n for n in ("customer",) if n in lines.names])
    return _without(built.tables, broken), plain.refused(shown, built.checks)


def _without(tables: Mapping[str, pa.Table], orders: pa.Array) -> Mapping[str, pa.Table]:
    """The ledger's tables without some orders."""
    if not len(orders):
        return tables
    kept = {
        name: tables[name].filter(pc.invert(pc.is_in(tables[name]["order_id"], value_set=orders)))
        for name in ("orders", "sales")
    }
    return {**tables, **kept}


def plain_name(options: Mapping[str, Any]) -> str:
    """What a mapping is called in sentences."""
    return str(options.get("label") or options.get("name") or "mapping")


def _lines(rows: pa.Table) -> Lines:
    count = len(rows)
    if not rows.column_names:
        raise BadFile("There are no columns.")
    number = np.arange(1, count + 1, dtype=np.int64)
    text = pa.table({name: plain.as_text(rows[name]) for name in rows.column_names})
    return Lines(text, number, np.zeros(count, dtype=np.int64))
