"""Ledger rows of order documents: children joined to their parents by number, whole columns at
once.

Money of a sale: net = total - tax. Goods that are ordered have their discount beside their gross;
goods that come back or change later are a reversal on that day. Everything else keeps its net in
the column of its kind. Test orders are no orders and bring no rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.ports import Shop
from agent.sources import ledger
from agent.sources.base import Setting
from agent.sources.ledger import Flags, Ints
from agent.sources.shopify.documents import Read
from agent.sources.shopify.sold import Sold, find, placed, plain
from agent.sources.shopify.unit_costs import UnitCosts
from agent.sources.values import decimals, flags, one
from agent.sources.zones import zone_of
from agent.warehouse import schema

PRODUCT = "PRODUCT"
COLUMNS: Mapping[str, tuple[str, str]] = {
    PRODUCT: (PRODUCT, ""),
    "SHIPPING": ("SHIPPING", "shipping"),
    "DUTY": ("DUTY", "duty"),
    "FEE": ("FEE", "fee"),
    "ADDITIONAL_FEE": ("FEE", "fee"),
    "TIP": ("TIP", "gross"),
    "GIFT_CARD": ("GIFT_CARD", "gross"),
    "ADJUSTMENT": ("ADJUSTMENT", "gross"),
}
"""Shopify's line type -> ours, and the column of its net amount; goods have several."""

OTHER = ("ADJUSTMENT", "gross")
"""A line type that nobody knew when this was written: it counts in no metric of sales, but its
money is there to be seen."""

ACTIONS = ("ORDER", "UPDATE", "RETURN")
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
MOST_RANK = 124
"""Rows of an order that are counted: more would not leave room for the rest of three digits."""

SLICE = 4_000
"""Orders that are written in one go, so that memory stays bounded."""


@dataclass(frozen=True)
class Whole:
    """All that was read, put together: `orders` without those that cannot be used, sorted by their
    number, and their sales."""

    orders: pa.Table
    sold: Sold
    bad: Mapping[int, str]
    orphans: int

    def __len__(self) -> int:
        return len(self.orders)


def whole(found: Read) -> Whole:
    """Sales beside their orders. What names a parent that did not come is counted."""
    orders = _together(found.orders, "order")
    agreements = _together(found.agreements, "agreement")
    bad = _orders_of(found.bad_agreements, agreements) | found.bad_orders
    if orders is None:
        return Whole(pa.table({"order": pa.array([], pa.int64())}), _none(), bad, 0)
    number = _numbers(orders, "order")
    keep = ~np.isin(number, list(bad)) & ~flags(one(orders["test"]))
    made, lost = _sold(found.sales, agreements, number[keep], number)
    return Whole(orders.filter(pa.array(keep)), made, bad, lost)


def _none() -> Sold:
    nothing = np.zeros(0, np.int64)
    return placed([], nothing, nothing, nothing)


def _together(parts: Sequence[pa.Table], key: str) -> pa.Table | None:
    """One table, one row a key (the last that came), sorted by it."""
    if not parts:
        return None
    table = pa.concat_tables(parts).unify_dictionaries()
    number = np.asarray(table[key])
    order = np.argsort(number, kind="stable")
    ranked = number[order]
    last = np.append(ranked[1:] != ranked[:-1], True)
    return table.take(pa.array(order[last]))


def _numbers(table: pa.Table, name: str) -> Ints:
    return np.asarray(one(table[name]), dtype=np.int64)


def _orders_of(bad: Mapping[int, str], agreements: pa.Table | None) -> dict[int, str]:
    if not bad or agreements is None:
        return {}
    place, known = find(np.array(list(bad), np.int64), _numbers(agreements, "agreement"))
    orders = _numbers(agreements, "order")[place]
    reasons = list(bad.values())
    return {int(o): reasons[i] for i, o in enumerate(orders) if known[i]}


def _sold(
    parts: Sequence[pa.Table], agreements: pa.Table | None, kept: Ints, all_orders: Ints
) -> tuple[Sold, int]:
    if agreements is None or not parts:
        return _none(), sum(len(part) for part in parts)
    named = np.concatenate([_numbers(part, "agreement") for part in parts])
    place, known = find(named, _numbers(agreements, "agreement"))
    order = _numbers(agreements, "order")[place]
    lost = int((~(known & find(order, all_orders)[1])).sum())
    mine = np.flatnonzero(known & find(order, kept)[1])
    mine = mine[np.argsort(order[mine], kind="stable")]
    return placed(parts, mine, order[mine], _numbers(agreements, "at")[place[mine]]), lost


def slices(given: Whole, most: int = SLICE) -> Iterator[Whole]:
    """The same, in parts of so many orders with all their rows. What was given is used up: the
    sales of a part are let go when the next one is asked for."""
    number = _numbers(given.orders, "order")
    for start in range(0, len(number), most):
        part = number[start : start + most]
        end = int(part[-1]) + 1
        mine = given.sold.of(int(part[0]), end)
        yield Whole(plain(given.orders.slice(start, len(part))), mine, {}, 0)
        given.sold.release(end)


def tables(given: Whole, shop: Shop, costs: UnitCosts) -> dict[str, pa.Table]:
    """The `orders` and `sales` of a batch."""
    setting = Setting(shop, zone_of(shop.timezone), LATEST)
    if not len(given):
        empty = (schema.ORDERS, schema.SALES)
        return {table.name: schema.arrow_schema(table).empty_table() for table in empty}
    place, _ = find(given.sold.order, _numbers(given.orders, "order"))
    sold = given.sold.rows()
    orders = _ranked(given.orders, sold, place)
    return {
        "orders": _orders(setting, orders, _goods(sold, place, len(orders))),
        "sales": _sales(setting, orders, (sold, place, given.sold.at), costs),
    }


def _ranked(orders: pa.Table, sold: pa.Table, place: Ints) -> pa.Table:
    """With revisions that tell two states of one second apart. Shopify's time of change is a whole
    second, and its agreements only grow: of two states the one with more rows, with a cancellation,
    with the visit that led to it, is the later one. Of the same state read twice, the reading
    counts in which every word was one that we know."""
    count = np.minimum(np.bincount(place, minlength=len(orders)), MOST_RANK)
    cancelled = flags(orders["cancelled_at"].is_valid())
    rank = 8 * count + 4 * cancelled + 2 * flags(orders["attributed"]) + _known(orders, sold, place)
    at = orders.column_names.index("revision")
    revision = pa.array(_numbers(orders, "revision") // 1000 * 1000 + rank)
    return orders.set_column(at, "revision", revision)


def _known(orders: pa.Table, sold: pa.Table, place: Ints) -> Flags:
    """Which orders were read without a word that nobody knew when this was written."""
    known = np.ones(len(orders), np.bool_)
    if len(place):
        kinds = flags(pc.is_in(sold["kind"], value_set=pa.array([*COLUMNS])))
        actions = flags(pc.is_in(sold["action"], value_set=pa.array(ACTIONS)))
        known[place[~(kinds & actions)]] = False
    return known


def _goods(sold: pa.Table, place: Ints, count: int) -> Flags:
    """Which orders have goods: a paper that only sells a gift card is no order."""
    goods = np.zeros(count, np.bool_)
    if len(place):
        goods[place[flags(pc.equal(sold["kind"], PRODUCT))]] = True
    return goods


def _orders(setting: Setting, orders: pa.Table, goods: Flags) -> pa.Table:
    names = ("name", "customer_id", "country", "region", "city", "channel", "presentment_currency")
    papers = ledger.Papers(
        one(orders["order_id"]),
        _numbers(orders, "placed_at"),
        goods,
        {name: one(orders[name]) for name in names},
        pc.multiply(one(orders["cancelled_at"]), 1_000_000).cast(pa.timestamp("us")),
        _numbers(orders, "revision"),
    )
    return ledger.orders(setting, papers)


def _sales(
    setting: Setting, orders: pa.Table, rows: tuple[pa.Table, Ints, Ints], costs: UnitCosts
) -> pa.Table:
    sold, place, at = rows
    if not len(place):
        return schema.arrow_schema(schema.SALES).empty_table()
    kinds, money = _money(sold)
    order_id = one(orders["order_id"]).take(pa.array(place))
    action = one(sold["action"])
    known = pc.is_in(action, value_set=pa.array(ACTIONS))
    made = ledger.Rows(
        sale_id=one(pc.binary_join_element_wise(order_id, one(sold["sale_id"]), ":")),
        order_id=order_id,
        line_id=pc.coalesce(one(sold["line_id"]), pc.utf8_lower(kinds)),
        product_id=one(sold["product_id"]),
        at=at,
        action=pc.if_else(known, action, "UNKNOWN"),
        line_type=kinds,
        quantity=_numbers(sold, "quantity"),
        money=money,
        revision=_numbers(orders, "revision")[place],
        presentment=(
            one(orders["presentment_currency"]).take(pa.array(place)),
            _numbers(sold, "presented"),
        ),
        variant=one(sold["variant"]),
    )
    table = ledger.sales(setting, [made])
    column = table.schema.get_field_index("unit_cost")
    goods = flags(pc.equal(kinds, PRODUCT))
    return table.set_column(column, table.schema.field(column), _unit_cost(sold, at, goods, costs))


def _money(sold: pa.Table) -> tuple[pa.Array, dict[str, Ints]]:
    """Our line types, and the columns of money in ten-thousandths."""
    encoded = one(sold["kind"]).dictionary_encode()
    index = np.asarray(encoded.indices, np.int64)
    found = [COLUMNS.get(word, OTHER) for word in encoded.dictionary.to_pylist()]
    kinds = pa.array([kind for kind, _ in found]).take(pa.array(index))
    total, tax, discount = (_numbers(sold, name) for name in ("total", "tax", "discount"))
    net = total - tax
    goods = np.array([kind == PRODUCT for kind, _ in found])[index]
    ordered = goods & flags(pc.equal(sold["action"], "ORDER"))
    money = {
        "gross": np.where(ordered, net + discount, 0),
        "discount": np.where(ordered, -discount, 0),
        "reversal": np.where(goods & ~ordered, net, 0),
        "tax": tax,
    }
    for name in ("gross", "shipping", "duty", "fee"):
        mine = np.array([column == name for _, column in found])[index]
        money[name] = np.where(mine, net, money.get(name, np.zeros_like(net)))
    return kinds, money


def _unit_cost(sold: pa.Table, at: Ints, goods: Flags, costs: UnitCosts) -> pa.Array:
    """What a piece cost when it was sold: what comes back takes back the cost that it had then."""
    lines = one(sold["line_id"]).dictionary_encode()
    line = np.asarray(pc.fill_null(lines.indices.cast(pa.int64()), -1), np.int64)
    first = np.full(len(lines.dictionary) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, line, at)
    cost, known = costs.at(one(sold["variant_id"]), first[line])
    return pc.if_else(pa.array(known & goods), decimals(cost), None)
