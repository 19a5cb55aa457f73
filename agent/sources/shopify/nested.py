"""Orders as pages give them, as the lines that an export would have; what does not fit into a page
of a page is asked for until it is whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from agent.errors import Refused
from agent.sources.shopify import texts
from agent.sources.shopify.client import Client
from agent.words import t

Node = Mapping[str, Any]
MOST_PARTS = 2_000


def lines(client: Client, orders: Iterable[Node]) -> bytes:
    """Orders with all their agreements and sales, one object a line. Raises as Client.ask."""
    return b"".join(orjson.dumps(document) + b"\n" for document in _flat(client, orders))


def _flat(client: Client, orders: Iterable[Node]) -> Iterator[Node]:
    for order in orders:
        head = {name: value for name, value in order.items() if name != "agreements"}
        yield head
        given = order.get("agreements")
        if given is None or not isinstance(order.get("id"), str):
            continue
        whole = _agreements(client, order["id"]) if _is_cut(given) else _nodes(given)
        for agreement in whole:
            own = {name: value for name, value in agreement.items() if name != "sales"}
            yield {**own, "__parentId": order["id"]}
            for sale in _nodes(agreement.get("sales")):
                yield {**sale, "__parentId": agreement.get("id")}


def _nodes(connection: Any) -> Sequence[Node]:
    nodes = connection.get("nodes") if isinstance(connection, Mapping) else None
    if not isinstance(nodes, list) or not all(isinstance(node, Mapping) for node in nodes):
        raise Refused(t("Shopify's answer has no page where one should be."))
    return nodes


def _goes_on(connection: Any) -> bool:
    info = connection.get("pageInfo") if isinstance(connection, Mapping) else None
    return isinstance(info, Mapping) and bool(info.get("hasNextPage"))


def _is_cut(agreements: Any) -> bool:
    return _goes_on(agreements) or any(_goes_on(a.get("sales")) for a in _nodes(agreements))


def _agreements(client: Client, order: str) -> list[Node]:
    """All agreements of one order with all their sales, one page of sales at a time."""
    found: dict[str, dict[str, Any]] = {}
    cursor: str | None = None
    sales: str | None = None
    for _ in range(MOST_PARTS):
        client.link.watch.check()
        variables = {"id": order, "cursor": cursor, "sales": sales}
        data = client.ask(texts.text("order_agreements"), variables)
        connection = (data.get("order") or {}).get("agreements")
        for agreement in _nodes(connection):
            part = found.setdefault(str(agreement.get("id")), {**agreement, "sales": {"nodes": []}})
            part["sales"]["nodes"] += _nodes(agreement.get("sales"))
        after = next((_after(a.get("sales")) for a in _nodes(connection)), None)
        if after is None and _after(connection) is None:
            return list(found.values())
        if (cursor, sales) == ((cursor if after else _after(connection)), after):
            break
        cursor, sales = (cursor if after else _after(connection)), after
    raise Refused(t("Shopify's pages do not end: they were given up."))


def _after(connection: Any) -> str | None:
    """The cursor of the next page; None after the last. Raises Refused where none is given."""
    if not _goes_on(connection):
        return None
    cursor = connection["pageInfo"].get("endCursor")
    if not isinstance(cursor, str) or not cursor:
        raise Refused(t("Shopify promises another page and does not say where it begins."))
    return cursor
