"""ShopifyQL: `FROM sales` by day, which a ledger is compared with, and `FROM sessions`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.shopify_standin import truth
from tests.shopify_standin.money import written
from tests.shopify_standin.shop import Shop

Doc = dict[str, Any]
STATEMENT = re.compile(
    r"""^\s*FROM\s+(?P<table>\w+)\s+SHOW\s+(?P<show>.+?)
        (?:\s+WHERE\s+(?P<where>.+?))?(?:\s+GROUP\s+BY\s+(?P<group>.+?))?
        (?:\s+TIMESERIES\s+(?P<step>\w+))?(?:\s+WITH\s+.+?)?
        (?:\s+SINCE\s+(?P<since>\S+))?(?:\s+UNTIL\s+(?P<until>\S+))?
        (?:\s+ORDER\s+BY\s+.+?)?(?:\s+LIMIT\s+\d+)?\s*$""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
SALES = dict.fromkeys(truth.COMPONENTS, "MONEY") | {"orders": "INTEGER", "new_customers": "INTEGER"}
SESSIONS = {
    "sessions": "INTEGER",
    "sessions_with_cart_additions": "INTEGER",
    "sessions_that_reached_checkout": "INTEGER",
    "sessions_that_completed_checkout": "INTEGER",
    "conversion_rate": "PERCENT",
}
TABLES = {"sales": SALES, "sessions": SESSIONS}
RELATIVE = re.compile(r"^-(\d+)d$")


def _wrong(message: str) -> Doc:
    """A statement that cannot be read is no error of HTTP, nor of GraphQL."""
    return {"parseErrors": [message], "tableData": None}


def answer(shop: Shop, statement: str) -> Doc:
    read = STATEMENT.match(statement)
    if read is None:
        return _wrong("Syntax Error: expected FROM table SHOW columns")
    columns = TABLES.get(read["table"].lower())
    if columns is None:
        return _wrong(f"Table Not Found: Table '{read['table']}' not found")
    asked = [name.strip().lower() for name in read["show"].split(",")]
    for name in asked:
        if name not in columns:
            return _wrong(f"Column Not Found: Column '{name}' not found")
    step = (read["step"] or "").lower()
    if step not in ("", "day"):
        return _wrong(f"The stand-in knows TIMESERIES day only, not '{step}'")
    today = truth.local_date(shop, shop.now())
    first, last = _day(read["since"], today, 30), _day(read["until"], today, 0)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rows = _sales(shop, days) if columns is SALES else [sessions_of(shop, day) for day in days]
    if not step:
        rows = [_summed(rows)]
    heads = [("day", "DAY_TIMESTAMP")] if step else []
    heads += [(name, columns[name]) for name in asked]
    return {
        "parseErrors": [],
        "tableData": {
            "columns": [_column(name, kind) for name, kind in heads],
            "rows": [{name: _text(row[name]) for name, _ in heads} for row in rows],
        },
    }


def _day(text: str | None, today: date, back: int) -> date:
    if text is None:
        return today - timedelta(days=back)
    relative = RELATIVE.match(text)
    if relative:
        return today - timedelta(days=int(relative[1]))
    return today if text.lower() == "today" else date.fromisoformat(text[:10])


def _column(name: str, kind: str) -> Doc:
    shown = name.replace("_", " ").capitalize()
    return {"name": name, "dataType": kind, "displayName": shown, "subType": None}


def _text(value: Any) -> str:
    return written(value) if isinstance(value, Decimal) else str(value)


def _sales(shop: Shop, days: list[date]) -> list[Doc]:
    known = truth.by_day(shop)
    return [{"day": day, **known.get(day, truth.nothing())} for day in days]


def sessions_of(shop: Shop, day: date) -> Doc:
    """Visitors of a day: made up from the seed, the same whenever they are asked for."""
    dice = shop.dice(day.toordinal())
    visits = dice.randrange(400, 1600)
    carts = visits * dice.randrange(60, 110) // 1000
    checkouts = carts * dice.randrange(400, 700) // 1000
    bought = checkouts * dice.randrange(400, 700) // 1000
    return {
        "day": day,
        "sessions": visits,
        "sessions_with_cart_additions": carts,
        "sessions_that_reached_checkout": checkouts,
        "sessions_that_completed_checkout": bought,
        "conversion_rate": bought / visits,
    }


def _summed(rows: list[Doc]) -> Doc:
    names = [name for name in rows[0] if name not in ("day", "conversion_rate")]
    total: Doc = {name: sum((row[name] for row in rows[1:]), rows[0][name]) for name in names}
    if "sessions" in total:
        total["conversion_rate"] = total["sessions_that_completed_checkout"] / total["sessions"]
    return total
