"""The switchboard: every fault by name, over real connections."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.shopify_standin.conftest import ORDERS_MADE
from tests.shopify_standin.faults import FAULTS, Switchboard
from tests.shopify_standin.standin import StandIn

ORDERS = """query Pages($cursor: String) { orders(first: 5, after: $cursor, sortKey: ID) {
  nodes { id name updatedAt displayFinancialStatus totalPriceSet { shopMoney { amount } }
    lineItems(first: 3) { nodes { quantity title } } }
  pageInfo { hasNextPage endCursor } } }"""


def post(standin: StandIn, query: str = ORDERS, timeout: float = 5, **variables: Any) -> Any:
    return requests.post(
        f"{standin.address}/admin/api/2026-10/graphql.json",
        json={"query": query, "variables": variables},
        headers={"X-Shopify-Access-Token": standin.auth.static_token},
        timeout=timeout,
    )


def orders(standin: StandIn, **variables: Any) -> Any:
    return post(standin, **variables).json()["data"]["orders"]


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("http_401", 401, "json"),
        ("http_402", 402, "json"),
        ("http_403", 403, "json"),
        ("http_404", 404, "json"),
        ("http_423", 423, "json"),
        ("http_429", 429, "json"),
        ("http_430", 430, "json"),
        ("http_500", 500, "json"),
        ("http_502", 502, "html"),
        ("http_503", 503, "html"),
        ("http_504", 504, "html"),
        ("html", 200, "html"),
    ],
)
def test_an_answer_of_another_status(standin: StandIn, fault: str, status: int, kind: str) -> None:
    standin.faults.on(fault)
    answer = post(standin)
    assert answer.status_code == status
    assert kind in answer.headers["Content-Type"]
    if kind == "json":
        assert isinstance(answer.json()["errors"], str)
    assert answer.headers.get("Retry-After") == ("2.0" if status == 429 else None)
    assert len(orders(standin)["nodes"]) == 5
    assert standin.faults.taken == {fault: 1}


def test_connections_that_end_badly(standin: StandIn) -> None:
    standin.faults.on("reset")
    with pytest.raises(requests.ConnectionError):
        post(standin)
    standin.faults.on("truncated")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        post(standin)
    assert post(standin).status_code == 200


def test_silence(standin: StandIn) -> None:
    """It is still silent when the stand-in stops, and that does not wait for it."""
    standin.faults.seconds = 600
    standin.faults.on("timeout")
    with pytest.raises(requests.Timeout):
        post(standin, timeout=0.2)
    assert post(standin).status_code == 200


def test_errors_in_200(standin: StandIn) -> None:
    standin.faults.on("throttled")
    told = post(standin).json()
    assert told["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = told["extensions"]["cost"]
    assert cost["requestedQueryCost"] > cost["throttleStatus"]["currentlyAvailable"]
    standin.bucket.level = 2000
    standin.faults.on("internal")
    told = post(standin).json()
    assert told["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    standin.faults.on("partial")
    told = post(standin).json()
    assert told["data"] == {"orders": None}
    assert told["errors"][0]["path"] == ["orders"]


def test_answers_that_cannot_be_believed(standin: StandIn) -> None:
    for fault in ("null_field", "unknown_enum", "huge", "nul", "wrong_types"):
        standin.faults.on(fault)
    first = orders(standin)
    assert first["nodes"] == "none"
    standin.faults.on("null_field")
    assert orders(standin)["nodes"][0]["id"] is None
    standin.faults.on("unknown_enum")
    word = orders(standin)["nodes"][0]["displayFinancialStatus"]
    assert word == "SOMETHING_NEW_IN_2031"
    standin.faults.on("huge")
    amount = orders(standin)["nodes"][0]["totalPriceSet"]["shopMoney"]["amount"]
    assert len(amount) > 40
    standin.faults.on("nul")
    assert "\x00" in orders(standin)["nodes"][0]["name"]
    standin.faults.on("missing_page_info")
    assert "pageInfo" not in orders(standin)
    standin.faults.on("empty_object")
    assert post(standin).json()["data"] == {}
    standin.faults.on("search_warning")
    assert post(standin).json()["extensions"]["search"][0]["warnings"]
    standin.faults.on("forward")
    assert post(standin).headers["X-Shopify-API-Version"] == "2026-01"


def test_pages_that_never_end(standin: StandIn) -> None:
    standin.faults.on("cyclic", None)
    one = orders(standin)["pageInfo"]
    two = orders(standin, cursor=one["endCursor"])["pageInfo"]
    assert one == two == {"hasNextPage": True, "endCursor": one["endCursor"]}
    standin.faults.off()
    standin.faults.on("endless", None)
    seen, cursor = set(), None
    for _ in range(20):
        page = orders(standin, cursor=cursor)
        cursor = page["pageInfo"]["endCursor"]
        assert page["pageInfo"]["hasNextPage"]
        assert len(page["nodes"]) == 5
        seen.add(cursor)
    assert len(seen) == 20


def test_storage_fails_too(standin: StandIn) -> None:
    run = 'mutation { bulkOperationRunQuery(query: "{ orders { edges { node { id } } } }")'
    made = post(standin, run + " { bulkOperation { id } } }").json()["data"]
    standin.clock.advance(60)  # type: ignore[attr-defined]
    number = made["bulkOperationRunQuery"]["bulkOperation"]["id"]
    poll = "query($id: ID!) { bulkOperation(id: $id) { url } }"
    url = post(standin, poll, id=number).json()["data"]["bulkOperation"]["url"]
    standin.faults.on("storage_500")
    assert requests.get(url, timeout=5).status_code == 500
    standin.faults.on("storage_403")
    assert requests.get(url, timeout=5).status_code == 403
    standin.faults.on("storage_cut")
    with pytest.raises(requests.RequestException):
        requests.get(url, timeout=5)
    assert len(requests.get(url, timeout=5).text.splitlines()) == ORDERS_MADE


def test_a_fault_is_used_up_or_stays_or_comes_by_chance() -> None:
    board = Switchboard()
    board.on("http_500", times=2)
    assert [board.first("http") for _ in range(3)] == ["http_500", "http_500", None]
    board.on("http_503", times=None)
    assert [board.first("http") for _ in range(3)] == ["http_503"] * 3
    board.off("http_503")
    board.on("http_504", None, 0.3, seed=5)
    drawn = [board.first("http") for _ in range(200)]
    assert 30 < drawn.count("http_504") < 90
    board.on("http_504", None, 0.3, seed=5)
    assert [board.first("http") for _ in range(200)] == drawn
    with pytest.raises(KeyError, match="http_999"):
        board.on("http_999")


def test_a_fault_may_wait_for_its_request(standin: StandIn) -> None:
    standin.faults.on("http_500", only="query Pages")
    assert post(standin, "{ shop { name } }").status_code == 200
    assert post(standin).status_code == 500
    assert [name for name, _ in standin.api.asked] == ["", "Pages"]


def test_a_person_switches_by_page_and_by_post(standin: StandIn) -> None:
    board = f"{standin.address}/_switchboard"
    page = requests.get(standin.address, timeout=5)
    assert page.headers["Content-Type"] == "text/html"
    assert standin.auth.client_secret in page.text
    assert all(f'value="{name}"' in page.text for name in FAULTS)
    told = requests.post(board, data=json.dumps({"on": "http_429", "times": 2}), timeout=5)
    assert told.json()["on"] == {"http_429": 2}
    form = {"on": "reset", "times": "ever", "page": "1"}
    back = requests.post(board, data=form, timeout=5)
    assert "on for ever" in back.text
    assert requests.post(board, json={"on": "nothing"}, timeout=5).status_code == 400
    assert requests.post(board, data={"off": ""}, timeout=5).json()["on"] == {}


def test_what_is_no_path(standin: StandIn) -> None:
    assert requests.get(f"{standin.address}/admin", timeout=5).status_code == 404
    assert requests.post(f"{standin.address}/admin/api/x", timeout=5).status_code == 404
    wrong = requests.post(
        f"{standin.address}/admin/api/2026-10/graphql.json",
        data=b"{",
        headers={"X-Shopify-Access-Token": standin.auth.static_token},
        timeout=5,
    )
    assert wrong.status_code == 400
