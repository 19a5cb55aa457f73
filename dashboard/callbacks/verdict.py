"""The sentence that opens Data health: whether the figures can be trusted."""

from __future__ import annotations

from typing import Any

from agent.records.checks import FAILED, WARNED, Check
from agent.services import Services
from agent.sources.shopify import agreement as agreeing
from agent.words import n, t
from dashboard import components, operating
from dashboard.components import html

SHOPIFY = "shopify"


def of(services: Services) -> Any:
    """What the checks of all shops found, and whether our figures are the platform's."""
    said = [(text, strong) for text, strong in (_checked(services), *_agreed(services)) if text]
    spaced = [part for one in said for part in (one, (" ", False))][:-1]
    # What is being found out now is said when it is over.
    busy = any(services.records.runs.open(job) for job in operating.JUDGING)
    look = {"data-look": "2000"} if busy else {}
    return html.Div(components.lead(spaced), className="verdict-band", **look)


def _checked(services: Services) -> tuple[str, bool]:
    shops = {shop.shop_id: shop.name for shop in services.warehouse.shops()}
    found = services.records.checks.all(tuple(shops))
    failed = [one for one in found if one.outcome == FAILED]
    warned = [one for one in found if one.outcome == WARNED]
    if failed:
        text = n(
            "{count} check of {shops} failed: the figures that it concerns are marked.",
            "{count} checks of {shops} failed: the figures that they concern are marked.",
            len(failed),
            count=len(failed),
            shops=_whose(failed, shops),
        )
        return text, True
    if warned:
        text = n(
            "{count} check of {shops} is to be watched, none failed.",
            "{count} checks of {shops} are to be watched, none failed.",
            len(warned),
            count=len(warned),
            shops=_whose(warned, shops),
        )
        return text, True
    if not found:
        return t("Nothing was checked yet."), False
    return n("The check passed.", "All {count} checks passed.", len(found), count=len(found)), False


def _whose(found: list[Check], shops: dict[str, str]) -> str:
    return ", ".join(dict.fromkeys(shops.get(one.shop_id, one.shop_id) for one in found))


def _agreed(services: Services) -> list[tuple[str, bool]]:
    """Per Shopify shop, where there is one that was compared."""
    said = []
    for one in services.records.connections.all():
        if one.kind != SHOPIFY:
            continue
        found = agreeing.summary(services.records.agreements.all(one.connection_id))
        off = found.days - found.equal
        if off:
            text = n(
                "{shop} differs from Shopify's own report on {count} of {days} days.",
                "{shop} differs from Shopify's own report on {count} of {days} days.",
                off,
                shop=one.name,
                count=off,
                days=found.days,
            )
            said.append((text, True))
        elif found.days:
            text = n(
                "{shop} is Shopify's own report to the cent, on {days} day.",
                "{shop} is Shopify's own report to the cent, on all {days} days.",
                found.days,
                shop=one.name,
                days=found.days,
            )
            said.append((text, False))
    return said
