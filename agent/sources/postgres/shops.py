"""The shop that a database's rows are for: one that is there, or one that its connection begins."""

from __future__ import annotations

from babel.numbers import is_currency

from agent.errors import Refused
from agent.ports import Shop
from agent.sources.connectors import Link
from agent.sources.ids import slug
from agent.sources.zones import zone_of
from agent.words import t


def shop_of(link: Link) -> Shop:
    """The connection's shop; without one, that which its form names, there or new. Raises
    Refused."""
    if link.connection.shop_id:
        return link.shop
    name, currency = link.setting("shop"), link.setting("currency").upper()
    shop_id = slug(name)
    if not shop_id:
        raise Refused(
            t("This connection has no shop."),
            hint=t("Choose one, or name a new one with its currency and time zone."),
        )
    there = {shop.shop_id: shop for shop in link.services.warehouse.shops()}.get(shop_id)
    if there is not None:
        return _same(there, currency, link.setting("timezone"))
    if not is_currency(currency):
        raise Refused(
            t("'{currency}' is no currency.", currency=currency),
            hint=t("Give a code of three letters, like GBP."),
        )
    zone = zone_of(link.setting("timezone") or "-").name
    return Shop(shop_id, name, currency, zone, link.connection.kind)


def _same(shop: Shop, currency: str, timezone: str) -> Shop:
    """The shop, where the form says nothing else of it. Raises Refused."""
    for given, has in ((currency, shop.currency), (timezone, shop.timezone)):
        if given and given != has:
            raise Refused(
                t("{name} is kept in {has}, not in {given}.", name=shop.name, has=has, given=given),
                hint=t("Leave the field empty, or name another shop."),
            )
    return shop
