"""A mapped file's columns, read and checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources import ids
from agent.sources.base import Flags, Ints, Lines, Setting
from agent.sources.fields import TOO_MUCH, UNFIT, too_much, unfit
from agent.sources.mapped import FIELDS, TYPES, Mapped
from agent.sources.rejects import Checks
from agent.sources.shares import smallest_unit
from agent.sources.values import Parsed, codes, flags, moments, money, texts, whole

AMOUNTS = ("unit_price", "amount", "discount", "tax", "shipping", "refund_amount")


@dataclass(frozen=True)
class FlatLines:
    """Usable lines in columns; `order` is each line's index into `order_ids`."""

    text: dict[str, pa.Array]
    number: dict[str, Ints]
    at: Ints
    refund_at: Ints
    kind: pa.Array
    order: Ints
    order_ids: pa.Array
    unit: int

    def is_a(self, kind: str) -> Flags:
        return flags(pc.equal(self.kind, kind))

    @property
    def product(self) -> pa.Array:
        index, words = codes(self.text["title"])
        slugs = [*(ids.slug(word, otherwise=word) for word in words.to_pylist()), None]
        named = pa.array(slugs, pa.string()).take(pa.array(index % len(slugs)))
        return pc.coalesce(self.text["sku"], named)


def read(mapping: Mapped, lines: Lines, out: tuple[Setting, Checks]) -> tuple[FlatLines, int]:
    """The usable lines (the others are marked in the checks), and how many refunds lack a date."""
    setting, checks = out
    text = _texts(mapping, lines)
    checks.reject(unfit([text[name] for name in mapping.columns]), UNFIT)
    checks.reject(flags(pc.is_null(text["order_id"])), "The order_id is missing.")
    number = _numbers(mapping, text, checks)
    at, dated = _moment(mapping, text["placed_at"], (setting, checks, "placed_at"))
    checks.reject(~dated, "The placed_at is missing.")
    refund_at, has_refund_at = _moment(mapping, text["refund_at"], (setting, checks, "refund_at"))
    undated = (number["refund_amount"] != 0) & ~has_refund_at
    kind = _types(mapping, text["type"], checks)
    _one_currency(text["currency"], setting, checks)
    keep = checks.good & flags(pc.not_equal(kind, "skip"))
    mask = pa.array(keep)
    index, order_ids = codes(text["order_id"].filter(mask))
    found = FlatLines(
        {name: column.filter(mask) for name, column in text.items()},
        {name: column[keep] for name, column in number.items()},
        at[keep], np.where(has_refund_at, refund_at, at)[keep], kind.filter(mask), index, order_ids,
        smallest_unit(setting.shop.currency),
    )  # fmt: skip
    return found, int((undated & keep).sum())


def _texts(mapping: Mapped, lines: Lines) -> dict[str, pa.Array]:
    known = {name.lower(): name for name in reversed(lines.names)}
    found = {name: texts(lines.table[known[c.lower()]]) for name, c in mapping.columns.items()}
    none = pa.nulls(len(lines.table), pa.string())
    return {name: found.get(name, none) for name in FIELDS}


def _numbers(mapping: Mapped, text: dict[str, pa.Array], checks: Checks) -> dict[str, Ints]:
    comma = mapping.decimal_comma
    found: dict[str, Parsed] = {name: money(text[name], comma=comma) for name in AMOUNTS}
    found |= {n: whole(text[n], comma=comma) for n in ("quantity", "refund_quantity")}
    for name, parsed in found.items():
        rule = "a whole number" if "quantity" in name else "an amount with at most four decimals"
        checks.reject(parsed.wrong, f"The {name} is not {rule}.")
    for name in ("quantity", "unit_price", "amount"):
        if name in mapping.columns:
            checks.reject(found[name].missing, f"The {name} is missing.")
    number = {name: parsed.or_zero for name, parsed in found.items()}
    if "quantity" not in mapping.columns:
        number["quantity"] = np.sign(number["amount"]) + (number["amount"] == 0)
    checks.reject(too_much(number["quantity"], number["unit_price"]), TOO_MUCH)
    if "unit_price" in mapping.columns:
        fits = ~too_much(number["quantity"], number["unit_price"])
        number["amount"] = np.where(fits, number["quantity"], 0) * number["unit_price"]
    return number


def _moment(
    mapping: Mapped, column: pa.Array, out: tuple[Setting, Checks, str]
) -> tuple[Ints, Flags]:
    setting, checks, name = out
    order = "" if mapping.dates == "iso" else mapping.dates
    found = moments(column, order=order or "dmy", latest=setting.latest)
    checks.reject(found.wall.wrong, f"The {name} is not a date from 1990 to today.")
    own = setting.zone.to_utc(found.wall.or_zero)
    utc = np.where(found.has_offset, found.wall.or_zero - found.offset, own)
    return utc, found.wall.present


def _types(mapping: Mapped, column: pa.Array, checks: Checks) -> pa.Array:
    """Our type of each line; without a type column every line is a product."""
    if "type" not in mapping.columns:
        return pa.repeat(pa.scalar("product"), len(column))
    index, words = codes(pc.utf8_lower(column))
    ours = [mapping.types.get(word, word) for word in words.to_pylist()]
    known = [kind if kind in TYPES else None for kind in ours]
    kind = pa.array([*known, "product"], pa.string()).take(pa.array(index % (len(known) + 1)))
    checks.reject(flags(pc.is_null(kind)), "The type is not one that the mapping names.")
    return pc.fill_null(kind, "skip")


def _one_currency(column: pa.Array, setting: Setting, checks: Checks) -> None:
    own = setting.shop.currency
    written = pc.utf8_upper(column)
    for other in [code for code in codes(written)[1].to_pylist() if code != own]:
        checks.reject(
            flags(pc.equal(written, other)), f"The line is in {other}, the shop in {own}."
        )
