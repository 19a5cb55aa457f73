"""Flat order lines, as a mapping names their columns, to ledger rows.

A line stands for itself: its own discount and tax are taken as given. Shipping is one row per
order. A negative product line is a return on its own date; a refund column is a return on the
refund's date.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources import ids, ledger
from agent.sources.base import Built, Flags, Ints, Lines, Setting
from agent.sources.flat_lines import FlatLines, read
from agent.sources.mapped import Mapped
from agent.sources.rejects import Checks
from agent.sources.shares import per_group, portion
from agent.sources.values import MONEY_SCALE, flags, one

NO_DATES = "{:,} lines have a refund without a date; it is dated to the order."
MONEY_OF = {
    "product": "gross", "shipping": "shipping", "tax": "tax", "gift_card": "gross", "tip": "gross",
    "duty": "duty", "fee": "fee", "adjustment": "gross", "discount": "discount",
}  # fmt: skip


class FlatOrders(Mapped):
    """A flat order-line file, read as its mapping says."""

    def build(self, lines: Lines, setting: Setting) -> Built:
        return build(self, lines, setting)


def build(mapping: Mapped, lines: Lines, setting: Setting) -> Built:
    """Ledger tables of the lines. Kinds are the mapping's types and reversals."""
    checks = Checks(len(lines.table))
    found, undated = read(mapping, lines, (setting, checks))
    key = _line_ids(mapping, found)
    blocks = {**_line_rows(mapping, found, key), **_order_rows(mapping, found)}
    blocks["refund"] = _refunds(found, key)
    kinds = {
        kind: (len(rows), ledger.amount(sum(int(c.sum()) for c in rows.money.values())))
        for kind, rows in blocks.items()
        if len(rows)
    }
    sold = ledger.Sold(
        found.product, found.text["title"], found.text["sku"], found.text["vendor"],
        np.ones(len(found.at), dtype=np.int64), found.text["product_type"],
    )  # fmt: skip
    tables = {
        "orders": _orders(setting, found),
        "sales": ledger.sales(setting, list(blocks.values())),
        "products": ledger.catalogue(setting, sold, found.is_a("product")),
    }
    return Built(tables, checks, kinds, (NO_DATES.format(undated),) if undated else ())


def _line_ids(mapping: Mapped, found: FlatLines) -> pa.Array:
    """The file's own line ids, else content and place among identical lines of the order."""
    if "line_id" in mapping.columns:
        own = found.text["line_id"]
        nth = ids.occurrence(found.order, ids.hash_texts(own))
        extra = pc.if_else(pa.array(nth > 0), pc.binary_join_element_wise(
            "", pa.array(nth).cast(pa.string()), "."), "")  # fmt: skip
        return pc.binary_join_element_wise(pc.fill_null(own, "-"), extra, "")
    content = ids.mix(
        [
            *(ids.hash_texts(found.text[n]) for n in ("order_id", "sku", "title")),
            ids.hash_texts(found.kind),
            *(found.number[n] for n in ("quantity", "amount", "discount")),
            found.at,
        ]
    )
    nth = ids.occurrence(content)
    return ids.joined(ids.hexadecimal(content), pa.array(nth).cast(pa.string()))


def _split(mapping: Mapped, found: FlatLines) -> tuple[Ints, Ints, Ints]:
    """(gross, discount, tax) of each line, without tax in the first two."""
    amount, tax = found.number["amount"], found.number["tax"]
    less = np.abs(found.number["discount"]) * np.where(amount < 0, -1, 1)
    if "tax" in mapping.per_order:
        tax = np.zeros_like(tax)
    if not mapping.prices_include_tax:
        return amount, -less, tax
    paid = amount - less
    net = paid - tax
    gross = np.where(paid == 0, amount, portion(net, amount, paid, found.unit))
    return gross, net - gross, tax


def _line_rows(mapping: Mapped, found: FlatLines, key: pa.Array) -> dict[str, ledger.Rows]:
    gross, discount, tax = _split(mapping, found)
    blocks = {}
    for kind, column in MONEY_OF.items():
        back = (gross < 0) & (kind in {"product", "gift_card", "shipping", "tip"})
        for word, keep in ((kind, found.is_a(kind) & ~back), ("reversal", found.is_a(kind) & back)):
            name = word if kind == "product" or word == kind else f"{kind}_reversal"
            given = {column: gross, "discount": discount, "tax": tax}
            if kind == "discount":
                given = {"discount": -np.abs(gross) + discount, "tax": tax}
            if kind == "tax":
                given = {"tax": gross + tax}
            if name == "reversal":
                given = {"reversal": gross + discount, "tax": tax}
            blocks[name] = _rows(found, key, keep, (kind, word == "reversal", given))
    return blocks


def _rows(
    found: FlatLines, key: pa.Array, keep: Flags, what: tuple[str, bool, dict[str, Ints]]
) -> ledger.Rows:
    kind, back, given = what
    mask, goods = pa.array(keep), kind in {"product", "gift_card"}
    order = found.text["order_id"].filter(mask)
    quantity = found.number["quantity"][keep]
    return ledger.Rows(
        sale_id=ids.joined(order, key.filter(mask), by=":"),
        order_id=order,
        line_id=key.filter(mask),
        product_id=found.product.filter(mask) if goods else None,
        variant=found.text["variant"].filter(mask) if goods else None,
        at=found.at[keep],
        action="RETURN" if back else "ORDER",
        line_type="PRODUCT" if kind == "discount" else kind.upper(),
        quantity=quantity if goods else np.zeros_like(quantity),
        money={name: column[keep] for name, column in given.items()},
    )


def _order_rows(mapping: Mapped, found: FlatLines) -> dict[str, ledger.Rows]:
    """Shipping of each order, and its tax where that is given for the order; dated to its first
    line.
    """
    count, first = len(found.order_ids), ids.occurrence(found.order) == 0
    placed = np.full(count, 2**62, dtype=np.int64)
    np.minimum.at(placed, found.order, found.at)
    blocks = {}
    for name in ("shipping", "tax"):
        value = found.number[name]
        if name == "tax" and name not in mapping.per_order:
            continue
        if name in mapping.per_order:
            value = np.where(first, value, 0)
        total = per_group(value, found.order, count)
        keep = total != 0
        order = found.order_ids.filter(pa.array(keep))
        blocks[f"order_{name}"] = ledger.Rows(
            sale_id=ids.joined(order, name, by=":"), order_id=order,
            line_id=pa.repeat(pa.scalar(name), len(order)), product_id=None, at=placed[keep],
            action="ORDER", line_type=name.upper(), quantity=np.zeros(len(order), dtype=np.int64),
            money={name: total[keep]},
        )  # fmt: skip
    return blocks


def _refunds(found: FlatLines, key: pa.Array) -> ledger.Rows:
    """Money given back for a line; a later file with a larger refund replaces the row."""
    amount = np.abs(found.number["refund_amount"])
    keep = amount > 0
    mask = pa.array(keep)
    order = found.text["order_id"].filter(mask)
    return ledger.Rows(
        sale_id=ids.joined(order, key.filter(mask), "refund", by=":"), order_id=order,
        line_id=key.filter(mask), product_id=found.product.filter(mask), at=found.refund_at[keep],
        variant=found.text["variant"].filter(mask),
        action="RETURN", line_type="PRODUCT",
        quantity=-np.abs(found.number["refund_quantity"])[keep],
        money={"reversal": -amount[keep]}, revision=amount[keep] * 100 // MONEY_SCALE,
    )  # fmt: skip


def _orders(setting: Setting, found: FlatLines) -> pa.Table:
    sold = found.is_a("product") & (found.number["amount"] >= 0)
    address = flags(pc.match_substring(pc.fill_null(found.text["customer"], ""), "@"))
    customer = pc.if_else(
        pa.array(address), ids.person(found.text["customer"]), found.text["customer"]
    )
    words = {"country": "country", "region": "region", "city": "city", "channel": "channel"}
    grouped = pa.table(
        {"order": found.order, "at": found.at, "sold": sold, "customer": customer}
        | {name: found.text[column] for name, column in words.items()}
    ).group_by("order", use_threads=False)
    table = grouped.aggregate(
        [("at", "min"), ("sold", "max"), ("customer", "max"), *((name, "max") for name in words)]
    )
    texts_ = {name: one(table[f"{name}_max"]) for name in words}
    papers = ledger.Papers(
        found.order_ids.take(one(table["order"])), np.asarray(table["at_min"]),
        flags(one(table["sold_max"])), {"customer_id": one(table["customer_max"]), **texts_},
    )  # fmt: skip
    return ledger.orders(setting, papers)
