"""Products: what they are called, what they are and who makes them. A product that was deleted in
the shop stays here, since its sales do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa

from agent.ports import Batch
from agent.sources.shopify import checks, pages
from agent.sources.shopify.bulk import moment, stamp
from agent.sources.shopify.client import Client
from agent.sources.shopify.load import SOURCE, Loaded
from agent.warehouse import schema
from agent.words import t

STREAM = "products"
OVERLAP = timedelta(minutes=10)
PAGE = 50
Node = Mapping[str, Any]


def sync(client: Client, begun: datetime) -> Loaded:
    """Products that changed since the last time. Raises Failure."""
    link, done = client.link, Loaded()
    state = link.state(STREAM)
    watermark = str(state.get("watermark") or "")
    since = stamp(moment(watermark) - OVERLAP) if watermark else ""
    search = f"updated_at:>='{since}'" if since else ""
    reading = pages.Reading("products_page", "products", PAGE, {"filter": search})
    for nodes in pages.pages(client, reading):
        done += _written(client, nodes)
        link.watch.progress(done.orders, 0, t("Reading products"))
    link.save(STREAM, {"watermark": stamp(begun)})
    return done


def _written(client: Client, nodes: Sequence[Node]) -> Loaded:
    link = client.link
    faults = [_fault(node) for node in nodes]
    refused = [
        (orjson.dumps(node).decode(), fault)
        for node, fault in zip(nodes, faults, strict=True)
        if fault
    ]
    sound = [node for node, fault in zip(nodes, faults, strict=True) if not fault]
    changed = 0
    if sound:
        shop = link.shop
        table = _table(shop.shop_id, sound)
        print_ = hashlib.sha256(orjson.dumps(sound)).hexdigest()
        known = f"{SOURCE}:{link.connection.connection_id}:products:{print_}"
        merged = link.merge(Batch(shop, SOURCE, known, {STREAM: table}, lines=len(sound)))
        changed = sum(merged.inserted.values()) + sum(merged.replaced.values())
    return Loaded(len(sound), changed, link.reject(STREAM, refused) if refused else 0)


def replay(client: Client, document: str) -> str:
    """Write a product that was rejected; returns the reason where it cannot be used still."""
    try:
        node = orjson.loads(document)
    except orjson.JSONDecodeError:
        return t("it is no JSON object")
    fault = _fault(node)
    if not fault:
        _written(client, [node])
    return fault


def _fault(node: Any) -> str:
    if not isinstance(node, dict):
        return t("it is no JSON object")
    rules: Sequence[tuple[str, checks.Test, str]] = (
        ("id", lambda value: checks.is_gid(value, "Product"), checks.NO_ID),
        ("title", checks.is_text, checks.NO_TEXT),
        ("vendor", checks.or_none(checks.is_text), checks.NO_TEXT),
        ("productType", checks.or_none(checks.is_text), checks.NO_TEXT),
        ("updatedAt", checks.is_moment, checks.NO_MOMENT),
    )
    return next((t(said, field=name) for name, test, said in rules if not test(node.get(name))), "")


def _table(shop_id: str, nodes: Sequence[Node]) -> pa.Table:
    columns = {
        "shop_id": [shop_id] * len(nodes),
        "product_id": [node["id"].rsplit("/", 1)[1] for node in nodes],
        "title": [node["title"] for node in nodes],
        "product_type": [node.get("productType") or None for node in nodes],
        "vendor": [node.get("vendor") or None for node in nodes],
        "sku": [_sku(node) for node in nodes],
        "revision": [int(moment(node["updatedAt"]).timestamp() * 1000) for node in nodes],
    }
    return pa.table(columns, schema=schema.arrow_schema(schema.PRODUCTS))


def _sku(node: Node) -> str | None:
    """The first variant's."""
    variants = node.get("variants")
    nodes = variants.get("nodes") if isinstance(variants, Mapping) else None
    found = (v.get("sku") for v in nodes or () if isinstance(v, Mapping))
    return next((sku for sku in found if sku and checks.is_text(sku)), None)
