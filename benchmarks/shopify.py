"""A bulk export of 100,000 orders, about 400,000 lines, into the ledger: CPU and memory above idle;
and its reading alone beside a plain loop of json.loads over the lines of the same file.

The loop is measured twice: only parsing, and making the same values of what it has parsed (numbers,
moments, exact amounts). All three unpack the file. Each load is measured in a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from agent.ports import Shop
from agent.records.connections import Connection
from agent.services import Services
from agent.sources.connectors import Link
from agent.sources.shopify import documents, raw, rows
from agent.sources.shopify.load import load
from benchmarks.exporting import _most_memory, _reset_most_memory
from benchmarks.measuring import Figure, cost, middle
from benchmarks.rooms import Room, opened

ORDERS, QUICK_ORDERS = 100_000, 400
GOAL_SECONDS, GOAL_MB, GOAL_RATIO = 60.0, 300.0, 3.0
SHOP = Shop("export", "Export", "USD", "America/New_York", "shopify")
ID = "benchmark"
Document = dict[str, Any]


def run(room: Room) -> list[Figure]:
    count = QUICK_ORDERS if room.quick else ORDERS
    call = [sys.executable, "-m", "benchmarks.shopify", str(count), str(room.folder)]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    ours, parsing, making = found["read"], found["parse"], found["make"]
    lines, size = found["lines"], found["megabytes"]
    return [
        Figure(f"{count:,} orders into the ledger, CPU", found["cpu"], "s", goal=GOAL_SECONDS),
        Figure("the same, memory above idle", found["memory"], "MB", goal=GOAL_MB),
        Figure("of it before the warehouse has any", found["reading"], "MB"),
        Figure("their lines as columns, CPU", ours, "s", parsing, "json.loads a line"),
        Figure("speed of that loop", parsing / ours, "x", goal=GOAL_RATIO, more=True),
        Figure("speed of a loop that makes the same values", making / ours, "x", goal=GOAL_RATIO,
               more=True),
        Figure("lines read per second and core", lines / ours, "lines/s", more=True),
        Figure("export, unpacked", size, "MB"),
    ]  # fmt: skip


def measure(count: int, folder: Path) -> dict[str, float]:
    """CPU of a load into an empty warehouse and its most memory above a process that has loaded a
    few orders before; CPU of reading alone, and of two plain loops."""
    services = opened(folder / "shopify")
    link = _link(services)
    store = raw.store_of(link)
    now = services.clock.now()
    warm, whole = store.path(now, "warm"), store.path(now, "whole")
    store.keep(warm, lines_of(range(10_000_000, 10_000_050)))
    store.keep(whole, lines_of(range(count)))
    load(link, warm, "warm")
    idle = _reset_most_memory()
    rows.whole(documents.read(raw.blocks(whole)))
    reading = _most_memory() - idle
    _reset_most_memory()
    spent = cost(lambda: load(link, whole, "whole"))
    memory = _most_memory() - idle
    services.close()
    blocks = [(len(block), block.count(b"\n")) for block in raw.blocks(whole)]
    return {
        "cpu": spent.cpu,
        "memory": memory,
        "reading": max(reading, 0.1),
        "read": middle(lambda: documents.read(raw.blocks(whole)), 3).cpu,
        "parse": middle(lambda: _parsed(whole), 3).cpu,
        "make": middle(lambda: _made(whole), 3).cpu,
        "lines": float(sum(count for _, count in blocks)),
        "megabytes": sum(size for size, _ in blocks) / 1e6,
    }


def _link(services: Services) -> Link:
    services.warehouse.put_shop(SHOP)
    settings = {"shop": "export"}
    made = Connection(ID, "shopify", "Export", SHOP.shop_id, settings)
    return Link(services, services.records.connections.add(made))


def _lines(file: Path) -> Iterator[bytes]:
    for block in raw.blocks(file):
        yield from block.splitlines()


def _parsed(file: Path) -> None:
    for line in _lines(file):
        json.loads(line)


def _made(file: Path) -> None:
    """What anybody would write first: a line, its values, a row. A block's rows are let go behind
    it, as ours would be if they were not needed."""
    for block in raw.blocks(file):
        [_row(json.loads(line)) for line in block.splitlines()]


def _row(found: Document) -> tuple[Any, ...]:
    if "actionType" in found:
        return _sale(found)
    moment = found.get("happenedAt") or found["processedAt"]
    return _number(found["id"]), datetime.fromisoformat(moment)


def _sale(found: Document) -> tuple[Any, ...]:
    line = found.get("lineItem") or {}
    return (
        _number(found["id"]),
        _number(found["__parentId"]),
        found["actionType"],
        found["lineType"],
        found["quantity"],
        Decimal(found["totalAmount"]["shopMoney"]["amount"]),
        Decimal(found["totalAmount"]["presentmentMoney"]["amount"]),
        Decimal(found["totalTaxAmount"]["shopMoney"]["amount"]),
        Decimal(found["totalDiscountAmountBeforeTaxes"]["shopMoney"]["amount"]),
        *(_number((line.get(n) or {"id": "0"})["id"]) for n in ("product", "variant")),
        line.get("variantTitle"),
    )


def _number(gid: str) -> int:
    return int(gid.rpartition("/")[2])


def lines_of(numbers: range) -> Iterator[bytes]:
    """The export of these orders: one to seven lines of goods and postage each; one order in five
    gives something back."""
    for number in numbers:
        actions = ("ORDER", "RETURN") if number % 5 == 0 else ("ORDER",)
        found = b"".join(orjson.dumps(one) + b"\n" for one in flat(number, actions))
        yield found.replace(b"/", b"\\/")


def flat(number: int, actions: Sequence[str]) -> Iterator[Document]:
    """An order, then its agreements, each with its rows."""
    at = f"2026-{1 + number % 9:02d}-{1 + number % 28:02d}T{number % 24:02d}:{number % 60:02d}:07Z"
    own = f"gid://shopify/Order/{number}"
    place = {"countryCodeV2": "US", "provinceCode": "NY", "city": "New York"}
    utm = {"utmParameters": {"source": ("google", "klaviyo", "tiktok")[number % 3]}}
    yield {
        "__typename": "Order", "id": own, "name": f"#{number}", "processedAt": at, "updatedAt": at,
        "cancelledAt": None, "test": False, "sourceName": "web", "presentmentCurrencyCode": "USD",
        "customer": {"id": f"gid://shopify/Customer/{number % 40_000}"},
        "customerJourneySummary": {"ready": True, "firstVisit": utm, "lastVisit": utm},
        "shippingAddress": place, "billingAddress": place,
    }  # fmt: skip
    for turn, action in enumerate(actions):
        agreement = f"gid://shopify/OrderAgreement/{2 * number + turn}"
        yield {"__typename": "OrderAgreement", "id": agreement, "happenedAt": at,
               "__parentId": own}  # fmt: skip
        goods = 1 if turn else 1 + number % 7
        for place_ in range(goods):
            yield _product(10 * (2 * number + turn) + place_, action, agreement)
        if not turn:
            yield _money_of("ShippingLineSale", "SHIPPING", action, 10 * 2 * number + 9) | {
                "__parentId": agreement
            }


def _product(number: int, action: str, agreement: str) -> Document:
    line = {
        "id": f"gid://shopify/LineItem/{number}",
        "sku": f"SKU-{number % 900}",
        "variantTitle": f"Sand / {number % 9}",
        "product": {"id": f"gid://shopify/Product/{number % 500}"},
        "variant": {"id": f"gid://shopify/ProductVariant/{number % 900}"},
    }
    found = _money_of("ProductSale", "PRODUCT", action, number)
    return found | {"lineItem": line, "__parentId": agreement}


def _money_of(kind: str, line_type: str, action: str, number: int) -> Document:
    sign = "-" if action == "RETURN" else ""
    amount = f"{sign}{5 + number % 190}.{number % 10}"
    shown = {"amount": amount}
    return {
        "__typename": kind, "id": f"gid://shopify/{kind}/{number}", "actionType": action,
        "lineType": line_type, "quantity": -1 if sign else 1,
        "totalAmount": {"shopMoney": shown, "presentmentMoney": shown},
        "totalTaxAmount": {"shopMoney": {"amount": f"{sign}0.4"}},
        "totalDiscountAmountBeforeTaxes": {"shopMoney": {"amount": "0.0" if sign else "1.5"}},
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), Path(sys.argv[2]))))
