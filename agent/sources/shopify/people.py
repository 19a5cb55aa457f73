"""Customers: the group that Shopify puts them in, and nothing else. No name, no address is asked
for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from agent.ports import Batch
from agent.sources.shopify import checks, pages
from agent.sources.shopify.bulk import moment, stamp
from agent.sources.shopify.client import Client
from agent.sources.shopify.load import SOURCE, Loaded
from agent.warehouse import schema
from agent.words import t

STREAM = "customers"
OVERLAP = timedelta(minutes=10)
ANEW = timedelta(days=7)
"""Groups move without a customer's record being changed: everybody is read again that often."""

PAGE = 100
Node = Mapping[str, Any]


def sync(client: Client, begun: datetime) -> Loaded:
    """Customers that changed since the last time. Raises Failure."""
    link, done = client.link, Loaded()
    state = link.state(STREAM)
    whole = state.get("whole")
    anew = not whole or begun - moment(whole) >= ANEW
    since = "" if anew else stamp(moment(state["watermark"]) - OVERLAP)
    search = f"updated_at:>='{since}'" if since else ""
    reading = pages.Reading("customers_page", "customers", PAGE, {"filter": search})
    for nodes in pages.pages(client, reading):
        done += _written(client, nodes, begun)
        link.watch.progress(done.orders, 0, t("Reading customers"))
    link.save(STREAM, {"watermark": stamp(begun), "whole": stamp(begun) if anew else whole})
    return done


def _written(client: Client, nodes: Sequence[Node], begun: datetime) -> Loaded:
    link, revision = client.link, int(begun.timestamp() * 1000)
    known = [(node["id"].rsplit("/", 1)[1], _group(node)) for node in nodes if _is_person(node)]
    if not known:
        return Loaded()
    shop = link.shop
    columns = {
        "shop_id": [shop.shop_id] * len(known),
        "customer_id": [one for one, _ in known],
        "rfm_group": [group for _, group in known],
        "revision": [revision] * len(known),
    }
    table = pa.table(columns, schema=schema.arrow_schema(schema.PROFILES))
    print_ = f"{SOURCE}:{link.connection.connection_id}:customers:{revision}:{known[0][0]}"
    merged = link.merge(Batch(shop, SOURCE, print_, {"profiles": table}, lines=len(known)))
    changed = sum(merged.inserted.values()) + sum(merged.replaced.values())
    return Loaded(len(known), changed)


def _is_person(node: Any) -> bool:
    return isinstance(node, Mapping) and checks.is_gid(node.get("id"), "Customer")


def _group(node: Node) -> str | None:
    """ "ALMOST_LOST" as people read it: Almost lost."""
    statistics = node.get("statistics")
    group = statistics.get("rfmGroup") if isinstance(statistics, Mapping) else None
    known = isinstance(group, str) and checks.is_text(group)
    return str(group).replace("_", " ").capitalize() if known and group else None
