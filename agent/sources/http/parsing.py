"""A recipe from its TOML or JSON text, or one sentence that says what is wrong with it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from importlib.resources import files
from typing import Any, get_args, get_origin, get_type_hints

from agent.errors import Refused
from agent.sources.daily import FIELDS, NEEDED
from agent.sources.http import configuration, templates
from agent.sources.http.configuration import Column, Recipe
from agent.sources.mapped import FIELDS as LINE_FIELDS
from agent.words import mark, t

RECIPES = ("ga4", "meta", "google_ads", "rates")
"""Recipes that come with the product: files of recipes/."""
SAID = (
    mark("Google Analytics 4"),
    mark("Meta ads"),
    mark("Google Ads"),
    mark("Exchange rates (frankfurter.dev)"),
    mark("Ad account id"),
    mark("Customer id"),
    mark(
        "Carts, checkouts and purchases are counts of events; Google restates them for two days"
        " and more."
    ),
    mark(
        "Meta restates its figures for 28 days; what it says that its campaigns sold is of one kind"
        " of action."
    ),
    mark(
        "What Google says that its campaigns sold counts the conversions of the account's own"
        " settings."
    ),
    mark("A day without a rate has the last one before it."),
)
"""What the recipes that come with the product say to people."""
LONGEST = 100_000
RATES = ("date", "base", "currency", "rate")
OWN: Mapping[str, Sequence[str]] = {**FIELDS, "rates": RATES, "orders": LINE_FIELDS}
NEEDS: Mapping[str, Sequence[str]] = {
    **NEEDED, "rates": RATES, "orders": ("order_id", "placed_at"),
}  # fmt: skip
"""Target -> the columns that its recipe must name."""
_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def ready(name: str) -> Recipe:
    """A recipe that comes with the product. Raises Refused."""
    if name not in RECIPES:
        raise Refused(
            t("There is no recipe {name!r}.", name=name),
            hint=t("Recipes: {names}.", names=", ".join(RECIPES)),
        )
    return _ready(name)


@cache
def _ready(name: str) -> Recipe:
    text = files("agent.sources.http").joinpath(f"recipes/{name}.toml").read_text("utf-8")
    return parse(text)


def parse(text: str) -> Recipe:
    """A recipe from TOML, or from JSON where the text begins with a brace. Raises Refused."""
    if len(text) > LONGEST:
        raise _wrong("it has more than {most:,} characters", most=LONGEST)
    try:
        content = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except RecursionError:
        raise _wrong("it is nested too deep") from None
    except ValueError as error:
        raise _wrong("it is neither TOML nor JSON ({error})", error=str(error)[:200]) from None
    recipe: Recipe = _made(Recipe, content, "")
    _check(recipe)
    return recipe


def _made(kind: Any, content: Any, place: str) -> Any:
    """A dataclass from a table: every value of its type, no name unknown."""
    if not isinstance(content, Mapping):
        raise _wrong("{place} is no table", place=place or "it")
    known = {one.name: one for one in fields(kind)}
    hints = get_type_hints(kind, vars(configuration) | {"Mapping": Mapping, "Any": Any})
    for name in content:
        if name not in known:
            raise _wrong(
                "{place} has no setting '{name}'; it has {known}",
                place=place or "a recipe", name=name, known=", ".join(known),
            )  # fmt: skip
    return kind(
        **{
            name: _value(hints[name], value, f"{place}.{name}".lstrip("."), known[name])
            for name, value in content.items()
        }
    )


def _value(kind: Any, value: Any, place: str, row: Field[Any] | None = None) -> Any:
    if kind is Any:
        return value
    if is_dataclass(kind):
        short = kind is Column and isinstance(value, str)
        return _made(kind, {"path": value} if short else value, place)
    if get_origin(kind) is tuple:
        return _list(get_args(kind)[0], value, place)
    if get_origin(kind) is not None:
        return _table(get_args(kind)[1], value, place)
    return _single(kind, value, place, row)


def _list(kind: Any, value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise _wrong("{place} is no list", place=place)
    # Codes of errors are numbers for some and words for others.
    plain = [str(v) if kind is str and type(v) is int else v for v in value]
    return tuple(_value(kind, one, f"{place}[{at}]") for at, one in enumerate(plain))


def _table(kind: Any, value: Any, place: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong("{place} is no table", place=place)
    return {name: _value(kind, one, f"{place}.{name}") for name, one in value.items()}


def _single(kind: type, value: Any, place: str, row: Field[Any] | None) -> Any:
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise _wrong("{place} is not {kind}", place=place, kind=_NAMES[kind])
    words = row.metadata["of"] if row else ()
    if words and value not in words:
        raise _wrong(
            "{place} = '{value}' is none of {words}",
            place=place, value=value, words=", ".join(words),
        )  # fmt: skip
    if isinstance(value, int) and value < 0 and row and row.default is not MISSING:
        raise _wrong("{place} is below zero", place=place)
    return value


def _check(recipe: Recipe) -> None:
    """Raises Refused for what each part allows but all together do not."""
    needs, own = NEEDS[recipe.target], OWN[recipe.target]
    missing = [name for name in needs if name not in recipe.columns]
    strange = [name for name in recipe.columns if name not in (*own, "currency")]
    wrong = ""
    if not recipe.label:
        wrong = "it has no label"
    elif not recipe.request.url.startswith(("https://", "http://")):
        wrong = "request.url is no address that begins with https://"
    elif missing:
        wrong = f"columns names no {' and no '.join(missing)}, which {recipe.target} needs"
    elif strange:
        wrong = f"columns.{strange[0]} is no column of {recipe.target}: {', '.join(own)} are"
    else:
        wrong = _parts(recipe) or templates.wrong(recipe)
    if wrong:
        raise _wrong("{wrong}", wrong=wrong)


_AUTH_NEEDS: Mapping[str, Sequence[str]] = {
    "bearer": ("token",), "header": ("name", "value"), "query": ("name", "value"),
    "basic": ("user", "password"), "service_account": ("key", "scope"),
    "refresh_token": ("token_url", "client_id", "refresh_token"),
    "client_credentials": ("token_url", "client_id", "client_secret"),
}  # fmt: skip


def _parts(recipe: Recipe) -> str:
    auth, paging, window = recipe.auth, recipe.paging, recipe.window
    for name in _AUTH_NEEDS.get(auth.kind, ()):
        if not getattr(auth, name):
            return f"auth.{name} is missing, which auth.kind = '{auth.kind}' needs"
    if paging.kind in ("cursor", "next_url") and not paging.path:
        return f"paging.path is missing, which paging.kind = '{paging.kind}' needs"
    if paging.kind in ("offset", "page") and paging.limit < 1:
        return "paging.limit is not above zero"
    if window.days < 1 or window.history < window.days:
        return "window.days is not from 1 to window.history"
    others = [(f"request.others[{at}]", url) for at, url in enumerate(recipe.request.others)]
    for name, url in others:
        if not url.startswith(("https://", "http://")):
            return f"{name} is no address that begins with https://"
    first = (("request.url", recipe.request.url), ("auth.token_url", auth.token_url))
    for name, url in (*first, *others):
        # Secrets go where the recipe says, and not where a setting may lead them.
        if "{" in url.partition("://")[2].partition("/")[0]:
            return f"{name} has a template in its host"
    for pivot in recipe.answer.pivot:
        if not (pivot.path and pivot.choose and pivot.into):
            return "answer.pivot needs path, choose (one kind) and into"
    for name, column in recipe.columns.items():
        if bool(column.path) + bool(column.answer) + bool(column.value) != 1:
            return f"columns.{name} needs one of path, answer and value"
    return ""


def _wrong(text: str, **values: object) -> Refused:
    return Refused(
        t("The recipe cannot be used: {why}.", why=text.format(**values)),
        hint=t(
            "Correct it in the form of this connection; docs/sources-http.md has every setting."
        ),
    )
