"""Shopify's search syntax: `updated_at:>='A' AND updated_at:<'B' status:open -tag:vip OR id:5`.

A field that is misspelt is ignored, everything is found, and only a warning says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

Values = Mapping[str, Any]
TERM = re.compile(
    r"""(?P<not>-|NOT\s+)?(?:(?P<field>[A-Za-z_.]+):)?
        (?P<op><=|>=|<|>)?(?P<value>'[^']*'|"[^"]*"|[^\s()]+)""",
    re.VERBOSE,
)
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "": lambda one, two: bool(one == two),
    "<": lambda one, two: bool(one < two),
    "<=": lambda one, two: bool(one <= two),
    ">": lambda one, two: bool(one > two),
    ">=": lambda one, two: bool(one >= two),
}
# What may be searched, by connection.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "orders": (
        *("id", "name", "updated_at", "created_at", "processed_at", "status", "test", "tag"),
        *("financial_status", "fulfillment_status", "customer_id", "source_name", "channel"),
    ),
    "products": (
        *("id", "title", "updated_at", "created_at", "published_at", "status", "vendor", "tag"),
        *("product_type", "gift_card", "sku", "handle"),
    ),
    "productVariants": ("id", "sku", "title", "updated_at", "product_id"),
    "inventoryItems": ("id", "sku", "updated_at", "created_at"),
    "customers": ("id", "email", "updated_at", "created_at", "country", "state", "tag"),
    "locations": ("id", "name", "created_at", "active"),
    "events": ("id", "action", "created_at", "subject_type", "comments"),
    "deletionEvents": ("id", "occurred_at"),
    "bulkOperations": ("id", "operation_type", "status", "created_at", "completed_at"),
    "webhookSubscriptions": ("id", "topic", "uri", "created_at", "updated_at", "format"),
}


@dataclass(frozen=True)
class Search:
    """A query, read: what it finds, what it was read as, and what was ignored."""

    groups: Sequence[Sequence[Callable[[Values], bool]]] = ()
    parsed: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[Mapping[str, str]] = ()

    def finds(self, values: Values) -> bool:
        return not self.groups or any(all(term(values) for term in g) for g in self.groups)


def read(query: str | None, connection: str, zone: ZoneInfo) -> Search:
    """A query of a connection; times without an offset are the shop's."""
    if not query or not query.strip():
        return Search()
    groups: list[list[Callable[[Values], bool]]] = [[]]
    parsed: list[Mapping[str, str]] = []
    warnings: list[Mapping[str, str]] = []
    for match in TERM.finditer(query):
        name, op = match["field"], match["op"] or ""
        value = match["value"].strip("'\"")
        if name is None and value.upper() in ("AND", "OR"):
            groups += [[]] if value.upper() == "OR" else []
            continue
        parsed.append({"field": name or "default", "match_all": value})
        if name is None or name in FIELDS.get(connection, ()):
            groups[-1].append(_term((name, op, value), bool(match["not"]), zone))
        else:
            warnings.append({"field": name, "message": "Invalid search field for this query."})
    found = [group for group in groups if group] if any(groups) else []
    tree = parsed[0] if len(parsed) == 1 else {"and": parsed}
    return Search(found, tree, warnings)


def _term(
    wanted: tuple[str | None, str, str], negated: bool, zone: ZoneInfo
) -> Callable[[Values], bool]:
    name, op, text = wanted

    def holds(values: Values) -> bool:
        if name is None:
            return text.lower() in " ".join(str(v).lower() for v in values.values())
        if name == "status" and text == "any":
            return True
        return _matches(values.get(name), op, text, zone)

    return (lambda values: not holds(values)) if negated else holds


def _matches(value: Any, op: str, text: str, zone: ZoneInfo) -> bool:
    if value is None:
        return False
    if isinstance(value, datetime):
        return COMPARE[op](value, _moment(text, zone))
    if isinstance(value, bool):
        return value == (text.lower() == "true")
    if isinstance(value, int):
        number = text.rpartition("/")[2]
        return number.isdigit() and COMPARE[op](value, int(number))
    if isinstance(value, tuple | list):
        return text.lower() in [str(one).lower() for one in value]
    return COMPARE[op](str(value).lower(), text.lower())


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=zone)
