"""The stand-in and the connector, held to Shopify's own schemas and to the contract's examples.

Those are not part of the repository: where they are not beside it, these tests are skipped.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
    build_schema,
    parse,
    validate,
)

from tests.clock import FrozenClock
from tests.shopify_standin import bulk_rules
from tests.shopify_standin.api import INSTEAD
from tests.shopify_standin.auth import OAUTH, REASONS
from tests.shopify_standin.conftest import asker
from tests.shopify_standin.cost import cost, operation_of
from tests.shopify_standin.fields import schema
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn
from tests.shopify_standin.webhooks import signature

pytestmark = pytest.mark.shared
VERSIONS = ("2026-07", "2026-10")
CONNECTOR = Path(__file__).resolve().parents[2] / "agent" / "sources" / "shopify"
TEXT = re.compile(r"^\s*(query|mutation)\b[^{]*\{|^\s*\{\s*\w+[^{]*\{", re.DOTALL)
# Our words in the connector's templates, and something that they stand for.
BLANKS = {"WINDOW": "updated_at:>='2026-11-01'", "SORTED": "UPDATED_AT"}


@pytest.fixture(scope="module")
def contract(shared: Path) -> Path:
    folder = shared / "shopify"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/shopify with the real schemas is not there")
    return folder


@pytest.fixture(scope="module", params=VERSIONS)
def real(contract: Path, request: pytest.FixtureRequest) -> GraphQLSchema:
    return build_schema((contract / f"admin-{request.param}.pruned.graphql").read_text())


def example(contract: Path, name: str) -> Any:
    return json.loads((contract / "examples" / f"{name}.json").read_text())


def test_every_name_of_ours_is_shopify_s(real: GraphQLSchema) -> None:
    wrong = []
    for name, kind in schema().type_map.items():
        if name.startswith("__"):
            continue
        theirs = real.type_map.get(name)
        if type(theirs) is not type(kind):
            wrong.append(f"{name} is {type(theirs).__name__}")
        elif isinstance(kind, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            wrong += [f"{name}.{word}" for word in kind.values if word not in theirs.values]
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            wrong += list(differences(name, kind, theirs))
    assert wrong == []


def differences(name: str, ours: Any, theirs: Any) -> Iterator[str]:
    """Fields and arguments that are not there with the same type and default."""
    for key, field in ours.fields.items():
        other = theirs.fields.get(key)
        if other is None or str(other.type) != str(field.type):
            yield f"{name}.{key}: {field.type} is {other and other.type}"
            continue
        for word, argument in getattr(field, "args", {}).items():
            given = other.args.get(word)
            same = given is not None and str(given.type) == str(argument.type)
            if not same or given.default_value != argument.default_value:
                yield f"{name}.{key}({word})"
    for interface in getattr(ours, "interfaces", ()):
        if interface.name not in {one.name for one in theirs.interfaces}:
            yield f"{name} implements {interface.name}"


@cache
def queries_of_the_connector() -> dict[str, str]:
    """Every GraphQL text in it: files, and strings of its modules."""
    found = {path.name: path.read_text(encoding="utf-8") for path in CONNECTOR.rglob("*.graphql")}
    for path in CONNECTOR.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and TEXT.search(text) and parses(text):
                found[f"{path.name}:{node.lineno}"] = text  # type: ignore[attr-defined]
    for name, text in found.items():
        for blank, stands_for in BLANKS.items():
            text = text.replace(blank, stands_for)
        found[name] = text
    return found


def parses(text: str) -> bool:
    try:
        parse(text)
    except GraphQLError:
        return False
    return True


def test_every_query_of_the_connector_is_valid(real: GraphQLSchema) -> None:
    wrong = {
        name: [error.message for error in errors]
        for name, text in queries_of_the_connector().items()
        if (errors := validate(real, parse(text)))
    }
    assert wrong == {}


def test_the_stand_in_knows_every_query_of_the_connector(contract: Path) -> None:
    found = queries_of_the_connector()
    assert len(found) >= 5
    wrong = {
        name: [error.message for error in errors]
        for name, text in found.items()
        if (errors := validate(schema(), parse(text)))
    }
    assert wrong == {}


def test_no_query_of_the_connector_is_too_dear(contract: Path) -> None:
    """At the largest page that there is; exports are free."""
    for name, text in queries_of_the_connector().items():
        document = parse(text)
        operation = operation_of(document)
        assert operation is not None, name
        if name.startswith("bulk_") and operation.operation is OperationType.QUERY:
            assert bulk_rules.check(schema(), text) == [] or "$" in text, name
            continue
        assert cost(schema(), document, {}) <= 1000, name


COSTS = (
    *("orders_incremental", "order_refunds", "products_page", "inventory_page", "customers_page"),
    *("shop_info", "locations", "shopifyql_funnel", "webhook_subscribe", "webhook_list"),
    *("deleted_products", "bulk_run", "bulk_poll_by_id", "bulk_poll_by_node", "bulk_cancel"),
    "bulk_list_running",
)


@pytest.mark.parametrize("name", COSTS)
def test_the_cost_of_an_example(contract: Path, name: str) -> None:
    told = example(contract, name)
    document = parse((contract / "queries" / f"{name}.graphql").read_text())
    requested = told["extensions"]["cost"]["requestedQueryCost"]
    assert cost(schema(), document, told.get("_variables") or {}) == requested


def kind_of(value: Any) -> str:
    if not isinstance(value, str):
        return type(value).__name__
    for kind, pattern in (
        ("gid", r"gid://shopify/\w+/[\w-]+(\?.*)?"),
        ("moment", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("decimal", r"-?\d+\.\d+"),
        ("number", r"-?\d+"),
    ):
        if re.fullmatch(pattern, value):
            return kind
    return "text"


def shape(value: Any, path: str = "", into: dict[str, set[str]] | None = None) -> Any:
    """Path -> the kinds of what was seen there, whatever place of a list it stood at."""
    found = {} if into is None else into
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("__typename", "__parentId"):
                shape(inner, f"{path}.{key}", found)
    elif isinstance(value, list):
        for inner in value:
            shape(inner, f"{path}[]", found)
    elif value is not None:
        found.setdefault(path, set()).add(kind_of(value))
    return found


def answered(standin: StandIn, contract: Path, name: str) -> Any:
    """The stand-in's answer to an example's query, with variables that find something here."""
    shop = standin.shop
    refunded = next(o for o in shop.orders.values() if o.refunds and o.refunds[0].adjustments)
    ask = asker(standin)
    run = (contract / "queries" / "bulk_run.graphql").read_text()
    document = "{ orders { edges { node { id } } } }"
    started = ask(run, document=document)["data"]["bulkOperationRunQuery"]["bulkOperation"]
    waits = {"bulk_poll_by_id": 60, "bulk_poll_by_node": 60, "bulk_list_running": 1}
    standin.clock.advance(waits.get(name, 0))  # type: ignore[attr-defined]
    if name == "webhook_list":
        subscribe = (contract / "queries" / "webhook_subscribe.graphql").read_text()
        ask(subscribe, **example(contract, "webhook_subscribe")["_variables"])
    given = dict(example(contract, name).get("_variables") or {})
    given |= {"filter": "action:destroy" if name == "deleted_products" else "id:>0"}
    if "id" in given:
        bulk = name.startswith("bulk")
        given["id"] = started["id"] if bulk else f"gid://shopify/Order/{refunded.order_id}"
    text = (contract / "queries" / f"{name}.graphql").read_text()
    return ask(text, **{key: v for key, v in given.items() if f"${key}" in text})


@pytest.mark.parametrize("name", COSTS)
def test_an_answer_has_the_example_s_shape(contract: Path, clock: FrozenClock, name: str) -> None:
    standin = StandIn(Shop.seeded(clock, orders=16))
    standin.shop.remove_product(list(standin.shop.products.values())[2])
    ours = answered(standin, contract, name)
    assert "errors" not in ours
    theirs = shape(example(contract, name)["data"])
    found = shape(ours["data"])
    # What may be empty here or there says nothing; the same place holds the same kind of thing.
    for path in theirs.keys() & found.keys():
        assert theirs[path] & found[path] or {"number", "text"} >= theirs[path] | found[path], path
    assert len(theirs.keys() & found.keys()) >= 0.9 * len(theirs)
    assert ours["extensions"].keys() == {"cost"}


def test_a_line_of_an_export_has_the_example_s_keys(contract: Path, clock: FrozenClock) -> None:
    standin = StandIn(Shop.seeded(clock, orders=45))
    inner = (contract / "queries" / "bulk_orders_inner.graphql").read_text()
    run = (contract / "queries" / "bulk_run.graphql").read_text()
    assert asker(standin)(run, document=inner)["data"]["bulkOperationRunQuery"]["userErrors"] == []
    (operation,) = standin.bulk.operations.values()
    ours = {doc["__typename"]: doc for doc in map(json.loads, operation.lines)}
    lines = (contract / "examples" / "bulk_orders.jsonl").read_text().splitlines()
    for line in lines:
        doc = json.loads(line)
        assert list(ours[doc["__typename"]]) == list(doc)
        assert "/" not in re.sub(r"\\/", "", line)
    assert all("/" not in re.sub(r"\\/", "", line) for line in operation.lines)


def test_errors_are_in_shopify_s_words(contract: Path) -> None:
    known = example(contract, "errors")
    names = {
        "unauthorized": "http_401", "frozen": "http_402", "forbidden": "http_403",
        "not_found": "http_404", "locked": "http_423", "too_many": "http_429",
        "security": "http_430", "server": "http_500", "gateway": "http_502",
        "unavailable": "http_503", "timeout": "http_504",
    }  # fmt: skip
    for theirs, ours in names.items():
        body = known[theirs]["body"]
        told = INSTEAD[ours]
        assert told.status == known[theirs]["status"]
        assert (told.body.decode() if isinstance(body, str) else orjson.loads(told.body)) == body
    wrong = "shop_not_permitted"
    assert known["oauth_wrong_org"]["body_contains"] in OAUTH.format(wrong, REASONS[wrong])


def test_refusals_of_bulk_queries_are_in_shopify_s_words(contract: Path) -> None:
    rules = set(example(contract, "errors")["bulk_rules"]["messages"])
    leaf = "{ edges { node { id } } }"
    nested = "{ edges { node { id variants { edges { node { id product { variants"
    asked = (
        "{ orders { nodes { id } } }",
        '{ node(id: "1") { id } }',
        "{ shop { name } }",
        f"{{ products {nested} {{ edges {{ node {{ id product {{ variants {leaf} }} }} }} }}"
        " } } } } } } } }",
        "{ orders { edges { node { id" + " lineItems { edges { node { id } } } shippingLines"
        " { edges { node { title } } } returns { edges { node { id } } } } } }"
        f" products {leaf} customers {leaf} }}",
        "{ products { edges { node { variants { edges { node { id } } } } } } }",
        'mutation { bulkOperationCancel(id: "1") { userErrors { message } } }',
        "{ orders { edges { node { id refunds { transactions { edges { node { id } } } } } } } }",
        "{ orders {",
    )
    told = [message for text in asked for message in bulk_rules.check(schema(), text)]
    assert set(told) >= rules, rules - set(told)


def test_a_delivery_is_signed_as_the_example(contract: Path) -> None:
    told = example(contract, "webhook_delivery")
    body = told["body"].encode()
    assert signature(told["secret"], body) == told["headers"]["X-Shopify-Hmac-Sha256"]
