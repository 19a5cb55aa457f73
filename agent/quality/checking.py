"""Checks run and kept; what of them concerns which table."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from agent.errors import Failure
from agent.ports import RATES_SHOP
from agent.quality.looking import Looking
from agent.quality.rhythm import RECENT
from agent.quality.rules import CHECKS
from agent.records.checks import FAILED, Check, Finding

if TYPE_CHECKING:
    from agent.services import Services

TOPIC = "checks"
LOG = logging.getLogger(__name__)


def check(
    services: Services,
    shop_id: str,
    tables: Collection[str] | None = None,
    first: date | None = None,
) -> tuple[Finding, ...]:
    """Check a shop's rows from `first` on (without: of the last 60 days) and keep what was found;
    with `tables` only what their change concerns. Raises NotFound and Unavailable."""
    shop = services.shop(shop_id)
    today = services.clock.now().astimezone(ZoneInfo(shop.timezone)).date()
    recent = today - timedelta(days=RECENT)
    since = recent if first is None else min(recent, first)
    looking = Looking(services.warehouse, shop, today, since)
    rules = [rule for rule in CHECKS if tables is None or {*rule.tables} & {*tables}]
    findings = tuple(finding for rule in rules for finding in rule.look(looking))
    services.records.checks.keep(shop_id, findings)
    services.bus.publish(TOPIC, {"shop": shop_id})
    return findings


def after_load(
    services: Services,
    shop_id: str,
    tables: Collection[str] | None = None,
    *,
    once_in: timedelta = timedelta(0),
) -> None:
    """Check what was just written, unless that was done within `once_in`. Never fails: the rows are
    there, and the night checks again."""
    if not shop_id or shop_id == RATES_SHOP.shop_id:
        return
    try:
        if not _lately(services, shop_id, once_in):
            check(services, shop_id, tables)
    except Failure as failure:
        LOG.warning("The rows were not checked: %s", failure, extra={"shop": shop_id})


def _lately(services: Services, shop_id: str, span: timedelta) -> bool:
    if not span:
        return False
    newest = services.records.checks.newest(shop_id)
    return newest is not None and newest > services.clock.now() - span


def affected(services: Services, shops: tuple[str, ...]) -> Mapping[str, Check]:
    """Table -> the check that failed on it, of those that did the one that came first."""
    found: dict[str, Check] = {}
    for one in services.records.checks.all(shops):
        known = found.get(one.table_name)
        if one.outcome == FAILED and (known is None or one.since < known.since):
            found[one.table_name] = one
    return found
