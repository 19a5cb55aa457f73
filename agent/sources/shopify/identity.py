"""Whose data this is: the shop behind an address, and what the app may see of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.errors import Unavailable
from agent.ports import Shop
from agent.sources.connectors import Link, Probe
from agent.sources.ids import slug
from agent.sources.shopify import texts
from agent.sources.shopify.address import DOMAIN, VERSION
from agent.sources.shopify.client import Client, mapping, mappings
from agent.sources.shopify.load import SOURCE
from agent.words import mark, t

CUT = mark(
    "History starts 60 days back: Shopify shows older orders only with the scope read_all_orders."
)
NEEDED: Mapping[str, str] = {
    "read_orders": mark("orders"),
    "read_products": mark("products"),
    "read_inventory": mark("stock and unit costs"),
    "read_customers": mark("customers"),
    "read_reports": mark("visits"),
}
ALL_ORDERS = "read_all_orders"
GRANTED = "granted"
"""The stream of what the app may see."""


@dataclass(frozen=True)
class Identity:
    shop: Shop
    domain: str
    plan: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether a scope was granted; writing includes reading."""
        return scope in self.scopes or scope.replace("read_", "write_", 1) in self.scopes


def identity(client: Client) -> Identity:
    """Ask a shop who it is. Raises Failure."""
    data = client.ask(texts.text("shop"))
    found, installation = mapping(data.get("shop")), mapping(data.get("currentAppInstallation"))
    name, currency, zone = (
        str(found.get(k) or "") for k in ("name", "currencyCode", "ianaTimezone")
    )
    if not (name and currency and zone):
        raise Unavailable(
            t("{shop} does not say its name, currency and time zone.", shop=client.address.shop)
        )
    domain = str(found.get("myshopifyDomain") or client.address.shop)
    handles = [str(one.get("handle")) for one in mappings(installation.get("accessScopes"))]
    plan = str(mapping(found.get("plan")).get("publicDisplayName") or "")
    shop = Shop(domain.removesuffix(DOMAIN), name, currency, zone, SOURCE)
    return Identity(shop, domain, plan, frozenset(handles))


def settled(link: Link, who: Identity) -> Link:
    """The link with its shop in the warehouse: the one it always had, or a new one. Raises Refused
    where the shop has another currency or time zone than its rows."""
    services, shop_id = link.services, link.connection.shop_id
    if granted(link) != (scopes := tuple(sorted(who.scopes))):
        link.save(GRANTED, {"scopes": scopes})
    if not shop_id:
        taken = {shop.shop_id for shop in services.warehouse.shops()}
        short = slug(who.shop.name, otherwise=who.shop.shop_id)
        shop_id = who.shop.shop_id if short in taken else short
    services.warehouse.put_shop(replace(who.shop, shop_id=shop_id))
    if shop_id == link.connection.shop_id:
        return link
    changed = services.records.connections.change(link.connection.connection_id, shop_id=shop_id)
    return replace(link, connection=changed)


def granted(link: Link) -> tuple[str, ...]:
    """The scopes that the app had at the last sync."""
    return tuple(map(str, link.state(GRANTED).get("scopes") or ()))


def missing(who: Identity) -> list[str]:
    """What cannot be read, one sentence a scope that was not granted."""
    return [absent(scope) for scope in NEEDED if not who.may(scope)]


def absent(scope: str) -> str:
    what = t(NEEDED[scope])
    return t("Shopify does not show {what}: the scope {scope} is missing.", what=what, scope=scope)


def probe(client: Client) -> Probe:
    """Who answers, and what the app may see. Raises Failure."""
    who = identity(client)
    facts = (
        (t("Shop"), who.shop.name),
        (t("Address"), who.domain),
        (t("Currency"), who.shop.currency),
        (t("Time zone"), who.shop.timezone),
        (t("Plan"), who.plan),
        (t("Scopes"), ", ".join(sorted(who.scopes))),
        (t("API version"), VERSION),
    )
    cut = [] if who.may(ALL_ORDERS) else [t(CUT)]
    notes = (*cut, *missing(who), *client.notes)
    return Probe(who.shop, tuple(fact for fact in facts if fact[1]), notes)
