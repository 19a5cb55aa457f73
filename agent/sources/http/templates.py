"""Templates in recipes: {window.start}, {window.end}, {window.until}, {cursor}, {offset}, {limit},
{page}, {setting.NAME}, {secret.NAME}."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from agent.errors import Refused
from agent.sources.http.configuration import Recipe
from agent.words import t

PLACES = ("window.start", "window.end", "window.until", "cursor", "offset", "limit", "page")
_TEMPLATE = re.compile(r"\{([a-z_]+(?:\.\w+)?)(?::([^{}]*))?\}")
_ALIKE = re.compile(r"\{[A-Za-z_][\w.]*\}")
LEFT_OUT = object()
"""What a place becomes that is nothing but an empty template: it is not sent at all."""


@dataclass(frozen=True)
class Window:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def until(self) -> date:
        """The first day after it."""
        return self.end + timedelta(days=1)


@dataclass(frozen=True)
class Filling:
    """What templates are filled with. `secret` gives the value of a secret's name."""

    settings: Mapping[str, str]
    secret: Callable[[str], str]
    window: Window | None = None
    days: str = "%Y-%m-%d"
    cursor: str = ""
    offset: int = 0
    limit: int = 0
    page: int = 0

    def text(self, template: str, *, address: bool = False) -> str:
        """The template with its places filled, percent-encoded in an address."""

        def one(found: re.Match[str]) -> str:
            value = str(self._value(found[1], found[2] or self.days))
            return quote(value, safe="") if address else value

        return _TEMPLATE.sub(one, template)

    def tree(self, template: Any) -> Any:
        """A JSON value with its texts filled; a text that is one number's template is a number, and
        one that is an empty template's is left out."""
        if isinstance(template, Mapping):
            made = {key: self.tree(value) for key, value in template.items()}
            return {key: value for key, value in made.items() if value is not LEFT_OUT}
        if isinstance(template, list):
            return [v for v in map(self.tree, template) if v is not LEFT_OUT]
        if not isinstance(template, str):
            return template
        alone = _TEMPLATE.fullmatch(template)
        if alone is None:
            return self.text(template)
        value = self._value(alone[1], alone[2] or self.days)
        return LEFT_OUT if value == "" else value

    def pairs(self, template: Mapping[str, str]) -> dict[str, str]:
        """Parameters or headers; those that are nothing but an empty template are left out."""
        return {key: str(value) for key, value in self.tree(template).items()}

    def _value(self, name: str, days: str) -> str | int:
        kind, _, key = name.partition(".")
        if kind == "setting":
            return self.settings.get(key, "")
        if kind == "secret":
            return self.secret(key)
        if kind == "window":
            if self.window is None:
                raise Refused(t("A sign-in cannot depend on the days that are asked for."))
            return f"{getattr(self.window, key):{days}}"
        value: str | int = getattr(self, name)
        return value


def wrong(recipe: Recipe) -> str:
    """What is wrong with a recipe's templates, in words; "" where nothing is."""
    return next(filter(None, (_problem(recipe, *one) for one in _texts(recipe, ""))), "")


def _problem(recipe: Recipe, place: str, text: str) -> str:
    for found in _TEMPLATE.finditer(text):
        kind, _, key = found[1].partition(".")
        asked = recipe.settings.get(key)
        if kind in ("setting", "secret"):
            if asked is None or asked.secret != (kind == "secret"):
                return f"{place} asks for {found[0]}, and [settings] has no such {kind}"
        elif found[1] not in PLACES:
            return f"{place} has the template {found[0]}, which is none of {_known()}"
    alike = _ALIKE.search(_TEMPLATE.sub("", text))
    return f"{place} has the template {alike[0]}, which is none of {_known()}" if alike else ""


def _known() -> str:
    return ", ".join(f"{{{name}}}" for name in (*PLACES, "setting.NAME", "secret.NAME"))


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every text of a recipe that may hold templates, and where it stands."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _texts(one, f"{place}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one, place)
    elif is_dataclass(value):
        for row in fields(value):
            if row.name not in ("notes", "label", "settings", "options"):
                yield from _texts(getattr(value, row.name), f"{place}.{row.name}".lstrip("."))
