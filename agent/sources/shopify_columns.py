"""The columns of Shopify's order export, whole or reduced, as orders and lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.errors import BadFile
from agent.sources.base import Flags, Ints, Lines, Setting
from agent.sources.fields import TOO_MUCH, UNFIT, too_much, unfit
from agent.sources.rejects import Checks
from agent.sources.values import Moments, Parsed, codes, flags, moments, money, texts, whole
from agent.words import t

REQUIRED = ("Name", "Created at", "Lineitem quantity")
AMOUNTS = ("Lineitem price", "Subtotal", "Total")
ORDER_MONEY = (
    "Subtotal", "Shipping", "Taxes", "Total", "Discount Amount", "Refunded Amount", "Duties",
    "Outstanding Balance",
)  # fmt: skip
TIMES = ("Created at", "Paid at", "Fulfilled at", "Cancelled at")


def recognise(names: tuple[str, ...]) -> None:
    known = {name.lower() for name in names}
    missing = [name for name in REQUIRED if name.lower() not in known]
    if not known & {name.lower() for name in AMOUNTS}:
        missing.append("Lineitem price (or Subtotal, or Total)")
    if missing:
        raise BadFile(
            t(
                "This is not a Shopify order export: no column {missing}.",
                missing=", ".join(missing),
            ),
            hint=t("Found: {names}.", names=", ".join(names[:20]) or t("nothing")),
        )


@dataclass(frozen=True)
class Export:
    """Rows sorted by order. `order` is each row's index into the orders, `head` each order's first
    row.

    Shopify fills an order's own columns on its first row only; `first` reads them there.
    """

    lines: Lines
    checks: Checks
    setting: Setting
    order: Ints
    row: Ints

    @cached_property
    def head(self) -> Ints:
        return self.row[np.flatnonzero(np.diff(self.order, prepend=-1))]

    @property
    def orders(self) -> int:
        return len(self.head)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {name.lower(): name for name in reversed(self.lines.names)}

    def has(self, name: str) -> bool:
        return name.lower() in self._names

    def text(self, name: str) -> pa.Array:
        """A line column as text, in row order."""
        return self._taken(name, self.row)

    def first(self, name: str) -> pa.Array:
        """An order column as text: one value per order."""
        return self._taken(name, self.head)

    def _taken(self, name: str, rows: Ints) -> pa.Array:
        if not self.has(name):
            return pa.nulls(len(rows), pa.string())
        return texts(self.lines.table[self._names[name.lower()]].take(pa.array(rows)))

    def reject_lines(self, where: Flags, reason: str) -> None:
        marked = np.zeros(len(self.lines.table), dtype=np.bool_)
        marked[self.row[where]] = True
        self.checks.reject(marked, reason)

    def reject_orders(self, where: Flags, reason: str) -> None:
        marked = np.zeros(len(self.lines.table), dtype=np.bool_)
        marked[self.head[where]] = True
        self.checks.reject(marked, reason)

    def line_money(self, name: str) -> Parsed:
        parsed = money(self.text(name), comma=self.lines.delimiter == ";")
        self.reject_lines(parsed.wrong, f"The {name} is not an amount with at most four decimals.")
        return parsed

    def order_money(self, name: str) -> Parsed:
        parsed = money(self.first(name), comma=self.lines.delimiter == ";")
        self.reject_orders(parsed.wrong, f"The {name} is not an amount with at most four decimals.")
        return parsed

    def line_whole(self, name: str) -> Parsed:
        parsed = whole(self.text(name))
        self.reject_lines(parsed.wrong, f"The {name} is not a whole number.")
        return parsed

    def time(self, name: str) -> Parsed:
        """UTC seconds of an order's moment; a text without offset is on the shop's clock."""
        found: Moments = moments(self.first(name), latest=self.setting.latest)
        self.reject_orders(found.wall.wrong, f"'{name}' is not a date from 1990 to today.")
        own = self.setting.zone.to_utc(found.wall.or_zero)
        utc = np.where(found.has_offset, found.wall.or_zero - found.offset, own)
        return Parsed(utc, found.wall.present, found.wall.valid)

    def whole_orders(self) -> None:
        """An order with one unusable line is left out altogether: its totals would be wrong."""
        spoiled = np.zeros(self.orders, dtype=np.bool_)
        spoiled[self.order[~self.checks.good[self.row]]] = True
        self.reject_lines(spoiled[self.order], "Another line of the same order is rejected.")

    def usable(self) -> Export:
        """The same without the rejected rows."""
        keep = self.checks.good[self.row]
        order = np.unique(self.order[keep], return_inverse=True)[1].astype(np.int64)
        return Export(self.lines, self.checks, self.setting, order, self.row[keep])


def opened(lines: Lines, setting: Setting) -> Export:
    """Rows grouped by order and checked for everything that a line or an order can get wrong."""
    checks = Checks(len(lines.table))
    by_name = {name.lower(): name for name in reversed(lines.names)}
    index, _ = codes(texts(lines.table[by_name["name"]]))
    checks.reject(index < 0, "The order's Name is missing.")
    checks.reject(unfit([lines.table[n] for n in lines.names if _kept(n)]), UNFIT)
    row = np.argsort(index, kind="stable")
    row = row[index[row] >= 0]
    export = Export(lines, checks, setting, index[row], row)
    _check(export)
    export.whole_orders()
    return export.usable()


def _kept(name: str) -> bool:
    return name.lower() not in {"notes", "note attributes", "tags"}


def _check(export: Export) -> None:
    created = export.time("Created at")
    export.reject_orders(created.missing, "The order's first line, with its date, is missing.")
    for name in TIMES[1:]:
        export.time(name)
    quantity = export.line_whole("Lineitem quantity")
    export.reject_lines(quantity.missing, "The Lineitem quantity is missing.")
    price = export.line_money("Lineitem price")
    if export.has("Lineitem price"):
        export.reject_lines(price.missing, "The Lineitem price is missing.")
    export.line_money("Lineitem discount")
    for name in ORDER_MONEY:
        export.order_money(name)
    export.reject_lines(too_much(quantity.or_zero, price.or_zero), TOO_MUCH)
    currency = pc.utf8_upper(export.first("Currency"))
    own = export.setting.shop.currency
    for other in [c for c in codes(currency)[1].to_pylist() if c and c != own]:
        export.reject_orders(
            flags(pc.equal(currency, other)), f"The order is in {other}, the shop in {own}."
        )
