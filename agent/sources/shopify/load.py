"""Packed order documents into the warehouse: read, joined, written in slices; what cannot be used
is kept aside with its reason."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pyarrow as pa

from agent.errors import Unavailable
from agent.ports import Batch
from agent.sources.connectors import Link
from agent.sources.shopify import checks, documents, raw, rows
from agent.sources.shopify.documents import Read
from agent.sources.shopify.unit_costs import UnitCosts
from agent.words import mark, t

SOURCE, STREAM, COSTS = "shopify", "orders", "costs"
LOST = mark("it belongs to an order that did not come")
_ROOTS = re.compile(rb'"__typename":"(?:Order|[A-Za-z]*Agreement)"')


@dataclass(frozen=True)
class Loaded:
    """Orders read and rows changed; orders and loose lines that could not be used."""

    orders: int = 0
    changed: int = 0
    rejected: int = 0

    def __add__(self, other: Loaded) -> Loaded:
        return Loaded(
            self.orders + other.orders,
            self.changed + other.changed,
            self.rejected + other.rejected,
        )


def load(link: Link, file: Path, name: str) -> Loaded:
    """Write the orders of a file. `name` is what the batch is known by: the same name is written
    once. Raises BadFile, Refused, Unavailable, Stopped."""
    found = documents.read(raw.blocks(file))
    given = rows.whole(found)
    found.release()
    pa.default_memory_pool().release_unused()
    done = _merged(link, given, name)
    refused = list(found.loose)
    if given.bad or given.orphans:
        refused += _refused(raw.blocks(file), found, given.bad)
    return replace(done, rejected=link.reject(STREAM, refused) if refused else 0)


def load_lines(link: Link, document: str) -> str:
    """Write the orders of lines that were rejected once; returns the reason where they cannot be
    used still. Raises as `load`."""
    content = document.encode()
    found = documents.read([content])
    given = rows.whole(found)
    reasons = [*given.bad.values(), *(reason for _, reason in found.loose)]
    if not reasons and len(given):
        _merged(link, given, f"replay-{hashlib.sha256(content).hexdigest()}")
    if not reasons and given.orphans:
        reasons = [t(LOST)]
    return reasons[0] if reasons else ""


def rebuild(link: Link) -> Loaded:
    """Write everything that was kept once more, in the order in which it came, by the rules of
    today: a row that they read in another way is replaced, though its version is the same. Raises
    as `load`."""
    link = replace(link, anew=True)
    done, files = Loaded(), raw.store_of(link).files()
    for place, file in enumerate(files):
        link.watch.check()
        link.watch.progress(place, len(files), t("Reading what was kept"))
        done += load(link, file, f"rebuild-{file.name.removesuffix(raw.ENDING)}")
    return done


def forget(link: Link, customer_id: str) -> int:
    """Take a customer out of the kept documents; returns how many files held him."""
    return raw.store_of(link).forget(customer_id)


def unit_costs(link: Link) -> UnitCosts:
    """What is known of variants' costs."""
    return UnitCosts(link.state(COSTS))


def _merged(link: Link, given: rows.Whole, name: str) -> Loaded:
    if not len(given):
        return Loaded()
    # Once: each of them is a question to the warehouse or to the records.
    shop, costs, done = link.shop, unit_costs(link), Loaded()
    for place, part in enumerate(rows.slices(given)):
        link.watch.check()
        made = rows.tables(part, shop, costs)
        merged = link.merge(
            Batch(
                shop=shop,
                source=SOURCE,
                fingerprint=f"{SOURCE}:{link.connection.connection_id}:{name}:{place}",
                tables=made,
                lines=len(made["sales"]),
                whole_orders=True,
            )
        )
        del made
        if len(part) == rows.SLICE:
            _lighten(link)
        changed = sum(_sum(part) for part in (merged.inserted, merged.replaced, merged.removed))
        done += Loaded(len(part), changed)
    return done


def _lighten(link: Link) -> None:
    """What a slice took goes back to the system, and its rows from the warehouse's memory to its
    file. A warehouse that cannot do so now, because somebody reads for long, does so later."""
    pa.default_memory_pool().release_unused()
    with suppress(Unavailable):
        link.services.warehouse.checkpoint()


def _sum(counts: Mapping[str, int]) -> int:
    return sum(counts.values())


def _refused(
    blocks: Iterable[bytes], found: Read, bad: Mapping[int, str]
) -> Iterator[tuple[str, str]]:
    """The whole documents of orders that cannot be used, and lines whose order did not come."""
    lines: dict[int, list[bytes]] = {order: [] for order in bad}
    owner: dict[str, int] = {}
    for block in blocks:
        for line in block.split(b"\n"):
            if line and not _filed(found, line, (lines, owner)):
                yield checks.shown(line), t(LOST)
    for order, own in lines.items():
        yield checks.shown(b"\n".join(own)), bad[order]


def _filed(found: Read, line: bytes, known: tuple[dict[int, list[bytes]], dict[str, int]]) -> bool:
    """Put a line to its order, where that is a bad one; False where it belongs to none."""
    lines, owner = known
    try:
        document = orjson.loads(line)
    except orjson.JSONDecodeError:
        return True
    if not isinstance(document, dict):
        return True
    own, parent = document.get("id"), document.get("__parentId")
    if checks.is_gid(own, "Order"):
        order = found.key(str(own))
    elif parent is None or not checks.is_gid(own):
        return True
    elif parent not in owner:
        return False
    else:
        order = owner[parent]
    if _ROOTS.search(line):
        owner[str(own)] = order
    if order in lines:
        lines[order].append(line)
    return True
