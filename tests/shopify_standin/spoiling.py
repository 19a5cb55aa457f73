"""Good answers made bad: what a `body` fault does to one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Told = dict[str, Any]
HUGE = "9" * 40 + ".99"
NEVER = "SOMETHING_NEW_IN_2031"
ENUMS = (
    *("displayFinancialStatus", "displayFulfillmentStatus", "lineType", "kind", "status", "state"),
    *("restockType", "reason", "returnStatus"),
)
TEXTS = ("name", "title", "sku", "vendor", "city", "message")


def spoiled(told: Told, faults: Sequence[str], variables: Mapping[str, Any]) -> Told:
    """The answer with every fault applied; errors are left as they are."""
    if not faults or not told.get("data"):
        return told
    told = json.loads(json.dumps(told))
    for fault in faults:
        spoil = SPOILS.get(fault)
        if spoil is not None:
            spoil(told, variables)
    return told


def _walk(value: Any, change: Callable[[str, Any], Any]) -> Any:
    """The same with every member changed: `change` gives its new value."""
    if isinstance(value, dict):
        return {key: change(key, _walk(inner, change)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_walk(inner, change) for inner in value]
    return value


def _members(change: Callable[[str, Any], Any]) -> Callable[[Told, Mapping[str, Any]], None]:
    def spoil(told: Told, variables: Mapping[str, Any]) -> None:
        told["data"] = _walk(told["data"], change)

    return spoil


def _partial(told: Told, variables: Mapping[str, Any]) -> None:
    name = next(iter(told["data"]))
    told["data"][name] = None
    told["errors"] = [
        {
            "message": f"Access denied for {name} field.",
            "path": [name],
            "extensions": {"code": "ACCESS_DENIED"},
        }
    ]


def _null(key: str, value: Any) -> Any:
    return None if key in ("id", "updatedAt") else value


def _enum(key: str, value: Any) -> Any:
    return NEVER if key in ENUMS and isinstance(value, str) else value


def _huge(key: str, value: Any) -> Any:
    return HUGE if key == "amount" else 2**62 if key in ("quantity", "available") else value


def _nul(key: str, value: Any) -> Any:
    return f"{value[:1]}\x00{value[1:]}" if key in TEXTS and isinstance(value, str) else value


def _types(key: str, value: Any) -> Any:
    wrong = {"amount": {"value": 1}, "quantity": "two", "nodes": "none", "updatedAt": 17}
    return wrong.get(key, value)


def _pages(told: Told) -> list[Told]:
    found = [v for v in told["data"].values() if isinstance(v, dict) and "pageInfo" in v]
    return [page["pageInfo"] for page in found]


def _cyclic(told: Told, variables: Mapping[str, Any]) -> None:
    """The end of the first page, again and again."""
    for info in _pages(told):
        last = base64.b64encode(b'{"last_id":0,"last_value":""}').decode()
        info.update(hasNextPage=True, endCursor=last)


def _endless(told: Told, variables: Mapping[str, Any]) -> None:
    """Always another cursor, and always the same rows behind it."""
    seen = next((str(v) for k, v in variables.items() if k in ("cursor", "after") and v), "")
    number = len(seen) + 1
    for info in _pages(told):
        text = f'{{"last_id":0,"last_value":""{" " * number}}}'
        info.update(hasNextPage=True, endCursor=base64.b64encode(text.encode()).decode())


def _no_pages(told: Told, variables: Mapping[str, Any]) -> None:
    for value in told["data"].values():
        if isinstance(value, dict):
            value.pop("pageInfo", None)


def _searched(told: Told, variables: Mapping[str, Any]) -> None:
    name = next(iter(told["data"]))
    warning = {"field": "updated_att", "message": "Invalid search field for this query."}
    told.setdefault("extensions", {})["search"] = [
        {"path": [name], "query": "updated_att:1", "parsed": {}, "warnings": [warning]}
    ]


def _empty(told: Told, variables: Mapping[str, Any]) -> None:
    told["data"] = {}


MEMBERS: Mapping[str, Callable[[str, Any], Any]] = {
    "null_field": _null,
    "unknown_enum": _enum,
    "huge": _huge,
    "nul": _nul,
    "wrong_types": _types,
}


def line(text: str, change: Callable[[str, Any], Any]) -> str:
    """A line of an export, spoilt."""
    spoilt = json.dumps(_walk(json.loads(text), change), separators=(",", ":"))
    return spoilt.replace("/", "\\/")


SPOILS: Mapping[str, Callable[[Told, Mapping[str, Any]], None]] = {
    "partial": _partial,
    **{name: _members(change) for name, change in MEMBERS.items()},
    "cyclic": _cyclic,
    "endless": _endless,
    "missing_page_info": _no_pages,
    "search_warning": _searched,
    "empty_object": _empty,
}
