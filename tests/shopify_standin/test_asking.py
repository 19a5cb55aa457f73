"""Tokens, versions, scopes, searches, pages, costs: one request to the Admin API."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
import requests

from tests.clock import FrozenClock
from tests.shopify_standin.conftest import ORDERS_MADE, Ask, asker
from tests.shopify_standin.money import written
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

ORDERS = """query($filter: String, $cursor: String, $first: Int) {
  orders(first: $first, after: $cursor, query: $filter, sortKey: UPDATED_AT) {
    nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }"""
SHOP = "{ shop { name } }"


def grant(standin: StandIn, **other: str) -> requests.Response:
    form = {
        "grant_type": "client_credentials",
        "client_id": standin.auth.client_id,
        "client_secret": standin.auth.client_secret,
        **other,
    }
    return requests.post(f"{standin.address}/admin/oauth/access_token", data=form, timeout=5)


def post(standin: StandIn, token: str, query: str = SHOP, version: str = "2026-10") -> Any:
    return requests.post(
        f"{standin.address}/admin/api/{version}/graphql.json",
        json={"query": query},
        headers={"X-Shopify-Access-Token": token},
        timeout=5,
    )


def test_a_token_lives_for_a_day(standin: StandIn, clock: FrozenClock) -> None:
    granted = grant(standin).json()
    assert granted["expires_in"] == 86399
    assert granted["scope"].split(",")[:2] == ["read_orders", "read_all_orders"]
    token = granted["access_token"]
    assert post(standin, token).json()["data"] == {"shop": {"name": "Alder & Co"}}
    clock.advance(hours=24)
    dead = post(standin, token)
    assert dead.status_code == 401
    assert dead.json()["errors"].startswith("[API] Invalid API key")
    assert post(standin, standin.auth.static_token).status_code == 200


def test_a_token_is_refused_to_strangers(standin: StandIn) -> None:
    assert grant(standin, client_secret="wrong").status_code == 401
    for fault in ("shop_not_permitted", "app_not_installed"):
        standin.faults.on(fault)
        answer = grant(standin)
        assert answer.status_code == 400
        assert f"Oauth error {fault}" in answer.text
    standin.auth.uninstall()
    assert post(standin, standin.auth.static_token).status_code == 401


def test_a_retired_version_falls_forward(standin: StandIn) -> None:
    for asked, served in (("2026-07", "2026-07"), ("2024-01", "2026-01")):
        answer = post(standin, standin.auth.static_token, version=asked)
        assert answer.headers["X-Shopify-API-Version"] == served


def test_pages_join_without_a_gap(ask: Ask) -> None:
    seen, cursor = [], None
    while True:
        page = ask(ORDERS, first=12, cursor=cursor)["data"]["orders"]
        seen += page["nodes"]
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len({node["id"] for node in seen}) == len(seen) == ORDERS_MADE
    assert seen == sorted(seen, key=lambda node: node["updatedAt"])
    assert ask(ORDERS, first=5, filter="id:1")["data"]["orders"]["pageInfo"] == {
        "hasNextPage": False,
        "endCursor": None,
    }


def test_a_row_that_changes_between_pages_is_met_again(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=4)
    ask = asker(StandIn(shop))
    first = ask(ORDERS, first=2)["data"]["orders"]
    order = shop.orders[int(first["nodes"][0]["id"].split("/")[-1])]
    shop.refund(order, goodwill=Decimal(1))
    rest = ask(ORDERS, first=5, cursor=first["pageInfo"]["endCursor"])["data"]["orders"]
    assert [node["id"] for node in rest["nodes"]][-1] == first["nodes"][0]["id"]
    assert len(rest["nodes"]) == 3


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("", "you must provide one of first or last"),
        ("(first: 1, last: 1)", "providing both first and last is not supported"),
        ("(first: 251)", "first and last must be between 0 and 250"),
        ('(first: 1, after: "@")', "Invalid cursor for current pagination sort."),
    ],
)
def test_a_page_that_cannot_be(ask: Ask, page: str, says: str) -> None:
    error = ask(f"{{ products{page} {{ nodes {{ id }} }} }}")["errors"][0]
    assert (error["message"], error["extensions"]["code"]) == (says, "BAD_REQUEST")


def test_a_search_by_time_has_both_ends(ask: Ask) -> None:
    every = ask(ORDERS, first=100)["data"]["orders"]["nodes"]
    low, high = every[10]["updatedAt"], every[20]["updatedAt"]
    found = ask(ORDERS, first=100, filter=f"updated_at:>='{low}' AND updated_at:<'{high}'")
    assert found["data"]["orders"]["nodes"] == every[10:20]


def test_searches_by_what_an_order_is(ask: Ask) -> None:
    def count(query: str) -> int:
        found = ask("query($q: String) { ordersCount(query: $q) { count precision } }", q=query)
        assert found["extensions"]["cost"]["requestedQueryCost"] == 10
        number: int = found["data"]["ordersCount"]["count"]
        return number

    assert count("") == count("status:any") == ORDERS_MADE
    cancelled = count("status:cancelled")
    assert 0 < cancelled < ORDERS_MADE
    assert count("-status:cancelled") == ORDERS_MADE - cancelled
    assert count("id:9001 OR name:'#1002'") == 2
    assert count("id:>=9001 id:<9004") == 3
    assert count("created_at:>2031-01-01") == 0
    assert count("test:true") + count("test:false") == ORDERS_MADE


def test_a_misspelt_field_finds_everything_and_warns(ask: Ask) -> None:
    told = ask(ORDERS, first=100, filter="updated_att:>='2031-01-01'")
    assert len(told["data"]["orders"]["nodes"]) == ORDERS_MADE
    (search,) = told["extensions"]["search"]
    assert search["path"] == ["orders"]
    assert search["warnings"] == [
        {"field": "updated_att", "message": "Invalid search field for this query."}
    ]


def test_the_index_may_be_behind(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=3)
    ask = asker(StandIn(shop))
    shop.index_lag = 10
    order = shop.place()
    now = f"updated_at:>='{clock.now():%Y-%m-%dT%H:%M:%SZ}'"
    one = f'{{ order(id: "gid://shopify/Order/{order.order_id}") {{ name }} }}'
    assert ask(one)["data"]["order"] == {"name": order.name}
    assert ask(ORDERS, first=9, filter=now)["data"]["orders"]["nodes"] == []
    clock.advance(10)
    assert len(ask(ORDERS, first=9, filter=now)["data"]["orders"]["nodes"]) == 1


def test_without_read_all_orders_history_is_60_days_and_nobody_says_so(standin: StandIn) -> None:
    ask = asker(standin)
    standin.auth.scopes = ("read_orders",)
    told = ask("{ ordersCount { count } }")
    limit = standin.clock.now() - timedelta(days=60)
    assert told["data"]["ordersCount"]["count"] == len(
        [order for order in standin.shop.orders.values() if order.created_at >= limit]
    )
    assert told["data"]["ordersCount"]["count"] < ORDERS_MADE
    assert "errors" not in told


def test_a_scope_that_was_not_granted(standin: StandIn) -> None:
    standin.auth.scopes = ("read_orders", "read_all_orders")
    told = asker(standin)("{ shop { name } shopifyqlQuery(query: \"FROM sales SHOW orders\")"
                          " { parseErrors } }")  # fmt: skip
    assert told["data"] == {"shop": {"name": "Alder & Co"}, "shopifyqlQuery": None}
    (error,) = told["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["extensions"]["requiredAccess"] == "`read_reports` access scope."
    assert error["path"] == ["shopifyqlQuery"]
    assert asker(standin)("{ products(first: 1) { nodes { id } } }")["data"] is None


def test_customers_may_be_protected(standin: StandIn) -> None:
    standin.api.protected = False
    told = asker(standin)(
        '{ orders(first: 9, query: "customer_id:>0") { nodes { customer { id } } } }'
    )
    assert {str(node["customer"]) for node in told["data"]["orders"]["nodes"]} == {"None"}
    assert told["errors"][0]["message"].startswith(
        "This app is not approved to access the Customer"
    )
    assert told["errors"][0]["path"] == ["orders", "nodes", 0, "customer"]


def test_a_field_that_is_not_there(ask: Ask) -> None:
    told = ask("{ orders(first: 1) { nodes { nope } } }")
    (error,) = told["errors"]
    assert error["message"] == "Field 'nope' doesn't exist on type 'Order'"
    assert error["extensions"] == {
        "code": "undefinedField",
        "typeName": "Order",
        "fieldName": "nope",
    }
    assert "data" not in told


def test_a_bucket_empties_and_fills(standin: StandIn, clock: FrozenClock) -> None:
    standin.bucket.level = 5
    body = orjson.dumps({"query": "{ orders(first: 250) { nodes { id } } }"})
    answer = standin.api.answer("2026-10", standin.auth.static_token, body)
    told = orjson.loads(answer.body)
    assert answer.status == 200
    assert "data" not in told
    assert told["errors"][0]["extensions"]["code"] == "THROTTLED"
    cost = told["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (13, None)
    missing = cost["requestedQueryCost"] - cost["throttleStatus"]["currentlyAvailable"]
    clock.advance(missing / cost["throttleStatus"]["restoreRate"])
    answer = standin.api.answer("2026-10", standin.auth.static_token, body)
    assert "data" in orjson.loads(answer.body)


def test_what_a_query_does_not_use_is_given_back(ask: Ask) -> None:
    cost = ask('{ orders(first: 250, query: "id:9001") { nodes { id customer { id } } } }')[
        "extensions"
    ]["cost"]
    assert cost["requestedQueryCost"] == 24
    assert cost["actualQueryCost"] <= 4
    assert cost["throttleStatus"]["currentlyAvailable"] >= 1996


def test_too_dear_a_query_never_runs(ask: Ask) -> None:
    told = ask(
        "{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { product {"
        " variants(first: 250) { nodes { id } } } } } } } }"
    )
    (error,) = told["errors"]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert error["extensions"]["maxCost"] == 1000
    assert error["message"].startswith(f"Query cost is {error['extensions']['cost']}, which")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("25", "25.0"), ("43.60", "43.6"), ("0.00", "0.0"), ("-0.00", "0.0"), ("-5.05", "-5.05")],
)
def test_money_is_written_as_shopify_does(amount: str, text: str) -> None:
    assert written(Decimal(amount)) == text


def test_sales_by_shopifyql_are_the_truth(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=40)
    shown = "gross_sales, discounts, returns, net_sales, taxes, total_sales, orders, new_customers"
    query = f"FROM sales SHOW {shown} TIMESERIES day SINCE 2026-10-01 UNTIL 2026-11-17"
    ask = "query($q: String!) { shopifyqlQuery(query: $q) { parseErrors tableData { rows } } }"
    told = asker(StandIn(shop))(ask, q=query)["data"]["shopifyqlQuery"]
    truth = shop.truth_by_day()
    rows = told["tableData"]["rows"]
    assert len(rows) == 48
    for row in rows:
        day = next((known for at, known in truth.items() if str(at) == row["day"]), None)
        for name in shown.split(", "):
            assert Decimal(row[name]) == (day[name] if day else 0)


def test_a_wrong_statement_is_no_error_of_http(ask: Ask) -> None:
    ql = "query($q: String!) { shopifyqlQuery(query: $q) { parseErrors tableData { rows } } }"
    told = ask(ql, q="FROM sales SHOW total_sale")["data"]["shopifyqlQuery"]
    assert told == {
        "parseErrors": ["Column Not Found: Column 'total_sale' not found"],
        "tableData": None,
    }
    funnel = ask(ql, q="FROM sessions SHOW sessions, conversion_rate WHERE human_or_bot_session ="
                 " 'human' TIMESERIES day SINCE -6d UNTIL today ORDER BY day ASC")  # fmt: skip
    rows = funnel["data"]["shopifyqlQuery"]["tableData"]["rows"]
    assert [row["day"] for row in rows][-1] == "2026-11-17"
    assert len(rows) == 7


def test_words_that_no_schema_has_pass_through(clock: FrozenClock) -> None:
    shop = Shop.seeded(clock, orders=0)
    shop.place().country = "XQ"
    query = "{ orders(first: 1) { nodes { shippingAddress { countryCodeV2 } } } }"
    told = asker(StandIn(shop))(query)
    assert told["data"]["orders"]["nodes"] == [{"shippingAddress": {"countryCodeV2": "XQ"}}]
