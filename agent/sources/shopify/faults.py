"""What Shopify's refusals mean: each status and each error code is one sentence and one class.

Trying again can help after Unavailable (and Throttled says when); any other Failure stops the
shop's sync until somebody acts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.errors import Failure, NotAllowed, NotFound, Refused, Throttled, Unavailable
from agent.words import t

SECURITY_PAUSE = 300.0
"""Seconds to leave a shop alone that rejected us for security: it must not be hammered."""

SHORT_PAUSE = 2.0


class TokenRefused(NotAllowed):
    """Shopify does not know the token (any more): worth one renewal, then not."""


class TooCostly(Refused):
    """One query asks for more points than any may: ask for a smaller page."""


class Denied(NotAllowed):
    """The app may not read what was asked for; `scope` is what it lacks, where Shopify says so."""

    def __init__(self, message: str, *, hint: str = "", scope: str = "") -> None:
        super().__init__(message, hint=hint)
        self.scope = scope


class Trouble(Unavailable):
    """Shopify failed inside: the same page may work when it is smaller."""


def of_status(status: int, retry_after: str, shop: str) -> Failure | None:
    """The failure of an HTTP status; None where it is none."""
    if status == 200:
        return None
    if status == 429:
        return Throttled(
            t("{shop} was asked too often: Shopify wants a pause.", shop=shop),
            after=_seconds(retry_after),
        )
    if status == 430:
        return Throttled(
            t("Shopify's security turned a request to {shop} away.", shop=shop),
            hint=t("Nothing is asked for five minutes. If it stays, ask Shopify's support."),
            after=SECURITY_PAUSE,
        )
    if status in _STATUSES:
        return _STATUSES[status](shop)
    if 300 <= status < 400:
        return Refused(
            t("{shop} answers with a redirect, which is not followed.", shop=shop),
            hint=t("Give the shop's myshopify.com address, not its own domain."),
        )
    if status >= 500:
        return Trouble(
            t("Shopify has trouble of its own ({status}) at {shop}.", status=status, shop=shop)
        )
    return Refused(t("Shopify refused a request to {shop} ({status}).", status=status, shop=shop))


def _unauthorized(shop: str) -> Failure:
    return TokenRefused(
        t("Shopify does not accept the access token of {shop}.", shop=shop),
        hint=t("The app was uninstalled or its token withdrawn: connect the shop again."),
    )


def _frozen(shop: str) -> Failure:
    return Refused(
        t("The shop {shop} is frozen: its Shopify plan is not paid.", shop=shop),
        hint=t("What was read stays. The sync goes on when the plan is active again."),
    )


def _forbidden(shop: str) -> Failure:
    return Denied(
        t("Shopify does not let the app read {shop}.", shop=shop),
        hint=t("Give the app its scopes in the Dev Dashboard and install it again."),
    )


def _absent(shop: str) -> Failure:
    return NotFound(
        t("Shopify knows no shop {shop}.", shop=shop),
        hint=t("Look at the address: the admin shows it under Settings, Domains."),
    )


def _unprocessable(shop: str) -> Failure:
    return Refused(t("Shopify could not make sense of a request to {shop}.", shop=shop))


def _locked(shop: str) -> Failure:
    return Refused(
        t("Shopify has locked {shop}.", shop=shop),
        hint=t("Limits were ignored or fraud is suspected: only Shopify's support can unlock it."),
    )


_STATUSES: Mapping[int, Callable[[str], Failure]] = {
    401: _unauthorized,
    402: _frozen,
    403: _forbidden,
    404: _absent,
    422: _unprocessable,
    423: _locked,
}


def _seconds(text: str) -> float:
    """`Retry-After` in seconds; a date or nonsense means a short pause."""
    try:
        return min(max(float(text), 0.0), SECURITY_PAUSE)
    except ValueError:
        return SHORT_PAUSE


@dataclass(frozen=True)
class Said:
    """One entry of an answer's `errors`."""

    message: str
    code: str
    path: tuple[str, ...]
    needs: str

    @property
    def field(self) -> str:
        return ".".join(part for part in self.path if not part.isdigit())


def said(body: Mapping[str, Any]) -> tuple[Said, ...]:
    """The errors of a body, however they are written: a list of objects, texts, or one text."""
    found = body.get("errors")
    if not found:
        return ()
    entries: Sequence[Any] = found if isinstance(found, list) else [found]
    return tuple(_one(entry) for entry in entries)


def _one(entry: Any) -> Said:
    if not isinstance(entry, Mapping):
        return Said(str(entry)[:300], "", (), "")
    more = entry.get("extensions")
    extensions = more if isinstance(more, Mapping) else {}
    path = entry.get("path")
    return Said(
        str(entry.get("message") or "")[:300],
        str(extensions.get("code") or ""),
        tuple(str(part) for part in path) if isinstance(path, list) else (),
        _scopes(str(extensions.get("requiredAccess") or "")),
    )


def _scopes(text: str) -> str:
    """ "`read_orders` access scope." -> read_orders"""
    return ", ".join(text.split("`")[1::2])[:100]


def of_error(one: Said, shop: str) -> Failure:
    """The failure of an error in an answer that came with HTTP 200."""
    if one.code == "MAX_COST_EXCEEDED":
        return TooCostly(t("A query to {shop} asks for more than Shopify allows.", shop=shop))
    if one.code == "INTERNAL_SERVER_ERROR":
        return Trouble(t("Shopify failed inside while it read {shop}.", shop=shop))
    if one.code == "SHOP_INACTIVE":
        return _frozen(shop)
    if one.code == "ACCESS_DENIED":
        return denied(one)
    return Refused(
        t("Shopify refused a query: {message}", message=one.message or one.code),
        hint=t("This is a fault of the connector: please report it with this sentence."),
    )


def denied(one: Said) -> Denied:
    """What may not be read, as a failure; its message is fit for a note."""
    field = one.field or t("what was asked for")
    if one.needs:
        return Denied(
            t("Shopify does not show {field} (scope {scope}).", field=field, scope=one.needs),
            hint=t("Give the app this scope in the Dev Dashboard and install it again."),
            scope=one.needs,
        )
    return Denied(t("Shopify does not show {field}: the app is not approved for it.", field=field))
