"""Ledger rows of Shopify's exported orders: what was charged when placed, what went back when it
did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources import ids, ledger
from agent.sources.base import Flags, Ints, Setting
from agent.sources.ids import slug
from agent.sources.shares import per_group
from agent.sources.shopify_columns import Export
from agent.sources.values import codes, flags
from agent.sources.waterfall import (
    PRODUCT,
    TIP,
    Basket,
    Bill,
    Charged,
    Given,
    Reversed,
    charge,
    reverse,
)

LINE_TYPES = ("PRODUCT", "GIFT_CARD", "TIP")
NO_DATES = (
    "{:,} orders have money refunded and the export has no refund dates: the reversal is dated to"
    " the cancellation, else to the fulfilment, the payment or the order, and split over goods,"
    " shipping and tax in proportion."
)
VARIANT = r"\S.* - (?P<variant>.*\S)"
PAID = ("paid", "partially_paid", "partially_refunded", "refunded")


@dataclass(frozen=True)
class Titles:
    name: pa.Array
    sku: pa.Array
    vendor: pa.Array

    @property
    def columns(self) -> tuple[pa.Array, ...]:
        return self.name, self.sku, self.vendor

    @property
    def product_id(self) -> pa.Array:
        """The SKU, else the name's slug."""
        index, words = codes(self.name)
        slugs = [*(slug(word, otherwise=word) for word in words.to_pylist()), None]
        return pc.coalesce(
            self.sku, pa.array(slugs, pa.string()).take(pa.array(index % len(slugs)))
        )

    @property
    def variant(self) -> pa.Array:
        """What stands behind the last " - " of the name ("Shirt - Red / L"), else the SKU."""
        index, words = codes(self.name)
        parts = pc.struct_field(pc.extract_regex(words, VARIANT), "variant")
        titles = pa.concat_arrays([parts, pa.nulls(1, pa.string())])
        return pc.coalesce(titles.take(pa.array(index % len(titles))), self.sku)


@dataclass(frozen=True)
class Case:
    """Orders and their lines, priced."""

    export: Export
    basket: Basket
    bill: Bill
    titles: Titles
    unit: int

    @property
    def setting(self) -> Setting:
        return self.export.setting


@dataclass(frozen=True)
class _Ids:
    """Order ids per order and per line, line ids, products."""

    order: pa.Array
    of_line: pa.Array
    line: pa.Array
    product: pa.Array
    variant: pa.Array
    placed: Ints


@dataclass(frozen=True)
class _Back:
    """When money went back, how much, and which export knows better."""

    at: Ints
    given: Given
    kept: Ints
    touched: Flags
    paid_off: Flags
    revision: Ints


def tables(
    case: Case,
) -> tuple[Mapping[str, pa.Table], Mapping[str, tuple[int, Decimal]], tuple[str, ...]]:
    """Ledger tables, totals per row kind, and warnings."""
    export, basket = case.export, case.basket
    charged = charge(basket, case.bill, case.unit)
    names = _ids(case)
    back = _back(case)
    returned = reverse(basket, charged, back.given, case.unit)
    blocks = {**_charges(case, charged, names), **_returns(case, returned, (names, back))}
    kinds = {kind: _total(rows) for kind, rows in blocks.items() if len(rows)}
    sold = ledger.Sold(
        names.product, case.titles.name, case.titles.sku, case.titles.vendor,
        np.ones(len(names.product), dtype=np.int64),
    )  # fmt: skip
    result = {
        "orders": _orders(case, names),
        "sales": ledger.sales(case.setting, list(blocks.values())),
        "products": ledger.catalogue(case.setting, sold, basket.kind == PRODUCT),
    }
    cancelled = export.time("Cancelled at").valid
    undated = int(((back.given.amount > 0) & ~cancelled).sum())
    return result, kinds, (NO_DATES.format(undated),) if undated else ()


def _total(rows: ledger.Rows) -> tuple[int, Decimal]:
    return len(rows), ledger.amount(sum(int(column.sum()) for column in rows.money.values()))


def _ids(case: Case) -> _Ids:
    order = case.export.first("Name")
    of_line = order.take(pa.array(case.basket.order))
    label = ids.hash_texts(pc.coalesce(case.titles.name, case.titles.sku))
    nth = pa.array(ids.occurrence(case.basket.order, label)).cast(pa.string())
    line = ids.joined(ids.hexadecimal(label), nth)
    placed = case.export.time("Created at").or_zero
    titles = case.titles
    return _Ids(order, of_line, line, titles.product_id, titles.variant, placed)


def _orders(case: Case, names: _Ids) -> pa.Table:
    export = case.export
    sells = per_group(
        (case.basket.kind == PRODUCT).astype(np.int64), case.basket.order, export.orders
    )
    cancelled = export.time("Cancelled at")
    at = pc.if_else(pa.array(cancelled.valid), ledger.stamps(cancelled.or_zero), None)

    def either(*columns: str) -> pa.Array:
        return pc.coalesce(*(export.first(name) for name in columns))

    words = {
        "customer_id": ids.person(export.first("Email")),
        "country": either("Shipping Country", "Billing Country"),
        "region": either(
            "Shipping Province Name",
            "Shipping Province",
            "Billing Province Name",
            "Billing Province",
        ),
        "city": either("Shipping City", "Billing City"),
        "channel": export.first("Source"),
    }
    papers = ledger.Papers(
        names.order, names.placed, sells > 0, words, at, cancelled.valid.astype(np.int64)
    )
    return ledger.orders(case.setting, papers)


def _of_lines(names: _Ids, keep: Flags, prefix: str) -> dict[str, pa.Array]:
    mask = pa.array(keep)
    order, line = names.of_line.filter(mask), names.line.filter(mask)
    return {
        "sale_id": ids.joined(order, prefix, line, by=":"),
        "order_id": order,
        "line_id": line,
        "product_id": names.product.filter(mask),
        "variant": names.variant.filter(mask),
    }


def _of_orders(names: _Ids, keep: Flags, word: str) -> dict[str, pa.Array | None]:
    order = names.order.filter(pa.array(keep))
    return {
        "sale_id": ids.joined(order, word, by=":"),
        "order_id": order,
        "line_id": pa.repeat(pa.scalar(word), len(order)),
        "product_id": None,
    }


def _charges(case: Case, charged: Charged, names: _Ids) -> dict[str, ledger.Rows]:
    basket, blocks = case.basket, {}
    at = names.placed[basket.order]
    for number, kind in enumerate(LINE_TYPES):
        keep = basket.kind == number
        money = {"gross": charged.gross, "discount": charged.discount, "tax": charged.tax}
        blocks[("sale", "gift_card", "tip")[number]] = ledger.Rows(
            **_of_lines(names, keep, "sale"), at=at[keep], action="ORDER", line_type=kind,
            quantity=basket.quantity[keep], money={n: m[keep] for n, m in money.items()},
        )  # fmt: skip
    for word, line_type, columns in (
        ("shipping", "SHIPPING", {"shipping": charged.shipping, "tax": charged.shipping_tax}),
        ("tax", "TAX", {"tax": charged.loose_tax}),
        ("duty", "DUTY", {"duty": charged.duty}),
        ("difference", "ADJUSTMENT", {"gross": charged.difference}),
    ):
        keep = np.any([column != 0 for column in columns.values()], axis=0)
        blocks[word] = ledger.Rows(
            **_of_orders(names, keep, word), at=names.placed[keep], action="ORDER",
            line_type=line_type, quantity=np.zeros(int(keep.sum()), dtype=np.int64),
            money={n: m[keep] for n, m in columns.items()},
        )  # fmt: skip
    return blocks


def _back(case: Case) -> _Back:
    """Cancelled orders are undone whole on their day; what the shop kept of the payment is an
    adjustment.
    """
    export, total = case.export, case.bill.total
    refunded = np.abs(export.order_money("Refunded Amount").or_zero)
    times = [export.time(n) for n in ("Cancelled at", "Fulfilled at", "Paid at", "Created at")]
    at = np.select([t.valid for t in times], [t.or_zero for t in times], default=0)
    cancelled = times[0].valid
    status = pc.utf8_lower(export.first("Financial Status"))
    paid_off = cancelled & flags(pc.is_in(status, value_set=pa.array(PAID)))
    outstanding = export.order_money("Outstanding Balance").or_zero
    kept = np.where(paid_off, np.maximum(total - outstanding - refunded, 0), 0)
    whole = cancelled | ((refunded >= total) & (refunded > 0))
    over = np.where(whole & (refunded > total), total - refunded, 0)
    # Only grows from one export to the next: more money, then a cancellation, then fulfilment.
    revision = (refunded // case.unit) * 4 + 2 * cancelled + times[1].valid
    return _Back(
        at, Given(refunded, whole), kept + over, cancelled | (refunded > 0), paid_off, revision
    )


def _returns(case: Case, returned: Reversed, who: tuple[_Ids, _Back]) -> dict[str, ledger.Rows]:
    names, back = who
    basket, blocks = case.basket, {}
    touched = back.touched[basket.order]
    for number, kind in enumerate(LINE_TYPES):
        keep = touched & (basket.kind == number)
        keep &= (number != TIP) | (returned.net != 0)
        order = basket.order[keep]
        column = "reversal" if number == PRODUCT else "gross"
        blocks[("reversal", "gift_card_reversal", "tip_reversal")[number]] = ledger.Rows(
            **_of_lines(names, keep, "refund"), at=back.at[order], action="RETURN", line_type=kind,
            quantity=-returned.quantity[keep], revision=back.revision[order],
            money={column: -returned.net[keep], "tax": -returned.tax[keep]},
        )  # fmt: skip
    adjusted = back.kept - returned.beyond
    for word, line_type, columns in (
        ("shipping", "SHIPPING", {"shipping": -returned.shipping, "tax": -returned.shipping_tax}),
        ("tax", "TAX", {"tax": -returned.loose_tax}),
        ("duty", "DUTY", {"duty": -returned.duty}),
        ("adjustment", "ADJUSTMENT", {"gross": adjusted}),
    ):
        some = np.any([column != 0 for column in columns.values()], axis=0)
        # A cancelled order that was paid keeps its row: a later, larger refund may empty it.
        keep = back.touched & (some | (back.paid_off if word == "adjustment" else False))
        label = f"{word}_reversal" if word != "adjustment" else word
        blocks[label] = ledger.Rows(
            **_of_orders(names, keep, f"refund:{word}"), at=back.at[keep], action="RETURN",
            line_type=line_type, quantity=np.zeros(int(keep.sum()), dtype=np.int64),
            revision=back.revision[keep], money={n: m[keep] for n, m in columns.items()},
        )  # fmt: skip
    return blocks
