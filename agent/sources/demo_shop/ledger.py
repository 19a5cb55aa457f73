"""Dated money movements as columns: whole cents of the shop's currency, beside what the buyer
saw."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from agent.sources.demo_shop.dice import Flags, Ints, rows_of

ORDER, UPDATE, RETURN = 0, 1, 2
PRODUCT, SHIPPING, GIFT_CARD, TIP, ADJUSTMENT = range(5)
ACTION_NAMES = ("ORDER", "UPDATE", "RETURN")
KIND_NAMES = ("PRODUCT", "SHIPPING", "GIFT_CARD", "TIP", "ADJUSTMENT")

# Lines 1 to 4 are products.
SHIPPING_LINE, GIFT_LINE, TIP_LINE, ADDED_LINE, FEE_LINE, GOODWILL_LINE = 90, 5, 6, 7, 91, 92


@dataclass(frozen=True)
class Ledger:
    """One entry a row. `order` points into the orders that the rows were made from; product and
    cost are -1 where there is none; `presented` is all money of the row in cents of the buyer's
    `currency`."""

    order: Ints
    number: Ints
    line: Ints
    product: Ints
    moment: Ints
    action: Ints
    kind: Ints
    quantity: Ints
    gross: Ints
    discount: Ints
    reversal: Ints
    tax: Ints
    shipping: Ints
    cost: Ints
    currency: Ints
    presented: Ints

    def __len__(self) -> int:
        return len(self.order)

    @property
    def money(self) -> Ints:
        return self.gross + self.discount + self.reversal + self.tax + self.shipping

    def where(self, chosen: Flags) -> Ledger:
        return rows_of(self, chosen)


def rows(order: Ints, **columns: Ints | int) -> Ledger:
    """A ledger whose unnamed columns are 0, product and cost -1."""
    usual = {"product": -1, "cost": -1}
    return Ledger(
        order=order,
        **{
            column.name: np.broadcast_to(
                np.asarray(columns.get(column.name, usual.get(column.name, 0)), dtype=np.int64),
                order.shape,
            )
            for column in fields(Ledger)
            if column.name != "order"
        },
    )


def join(*parts: Ledger) -> Ledger:
    return Ledger(
        *(
            np.concatenate([getattr(part, column.name) for part in parts])
            for column in fields(Ledger)
        )
    )
