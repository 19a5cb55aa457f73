"""Pages of a connection: opaque cursors, `first` or `last`, at most 250."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from graphql import GraphQLError

MOST = 250
Doc = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One thing of a list: its number, what may be searched and sorted by, and its document."""

    number: int
    values: Mapping[str, Any] = field(default_factory=dict)
    make: Callable[[], Doc] = dict


def bad_request(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def page(
    rows: Sequence[Row],
    by: Callable[[Row], Any],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
    reverse: bool = False,
) -> Doc:
    """The connection's answer. Raises GraphQLError as Shopify does."""
    _check(first, last)
    ordered = sorted(rows, key=lambda row: (by(row), row.number), reverse=reverse)
    keys = [(_plain(by(row)), row.number) for row in ordered]
    start, end = _between(keys, after, before, reverse)
    count = first if first is not None else last or 0
    low, high = start, min(end, start + count)
    if first is None:
        low, high = max(start, end - count), end
    between = zip(ordered[low:high], keys[low:high], strict=True)
    chosen = [(row.make(), cursor(*key)) for row, key in between]
    return {
        "nodes": [doc for doc, _ in chosen],
        "edges": [{"node": doc, "cursor": mark} for doc, mark in chosen],
        "pageInfo": {
            "hasNextPage": high < end if first is not None else high < len(ordered),
            "hasPreviousPage": low > 0,
            "startCursor": chosen[0][1] if chosen else None,
            "endCursor": chosen[-1][1] if chosen else None,
        },
    }


def _check(first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise bad_request("you must provide one of first or last")
    if first is not None and last is not None:
        raise bad_request("providing both first and last is not supported")
    count = first if first is not None else last
    if count is not None and not 0 <= count <= MOST:
        raise bad_request(f"first and last must be between 0 and {MOST}")


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


def cursor(value: Any, number: int) -> str:
    text = json.dumps({"last_id": number, "last_value": value}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def _seen(mark: str) -> tuple[Any, int]:
    try:
        read = json.loads(base64.b64decode(mark, validate=True))
        return read["last_value"], int(read["last_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise bad_request("Invalid cursor for current pagination sort.") from error


def _between(
    keys: Sequence[tuple[Any, int]], after: str | None, before: str | None, reverse: bool
) -> tuple[int, int]:
    """Where a page may start and must end: by the values that a cursor saw, not by its place, so
    a row that has moved on meanwhile is met again later."""

    def passed(key: tuple[Any, int], mark: tuple[Any, int]) -> bool:
        try:
            return key >= mark if reverse else key <= mark
        except TypeError as error:
            raise bad_request("Invalid cursor for current pagination sort.") from error

    start, end = 0, len(keys)
    # A cursor without a value is of the fault `endless`: before everything.
    if after is not None and (mark := _seen(after))[0] != "":
        start = next((i for i, key in enumerate(keys) if not passed(key, mark)), len(keys))
    if before is not None:
        mark = _seen(before)
        end = next((i for i, key in enumerate(keys) if passed(mark, key)), len(keys))
    return start, max(start, end)


def of_documents(docs: Sequence[Doc]) -> list[Row]:
    """Rows of a nested list, in its own order."""
    return [Row(index, {}, partial(dict, doc)) for index, doc in enumerate(docs, 1)]
