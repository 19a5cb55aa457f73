"""Windows of days from a service into the warehouse."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from agent.ports import Batch
from agent.sources.differing import differing_orders
from agent.sources.http.rows import Gathered
from agent.sources.http.templates import Window
from agent.sources.http.work import Work
from agent.sources.landing import Landing
from agent.sources.trailing import Trailing, dated, keep, revision_of, source_of, write
from agent.words import t

STREAM = "days"


@dataclass
class Brought:
    """What windows brought so far; `owned` are this connection's values of trailing.OWNED."""

    owned: set[str]
    read: int = 0
    changed: int = 0
    rejected: int = 0
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


@dataclass(frozen=True)
class Bringing:
    """Windows merged, one after the other."""

    work: Work
    done: Brought

    def bring(self, window: Window) -> Sequence[tuple[str, str]]:
        """A window, merged; returns its rejected rows. Raises Failure: nothing of it is then
        written."""
        step = t("{first} to {last}", first=window.start, last=window.end)
        self.work.link.watch.progress(self.done.read, 0, step)
        gathered = self.work.gather(window)
        landed = self.work.land(gathered)
        self.work.link.watch.check()
        self.done.changed += self._merge(window, landed)
        self.done.read += gathered.read
        self.done.rejected += len(landed.rejects)
        keep(self.work.link, STREAM, list(landed.rejects))
        self.say(gathered)
        return landed.rejects

    def _merge(self, window: Window, landed: Landing) -> int:
        """Rows changed."""
        target, link = self.work.recipe.target, self.work.link
        revision = revision_of(link)
        if target == "rates":
            return self._upsert(landed.tables)
        if target == "orders":
            fresh = differing_orders(link.services.warehouse, landed.shop.shop_id, landed.tables)
            own = ("orders", "sales")
            now = {n: dated(rows, revision) if n in own else rows for n, rows in fresh.items()}
            return self._upsert(now) if len(fresh["orders"]) else 0
        rows = landed.tables[target]
        if self.work.recipe.window.load == "upsert":
            return self._upsert({target: dated(rows, revision)})
        trailing = Trailing(link, self.work.shop, target, self.done.owned)
        count, kept = trailing.put(rows, (window.start, window.end), len(landed.rejects))
        if kept:
            words = {"first": window.start, "last": window.end}
            self.done.note(
                t("The service has no rows of {first} to {last} now; those kept stay.", **words)
            )
        return count

    def _upsert(self, tables: Mapping[str, pa.Table]) -> int:
        rows = {name: table for name, table in tables.items() if len(table)}
        if not rows:
            return 0
        link = self.work.link
        digest = hashlib.sha256(repr((source_of(link), revision_of(link))).encode())
        for name in sorted(rows):
            digest.update(repr(rows[name].to_pydict()).encode())
        count = max(map(len, rows.values()))
        whole = "orders" in rows
        batch = Batch(self.work.shop, source_of(link), digest.hexdigest(), rows, lines=count)
        return write(link, replace(batch, whole_orders=whole))

    def say(self, gathered: Gathered) -> None:
        """Note what is true of the account."""
        recipe, shop = self.work.recipe, self.work.shop
        if reason := self.work.service.place.reason:
            self.done.note(t("Another address is asked: {why}", why=reason))
        if recipe.notes:
            self.done.note(t(recipe.notes))
        if gathered.timezone and gathered.timezone != shop.timezone and recipe.target != "rates":
            zones = {"zone": gathered.timezone, "own": shop.timezone}
            self.done.note(t("Days are those of {zone}; the shop's are of {own}.", **zones))
