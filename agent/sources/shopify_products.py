"""Shopify's product export (Products > Export): what the variants are called, by whom and of what
type they are.

A variant is known as in an order export: by its SKU, else by its name. What it costs is not taken
over: a sale has the cost of its own day, and a later one never rewrites it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.errors import BadFile
from agent.sources.base import Built, Ints, Lines, Setting, TextFormat
from agent.sources.fields import UNFIT, unfit
from agent.sources.ids import slug
from agent.sources.rejects import Checks
from agent.sources.values import codes, flags, texts
from agent.warehouse import schema
from agent.words import mark, t

NEEDED = ("Handle", "Title")
USED = ("Vendor", "Type", "Product Category", "Variant SKU", "Cost per item")
OPTIONS = tuple(f"Option{n} Value" for n in (1, 2, 3))
DEFAULT = "Default Title"
REVISION = 2**62 + 1
"""Above every title that orders were counted for: the catalogue's own stands."""
COSTS = mark(
    "{count:,} variants have a cost per item. Costs are not taken over from this file: a sale has "
    "the cost of its own day, and a later one never rewrites it."
)


@dataclass(frozen=True)
class ShopifyProducts:
    name: str = "shopify-products"
    label: str = mark("Shopify product export")
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        known = {name.strip().lower() for name in names}
        missing = [name for name in NEEDED if name.lower() not in known]
        if not missing and not known & {"variant sku", "option1 value"}:
            missing = ["Variant SKU"]
        if missing:
            raise BadFile(
                t(
                    "This is no Shopify product export: no column {missing}.",
                    missing=", ".join(missing),
                ),
                hint=t("Found: {names}.", names=", ".join(names[:20]) or t("nothing")),
            )

    def build(self, lines: Lines, setting: Setting) -> Built:
        """A `products` table with a row for each variant; lines of pictures alone are neither
        wrong nor rows."""
        columns = _columns(lines)
        checks = Checks(len(lines.table))
        checks.reject(unfit([c for n, c in columns.items() if n != "Handle"]), UNFIT)
        checks.reject(flags(pc.is_null(columns["Handle"])), "The handle is missing.")
        first = _first_of_handle(columns["Handle"])
        for name in ("Title", "Vendor", "Type", "Product Category"):
            own = columns[name].take(pa.array(first))
            columns[name] = own
        checks.reject(flags(pc.is_null(columns["Title"])) & checks.good, "The title is missing.")
        sku, option = columns["Variant SKU"].is_valid(), columns["Option1 Value"].is_valid()
        keep = checks.good & flags(pc.or_(sku, option))
        priced = int((flags(columns["Cost per item"].is_valid()) & keep).sum())
        made = _table(setting, columns, pa.array(keep))
        kinds = {"products": (len(made), Decimal(0))} if len(made) else {}
        said = (t(COSTS, count=priced),) if priced else ()
        return Built({"products": made}, checks, kinds, said, newest=("products",))


SOURCE = ShopifyProducts()


def _columns(lines: Lines) -> dict[str, pa.Array]:
    known = {name.strip().lower(): name for name in reversed(lines.names)}
    none = pa.nulls(len(lines.table), pa.string())
    return {
        name: texts(lines.table[known[name.lower()]]) if name.lower() in known else none
        for name in (*NEEDED, *USED, *OPTIONS)
    }


def _first_of_handle(handle: pa.Array) -> Ints:
    """Each line's first line with the same handle: only that one names the product."""
    index, words = codes(handle)
    first = np.full(len(words) + 1, len(index), dtype=np.int64)
    np.minimum.at(first, index, np.arange(len(index)))
    return first[index]


def _table(setting: Setting, columns: dict[str, pa.Array], keep: pa.Array) -> pa.Table:
    """The variants, the first of those with one id."""
    own = {name: column.filter(keep) for name, column in columns.items()}
    name = _names(own)
    index, words = codes(name)
    slugs = pa.array([slug(w, otherwise=w) for w in words.to_pylist()], pa.string())
    product = pc.coalesce(own["Variant SKU"], slugs.take(pa.array(index)))
    count = len(product)
    table = pa.table(
        {
            "shop_id": pa.repeat(pa.scalar(setting.shop.shop_id), count),
            "product_id": product,
            "title": name,
            "product_type": pc.coalesce(own["Type"], own["Product Category"]),
            "vendor": own["Vendor"],
            "sku": own["Variant SKU"],
            "revision": pa.array(np.full(count, REVISION, dtype=np.int64)),
        },
        schema=schema.arrow_schema(schema.PRODUCTS),
    )
    _, first = np.unique(np.asarray(codes(product)[0]), return_index=True)
    return table.take(pa.array(np.sort(first)))


def _names(own: dict[str, pa.Array]) -> pa.Array:
    """As an order names its lines: "Shirt - Red / L", or "Shirt" where there is one variant."""
    given = (pc.fill_null(own[name], "") for name in OPTIONS)
    options = [pc.if_else(pc.equal(option, DEFAULT), "", option) for option in given]
    variant = pc.binary_join_element_wise(*options, " / ")
    joined = pc.binary_join_element_wise(own["Title"], variant, " - ")
    return pc.replace_substring_regex(joined, r"( - )?( / )*$", "")
