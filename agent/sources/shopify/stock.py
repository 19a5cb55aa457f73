"""Stock by product, once a day at least, and what a piece costs: Shopify keeps no history of
either, so what is not written down today is lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from agent.ports import Batch
from agent.sources.shopify import checks, pages
from agent.sources.shopify.bulk import moment, stamp
from agent.sources.shopify.client import Client, mapping, mappings
from agent.sources.shopify.load import COSTS, SOURCE, Loaded, unit_costs
from agent.warehouse import schema
from agent.words import t

STREAM = "stock"
OFTEN = timedelta(hours=6)
OVERLAP = timedelta(minutes=10)
PAGE = 50
LEVELS = 100
MOST = 2**31 - 1
Node = Mapping[str, Any]


@dataclass
class _Seen:
    """Pieces by product, and costs by variant since their item is as it is."""

    currency: str
    pieces: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    costs: list[tuple[str, int, int | None]] = field(default_factory=list)
    items: int = 0


def sync(client: Client, begun: datetime) -> Loaded:
    """All of the stock where that is due, else the costs that changed. Raises Failure."""
    link = client.link
    state, today = link.state(STREAM), link.services.today(link.shop)
    last = moment(state["at"]) if state.get("at") else None
    whole = last is None or begun - last >= OFTEN or state.get("day") != today.isoformat()
    since = "" if whole or last is None else stamp(moment(state["seen"]) - OVERLAP)
    seen = _read(client, f"updated_at:>='{since}'" if since else "", whole)
    _keep_costs(client, seen)
    changed = _snapshot(client, seen, (today, begun)) if whole else 0
    marks = {"at": stamp(begun), "day": today.isoformat()} if whole else dict(state)
    link.save(STREAM, {**marks, "seen": stamp(begun)})
    return Loaded(seen.items, changed)


def _read(client: Client, search: str, whole: bool) -> _Seen:
    seen = _Seen(client.link.shop.currency)
    reading = pages.Reading("stock_page", "inventoryItems", PAGE, {"filter": search})
    for nodes in pages.pages(client, reading):
        for item in mappings(nodes):
            seen.items += 1
            _cost(seen, item)
            if whole:
                _count(client, seen, item)
        client.link.watch.progress(seen.items, 0, t("Reading stock"))
    return seen


def _cost(seen: _Seen, item: Node) -> None:
    variant, at = _of(item, "variant", "id"), item.get("updatedAt")
    if not checks.is_gid(variant) or not checks.is_moment(at):
        return
    found, cost = item.get("unitCost"), None
    if isinstance(found, Mapping) and found.get("currencyCode") == seen.currency:
        amount = found.get("amount")
        cost = int(Decimal(str(amount)) * 10_000) if checks.is_amount(amount) else None
    since = int(moment(str(at)).timestamp())
    seen.costs.append((str(variant).rsplit("/", 1)[1], since, cost))


def _count(client: Client, seen: _Seen, item: Node) -> None:
    product = _of(item, "variant", "product", "id")
    if not item.get("tracked") or not checks.is_gid(product):
        return
    for level in _levels(client, item):
        for one in mappings(level.get("quantities")):
            if one.get("name") == "available" and checks.is_pieces(one.get("quantity")):
                seen.pieces[str(product).rsplit("/", 1)[1]] += one["quantity"]


def _levels(client: Client, item: Node) -> Iterator[Node]:
    """An item's stock at each of its locations, however many there are."""
    given = item.get("inventoryLevels")
    if not isinstance(given, Mapping):
        return
    if not mapping(given.get("pageInfo")).get("hasNextPage"):
        yield from mappings(given.get("nodes"))
        return
    where = "inventoryItem.inventoryLevels"
    reading = pages.Reading("stock_levels", where, LEVELS, {"id": item.get("id")})
    for nodes in pages.pages(client, reading):
        yield from mappings(nodes)


def _keep_costs(client: Client, seen: _Seen) -> None:
    known = unit_costs(client.link)
    fresh = known.with_seen(seen.costs)
    if fresh.known != known.known:
        client.link.save(COSTS, fresh.known)


def _snapshot(client: Client, seen: _Seen, when: tuple[date, datetime]) -> int:
    link, (day, begun) = client.link, when
    if not seen.pieces:
        return 0
    shop, revision = link.shop, int(begun.timestamp() * 1000)
    products: Sequence[str] = sorted(seen.pieces)
    columns = {
        "shop_id": [shop.shop_id] * len(products),
        "local_date": [day] * len(products),
        "product_id": list(products),
        "available": [max(-MOST, min(MOST, seen.pieces[one])) for one in products],
        "revision": [revision] * len(products),
    }
    table = pa.table(columns, schema=schema.arrow_schema(schema.INVENTORY))
    known = f"{SOURCE}:{link.connection.connection_id}:stock:{revision}"
    merged = link.merge(Batch(shop, SOURCE, known, {"inventory": table}, lines=len(products)))
    return sum(merged.inserted.values()) + sum(merged.replaced.values())


def _of(node: Any, *names: str) -> Any:
    for name in names:
        node = node.get(name) if isinstance(node, Mapping) else None
    return node
