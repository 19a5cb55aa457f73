"""Bulk operations: their rules, their life, their files."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.clock import FrozenClock
from tests.shopify_standin.conftest import ORDERS_MADE, Ask, asker
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

RUN = """mutation($query: String!, $grouped: Boolean! = false) {
  bulkOperationRunQuery(query: $query, groupObjects: $grouped) {
    bulkOperation { id status } userErrors { field message code } } }"""
POLL = """query($id: ID!) { bulkOperation(id: $id) { status errorCode objectCount rootObjectCount
  fileSize url partialDataUrl completedAt } }"""
CANCEL = """mutation($id: ID!) { bulkOperationCancel(id: $id) {
  bulkOperation { status } userErrors { field message } } }"""
ORDERS = """{ orders(query: "status:any") { edges { node { __typename id name
  lineItems { edges { node { __typename id quantity } } }
  agreements { edges { node { __typename id sales { edges { node { __typename id lineType
    ... on ProductSale { lineItem { id } } } } } } } } } } } }"""


def run(ask: Ask, query: str = ORDERS, grouped: bool = False) -> Any:
    return ask(RUN, query=query, grouped=grouped)["data"]["bulkOperationRunQuery"]


def finished(standin: StandIn, query: str = ORDERS, grouped: bool = False) -> dict[str, Any]:
    ask = asker(standin)
    started = run(ask, query, grouped)["bulkOperation"]
    standin.clock.advance(60)  # type: ignore[attr-defined]
    found: dict[str, Any] = ask(POLL, id=started["id"])["data"]["bulkOperation"]
    return found


def lines(url: str) -> list[str]:
    answer = requests.get(url, timeout=5)
    assert answer.status_code == 200
    return answer.text.splitlines()


def test_an_export_is_made_while_time_passes(standin: StandIn, clock: FrozenClock) -> None:
    ask = asker(standin)
    started = run(ask)["bulkOperation"]
    assert started["status"] == "CREATED"
    clock.advance(2)
    half = ask(POLL, id=started["id"])["data"]["bulkOperation"]
    assert (half["status"], half["url"], half["fileSize"]) == ("RUNNING", None, None)
    clock.advance(60)
    done = ask(POLL, id=started["id"])["data"]["bulkOperation"]
    assert (done["status"], done["errorCode"]) == ("COMPLETED", None)
    assert done["rootObjectCount"] == str(ORDERS_MADE)
    assert 0 < int(half["objectCount"]) < int(done["objectCount"])
    found = lines(done["url"])
    assert len(found) == int(done["objectCount"])
    assert int(done["fileSize"]) == len("\n".join(found).encode()) + 1


def test_lines_are_as_shopify_writes_them(standin: StandIn) -> None:
    found = lines(finished(standin)["url"])
    assert found[0].startswith('{"__typename":"Order","id":"gid:\\/\\/shopify\\/Order\\/9001"')
    seen: set[str] = set()
    adjacent = True
    before = ""
    for line in found:
        doc = json.loads(line)
        parent = doc.get("__parentId")
        assert parent is None or parent in seen
        adjacent = adjacent and (parent is None or before.startswith(parent))
        seen.add(doc["id"])
        before = parent or doc["id"]
    assert not adjacent
    kinds = {json.loads(line)["__typename"] for line in found}
    assert kinds >= {"Order", "LineItem", "OrderAgreement", "ProductSale", "ShippingLineSale"}


def test_grouped_children_follow_their_parent(standin: StandIn) -> None:
    found = [json.loads(line) for line in lines(finished(standin, grouped=True)["url"])]
    roots = [doc["id"] for doc in found if "__parentId" not in doc]
    at: dict[str, str] = {}
    now = ""
    for doc in found:
        parent = doc.get("__parentId")
        root = doc["id"] if parent is None else at[parent]
        at[doc["id"]] = root
        assert root == now or parent is None
        now = root
    assert len(roots) == ORDERS_MADE


def test_an_export_says_what_pages_say(standin: StandIn) -> None:
    """The plan of an export and graphql-core read the same documents."""
    fields = "id name totalPriceSet { shopMoney { amount } } customer { id } refunds { id note }"
    exported = finished(standin, f"{{ orders {{ edges {{ node {{ {fields} }} }} }} }}")
    paged = asker(standin)(f"{{ orders(first: 100, sortKey: ID) {{ nodes {{ {fields} }} }} }}")
    found = [json.loads(line) for line in lines(exported["url"])]
    assert found == paged["data"]["orders"]["nodes"]


def test_connections_within_things_are_children_of_the_node_around_them(standin: StandIn) -> None:
    done = finished(
        standin,
        "{ productVariants { edges { node { __typename id inventoryItem { unitCost { amount }"
        ' inventoryLevels { edges { node { id quantities(names: ["available"]) { name quantity }'
        " location { id } } } } } } } } }",
    )
    first, level = map(json.loads, lines(done["url"])[:2])
    assert first["inventoryItem"] == {"unitCost": {"amount": "21.5"}}
    assert level["__parentId"] == first["id"]
    assert level["quantities"][0]["name"] == "available"
    variants = sum(1 for _ in standin.shop.variants())
    assert done["rootObjectCount"] == str(variants)
    assert done["objectCount"] == str(variants * 3)


def test_storage_is_not_the_shop(standin: StandIn, clock: FrozenClock) -> None:
    url = finished(standin)["url"]
    shown = requests.get(url, headers={"X-Shopify-Access-Token": "x"}, timeout=5)
    assert shown.status_code == 400
    clock.advance(days=8)
    assert requests.get(url, timeout=5).status_code == 403


def test_nothing_found_is_no_file(standin: StandIn) -> None:
    done = finished(standin, '{ orders(query: "id:1") { edges { node { id } } } }')
    assert (done["status"], done["objectCount"], done["url"]) == ("COMPLETED", "0", None)


def test_five_at_once(ask: Ask) -> None:
    started = [run(ask)["bulkOperation"]["id"] for _ in range(5)]
    refused = run(ask)
    assert refused["bulkOperation"] is None
    assert refused["userErrors"] == [
        {
            "field": None,
            "message": "A bulk query operation for this app and shop is already in progress: "
            f"{', '.join(started)}.",
            "code": "OPERATION_IN_PROGRESS",
        }
    ]


def test_cancelling_takes_a_while_and_is_refused_later(clock: FrozenClock) -> None:
    ask = asker(StandIn(Shop.seeded(clock, orders=5)))
    number = run(ask)["bulkOperation"]["id"]

    def cancel(id: str = number) -> Any:
        return ask(CANCEL, id=id)["data"]["bulkOperationCancel"]

    assert cancel() == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    clock.advance(3)
    assert ask(POLL, id=number)["data"]["bulkOperation"]["status"] == "CANCELED"
    assert cancel()["userErrors"][0]["message"].endswith("canceled when it is canceled")
    assert cancel("gid://shopify/BulkOperation/1")["userErrors"] == [
        {"field": ["id"], "message": "Bulk operation does not exist"}
    ]


@pytest.mark.parametrize(
    ("fault", "status", "code", "partial"),
    [
        ("bulk_failed", "FAILED", "INTERNAL_SERVER_ERROR", True),
        ("bulk_timeout", "FAILED", "TIMEOUT", False),
        ("bulk_canceled", "CANCELED", None, True),
        ("bulk_expired", "EXPIRED", None, False),
        ("bulk_no_url", "COMPLETED", None, False),
    ],
)
def test_other_endings(
    standin: StandIn, fault: str, status: str, code: str | None, partial: bool
) -> None:
    standin.faults.on(fault)
    done = finished(standin)
    assert (done["status"], done["errorCode"], done["url"]) == (status, code, None)
    assert bool(done["partialDataUrl"]) is partial
    assert int(done["objectCount"]) > 0
    assert finished(standin)["status"] == "COMPLETED"


def test_files_that_are_not_what_was_counted(standin: StandIn) -> None:
    whole = lines(finished(standin)["url"])
    standin.faults.on("bulk_lines_missing")
    assert lines(finished(standin)["url"]) == whole[:-1]
    standin.faults.on("bulk_truncated")
    cut = lines(finished(standin)["url"])
    assert cut[:-1] == whole[: len(cut) - 1]
    assert whole[len(cut) - 1].startswith(cut[-1]) and whole[len(cut) - 1] != cut[-1]
    standin.faults.on("bulk_unknown_enum")
    words = {json.loads(line).get("lineType") for line in lines(finished(standin)["url"])}
    assert words == {None, "SOMETHING_NEW_IN_2031"}


def test_an_export_needs_its_scope(standin: StandIn) -> None:
    standin.auth.scopes = ("read_products",)
    done = finished(standin)
    assert (done["status"], done["errorCode"]) == ("FAILED", "ACCESS_DENIED")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("{ shop { name } }", "must contain at least one connection"),
        ("{ orders { nodes { id } } }", "Invalid connection fields: 'orders'."),
        ('{ node(id: "gid://shopify/Order/1") { id } }', "top level `node` field"),
        ("{ products { edges { node { title variants { edges { node { id } } } } } } }",
         "Connection fields without 'id': products."),
        ("{ products { edges { node { no: id variants { edges { node { id } } } } } } }",
         "Connection fields without 'id': products."),
        ("{ orders { edges { node { id refunds { transactions { edges { node { id } } } } } } } }",
         "connection field within a list field"),
        ("mutation { bulkOperationCancel(id: 1) { userErrors { message } } }", "Only `query`"),
        ("{ orders { edges {", "syntax error, unexpected end of file"),
        ("{ orders { edges { node { nope } } } }", "Invalid bulk query: Cannot query field 'nope'"),
    ],
)  # fmt: skip
def test_what_must_not_be_asked_in_bulk(ask: Ask, query: str, says: str) -> None:
    told = run(ask, query)
    assert told["bulkOperation"] is None
    assert says in told["userErrors"][0]["message"]
    assert told["userErrors"][0]["code"] == "INVALID"
    assert told["userErrors"][0]["field"] == ["query"]


def test_not_too_deep_and_not_too_many(ask: Ask) -> None:
    level = "{ edges { node { id %s } } }"
    inner = ""
    for _ in range(3):
        inner = f"product {{ variants {level % inner} }}"
    deep = f"{{ productVariants {level % inner} }}"
    messages = [error["message"] for error in run(ask, deep)["userErrors"]]
    assert any("nesting depth greater than 2" in text for text in messages)
    leaf = level % ""
    many = f"{{ orders {level % f'lineItems {leaf} shippingLines {leaf} returns {leaf}'}"
    assert run(ask, many + " }")["bulkOperation"]
    more = f"{many} products {leaf} customers {leaf} }}"
    messages = [error["message"] for error in run(ask, more)["userErrors"]]
    assert messages == ["Bulk queries cannot contain more than 5 connections."]
