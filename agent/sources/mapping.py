"""A mapping (.toml): which columns of somebody's flat order-line file mean what. See
docs/examples/mapping.toml.
"""

from __future__ import annotations

import codecs
import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.errors import BadFile
from agent.sources.base import TextFormat
from agent.sources.flat_orders import FlatOrders
from agent.sources.mapped import FIELDS, TYPES
from agent.words import t

DATES = ("iso", "dmy", "mdy")
PER_ORDER = ("shipping", "tax")
SETTINGS: Mapping[str, type] = {
    "name": str,
    "label": str,
    "delimiter": str,
    "encoding": str,
    "dates": str,
    "decimal_comma": bool,
    "prices_include_tax": bool,
    "per_order": list,
    "columns": dict,
    "types": dict,
}


def load(path: Path) -> FlatOrders:
    """Read a mapping. Raises BadFile with one sentence that says what is wrong with it."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise BadFile(
            t(
                "The mapping {name} cannot be read: {strerror}.",
                name=path.name,
                strerror=fault.strerror,
            )
        ) from fault
    except UnicodeDecodeError as fault:
        raise BadFile(t("The mapping {name} is not UTF-8 text.", name=path.name)) from fault
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise BadFile(
            t("The mapping {name} is not valid TOML: {fault}.", name=path.name, fault=fault)
        ) from fault
    return parse(content, path.name)


def parse(content: Mapping[str, Any], file_name: str) -> FlatOrders:
    """A mapping from its TOML content. Raises BadFile."""
    for check in (_settings, _columns, _values):
        if problem := check(content):
            raise BadFile(
                t(
                    "The mapping {file_name} cannot be used: {problem}.",
                    file_name=file_name,
                    problem=problem,
                )
            )
    return FlatOrders(
        name=content.get("name", file_name.removesuffix(".toml")),
        label=content.get("label", content.get("name", file_name)),
        text=TextFormat(content.get("delimiter", ""), content.get("encoding", "")),
        columns=dict(content["columns"]),
        types={word.lower(): kind for word, kind in content.get("types", {}).items()},
        dates=content.get("dates", "iso"),
        decimal_comma=content.get("decimal_comma", False),
        prices_include_tax=content.get("prices_include_tax", False),
        per_order=tuple(content.get("per_order", ())),
    )


def written(content: Mapping[str, Any]) -> str:
    """A mapping as the text of its file, which `load` reads as this content."""
    plain = [
        f"{name} = {_value(content[name])}" for name in SETTINGS if name in _PLAIN & {*content}
    ]
    tables = [
        "\n".join(
            [f"\n[{name}]", *(f"{_value(k)} = {_value(v)}" for k, v in content[name].items())]
        )
        for name in ("columns", "types")
        if content.get(name)
    ]
    return "\n".join([*plain, *tables]) + "\n"


_PLAIN = frozenset(name for name, kind in SETTINGS.items() if kind is not dict)


def _value(value: Any) -> str:
    """Texts as JSON writes them are texts of TOML too, but for one sign that JSON leaves bare."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _settings(content: Mapping[str, Any]) -> str:
    for name, value in content.items():
        if name not in SETTINGS:
            return f"'{name}' is no setting ({', '.join(SETTINGS)} are)"
        if not isinstance(value, SETTINGS[name]):
            return f"'{name}' is not a {_WORDS[SETTINGS[name]]}"
    return ""


_WORDS = {str: "text", bool: "true or false", list: "list", dict: "table"}


def _columns(content: Mapping[str, Any]) -> str:
    columns = content.get("columns")
    if not columns:
        return "it has no [columns]"
    for name, column in columns.items():
        if name not in FIELDS:
            return f"[columns] knows no '{name}' (it knows {', '.join(FIELDS)})"
        if not isinstance(column, str) or not column:
            return f"the column of '{name}' is not a text"
    missing = [name for name in ("order_id", "placed_at") if name not in columns]
    if missing:
        return f"[columns] must name {' and '.join(missing)}"
    if ("unit_price" in columns) == ("amount" in columns):
        return "[columns] must name either unit_price or amount, and not both"
    if "unit_price" in columns and "quantity" not in columns:
        return "[columns] names unit_price without quantity"
    return ""


def _values(content: Mapping[str, Any]) -> str:
    columns = content.get("columns", {})
    for word, kind in content.get("types", {}).items():
        if kind not in TYPES:
            return f"[types] gives '{word}' the type '{kind}' (types: {', '.join(TYPES)})"
    if content.get("types") and "type" not in columns:
        return "it has [types] but [columns] names no type"
    if content.get("dates", "iso") not in DATES:
        return f"dates = '{content['dates']}' is none of {', '.join(DATES)}"
    if content.get("prices_include_tax") and "tax" not in columns:
        return "prices_include_tax needs a tax column, to know how much to take out"
    if content.get("prices_include_tax") and "tax" in content.get("per_order", ()):
        return "prices_include_tax needs the tax of each line, not of the order"
    if any(name not in PER_ORDER for name in content.get("per_order", ())):
        return f"per_order may hold {' and '.join(PER_ORDER)}"
    if len(content.get("delimiter", ",")) != 1:
        return "the delimiter is not one character"
    return _encoding(content.get("encoding", "utf-8"))


def _encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        return f"there is no encoding '{name}'"
    return ""
