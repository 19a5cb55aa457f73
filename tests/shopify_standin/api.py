"""One request to the Admin API, from its token to its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLError, execute_sync, parse, validate

from tests.shopify_standin import cost, spoiling
from tests.shopify_standin.auth import DEAD, Auth
from tests.shopify_standin.bulk import BulkOperations
from tests.shopify_standin.faults import Switchboard
from tests.shopify_standin.fields import LATEST, VERSIONS, Context, schema
from tests.shopify_standin.listing import Listing
from tests.shopify_standin.webhooks import Subscriptions

UNKNOWN = re.compile(r"Cannot query field '(\w+)' on type '(\w+)'")
LIMITS = "https://shopify.dev/api/usage/rate-limits"
TOO_DEAR = (
    "Query cost is {}, which exceeds the single query max cost limit (1000).\n\nSee"
    " https://shopify.dev/concepts/about-apis/rate-limits for more information on how the\ncost of"
    " a query is calculated.\n\nTo query larger amounts of data with fewer limits, bulk operations"
    " should be used instead.\nSee https://shopify.dev/tutorials/perform-bulk-operations-with-admin"
    "-api for usage details.\n"
)
HTML = "text/html"


@dataclass
class Answer:
    """What goes back. `how` is "ok", "reset", "truncated" or "silent": what the connection does."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "ok"


def _says(status: int, errors: str, **headers: str) -> Answer:
    return Answer(status, orjson.dumps({"errors": errors}), headers=dict(headers))


def _page(status: int, title: str) -> Answer:
    return Answer(status, f"<html><body>{title}</body></html>".encode(), HTML)


# Faults that take the place of an answer.
INSTEAD: Mapping[str, Answer] = {
    "http_401": _says(401, DEAD),
    "http_402": _says(402, "This shop's plan does not have access to this feature"),
    "http_403": _says(403, "User does not have access"),
    "http_404": _says(404, "Not Found"),
    "http_423": _says(423, "Locked"),
    "http_429": _says(
        429,
        "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted"
        " service.",
        **{"Retry-After": "2.0"},
    ),
    "http_430": _says(430, "Shopify Security Rejection"),
    "http_500": _says(500, "An unexpected error occurred"),
    "http_502": _page(502, "Bad Gateway"),
    "http_503": _page(503, "Service Unavailable"),
    "http_504": _page(504, "Gateway Timeout"),
    "html": _page(200, "Please sign in"),
    "timeout": Answer(0, b"", how="silent"),
    "reset": Answer(0, b"", how="reset"),
}


@dataclass
class Api:
    """The door of a shop for one app."""

    auth: Auth
    faults: Switchboard
    listing: Listing
    bulk: BulkOperations
    subscriptions: Subscriptions
    bucket: cost.Bucket
    # False: customers are null, with ACCESS_DENIED beside them.
    protected: bool = True
    # What was asked: (operation's name, HTTP status), newest last.
    asked: list[tuple[str, int]] = field(default_factory=list)

    def answer(self, version: str, token: str | None, body: bytes) -> Answer:
        """One POST to /admin/api/{version}/graphql.json."""
        self.bulk.tell()
        found = self._answer(version, token, body)
        operation = re.search(rb"\b(?:query|mutation)\s+(\w+)", body)
        self.asked.append((operation[1].decode() if operation else "", found.status))
        return found

    def _answer(self, version: str, token: str | None, body: bytes) -> Answer:
        text = body.decode(errors="replace")
        fault = self.faults.first("http", text)
        if fault is not None and fault in INSTEAD:
            return INSTEAD[fault]
        if not self.auth.known(token):
            return INSTEAD["http_401"]
        try:
            request = orjson.loads(body)
            query, variables = request["query"], request.get("variables") or {}
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return _says(400, "Bad Request")
        served = version if version in (*VERSIONS, "unstable") else VERSIONS[0]
        spoils = self.faults.all_of("body", text)
        if "forward" in spoils:
            served = VERSIONS[0]
        if fault == "throttled":
            self.bucket.level = 0
        if fault == "internal":
            told = _internal()
        else:
            told = self._ask(query, variables, request.get("operationName"), served)
        told = spoiling.spoiled(told, spoils, variables)
        made = Answer(200, orjson.dumps(told), headers={"X-Shopify-API-Version": served})
        made.how = "truncated" if fault == "truncated" else "ok"
        return made

    def _ask(
        self, query: str, variables: Mapping[str, Any], name: str | None, version: str
    ) -> dict[str, Any]:
        document, errors = read(query)
        if document is None or errors:
            return {"errors": errors}
        requested = cost.cost(schema(), document, variables, name=name)
        if requested > cost.MOST:
            return {"errors": [_too_dear(requested)]}
        if requested > self.bucket.available():
            return self._throttled(requested)
        listing = self.listing
        listing.scopes = self.auth.scopes
        context = Context(listing, self.bulk, self.subscriptions, version, self.protected)
        done = execute_sync(
            schema(),
            document,
            context_value=context,
            variable_values=dict(variables),
            operation_name=name,
        )
        told: dict[str, Any] = {}
        if done.errors:
            told["errors"] = [_formatted(error) for error in done.errors]
        if done.data is not None or not done.errors:
            told["data"] = done.data
        elif any((e.extensions or {}).get("code") == "ACCESS_DENIED" for e in done.errors):
            told["data"] = None
        actual = min(requested, self._actual(document, variables, name, done.data))
        self.bucket.take(actual)
        told["extensions"] = {"cost": self._cost(requested, actual)}
        if context.searches:
            told["extensions"]["search"] = context.searches
        return told

    def _actual(
        self, document: DocumentNode, variables: Mapping[str, Any], name: str | None, data: Any
    ) -> int:
        return cost.cost(schema(), document, variables, name=name, data=data or {})

    def _cost(self, requested: int, actual: int | None) -> dict[str, Any]:
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": self.bucket.status(),
        }

    def _throttled(self, requested: int) -> dict[str, Any]:
        error = {
            "message": "Throttled",
            "extensions": {"code": "THROTTLED", "documentation": LIMITS},
        }
        return {"errors": [error], "extensions": {"cost": self._cost(requested, None)}}


def _internal() -> dict[str, Any]:
    message = (
        "Internal error. Looks like something went wrong on our end.\nRequest ID: 7f1c (include"
        " this in support requests)."
    )
    extensions = {"code": "INTERNAL_SERVER_ERROR", "requestId": "7f1c"}
    return {"errors": [{"message": message, "extensions": extensions}]}


def _too_dear(requested: int) -> dict[str, Any]:
    return {
        "message": TOO_DEAR.format(requested),
        "extensions": {
            "code": "MAX_COST_EXCEEDED",
            "cost": requested,
            "maxCost": cost.MOST,
            "documentation": f"{LIMITS.replace('rate-limits', 'limits')}#rate-limits",
        },
    }


@lru_cache(maxsize=256)
def read(query: str) -> tuple[DocumentNode | None, list[dict[str, Any]]]:
    """A document, and what is wrong with it in Shopify's words."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, [_formatted(error)]
    return document, [_formatted(error) for error in validate(schema(), document)]


def _formatted(error: GraphQLError) -> dict[str, Any]:
    told = dict(error.formatted)
    unknown = UNKNOWN.match(error.message)
    if unknown:
        name, kind = unknown[1], unknown[2]
        told["message"] = f"Field '{name}' doesn't exist on type '{kind}'"
        told["extensions"] = {"code": "undefinedField", "typeName": kind, "fieldName": name}
    return told


__all__ = ["LATEST", "Answer", "Api"]
