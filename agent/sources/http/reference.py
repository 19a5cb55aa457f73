"""docs/sources-http.md, from the tables that the code reads recipes by."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

from agent.sources.http import configuration as parts
from agent.sources.http import parsing

_TABLES: tuple[tuple[str, type, str], ...] = (
    ("(top)", parts.Recipe, "What stands before the first table."),
    ("settings.NAME", parts.Question, "A question that the connect form asks; one table each."),
    ("request", parts.Request, "How a window of days is asked for."),
    ("auth", parts.Auth, "How the service knows who asks."),
    ("paging", parts.Paging, "How an answer of several pages goes on."),
    ("answer", parts.Answer, "Where the records stand."),
    ("answer.zip", parts.Zip, "A list of tables: names and values in lists of their own (GA4)."),
    ("answer.pivot", parts.Pivot, "A list of tables: kinds and values in a list (Meta)."),
    ("columns.NAME", parts.Column, "Where each of our columns comes from. A text alone is a path."),
    ("window", parts.Window, "Which days are asked for."),
    ("account", parts.Account, "What the account's figures are in."),
    ("retry", parts.Retry, "Which failures pass."),
    ("limits", parts.Limits, "Where an answer is too much to be right."),
)


def page() -> str:
    """The reference page of recipes, as Markdown."""
    tables = "\n".join(_table(*row) for row in _TABLES)
    targets = "\n".join(
        f"| `{name}` | {', '.join(f'`{c}`' for c in parsing.NEEDS[name])} |"
        f" {', '.join(f'`{c}`' for c in parsing.OWN[name] if c not in parsing.NEEDS[name])} |"
        for name in parts.TARGETS
    )
    ready = "\n".join(
        f"| `{name}` | {recipe.label} | {recipe.version} | `{recipe.target}` |"
        f" {', '.join(recipe.settings)} |"
        for name in parsing.RECIPES
        for recipe in (parsing.ready(name),)
    )
    return _TEXT.format(tables=tables, targets=targets, ready=ready)


def _table(name: str, kind: type, about: str) -> str:
    rows = "\n".join(
        f"| `{row.name}` | {_default(row)} | {_about(row)} |"
        for row in fields(kind)
        if row.metadata["about"]
    )
    return f"### {name}\n\n{about}\n\n| setting | default | what it says |\n|---|---|---|\n{rows}\n"


def _default(row: Field[Any]) -> str:
    value = row.default
    if not isinstance(value, str | int | float | tuple) or value in ("", ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{list(value) if isinstance(value, tuple) else value}`"


def _about(row: Field[Any]) -> str:
    words = row.metadata["of"]
    more = f" One of {', '.join(f'`{word}`' for word in words)}." if words else ""
    return f"{row.metadata['about']}{more}"


_TEXT = """# The HTTP source

A connection of the kind *HTTP and JSON* asks a service by a recipe: how to ask, and what the answers mean. A recipe is TOML
(or JSON with the same names); four come with the product, any other is typed into the connect form as *Recipe*, with `own`
as its service. A recipe that cannot be used is refused with one sentence that says why. This page is made by `python app.py docs`.

## Recipes that come with the product

| recipe | service | version | brings | asks for |
|---|---|---|---|---|
{ready}

Their text stands in `agent/sources/http/recipes/`: whoever needs other columns copies one and changes it. The version of a
service's interface is pinned there, in the address.

## What happens

- The newest `window.days` are asked for at each sync and take the place of what was kept of them: platforms restate. The
  first sync then goes back to `window.history`, newest piece first; a sync that was stopped goes on where it was.
- Nothing of a piece is written before all its pages are read and checked. A failure ends in one sentence on the Sources page.
- A row that cannot be used is kept aside with the reason, the others land. Where none of a piece can be used, the piece is refused.
- A piece without rows does not remove rows that are kept: the connection says so instead.
- Spend belongs to its channel, and one connection brings a channel: another one of the same shop is refused. Of visits a shop
  has one source.
- Amounts in another currency are turned into the shop's at their day's rate (import rates, or connect the recipe `rates`);
  a row without a rate is kept aside. Days are those of the account; times with an hour are moved to the shop's clocks.
- Answers go to no other host: redirects and next pages stay on the one that was asked. Addresses of private networks, and http
  without encryption, are asked only where the connection allows it. A proxy of the environment is not used.
- Secrets are typed into the form, or named as `secret:NAME`; none stands in a message, a log or an address that is shown.

## Templates

In addresses, parameters, headers, bodies and the sign-in: `{{window.start}}`, `{{window.end}}` (the last day), `{{window.until}}`
(the day after it), each with a format as in `{{window.start:%Y%m%d}}`; `{{cursor}}`, `{{offset}}`, `{{limit}}`, `{{page}}`;
`{{setting.NAME}}` and `{{secret.NAME}}`. A parameter, a header or a value of the body that is nothing but an empty template is
not sent. In an address they are percent-encoded; a body's value that is nothing but a number's template is a number.

## Paths

`a.b` goes into tables, `*` into each entry of a list, a number into one entry. A name that has dots itself is found whole.

## What rows can be

| target | needed columns | other columns |
|---|---|---|
{targets}

`currency` may be a column of every target with amounts.

## Settings

{tables}"""
