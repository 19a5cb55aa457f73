"""Whether the sums of days are what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from agent.quality.looking import Looking, day_text, failed, passed
from agent.records.checks import Finding
from agent.warehouse.schema import CUSTOMER_DAYS, DAILY_SALES, ORDERS, SALES
from agent.words import n, t

DAILY, CUSTOMERS = "sums of days", "sums of customers"
_GOODS = ("quantity", "gross", "discount", "reversal")
_ALL = ("tax", "shipping", "duty", "fee")
Sums = dict[date, tuple[Any, ...]]
SHOWN = 5


def daily(looking: Looking) -> Iterator[Finding]:
    goods = SALES.c.line_type == "PRODUCT"
    ledger = [sa.func.sum(sa.case((goods, SALES.c[name]), else_=0)).label(name) for name in _GOODS]
    ledger += [sa.func.sum(SALES.c[name]).label(name) for name in _ALL]
    kept = [sa.func.sum(DAILY_SALES.c[name]).label(name) for name in (*_GOODS, *_ALL)]
    mine = _by_day(looking, SALES, ledger)
    yield _compared(DAILY, "sales", mine, _by_day(looking, DAILY_SALES, kept))


def customers(looking: Looking) -> Iterator[Finding]:
    net = sa.func.sum(SALES.c.gross + SALES.c.discount + SALES.c.reversal).label("net")
    same = sa.and_(ORDERS.c.shop_id == SALES.c.shop_id, ORDERS.c.order_id == SALES.c.order_id)
    money = (
        sa.select(SALES.c.local_date, net)
        .join_from(SALES, ORDERS, same)
        .where(looking.own(SALES), SALES.c.line_type == "PRODUCT")
        .where(ORDERS.c.customer_id.is_not(None))
        .group_by(SALES.c.local_date)
    )
    count = sa.func.count().label("orders")
    known = sa.and_(ORDERS.c.placed, ORDERS.c.customer_id.is_not(None))
    placed = (
        sa.select(ORDERS.c.local_date, count)
        .where(looking.own(ORDERS), known)
        .group_by(ORDERS.c.local_date)
    )
    nets, orders = _sums(looking.rows(money)), _sums(looking.rows(placed))
    days = {*nets, *orders}
    ledger = {day: (*nets.get(day, (0,)), *orders.get(day, (0,))) for day in days}
    kept = [
        sa.func.sum(CUSTOMER_DAYS.c.net_sales).label("net"),
        sa.func.sum(CUSTOMER_DAYS.c.orders).label("orders"),
    ]
    yield _compared(CUSTOMERS, "customers", ledger, _by_day(looking, CUSTOMER_DAYS, kept))


def _by_day(looking: Looking, table: sa.Table, sums: Sequence[sa.Label[Any]]) -> Sums:
    day = table.c.local_date
    return _sums(looking.rows(sa.select(day, *sums).where(looking.own(table)).group_by(day)))


def _sums(rows: list[dict[str, Any]]) -> Sums:
    return {row["local_date"]: tuple(row.values())[1:] for row in rows}


def _compared(name: str, table: str, ledger: Sums, kept: Sums) -> Finding:
    """Days of nothing but zeros are as good as none."""
    days = {*ledger, *kept}
    wrong = sorted(day for day in days if _some(ledger.get(day)) != _some(kept.get(day)))
    if not wrong:
        said = n(
            "The sums of {count:,} day are the ledger's.",
            "The sums of {count:,} days are the ledger's.",
            len(days),
            count=len(days),
        )
        return passed(name, table, said, days=len(days))
    said = n(
        "On {count:,} day the sums are not what the ledger says, first on {day}.",
        "On {count:,} days the sums are not what the ledger says, first on {day}.",
        len(wrong),
        count=len(wrong),
        day=day_text(wrong[0]),
    )
    hint = t("Rebuild the shop: python app.py warehouse rebuild SHOP.")
    return failed(name, table, f"{said} {hint}", days=[str(day) for day in wrong[:SHOWN]])


def _some(sums: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    return sums if sums and any(sums) else None
