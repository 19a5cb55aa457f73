"""Which tables and columns of a merchant's database mean what."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.errors import Refused
from agent.sources import daily
from agent.sources.mapped import FIELDS as LINE_FIELDS
from agent.words import t

LONGEST = 100_000
ORDER_FIELDS = (
    *("order_id", "placed_at", "customer", "country", "region", "city", "channel", "currency"),
    *("shipping", "tax"),
)
LINES = (
    *("order_id", "line_id", "sku", "title", "variant", "quantity", "unit_price", "amount"),
    *("discount", "tax", "vendor", "product_type", "type", "currency"),
)
REFUNDS = (
    *("order_id", "refund_id", "refunded_at", "amount", "tax", "quantity", "sku", "title"),
    *("variant", "type"),
)
PRODUCTS = ("product_id", "title", "product_type", "vendor", "sku")
CUSTOMERS = ("customer_id", "rfm_group")
COLUMNS: Mapping[str, Sequence[str]] = {
    "orders": ORDER_FIELDS, "lines": LINES, "refunds": REFUNDS, "products": PRODUCTS,
    "customers": CUSTOMERS, **{name: (*own, "currency") for name, own in daily.FIELDS.items()},
}  # fmt: skip
"""Table of a mapping -> our columns that it may name."""
NEEDED: Mapping[str, Sequence[str]] = {
    "orders": ("order_id", "placed_at"), "lines": ("order_id",),
    "refunds": ("order_id", "refund_id", "amount"), "products": ("product_id", "title"),
    "customers": ("customer_id", "rfm_group"), **daily.NEEDED,
}  # fmt: skip
OPTIONS: Mapping[str, type] = {"prices_include_tax": bool, "dates": str, "types": dict}


@dataclass(frozen=True)
class Mapped:
    """One table or view. `schema` and `name` are as the database has them; `columns` are ours ->
    theirs; `updated_at` is the column that moves with every change, "" where there is none."""

    part: str
    schema: str
    name: str
    columns: Mapping[str, str]
    updated_at: str = ""
    days: int = 28
    channel: str = ""

    @property
    def title(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class DatabaseMapping:
    """What of a database is read. `overlap` is how far before its last mark a sync begins again, in
    seconds (for a mark that is a number: in its own units)."""

    tables: Mapping[str, Mapped]
    overlap: int = 600
    options: Mapping[str, Any] = field(default_factory=dict)


def parse(text: str) -> DatabaseMapping:
    """A mapping from TOML, or JSON where the text begins with a brace. Raises Refused with one
    sentence."""
    if len(text) > LONGEST:
        raise _wrong("it has more than {most:,} characters", most=LONGEST)
    try:
        content = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except RecursionError:
        raise _wrong("it is nested too deep") from None
    except ValueError as error:
        raise _wrong("it is neither TOML nor JSON ({error})", error=str(error)[:200]) from None
    if not isinstance(content, dict):
        raise _wrong("it is no table")
    found = DatabaseMapping(
        {name: _table(name, content[name]) for name in COLUMNS if name in content},
        _number(content, "overlap", 600),
        _options(content.get("options", {})),
    )
    _whole(content, found)
    return found


def _whole(content: Mapping[str, Any], found: DatabaseMapping) -> None:
    strange = [name for name in content if name not in (*COLUMNS, "overlap", "options")]
    if strange:
        raise _wrong(
            "'{name}' is no table that can be read: {known} are",
            name=strange[0], known=", ".join(COLUMNS),
        )  # fmt: skip
    if not found.tables:
        raise _wrong("it names no table: {known}", known=", ".join(COLUMNS))
    orders = found.tables.get("orders")
    for name in ("lines", "refunds"):
        if name in found.tables and orders is None:
            raise _wrong("it has [{name}] without [orders]", name=name)
    if orders is None:
        return
    priced = found.tables.get("lines", orders).columns
    if ("unit_price" in priced) == ("amount" in priced):
        raise _wrong("the lines need either unit_price or amount, and not both")
    if "unit_price" in priced and "quantity" not in priced:
        raise _wrong("the lines have unit_price without quantity")


def _table(part: str, content: Any) -> Mapped:
    if not isinstance(content, Mapping):
        raise _wrong("[{part}] is no table", part=part)
    for name in content:
        if name not in ("table", "columns", "updated_at", "days", "channel"):
            raise _wrong(
                "[{part}] knows no '{name}', but table, columns, updated_at, days, channel",
                part=part, name=name,
            )  # fmt: skip
    schema, dot, name = _text(part, content, "table", needed=True).partition(".")
    if not dot:
        schema, name = "public", schema
    return Mapped(
        part,
        schema,
        name,
        _columns(part, content),
        _text(part, content, "updated_at"),
        _number(content, "days", 28),
        _text(part, content, "channel"),
    )


def _columns(part: str, content: Mapping[str, Any]) -> Mapping[str, str]:
    columns = content.get("columns")
    if not isinstance(columns, Mapping) or not columns:
        raise _wrong("[{part}] has no columns", part=part)
    # Orders without [lines] are flat: a row of theirs is a line.
    own = (*COLUMNS[part], *LINE_FIELDS) if part == "orders" else COLUMNS[part]
    for name, column in columns.items():
        if name not in own:
            raise _wrong(
                "[{part}.columns] knows no '{name}' (it knows {own})",
                part=part, name=name, own=", ".join(dict.fromkeys(own)),
            )  # fmt: skip
        if not isinstance(column, str) or not column:
            raise _wrong("the column of {part}.{name} is not a text", part=part, name=name)
    given = {*columns, *({"channel"} if content.get("channel") else ())}
    missing = [name for name in NEEDED[part] if name not in given]
    if missing:
        names = " and ".join(missing)
        raise _wrong("[{part}.columns] must name {names}", part=part, names=names)
    return dict(columns)


def _text(part: str, content: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    value = content.get(name, "")
    if not isinstance(value, str) or (needed and not value.strip(".")):
        raise _wrong("{part}.{name} is not a text", part=part, name=name)
    return value.strip()


def _number(content: Mapping[str, Any], name: str, otherwise: int) -> int:
    value = content.get(name, otherwise)
    if type(value) is not int or not 0 <= value < 10**7:
        raise _wrong("{name} is not a whole number from 0", name=name)
    return value


def _options(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, Mapping):
        raise _wrong("[options] is no table")
    for name, value in content.items():
        if name not in OPTIONS or not isinstance(value, OPTIONS[name]):
            raise _wrong(
                "options.{name} is not one of {known}, or not of its kind",
                name=name, known=", ".join(OPTIONS),
            )  # fmt: skip
    return dict(content)


def _wrong(text: str, **values: object) -> Refused:
    return Refused(
        t("The mapping cannot be used: {why}.", why=text.format(**values)),
        hint=t("Correct it in the form of this connection: see docs/sources-postgres.md."),
    )
