"""Customers who were forgotten stay so when an older backup is restored: in its documents, and in
what was rejected at that time. The warehouse sees to its own rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from agent.sources.shopify import raw
from agent.warehouse.forgetting import digest
from agent.warehouse.schema import FORGOTTEN_CUSTOMERS

if TYPE_CHECKING:
    from agent.services import Services


@dataclass(frozen=True)
class Forgotten:
    """Those of this installation as they were when it was asked, before anything is restored:
    (shop, digest) pairs."""

    services: Services
    known: frozenset[tuple[str, str]]

    def documents(self, folder: Path) -> None:
        """Take them out of documents that are about to be put back, one folder a connection.
        Raises BadFile where one cannot be read."""
        if self.known and folder.is_dir():
            for one in sorted(part for part in folder.iterdir() if part.is_dir()):
                raw.Store(one).forget_all(self._is_one)

    def rejects(self) -> None:
        """Drop the rejected documents that name them, of the records as they are now."""
        for one in self.services.records.connections.all() if self.known else ():
            rejects = self.services.records.rejects
            gone = [
                reject.reject_id
                for reject in rejects.each(one.connection_id)
                if any(map(self._is_one, raw.customers_in(reject.document)))
            ]
            rejects.drop(gone)

    @cached_property
    def _shops(self) -> frozenset[str]:
        return frozenset(shop_id for shop_id, _ in self.known)

    def _is_one(self, customer_id: str) -> bool:
        # Of a file alone nobody can say whose connection it was: any shop's will do.
        return any((shop, digest(shop, customer_id)) in self.known for shop in self._shops)


def forgotten(services: Services) -> Forgotten:
    """Everybody who was forgotten here. Raises Unavailable."""
    columns = FORGOTTEN_CUSTOMERS.c
    rows = services.warehouse.read(sa.select(columns.shop_id, columns.digest))
    pairs = zip(rows["shop_id"].to_pylist(), rows["digest"].to_pylist(), strict=True)
    return Forgotten(services, frozenset(pairs))
