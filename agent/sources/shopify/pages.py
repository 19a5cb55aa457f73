"""Connections read page by page: smaller pages where Shopify cannot give large ones, and an end
where pages would never end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.errors import Refused
from agent.sources.shopify import faults, texts
from agent.sources.shopify.client import Client, mapping, mappings
from agent.words import t

MOST_PAGES = 20_000


@dataclass(frozen=True)
class Reading:
    """A query of queries/ with the variables $pageSize and $cursor, and where in the answer its
    connection is: "orders", "inventoryItem.inventoryLevels"."""

    query: str
    where: str
    size: int
    variables: Mapping[str, Any]


def pages(client: Client, reading: Reading) -> Iterator[Sequence[Mapping[str, Any]]]:
    """The nodes, page by page.

    Raises Refused for pages that are no pages or never end, and as Client.ask where not even a
    page of one object comes."""
    query, size = texts.text(reading.query), reading.size
    cursor: str | None = None
    seen: set[str | None] = set()
    while True:
        client.link.watch.check()
        variables = {**reading.variables, "pageSize": size, "cursor": cursor}
        try:
            data = client.ask(query, variables)
        except (faults.TooCostly, faults.Trouble):
            if size == 1:
                raise
            size //= 2
            continue
        nodes, after = _page(data, reading.where)
        yield nodes
        seen.add(cursor)
        if after is None:
            return
        if after in seen or len(seen) > MOST_PAGES:
            raise Refused(
                t("Shopify's pages do not end: they were given up."),
                hint=t("What was read stays. The next sync tries again."),
            )
        cursor = after


def _page(data: Mapping[str, Any], where: str) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """The nodes of a page, and the cursor of the next, None after the last."""
    found: Any = data
    for part in where.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    nodes = found.get("nodes") if isinstance(found, Mapping) else None
    info = mapping(found.get("pageInfo")) if isinstance(found, Mapping) else {}
    if not isinstance(nodes, list) or len(mappings(nodes)) < len(nodes) or not info:
        raise Refused(t("Shopify's answer has no page where one should be."))
    if not info.get("hasNextPage"):
        return nodes, None
    after = info.get("endCursor")
    if not isinstance(after, str) or not after:
        raise Refused(t("Shopify promises another page and does not say where it begins."))
    return nodes, after
