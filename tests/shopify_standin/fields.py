"""The schema at work: which function answers which field, and who may ask it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from tests.shopify_standin import catalogue, search, shopifyql
from tests.shopify_standin.listing import Listing
from tests.shopify_standin.paging import Doc, Row, of_documents, page

if TYPE_CHECKING:
    from tests.shopify_standin.bulk import BulkOperations
    from tests.shopify_standin.webhooks import Subscriptions

VERSIONS = ("2026-01", "2026-04", "2026-07", "2026-10")
LATEST = VERSIONS[-1]
COMING = "2027-01"
DENIED = "https://shopify.dev/api/usage/access-scopes"


@dataclass
class Context:
    """One request on its way: what it may see, and what is to be said beside its answer."""

    listing: Listing
    bulk: BulkOperations
    subscriptions: Subscriptions
    version: str = LATEST
    # Whether the app was approved for customers' data.
    protected: bool = True
    searches: list[dict[str, Any]] = field(default_factory=list)

    @property
    def scopes(self) -> tuple[str, ...]:
        return self.listing.scopes


# Field of the root -> the scope that it needs.
NEEDED: Mapping[str, str] = {
    **dict.fromkeys(("order", "orders", "ordersCount", "refund"), "read_orders"),
    **dict.fromkeys(
        ("product", "products", "productsCount", "productVariants", "events", "deletionEvents"),
        "read_products",
    ),
    **dict.fromkeys(("inventoryItem", "inventoryItems"), "read_inventory"),
    **dict.fromkeys(("location", "locations"), "read_locations"),
    **dict.fromkeys(("customer", "customers", "customersCount"), "read_customers"),
    "shopifyqlQuery": "read_reports",
}


def check(context: Context, name: str) -> None:
    """Raises ACCESS_DENIED where the app was not granted what a field needs."""
    scope = NEEDED.get(name)
    if scope is None or scope in context.scopes:
        return
    required = f"`{scope}` access scope."
    raise GraphQLError(
        f"Access denied for {name} field. Required access: {required}",
        extensions={
            "code": "ACCESS_DENIED", "documentation": DENIED, "requiredAccess": required,
        },
    )  # fmt: skip


@cache
def schema() -> GraphQLSchema:
    """The SDL with its functions. Enumerations let any word through: Shopify adds some."""
    folder = Path(__file__).parent / "schema"
    made = build_schema("\n".join(part.read_text() for part in sorted(folder.glob("*.graphql"))))
    for kind in made.type_map.values():
        if isinstance(kind, GraphQLEnumType):
            kind.coerce_output_value = _as_it_is  # type: ignore[method-assign, assignment]
        if isinstance(kind, GraphQLObjectType) and kind.name not in ("QueryRoot", "Mutation"):
            _nested(kind)
    assert made.query_type is not None
    assert made.mutation_type is not None
    for root, functions in ((made.query_type, QUERIES), (made.mutation_type, MUTATIONS)):
        for name, function in functions.items():
            root.fields[name].resolve = _guarded(name, function)
    order = made.type_map["Order"]
    assert isinstance(order, GraphQLObjectType)
    order.fields["customer"].resolve = _order_customer
    return made


def _as_it_is(value: Any) -> Any:
    return value


def _guarded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def resolve(_root: object, info: Any, **arguments: Any) -> Any:
        check(info.context, name)
        return function(info.context, name, **arguments)

    return resolve


def _nested(kind: GraphQLObjectType) -> None:
    """Lists within a thing become pages."""
    for name, member in kind.fields.items():
        if get_named_type(member.type).name.endswith("Connection"):
            member.resolve = _nested_page(name)


def _nested_page(name: str) -> Callable[..., Doc]:
    def resolve(source: Doc, info: Any, **arguments: Any) -> Doc:
        found = source[name]
        docs = found(info) if callable(found) else found
        wanted = ("first", "last", "after", "before", "reverse")
        chosen = {key: value for key, value in arguments.items() if key in wanted}
        return page(of_documents(docs), lambda row: row.number, **chosen)

    return resolve


def _order_customer(source: Doc, info: Any) -> Doc | None:
    if not info.context.protected:
        raise GraphQLError(
            "This app is not approved to access the Customer object. See"
            " https://partners.shopify.com/123/apps/456/customer_data for more details.",
            extensions={"code": "ACCESS_DENIED"},
        )
    found: Doc | None = source["customer"](info)
    return found


def rows(context: Context, name: str) -> list[Row]:
    listing = context.listing
    found: Mapping[str, Callable[[], list[Row]]] = {
        "orders": listing.orders,
        "products": listing.products,
        "productVariants": listing.variants,
        "inventoryItems": listing.items,
        "customers": listing.customers,
        "locations": listing.locations,
        "events": listing.removals,
        "deletionEvents": listing.removals,
        "bulkOperations": context.bulk.rows,
        "webhookSubscriptions": context.subscriptions.rows,
    }
    return found[name]()


SORTS = {"ID": "id", "ORDER_NUMBER": "id", "NAME": "name", "TITLE": "title", "POSITION": "id"}


def _found(context: Context, name: str, query: str | None) -> list[Row]:
    """The rows that a search finds; its warnings go beside the answer."""
    read = search.read(query, name, context.listing.shop.profile.zone)
    if read.warnings:
        context.searches.append(
            {"path": [name], "query": query, "parsed": read.parsed, "warnings": read.warnings}
        )
    return [row for row in rows(context, name) if read.finds(row.values)]


def _list(
    context: Context, name: str, query: str | None = None, sortKey: str = "ID", **arguments: Any
) -> Doc:
    by = SORTS.get(sortKey, sortKey.lower())
    rows = _found(context, name, query)
    wanted = ("first", "last", "after", "before", "reverse")
    chosen = {key: value for key, value in arguments.items() if key in wanted}
    if arguments.get("topics"):
        rows = [row for row in rows if row.values["topic"] in arguments["topics"]]
    return page(rows, lambda row: row.values.get(by, row.number), **chosen)


def _count(context: Context, name: str, query: str | None = None, limit: int | None = None) -> Doc:
    """Counted up to a limit (10,000 unless it is lifted): then it is AT_LEAST that many."""
    counted = len(_found(context, name.removesuffix("Count"), query))
    if limit is not None and counted > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": counted, "precision": "EXACT"}


def _one(context: Context, name: str, id: str | None = None) -> Doc | None:
    return context.listing.one(id or "")


def _node(context: Context, name: str, id: str) -> Doc | None:
    if "/BulkOperation/" in id:
        return context.bulk.one(id)
    if "/WebhookSubscription/" in id:
        return context.subscriptions.one(id)
    sort = id.removeprefix("gid://shopify/").partition("/")[0]
    check(context, f"{sort[:1].lower()}{sort[1:]}")
    return context.listing.one(id)


def _installation(context: Context, name: str) -> Doc:
    return {
        "__typename": "AppInstallation",
        "id": "gid://shopify/AppInstallation/61",
        "accessScopes": [{"handle": s, "description": s} for s in context.scopes],
    }


def _versions(context: Context, name: str) -> list[Doc]:
    def shown(handle: str) -> str:
        later = {LATEST: f"{LATEST} (Latest)", COMING: f"{COMING} (Release candidate)"}
        return later.get(handle, handle)

    return [
        {"handle": handle, "displayName": shown(handle), "supported": handle in VERSIONS}
        for handle in (*VERSIONS, COMING, "unstable")
    ]


QUERIES: Mapping[str, Callable[..., Any]] = {
    **dict.fromkeys(
        (
            *("orders", "products", "productVariants", "inventoryItems", "customers", "locations"),
            *("events", "deletionEvents", "bulkOperations", "webhookSubscriptions"),
        ),
        _list,
    ),
    **dict.fromkeys(("ordersCount", "productsCount", "customersCount"), _count),
    **dict.fromkeys(("order", "product", "customer", "inventoryItem", "location", "refund"), _one),
    "node": _node,
    "nodes": lambda context, name, ids: [_node(context, name, one) for one in ids],
    "shop": lambda context, name: catalogue.shop(context.listing.shop),
    "currentAppInstallation": _installation,
    "publicApiVersions": _versions,
    "shopifyqlQuery": lambda context, name, query: shopifyql.answer(context.listing.shop, query),
    "bulkOperation": lambda context, name, id: context.bulk.one(id),
    "currentBulkOperation": lambda context, name, type="QUERY": context.bulk.last(),
    "webhookSubscription": lambda context, name, id: context.subscriptions.one(id),
}
MUTATIONS: Mapping[str, Callable[..., Any]] = {
    "bulkOperationRunQuery": lambda context, name, query, groupObjects=False: context.bulk.run(
        context, query, groupObjects
    ),
    "bulkOperationCancel": lambda context, name, id: context.bulk.cancel(id),
    "webhookSubscriptionCreate": lambda context, name, topic, webhookSubscription: (
        context.subscriptions.create(topic, webhookSubscription, context.version)
    ),
    "webhookSubscriptionUpdate": lambda context, name, id, webhookSubscription: (
        context.subscriptions.update(id, webhookSubscription)
    ),
    "webhookSubscriptionDelete": lambda context, name, id: context.subscriptions.delete(id),
}
