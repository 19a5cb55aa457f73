"""Errors in HTTP 200, held to the contract's captured bodies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.clock import FrozenClock
from tests.shopify_standin.api import TOO_DEAR
from tests.shopify_standin.conftest import Ask, asker
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

pytestmark = pytest.mark.shared
Errors = dict[str, Any]


@pytest.fixture(scope="module")
def known(shared: Path) -> Errors:
    path = shared / "shopify" / "examples" / "errors.json"
    if not path.is_file():
        pytest.skip("the contract's examples are not in ../shared/shopify")
    found: Errors = json.loads(path.read_text())
    return {name: one.get("body") for name, one in found.items()}


@pytest.fixture
def door(clock: FrozenClock) -> StandIn:
    return StandIn(Shop.seeded(clock, orders=6))


def first(told: Any) -> Any:
    return told["errors"][0]


def keys(value: Any) -> Any:
    """A body without its values."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None


def test_throttled(known: Errors, door: StandIn) -> None:
    door.faults.on("throttled")
    body = orjson.dumps({"query": "{ orders(first: 9) { nodes { id } } }"})
    told = orjson.loads(door.api.answer("2026-10", door.auth.static_token, body).body)
    theirs = known["throttled"]
    assert keys(told) == keys(theirs)
    assert first(told) == first(theirs)
    assert told["extensions"]["cost"]["actualQueryCost"] is None


def test_too_dear(known: Errors, ask: Ask) -> None:
    told = ask(
        "{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { product {"
        " variants(first: 250) { nodes { id } } } } } } } }"
    )
    assert keys(told) == keys(known["max_cost"])
    assert TOO_DEAR.format(2003) == first(known["max_cost"])["message"]
    same = ("code", "maxCost", "documentation")
    ours, theirs = first(told)["extensions"], first(known["max_cost"])["extensions"]
    assert [ours[name] for name in same] == [theirs[name] for name in same]


def test_access_denied(known: Errors, door: StandIn) -> None:
    door.auth.scopes = ("read_products",)
    told = first(asker(door)("{ orders(first: 1) { nodes { id } } }"))
    theirs = first(known["access_denied"])
    assert {name: told[name] for name in theirs} == theirs


def test_protected_customers(known: Errors, door: StandIn) -> None:
    door.api.protected = False
    told = asker(door)("{ orders(first: 9) { nodes { customer { id } } } }")
    theirs = first(known["protected_data"])
    assert {**first(told), "path": [], "locations": []} == {**theirs, "path": [], "locations": []}
    assert "data" in told


def test_a_field_that_is_not_there(known: Errors, ask: Ask) -> None:
    told, theirs = first(ask("{ orders { nodes { nope } } }")), first(known["undefined_field"])
    assert told["message"] == theirs["message"]
    assert told["extensions"] == theirs["extensions"]


def test_a_page_without_a_size(known: Errors, ask: Ask) -> None:
    told = first(ask("{\n\n  bulkOperations { nodes { id } } }"))
    assert told == first(known["bad_paging"])


def test_five_exports_at_once(known: Errors, ask: Ask) -> None:
    run = 'mutation { bulkOperationRunQuery(query: "{ orders { edges { node { id } } } }")'
    run += " { bulkOperation { id } userErrors { field message code } } }"
    for _ in range(5):
        assert ask(run)["data"]["bulkOperationRunQuery"]["bulkOperation"]
    told = json.dumps(ask(run)["data"])
    for number in range(5):
        told = told.replace(f"BulkOperation/{720_901 + number}", f"BulkOperation/{number + 1}")
    assert json.loads(told) == known["bulk_busy"]["data"]


def test_cancelling_what_is_not_or_was(known: Errors, clock: FrozenClock, door: StandIn) -> None:
    cancel = "mutation($id: ID!) { bulkOperationCancel(id: $id)"
    cancel += " { bulkOperation { id status } userErrors { field message } } }"
    ask = asker(door)
    missing = ask(cancel, id="gid://shopify/BulkOperation/5")["data"]
    assert missing == known["bulk_cancel_missing"]["data"]
    ask('mutation { bulkOperationRunQuery(query: "{ orders { edges { node { id } } } }")'
        " { bulkOperation { id } } }")  # fmt: skip
    clock.advance(60)
    (number,) = door.bulk.operations
    told = json.dumps(ask(cancel, id=number)["data"]).replace(number.split("/")[-1], "1")
    assert json.loads(told) == known["bulk_cancel_done"]["data"]


def test_a_wrong_statement(known: Errors, ask: Ask) -> None:
    query = (
        '{ shopifyqlQuery(query: "FROM sales SHOW total_sale") { parseErrors tableData { rows } } }'
    )
    assert ask(query)["data"] == known["shopifyql_parse"]["data"]


def test_a_misspelt_search(known: Errors, ask: Ask) -> None:
    told = ask('{ products(first: 1, query: "name:blue jeans") { nodes { id } } }')
    (ours,), (theirs,) = (
        told["extensions"]["search"],
        known["search_warning"]["extensions"]["search"],
    )
    assert ours["warnings"] == theirs["warnings"]
    assert (ours["path"], ours["query"]) == (theirs["path"], theirs["query"])
    parts = ours["parsed"]["and"]
    assert sorted(map(str, parts)) == sorted(map(str, theirs["parsed"]["and"]))
