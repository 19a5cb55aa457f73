"""UCI Online Retail and Online Retail II: invoice lines of a British gift shop, as published.

One row is one line of an invoice. Every row is of exactly one kind (KINDS), and the kinds' amounts
add up to the sum of quantity x price over the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.errors import BadFile
from agent.sources import ids, ledger
from agent.sources.base import Built, Flags, Ints, Lines, Setting, TextFormat
from agent.sources.fields import TOO_MUCH, UNFIT, too_much, unfit, upper
from agent.sources.rejects import Checks
from agent.sources.values import day_order, flags, moments, money, one, texts, whole
from agent.words import t

KINDS = (
    "sale", "reversal", "shipping", "discount", "gift_card", "adjustment", "bad_debt",
    "stock_adjustment", "repeated",
)  # fmt: skip
SALE, REVERSAL, SHIPPING, DISCOUNT, GIFT_CARD, ADJUSTMENT, BAD_DEBT, STOCK, REPEATED = range(9)
LINE_TYPE = (
    "PRODUCT", "PRODUCT", "SHIPPING", "PRODUCT", "GIFT_CARD", "ADJUSTMENT", "ADJUSTMENT",
    "ADJUSTMENT",
)  # fmt: skip
MONEY_OF = ("gross", "reversal", "shipping", "discount", "gross", "gross", "gross", "gross")

# Both publications, lower-case: the first has no spaces in its names, the second renamed three.
NAMES: Mapping[str, tuple[str, ...]] = {
    "invoice": ("invoiceno", "invoice"),
    "sku": ("stockcode",),
    "title": ("description",),
    "quantity": ("quantity",),
    "at": ("invoicedate",),
    "price": ("unitprice", "price"),
    "customer": ("customerid", "customer id"),
    "country": ("country",),
}
OPTIONAL = ("title", "customer", "country")
SHIPPING_CODES = ("POST", "DOT", "C2", "C3")
FEES = r"^(M|S|B|BANK CHARGES|AMAZONFEE|CRUK|PADS|ADJUST.*|TEST.*)$"
OVERLAP = 100
"""Lines that must stand twice before a file counts as two publications behind each other."""


def columns_of(names: tuple[str, ...]) -> dict[str, str]:
    """Our field -> the file's column."""
    known = {name.strip().lower(): name for name in reversed(names)}
    found = {
        field: known[match]
        for field, spellings in NAMES.items()
        if (match := next((s for s in spellings if s in known), None)) is not None
    }
    missing = [NAMES[f][0] for f in NAMES if f not in found and f not in OPTIONAL]
    if missing:
        raise BadFile(
            t(
                "This is not an Online Retail file: no column {missing}.",
                missing=", ".join(missing),
            ),
            hint=t("Found: {names}.", names=", ".join(names[:20]) or t("nothing")),
        )
    return found


@dataclass(frozen=True)
class Invoices:
    """The usable lines, in columns."""

    invoice: pa.Array
    sku: pa.Array
    title: pa.Array
    customer: pa.Array
    country: pa.Array
    quantity: Ints
    price: Ints
    at: Ints
    part: Ints

    @property
    def amount(self) -> Ints:
        return self.quantity * self.price

    def only(self, keep: Flags) -> Invoices:
        mask = pa.array(keep)
        return Invoices(
            self.invoice.filter(mask), self.sku.filter(mask), self.title.filter(mask),
            self.customer.filter(mask), self.country.filter(mask),
            self.quantity[keep], self.price[keep], self.at[keep], self.part[keep],
        )  # fmt: skip


@dataclass(frozen=True)
class OnlineRetail:
    name: str = "online-retail"
    label: str = "Online Retail (UCI)"
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        columns_of(names)

    def build(self, lines: Lines, setting: Setting) -> Built:
        checks = Checks(len(lines.table))
        invoices, warnings = _read(lines, setting, checks)
        kind = _kinds(invoices)
        key, repeated, notes = _keys(invoices)
        kind = np.where(repeated, REPEATED, kind)
        fresh = invoices.only(~repeated)
        tables = _tables(setting, fresh, kind[~repeated], key)
        rows = np.bincount(kind, minlength=len(KINDS))
        kinds = {
            name: (int(rows[i]), ledger.amount(int(invoices.amount[kind == i].sum())))
            for i, name in enumerate(KINDS)
            if rows[i]
        }
        return Built(tables, checks, kinds, (*warnings, *notes))


SOURCE = OnlineRetail()


def _read(lines: Lines, setting: Setting, checks: Checks) -> tuple[Invoices, tuple[str, ...]]:
    """Columns of the rows that can be used; the others are marked."""
    names = columns_of(lines.names)
    text = {
        field: texts(lines.table[names[field]])
        if field in names
        else pa.nulls(len(lines.table), pa.string())
        for field in NAMES
    }
    comma = lines.delimiter == ";"
    order, doubt = day_order(text["at"])
    quantity, price = whole(text["quantity"], comma=comma), money(text["price"], comma=comma)
    at = moments(text["at"], order=order, latest=setting.latest).wall
    for field, label in (("invoice", "invoice number"), ("sku", "stock code")):
        checks.reject(flags(pc.is_null(text[field])), f"The {label} is missing.")
    for parsed, label, rule in (
        (quantity, "quantity", "is not a whole number"),
        (price, "price", "is not an amount with at most four decimals"),
        (at, "date", "is not a date from 1990 to today"),
    ):
        checks.reject(parsed.missing, f"The {label} is missing.")
        checks.reject(parsed.wrong, f"The {label} {rule}.")
    checks.reject(unfit(list(text.values())), UNFIT)
    checks.reject(too_much(quantity.or_zero, price.or_zero), TOO_MUCH)
    customer = pc.replace_substring_regex(text["customer"], r"\.0+$", "")
    utc = setting.zone.to_utc(at.or_zero)
    invoices = Invoices(
        upper(pc.replace_substring_regex(text["invoice"], r"\.0+$", "")), upper(text["sku"]),
        text["title"], customer, text["country"], quantity.or_zero, price.or_zero, utc, lines.part,
    )  # fmt: skip
    day = "day first" if order == "dmy" else "month first"
    note = (f"The dates can be read two ways; they were read {day}.",) if doubt else ()
    return invoices.only(checks.good), note


def _kinds(lines: Invoices) -> Ints:
    """The kind of each line; the first rule that fits decides."""
    sku, amount = lines.sku, lines.amount
    credit = flags(pc.starts_with(lines.invoice, "C"))
    rules = (
        (flags(pc.starts_with(lines.invoice, "A")), BAD_DEBT),
        (flags(pc.is_in(sku, value_set=pa.array(SHIPPING_CODES))), SHIPPING),
        (flags(pc.equal(sku, "D")), DISCOUNT),
        (flags(pc.starts_with(sku, "GIFT_0001")), GIFT_CARD),
        (flags(pc.match_substring_regex(sku, FEES)), ADJUSTMENT),
        (credit | (amount < 0), REVERSAL),
        ((lines.quantity > 0) & (lines.price > 0), SALE),
    )
    return np.select([rule for rule, _ in rules], [kind for _, kind in rules], default=STOCK)


def _keys(lines: Invoices) -> tuple[pa.Array, Flags, tuple[str, ...]]:
    """(line ids of the lines that count, lines that repeat one of an earlier publication, notes).

    Without the description: the publishers corrected some between the two files.
    """
    content = ids.mix(
        [
            *(ids.hash_texts(c) for c in (lines.invoice, lines.sku, lines.customer, lines.country)),
            lines.quantity,
            lines.price,
            lines.at,
        ]
    )
    part = _publications(lines, content)
    nth = ids.occurrence(part, content)
    repeated = (
        ids.occurrence(ids.mix([content, nth])) > 0
        if len(part) and part.max() > 0
        else np.zeros(len(part), dtype=np.bool_)
    )
    fresh = ~repeated
    key = ids.joined(ids.hexadecimal(content[fresh]), pa.array(nth[fresh]).cast(pa.string()))
    count = int(repeated.sum())
    note = f"{count:,} lines stand in the file twice, in two publications; they are counted once."
    return key, repeated, (note,) if count else ()


def _publications(lines: Invoices, content: ids.Hashes) -> Ints:
    """Part number of each line: its sheet, or, where two publications stand behind each other in
    one text, its half.

    Within one publication identical lines are two purchases; between two they are one line
    published twice.
    """
    back = np.flatnonzero(np.diff(lines.at) < -86_400)
    if len(back) != 1 or (len(lines.part) and lines.part.max() > 0):
        return lines.part
    half = np.zeros(len(lines.at), dtype=np.int64)
    half[back[0] + 1 :] = 1
    first, second = content[half == 0], content[half == 1]
    shared = np.isin(second, first).sum()
    until = lines.at[half == 0].max(initial=0)
    inside = (lines.at[half == 1] <= until).sum()
    return half if shared >= OVERLAP and shared > 0.9 * inside else lines.part


def _tables(setting: Setting, lines: Invoices, kind: Ints, key: pa.Array) -> dict[str, pa.Table]:
    zero = np.zeros(len(kind), dtype=np.int64)
    is_product = np.isin(kind, (SALE, REVERSAL, STOCK, GIFT_CARD))
    credit = flags(pc.starts_with(lines.invoice, "C")) | (kind == REVERSAL)
    action = np.where(credit & (kind != DISCOUNT), "RETURN", "ORDER")
    amount = lines.amount
    columns = {
        name: np.where(
            np.isin(kind, [i for i, m in enumerate(MONEY_OF) if m == name]), amount, zero
        )
        for name in ("gross", "reversal", "shipping", "discount")
    }
    rows = ledger.Rows(
        sale_id=ids.joined(lines.invoice, key),
        order_id=lines.invoice,
        line_id=key,
        product_id=pc.if_else(pa.array(is_product), lines.sku, pa.scalar(None, pa.string())),
        at=lines.at,
        action=pa.array(["ORDER", "RETURN"]).take(pa.array((action == "RETURN").astype(np.int8))),
        line_type=pa.array(LINE_TYPE).take(pa.array(kind)),
        quantity=np.where(is_product, lines.quantity, zero),
        money=columns,
    )
    return {
        "orders": _orders(setting, lines, kind),
        "sales": ledger.sales(setting, [rows]),
        "products": ledger.catalogue(
            setting,
            ledger.Sold(lines.sku, lines.title, lines.sku, None, (kind == SALE).astype(np.int64)),
            is_product,
        ),
    }


def _orders(setting: Setting, lines: Invoices, kind: Ints) -> pa.Table:
    """One paper per invoice, dated to its first line; an order where a product was sold on it."""
    found = pa.table(
        {
            "order_id": lines.invoice, "at": lines.at, "sold": kind == SALE,
            "customer_id": lines.customer, "country": lines.country,
        }
    ).group_by("order_id", use_threads=False)  # fmt: skip
    table = found.aggregate(
        [("at", "min"), ("sold", "max"), ("customer_id", "max"), ("country", "max")]
    )
    given = {name: one(table[f"{name}_max"]) for name in ("customer_id", "country")}
    papers = ledger.Papers(
        one(table["order_id"]), np.asarray(table["at_min"]), flags(one(table["sold_max"])), given
    )
    return ledger.orders(setting, papers)
