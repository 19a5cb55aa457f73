"""Goods that moved on the days and within the filters of a page, row by row: a dozen of its parts
add them up, so they are looked for once."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from agent.metrics.clauses import (
    attribute,
    conditions,
    during,
    in_shops,
    lines_with_orders,
    once,
    same,
)
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.questions import Filter
from agent.metrics.reading import Reading
from agent.warehouse.schema import ORDERS, PRODUCTS, SALES

AMOUNTS = ("quantity", "gross", "discount", "reversal")
_KNOWN = ("order", "line", "product")
_NAMES = tuple(row.name for row in DIMENSIONS.values() if row.level in _KNOWN)
# Not cohorts' ages and not classes of products: these look at the tables themselves.
_ASKED = {*_KNOWN, "time", "clock", "shop", "customer"}


def goods(reading: Reading) -> tuple[sa.FromClause, Reading] | None:
    """The rows, and the reading without the filters that they fit already; None where nothing is
    filtered that would be worth it, where more is asked than they know, or where they are too
    many to keep."""
    known = tuple(f for f in reading.filters if _known(f))
    # Panels narrow the page to products of their own, to the largest ones: rows of all serve them.
    chosen = tuple(f for f in known if f.dimension != "product") or known
    asked = {DIMENSIONS[name].level for name in reading.dimensions}
    if not (reading.keep and chosen) or asked - _ASKED:
        return None
    days = reading.around or reading.window
    rows = reading.keep(_rows(replace(reading, window=days, filters=chosen, cut=None)))
    if rows is None:
        return None
    return rows, replace(reading, filters=tuple(f for f in reading.filters if f not in chosen))


def _known(chosen: Filter) -> bool:
    return DIMENSIONS[chosen.dimension].level in _KNOWN


def _rows(reading: Reading) -> sa.CTE:
    source = lines_with_orders().outerjoin(PRODUCTS, same(SALES, PRODUCTS, "product_id"))
    rows = (
        sa.select(
            SALES.c.shop_id,
            SALES.c.local_date,
            ORDERS.c.customer_id,
            *(attribute(name, SALES).label(name) for name in _NAMES),
            *(SALES.c[name] for name in AMOUNTS),
        )
        .select_from(source)
        .where(
            in_shops(SALES, reading.shops),
            *during(reading, SALES, reading.window.start),
            SALES.c.line_type == sa.literal_column("'PRODUCT'"),
            *conditions(reading, SALES),
        )
    )
    return once(rows, "goods")
