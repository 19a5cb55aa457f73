"""What the law lets people ask for: to be forgotten, and to be told what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from agent.sources import connecting, leaving
from agent.sources.connectors import Link
from agent.sources.shopify import raw
from agent.warehouse.schema import ORDERS, PROFILES
from agent.words import t

FOLDER, SEALED = "privacy", "sealed"
WHO = "Shopify"
MOST = 100_000


def wanted(body: Any) -> dict[str, Any]:
    """Of a call's body only the customer's number: no address, no telephone."""
    customer = body.get("customer") if isinstance(body, dict) else None
    request = body.get("data_request") if isinstance(body, dict) else None
    found = {"customer": (customer or {}).get("id"), "request": (request or {}).get("id")}
    return {name: value for name, value in found.items() if isinstance(value, int | str)}


def honour(link: Link, topic: str, content: Mapping[str, Any]) -> None:
    """Do what was asked, and write down that it was done. Raises Failure, and then it is asked
    again."""
    customer = str(content.get("customer") or "")
    if topic == "customers/redact" and customer:
        _forget(link, (customer,), "forgot a customer")
    elif topic == "shop/redact":
        _forget(link, _all_customers(link), "forgot a shop's customers")
        _close(link)
    elif topic == "customers/data_request" and customer:
        _tell(link, customer, str(content.get("request") or "0"))


def orders_of(link: Link, customer: str) -> tuple[str, ...]:
    """The orders that the ledger has of a customer."""
    if not customer:
        return ()
    mine = sa.and_(ORDERS.c.shop_id == link.shop.shop_id, ORDERS.c.customer_id == customer)
    rows = link.services.warehouse.read(sa.select(ORDERS.c.order_id).where(mine).limit(MOST))
    return tuple(rows["order_id"].to_pylist())


def _forget(link: Link, customers: tuple[str, ...], deed: str) -> None:
    services, one = link.services, link.connection
    for customer in customers if len(customers) == 1 else ():
        raw.store_of(link).forget(customer)
        services.records.rejects.drop_naming(one.connection_id, _names(customer))
        for file in _told(link):
            if orjson.loads(file.read_bytes()).get("customer") == customer:
                file.unlink(missing_ok=True)
    orders = services.warehouse.forget_customers(link.shop.shop_id, customers) if customers else 0
    # Neither the person's number nor name: the entry itself must not remember him.
    services.records.audit.note(WHO, deed, one.name, f"{orders} orders")


def _names(customer: str) -> tuple[str, str]:
    """How documents name a customer, in the two ways of writing a slash."""
    name = f'"gid://shopify/Customer/{customer}"'
    return name, name.replace("/", "\\/")


def _close(link: Link) -> None:
    """Nothing is left of a shop but its figures: no document, no secret that was typed."""
    services, one = link.services, link.connection
    discard(link)
    services.records.rejects.drop_naming(one.connection_id, ("",))
    leaving.secrets(services, one.connection_id, WHO)
    kept = {name: value for name, value in one.settings.items() if not _is_typed(value)}
    services.records.connections.change(one.connection_id, settings=kept)
    connecting.pause(services, one.connection_id, True, WHO)
    services.records.connections.note_sync(
        one.connection_id,
        t("The shop asked for its customers' data to be deleted: they are, with the documents."),
        t("Its figures are still here. To go on, enter the app's secret and resume this source."),
    )


def discard(link: Link) -> int:
    """Delete all documents, and what was told of customers; returns how many files."""
    told = _told(link)
    for file in told:
        file.unlink(missing_ok=True)
    return raw.store_of(link).discard() + len(told)


def _is_typed(value: object) -> bool:
    return str(value).startswith(f"{SEALED}:")


def _told(link: Link) -> tuple[Path, ...]:
    """The files that say what is kept of customers, for this connection."""
    folder = link.services.settings.data_dir / FOLDER
    return tuple(folder.glob(f"{_plain(link.connection.connection_id)}-*.json"))


def _plain(name: str) -> str:
    return "".join(sign for sign in name if sign.isalnum() or sign == "-")


def _all_customers(link: Link) -> tuple[str, ...]:
    """Those who ordered, and those who did not yet."""
    named = [
        sa.select(table.c.customer_id).where(
            table.c.shop_id == link.shop.shop_id, table.c.customer_id.is_not(None)
        )
        for table in (ORDERS, PROFILES)
    ]
    rows = link.services.warehouse.read(sa.union(*named))
    return tuple(rows["customer_id"].to_pylist())


def _tell(link: Link, customer: str, request: str) -> None:
    """A file with everything that is kept of a customer, for the shop to hand on."""
    services, one = link.services, link.connection
    mine = sa.and_(ORDERS.c.shop_id == link.shop.shop_id, ORDERS.c.customer_id == customer)
    columns = [
        ORDERS.c[name]
        for name in ("order_id", "name", "placed_at", "country", "region", "city", "channel")
    ]
    rows = services.warehouse.read(sa.select(*columns).where(mine).order_by(ORDERS.c.order_id))
    folder = services.settings.data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{_plain(f'{one.connection_id}-{request}')}.json"
    told = {"customer": customer, "orders": rows.to_pylist()}
    path.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    path.chmod(0o600)
    detail = f"{rows.num_rows} orders in {FOLDER}/{path.name}"
    services.records.audit.note(WHO, "was asked what is kept of a customer", one.name, detail)
