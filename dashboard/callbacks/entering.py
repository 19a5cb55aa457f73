"""What forms have in common: reading what was typed, saying what went wrong, telling what was done
and drawing anew what changed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from dash import ctx, set_props

from agent.errors import Refused
from agent.metrics.metric import Unit
from agent.records.roles import Role
from agent.services import Services
from agent.words import locale, t
from dashboard.components import forms
from dashboard.faults import Fault, guarded
from dashboard.routes.people import Person, require, who

Typed = Mapping[str, str]
Keys = Iterable[Mapping[str, str]]
# People type what they read: signs of currencies and percent, and blanks.
_WITHIN = re.compile(r"\d[^\W\d_]+\d")
_SIGNS = re.compile(r"[\s%\u00a0\u202f]|[^\W\d_]|[$€£¥₹]")


def typed(values: Iterable[Any], keys: Keys) -> dict[str, str]:
    """Every field's text by its name."""
    said = zip(keys, values, strict=True)
    return {key["name"]: "" if value is None else str(value).strip() for key, value in said}


def figure(text: str, unit: Unit) -> float | None:
    """A figure as it is typed in the spoken locale: 50,000 or 3.5 for percent; None for nothing.
    Raises Refused."""
    if not text.strip():
        return None
    bare = _SIGNS.sub("", text).replace("−", "-")
    try:
        if _WITHIN.search(text):
            raise ValueError("a letter stands between digits")
        value = float(parse_decimal(bare, locale=locale(), strict=True))
    except (NumberFormatError, ValueError) as error:
        example = format_decimal(1234.5, locale=locale())
        raise Refused(
            t("“{text}” is not a number.", text=text[:40]), hint=t("Write {like}.", like=example)
        ) from error
    return value / 100 if unit == "percent" else value


def as_typed(value: float | None, unit: Unit) -> str:
    """A figure as the field that holds it shows it."""
    if value is None:
        return ""
    shown = value * 100 if unit == "percent" else value
    return format_decimal(round(shown, 6), format="#,##0.######", locale=locale())


def may() -> bool:
    """Whether the person may set targets, define KPIs and add events."""
    return who().role.allows(Role.ANALYST)


def clicked() -> Mapping[str, str] | None:
    """The id of the button that was pressed; None where one has merely appeared."""
    pressed = ctx.triggered and ctx.triggered[0].get("value")
    found = ctx.triggered_id if pressed else None
    return found if isinstance(found, Mapping) else None


def attempt(form: str, deed: Callable[[Person], None]) -> bool:
    """Do what a form asks, when the person may; what went wrong stands under its fields."""

    def do() -> Fault | None:
        deed(require(Role.ANALYST))
        return None

    fault = guarded(do, lambda found: found, t("The form"))
    said = [] if fault is None else forms.problem(fault.message, fault.hint)
    set_props(f"{form}-said", {"children": said})
    return fault is None


def tell(text: str, undo: Mapping[str, Any] | None = None) -> None:
    """A toast; with `undo`, what the callback of that name is handed when Undo is pressed."""
    news = {"text": text, "tone": "good", "mark": secrets.token_hex(4)}
    set_props("told", {"data": news | ({"undo": dict(undo)} if undo else {})})


def redraw(*parts: str, page: str = "targets") -> None:
    """Ask again for parts of a page: their content has changed."""
    names = [f"{page}.{name}" for name in parts]
    set_props("redraw", {"data": {"parts": names, "mark": secrets.token_hex(4)}})


def fill(form: str, fields: Mapping[str, Any]) -> None:
    """Write into the fields of a form."""
    for name, value in fields.items():
        set_props(forms.field_id(form, name), {"value": value})


def note(services: Services, person: Person, what: str, subject: str, detail: str = "") -> None:
    services.records.audit.note(person.name, what, subject, detail)
