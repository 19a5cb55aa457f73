"""Orders kept current: their whole history once, newest first, then what changed.

    state "orders": {"history": {"since", "floor", "edge", "hours", "export"}} while the history is
    read, then {"watermark", "nightly", "export"}; "export" is a window of `bulk` under way.

The watermark is the newest change seen, never later than the start of the sync that saw it. It
moves only after the rows are committed, and is read again with an overlap.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agent.errors import Failure, Refused
from agent.sources.connectors import Link
from agent.sources.shopify import bulk, nested, pages, raw, texts
from agent.sources.shopify.bulk import Window, moment, stamp
from agent.sources.shopify.client import Client, mapping, mappings, number_of
from agent.sources.shopify.load import STREAM, Loaded, load
from agent.words import t

OVERLAP, NIGHTLY = timedelta(minutes=10), timedelta(days=7)
DAYS = 30
VISIBLE_DAYS = 60
FEW = 2_000
"""Changed orders from which an export is quicker than pages."""

PAGE = 50
IDS = 8
"""Orders asked for by id at once: each costs by itself."""

TRIES = 3


@dataclass(frozen=True)
class Orders:
    """The orders of a connection, at the moment when its sync began."""

    client: Client
    begun: datetime
    sees_all: bool

    @property
    def link(self) -> Link:
        return self.client.link

    def sync(self) -> Loaded:
        """The history, where it is not whole yet, and what changed. Raises Failure."""
        state = self.link.state(STREAM)
        done = Loaded()
        past = self.link.state("history")
        if "watermark" in state and self._wants_more(past):
            state = {"history": self._older(state, past)}
        if "watermark" not in state:
            done += self._history(state)
        return done + self._changes(self.link.state(STREAM))

    def between(self, window: Window) -> Loaded:
        """Orders of a window again, whatever is known of them. Raises Failure."""
        done, edge, span = Loaded(), window.last, window.last - window.first
        while edge > window.first:
            part = Window(max(window.first, edge - span), edge, window.by)
            loaded = self._exported(part, lambda export: None, {})
            if loaded is None:
                span = (part.last - part.first) / 2
                continue
            done, edge = done + loaded, part.first
        return done

    def _wants_more(self, past: Mapping[str, Any]) -> bool:
        """Whether more of the history may be read, or is asked for, than was."""
        if past.get("sees_all") != self.sees_all:
            self.link.save("history", {**past, "sees_all": self.sees_all})
        asked, before = self.link.setting("history_from"), str(past.get("asked") or "")
        further = bool(before) and (not asked or asked < before)
        return bool(past) and self.sees_all and (bool(past.get("cut")) or further)

    def _history(self, state: Mapping[str, Any]) -> Loaded:
        past = dict(state.get("history") or self._planned())
        floor, done, total = moment(past["floor"]), Loaded(), 0
        since = moment(past["since"])
        while moment(past["edge"]) > floor:
            edge = moment(past["edge"])
            total = max(1, (since - floor).days)
            self.link.watch.progress((since - edge).days, total, t("Reading orders"))
            hours = timedelta(hours=int(past["hours"]))
            window = Window(max(floor, edge - hours), edge)

            def keep(export: Mapping[str, Any]) -> None:
                self.link.save(STREAM, {"history": {**past, "export": dict(export)}})  # noqa: B023

            loaded = self._exported(window, keep, past.get("export") or {})
            if loaded is None:
                past |= {"hours": max(1, int(past["hours"]) // 2), "export": {}}
            else:
                done += loaded
                past |= {"edge": stamp(window.first), "export": {}}
            self.link.save(STREAM, {"history": past})
        self.link.save(STREAM, {"watermark": past["since"]})
        return done

    def _planned(self) -> dict[str, Any]:
        """How far back the history goes, written down before it is begun."""
        floor = self._floor()
        day = floor.astimezone(self._zone).date().isoformat()
        asked = self.link.setting("history_from")
        # What nobody asked for is not missing.
        cut = not self.sees_all and not (asked and asked >= day)
        told = {"from": day, "cut": cut, "asked": asked, "sees_all": self.sees_all}
        self.link.save("history", told)
        # Orders made in this very second may come behind the answer: the next window has them.
        edge = self.begun + timedelta(seconds=1)
        return {
            "since": stamp(self.begun),
            "floor": stamp(floor),
            "edge": stamp(edge),
            "hours": DAYS * 24,
            "export": {},
        }

    def _older(self, state: Mapping[str, Any], past: Mapping[str, Any]) -> dict[str, Any]:
        """What lies before a history that was cut, now that the app may see it."""
        planned = self._planned()
        edge = datetime.fromisoformat(past["from"]).replace(tzinfo=self._zone) + timedelta(days=1)
        return {**planned, "since": state["watermark"], "edge": stamp(edge)}

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.link.shop.timezone)

    def _floor(self) -> datetime:
        asked = self.link.setting("history_from")
        start = datetime.fromisoformat(asked).replace(tzinfo=self._zone) if asked else None
        if not self.sees_all:
            visible = self.begun - timedelta(days=VISIBLE_DAYS)
            return max(visible, start) if start else visible
        found = mapping(self.client.ask(texts.text("orders_first")).get("orders"))
        made = [_read(str(node.get("createdAt"))) for node in mappings(found.get("nodes"))]
        oldest = made[0] if made else self.begun
        if oldest is None:
            raise Refused(t("Shopify does not say when the first order was made."))
        return max(oldest, start) if start else oldest

    def _exported(self, window: Window, keep: Any, export: Mapping[str, Any]) -> Loaded | None:
        """The orders of a window, by an export that may be under way already; None where Shopify
        cannot give so large a window. Raises Failure where a smaller one cannot help."""
        hidden = self._hidden()
        for turn in range(TRIES):
            operation = str(export.get("id") or "") if turn == 0 else ""
            try:
                if not operation or export.get("last") != stamp(window.last):
                    operation = bulk.start(self.client, window, hidden)
                    keep({"id": operation, "last": stamp(window.last)})
                return self._loaded(operation)
            except Failure as failure:
                if bulk.is_final(failure):
                    raise
                keep({})
                # An export that is gone may be made again; one that failed needs a smaller window.
                if window.halves is not None and not isinstance(failure, bulk.Gone):
                    return None
                if turn == TRIES - 1:
                    raise
        return None

    def _loaded(self, operation: str) -> Loaded:
        name = "export-" + operation.rsplit("/", 1)[-1]
        store = raw.store_of(self.link)
        path = store.find(name)
        if path is None:

            def told(count: int) -> None:
                self.link.watch.progress(count, 0, t("Shopify prepares the orders"))

            export = bulk.finished(self.client, operation, told)
            if not export.lines:
                return Loaded()
            path = store.path(self.link.services.clock.now(), name)
            bulk.fetch(self.client, export, path)
        return load(self.link, path, name)

    def _hidden(self) -> tuple[str, ...]:
        """Fields of an order that the app may not see: one of them would fail a whole export."""
        reading = pages.Reading("orders_page", "orders", 1, {"filter": ""})
        next(pages.pages(self.client, reading), None)
        paths = (field.split(".") for field in self.client.hidden)
        return tuple(path[2] for path in paths if path[:2] == ["orders", "nodes"] and path[2:])

    def _changes(self, state: Mapping[str, Any]) -> Loaded:
        """What changed since the watermark; every day once, what changed within a week."""
        watermark, day = moment(state["watermark"]), self.begun.date().isoformat()
        nightly = state.get("nightly") != day
        export = dict(state.get("export") or {})
        first = watermark - (NIGHTLY if nightly else OVERLAP)
        window = Window(first, self.begun + timedelta(seconds=1), "updated_at")
        if export:
            window = Window(moment(export["first"]), moment(export["last"]), "updated_at")
        known = {**state, "export": {}}
        if export or self._count(window) > FEW:
            done = self._exported_changes(window, known, export)
        else:
            done = self._paged(window, watermark)
        fresh = self.link.state(STREAM)
        newest = min(self.begun, moment(fresh["watermark"]))
        kept = {"watermark": stamp(max(watermark, newest)), "nightly": day}
        self.link.save(STREAM, kept)
        return done

    def _exported_changes(
        self, window: Window, known: Mapping[str, Any], export: Mapping[str, Any]
    ) -> Loaded:
        """A large window of changes by exports, oldest part first: what is done stays done."""
        done, first, span = Loaded(), window.first, window.last - window.first
        while first < window.last:
            part = Window(first, min(window.last, first + span), "updated_at")

            def keep(found: Mapping[str, Any]) -> None:
                made = {**found, "first": stamp(part.first)} if found else {}  # noqa: B023
                self.link.save(STREAM, {**known, "export": made})  # noqa: B023

            loaded = self._exported(part, keep, export)
            export = {}
            if loaded is None:
                span = (part.last - part.first) / 2
                continue
            done, first = done + loaded, part.last
            reached = max(moment(known["watermark"]), min(self.begun, part.last))
            known = {**known, "watermark": stamp(reached)}
            self.link.save(STREAM, dict(known))
        return done

    def _count(self, window: Window) -> int:
        variables = {"filter": window.filter, "most": FEW + 1}
        data = self.client.ask(texts.text("orders_count"), variables)
        return number_of(mapping(data.get("ordersCount")).get("count"))

    def _paged(self, window: Window, watermark: datetime) -> Loaded:
        reading = pages.Reading("orders_page", "orders", PAGE, {"filter": window.filter})
        done, newest = Loaded(), watermark
        seen = False
        for nodes in pages.pages(self.client, reading):
            if not nodes:
                continue
            seen = True
            done += write(self.client, nodes)
            found = (_read(str(node.get("updatedAt") or "")) for node in nodes)
            newest = max([newest, *(at for at in found if at is not None)])
            self.link.watch.progress(done.orders, 0, t("Reading changed orders"))
        # Only now: pages that never ended may have come in any order. An empty window was read
        # too: the next one begins where it ended.
        reached = min(self.begun, newest) if seen else self.begun
        self.link.save(STREAM, {**self.link.state(STREAM), "watermark": stamp(reached)})
        return done


def _read(text: str) -> datetime | None:
    try:
        return moment(text)
    except ValueError:
        return None


def beyond(at: datetime) -> int:
    """A revision above that of every state which an order had up to this second."""
    return int(at.timestamp()) * 1000 + 999


def write(client: Client, nodes: Iterable[Mapping[str, Any]]) -> Loaded:
    """Orders as a page gave them, packed away and written. Raises Failure."""
    content = nested.lines(client, nodes)
    name = hashlib.sha256(content).hexdigest()[:32]
    store = raw.store_of(client.link)
    path = store.path(client.link.services.clock.now(), f"page-{name[:12]}")
    store.keep(path, [content])
    done = load(client.link, path, f"page-{name}")
    if not done.changed and not done.rejected:
        path.unlink(missing_ok=True)
    return done


def fetch(client: Client, order_ids: Sequence[str]) -> tuple[Loaded, tuple[str, ...]]:
    """Orders by id, asked for anew and written; and those that did not come. Raises Failure."""
    done: Loaded = Loaded()
    absent: list[str] = []
    for start in range(0, len(order_ids), IDS):
        part = order_ids[start : start + IDS]
        ids = [f"gid://shopify/Order/{order_id}" for order_id in part]
        found = client.ask(texts.text("orders_by_id"), {"ids": ids})
        nodes = found.get("nodes")
        if not isinstance(nodes, list) or len(nodes) != len(ids):
            raise Refused(t("Shopify's answer has no page where one should be."))
        absent += [one for one, node in zip(part, nodes, strict=True) if not node]
        known = mappings(nodes)
        done += write(client, known) if known else Loaded()
    return done, tuple(absent)
