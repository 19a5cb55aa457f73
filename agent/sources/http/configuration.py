"""What a recipe says of a service that answers in JSON: how to ask it, and what its answers mean.

Each field's `about` is its line in docs/sources-http.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TARGETS = ("spend", "sessions", "costs", "rates", "orders")
METHODS = ("GET", "POST")
AUTHS = (
    *("none", "bearer", "header", "query", "basic", "refresh_token", "client_credentials"),
    "service_account",
)
PAGINGS = ("none", "cursor", "next_url", "offset", "page")
FORMS = ("text", "number", "micros", "cents", "whole", "date", "seconds", "milliseconds")
LOADS = ("replace", "upsert")
UNTIL = ("today", "yesterday")


def told(about: str, default: Any = "", *, of: tuple[str, ...] = ()) -> Any:
    """A field with its line for the reference; `of`: the words that it may be."""
    metadata = {"about": about, "of": of}
    if isinstance(default, dict | list):
        return field(default_factory=type(default)(default).copy, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Question:
    """What the recipe asks the person who connects it."""

    label: str = told("What a person reads beside the field.")
    secret: bool = told("Whether it is a secret: used as `{secret.NAME}` and never shown.", False)
    required: bool = told("Whether it must be filled in.", True)
    default: str = told("Its value where it is left empty.")
    digits: bool = told("Whether only its digits count: 123-456 is 123456.", False)


@dataclass(frozen=True)
class Request:
    """How a window of days is asked for."""

    url: str = told("The address, https. Templates in it are percent-encoded.")
    others: tuple[str, ...] = told(
        "Further addresses of the same service, asked in this order where the one before does not"
        " answer.",
        (),
    )
    method: str = told("How it is asked.", "GET", of=METHODS)
    query: Mapping[str, str] = told("Parameters of the address.", {})
    headers: Mapping[str, str] = told("Headers besides those of the sign-in.", {})
    body: Any = told(  # noqa: RUF009 (a field)
        "The JSON body: a table, lists and texts with templates.", None
    )
    days: str = told("How the days of a window are written in templates.", "%Y-%m-%d")


@dataclass(frozen=True)
class Auth:
    """How the service knows who asks."""

    kind: str = told("The way of signing in.", "none", of=AUTHS)
    token: str = told("bearer: the token.")
    name: str = told("header, query: the name of the header or parameter.")
    value: str = told("header, query: its value.")
    user: str = told("basic: the user.")
    password: str = told("basic: the password.")
    token_url: str = told("The address that gives tokens (OAuth).")
    client_id: str = told("refresh_token, client_credentials: the client's id.")
    client_secret: str = told("refresh_token, client_credentials: the client's secret.")
    refresh_token: str = told("refresh_token: the token that gives tokens.")
    scope: str = told("client_credentials, service_account: what is asked for.")
    key: str = told("service_account: the key, the JSON file that Google gives, as text.")


@dataclass(frozen=True)
class Paging:
    """How an answer of several pages goes on."""

    kind: str = told(
        "`cursor`: a text in the answer, sent as `{cursor}` with the next request; `next_url`: the"
        " next address, on the same host; `offset`: `{offset}` and `{limit}`; `page`: `{page}`.",
        "none",
        of=PAGINGS,
    )
    path: str = told("cursor, next_url: where the answer has it. Absent or empty: the last page.")
    more: str = told("Where the answer says whether there is more; false ends the pages.")
    total: str = told("offset, page: where the answer says how many rows (pages) there are in all.")
    limit: int = told("offset, page: rows of a page.", 1000)
    first: int = told("page: the number of the first page.", 1)


@dataclass(frozen=True)
class Zip:
    """Names and values that stand in lists of their own, as GA4 answers."""

    names: str = told("Path of the names, in the answer.")
    values: str = told("Path of the values, in the record.")


@dataclass(frozen=True)
class Pivot:
    """A list of kinds and values, of which one kind is chosen, as Meta answers."""

    path: str = told("Path of the list, in the record.")
    type: str = told("Which field of an entry is its kind.", "type")
    value: str = told("Which field of an entry is its value.", "value")
    choose: str = told(
        "The one kind that counts: kinds overlap, so they are never added up. Templates of settings"
        " may stand in it."
    )
    into: str = told("The field of the record that the value becomes.")


@dataclass(frozen=True)
class Answer:
    """Where the records stand in an answer, and what they look like."""

    path: str = told("Path of the list of records; `*.results`: of every batch in a list.")
    empty: str = told(
        "What an answer without records must have to count as an empty one, and not as a strange"
        " one: a path."
    )
    unset: tuple[str, ...] = told("Texts that mean nothing.", ("(not set)",))
    unfold: tuple[str, ...] = told(
        "For a table of tables instead of a list: the fields that its keys become, from outside in;"
        " what is innermost becomes the field `value`.",
        (),
    )
    zip: tuple[Zip, ...] = told("Names and values in lists of their own.", ())
    pivot: tuple[Pivot, ...] = told("Lists of kinds and values.", ())
    error: str = told("Path that an answer of status 200 has only where it is an error.", "error")
    message: str = told("Path of an error's text.", "error.message")
    code: str = told("Path of an error's code.", "error.code")


@dataclass(frozen=True)
class Column:
    """Where a value of a row comes from: a path in the record, a path in the answer, or a value
    that is always the same."""

    path: str = told("Path in the record, with dots.")
    answer: str = told("Path in the whole answer.")
    value: str = told("A fixed text; templates of settings may stand in it.")
    form: str = told(
        "`micros`: a million is one; `cents`: a hundred is one; `date`: 2026-11-16 or 20261116, an"
        " hour may follow; `seconds`, `milliseconds`: since 1970.",
        "text",
        of=FORMS,
    )
    default: str = told("What a record without it has.")


@dataclass(frozen=True)
class Window:
    """Which days are asked for."""

    days: int = told("How many past days are read anew each time: platforms restate.", 28)
    history: int = told("How many days the first sync goes back.", 365)
    piece: int = told("How many days one request asks for; 0: all of them.", 30)
    until: str = told("The last day.", "yesterday", of=UNTIL)
    load: str = told(
        "`replace`: the days' rows are removed and written anew; `upsert`: rows with the same key"
        " are replaced, none is removed.",
        "replace",
        of=LOADS,
    )


@dataclass(frozen=True)
class Account:
    """What the account's figures are in, where the rows do not say it."""

    currency: str = told("Currency of the amounts; empty: the shop's.")
    currency_path: str = told("Path of the currency in the answer.")
    timezone: str = told("Time zone of the account's days; empty: the shop's.")
    timezone_path: str = told("Path of the time zone in the answer.")


@dataclass(frozen=True)
class Retry:
    """Which failures pass."""

    statuses: tuple[int, ...] = told(
        "Statuses after which asking again can help; Retry-After is kept.",
        (408, 425, 429, 500, 502, 503, 504),
    )
    codes: tuple[str, ...] = told("Codes of errors (`answer.code`) that pass, of any status.", ())
    after: float = told("Seconds to wait where the service does not say how long.", 0.0)


@dataclass(frozen=True)
class Limits:
    """Where an answer is too much to be right."""

    pages: int = told("Pages of one window.", 500)
    megabytes: int = told("Size of a window's answers, unpacked.", 50)
    seconds: int = told("Time for one answer.", 120)


@dataclass(frozen=True)
class Recipe:
    """A service, and how its answers become rows."""

    label: str = told("What a person reads.")
    version: str = told("The version of the service's interface that this was written for.")
    target: str = told("What its rows are.", "spend", of=TARGETS)
    notes: str = told("A sentence that a person should know.")
    settings: Mapping[str, Question] = told("What the person who connects it is asked.", {})
    request: Request = field(default_factory=Request, metadata={"about": "", "of": ()})
    auth: Auth = field(default_factory=Auth, metadata={"about": "", "of": ()})
    paging: Paging = field(default_factory=Paging, metadata={"about": "", "of": ()})
    answer: Answer = field(default_factory=Answer, metadata={"about": "", "of": ()})
    columns: Mapping[str, Column] = told("Our column -> where it comes from; a text is a path.", {})
    window: Window = field(default_factory=Window, metadata={"about": "", "of": ()})
    account: Account = field(default_factory=Account, metadata={"about": "", "of": ()})
    retry: Retry = field(default_factory=Retry, metadata={"about": "", "of": ()})
    limits: Limits = field(default_factory=Limits, metadata={"about": "", "of": ()})
    options: Mapping[str, Any] = told(
        "orders: how lines are read, as in docs/examples/mapping.toml without its columns.", {}
    )
