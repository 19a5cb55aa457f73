"""Finished parts of a page as markup: what no callback looks at again travels as one text.

Dash keeps every component in a store and asks each of them at every change of it: a page of two
thousand table cells answers a click only seconds later. assets/markup.js sets the text, and draws
the figures: once, where Dash's own graph would fetch two files more and draw a narrow one twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Any

from dash.dcc import Graph
from dash.development.base_component import Component

NAMESPACE = "royal_markup"
# Ids that only our scripts read; whatever else has an id may belong to a callback.
SCRIPTED = ("kpi", "holder")
RENAMED = {"className": "class", "htmlFor": "for"}
VOID = ("br", "hr", "img", "wbr")
# What is no attribute: what Dash keeps for itself on a component.
LEFT_OUT = frozenset(
    {
        "children",
        "n_clicks",
        "n_clicks_timestamp",
        "disable_n_clicks",
        "loading_state",
        "available_properties",
        "available_wildcard_properties",
        "_prop_names",
        "_valid_wildcard_attributes",
    }
)
UNSAFE = re.compile("[&<>\"']").search


def frozen(content: Any) -> Any:
    """The content with every part that is finished as markup; text is escaped, and a component
    that Dash has to know stays one."""
    if isinstance(content, list | tuple):
        return [frozen(part) for part in content]
    if not isinstance(content, Component):
        return content
    if isinstance(content, Graph):
        props = {"id": content.id, "figure": content.figure, "config": content.config}
        return {"namespace": NAMESPACE, "type": "Chart", "props": props}
    inside = _inside(content)
    if inside is not None:
        props = {"tag": _tag(type(content)), "attributes": _given(content), "html": inside}
        return {"namespace": NAMESPACE, "type": "Markup", "props": props}
    if getattr(content, "children", None) is not None:
        content.children = frozen(content.children)
    return content


def written(content: Any) -> str | None:
    """The content as HTML; None where it holds what Dash has to know."""
    if content is None or isinstance(content, bool):
        return ""
    if isinstance(content, str | int | float):
        return _safe(str(content))
    if isinstance(content, list | tuple):
        return _all_written(content)
    inside = _inside(content)
    if inside is None:
        return None
    tag = _tag(type(content))
    opening = f"<{tag}{_attributes(content)}>"
    return opening if tag in VOID else f"{opening}{inside}</{tag}>"


def _all_written(contents: Sequence[Any]) -> str | None:
    parts = []
    for content in contents:
        part = _safe(content) if type(content) is str else written(content)
        if part is None:
            return None
        parts.append(part)
    return "".join(parts)


def _safe(text: str) -> str:
    return escape(text, quote=False) if UNSAFE(text) else text


def _inside(component: Any) -> str | None:
    """What stands within a component of plain HTML; None where that cannot be said."""
    if not _tag(type(component)):
        return None
    known = vars(component)
    name, children = known.get("id"), known.get("children")
    if name is not None and not (isinstance(name, dict) and name.get("type") in SCRIPTED):
        return None
    return _safe(children) if type(children) is str else written(children)


@cache
def _tag(kind: type[Any]) -> str:
    """The tag of a kind of component; empty where it is no plain HTML."""
    if not issubclass(kind, Component):
        return ""
    if kind._type == "Link":
        return "a"
    return kind._type.lower() if kind._namespace == "dash_html_components" else ""


def _given(component: Component) -> dict[str, Any]:
    """The attributes that were given, by the names that React has for them."""
    out = {}
    for name, value in vars(component).items():
        if name not in LEFT_OUT and value is not None and value is not False:
            out[name] = _id(value) if name == "id" else value
    return out


def _id(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _attributes(component: Component) -> str:
    out = ""
    for name, value in vars(component).items():
        if name not in LEFT_OUT and value is not None and value is not False:
            text = value if type(value) is str else _value(name, value)
            out += f' {_name(name)}="{escape(text) if UNSAFE(text) else text}"'
    return out


@cache
def _name(name: str) -> str:
    return RENAMED.get(name) or name.lower()


def _value(name: str, value: Any) -> str:
    if value is True:
        return ""
    if name == "id":
        return _id(value)
    if name == "style":
        return ";".join([f"{_property(key)}:{text}" for key, text in value.items()])
    return str(value)


@cache
def _property(key: str) -> str:
    """marginTop is margin-top; a variable keeps its name."""
    if key.startswith("--"):
        return key
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in key)
