"""Each way in which Shopify refuses: its class, its sentence, and whether it was asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from agent.errors import (
    Failure,
    NotAllowed,
    NotConfigured,
    NotFound,
    Refused,
    Stopped,
    Throttled,
    Unavailable,
)
from agent.services import Services, open_services
from agent.settings import Settings
from agent.sources.connectors import Watch
from agent.sources.shopify import address, faults, identity, texts
from agent.sources.shopify.client import client_of
from tests.agent.sources.shopify.conftest import Wired, Wiring
from tests.clock import FrozenClock

SHOP = texts.text("shop")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("client") / "data"
    rate = {"RATE_SHOPIFY": "100000/minute, burst 100000"}
    services = open_services(Settings.from_env({"DATA_DIR": str(folder)} | rate))
    yield services
    services.close()


@pytest.fixture
def opened(kept: Services, clock: FrozenClock) -> Callable[..., Services]:
    """One for all tests here: what they ask is kept nowhere but in the cache."""
    kept.cache.clear("*")
    return lambda **_: replace(kept, clock=clock)


STATUSES: list[tuple[str, type[Failure], str]] = [
    ("http_402", Refused, "is frozen: its Shopify plan is not paid."),
    ("http_403", faults.Denied, "Shopify does not let the app read"),
    ("http_404", NotFound, "Shopify knows no shop"),
    ("http_423", Refused, "Shopify has locked"),
    ("http_430", Throttled, "Shopify's security turned a request"),
    ("http_500", faults.Trouble, "trouble of its own (500)"),
    ("http_502", faults.Trouble, "trouble of its own (502)"),
    ("http_503", faults.Trouble, "trouble of its own (503)"),
    ("http_504", faults.Trouble, "trouble of its own (504)"),
    ("html", faults.Trouble, "answers with something that is no JSON."),
    ("internal", faults.Trouble, "Shopify failed inside"),
    ("timeout", Unavailable, "Shopify cannot be reached."),
    ("reset", Unavailable, "Shopify cannot be reached."),
    ("truncated", Unavailable, "Shopify cannot be reached."),
    ("search_warning", Refused, "Shopify ignored a part of a search"),
]


@pytest.mark.parametrize(("fault", "kind", "sentence"), STATUSES, ids=[row[0] for row in STATUSES])
def test_a_refusal_that_stays(wired: Wired, fault: str, kind: type[Failure], sentence: str) -> None:
    client = wired.client()
    client.ask(SHOP)
    wired.standin.faults.seconds = 0.01
    wired.standin.faults.on(fault, None)
    before = len(wired.standin.api.asked)
    with pytest.raises(kind) as raised:
        client.ask(texts.text("products_page"), {"pageSize": 1, "cursor": None, "filter": ""})
    assert sentence in raised.value.message
    asked = len(wired.standin.api.asked) - before
    assert asked <= 1 if raised.value.permanent or fault == "http_430" else asked != 1
    token = next(iter(wired.standin.auth.tokens))
    assert token not in str(raised.value)
    assert wired.standin.auth.client_secret not in str(raised.value)


@pytest.mark.parametrize("fault", ["http_500", "http_503", "html", "internal", "reset", "http_429"])
def test_a_refusal_that_passes_is_nobodys_business(wired: Wired, fault: str) -> None:
    client = wired.client()
    wired.standin.faults.on(fault, 2)
    assert client.ask(SHOP)["shop"]["name"] == "Alder & Co"


def test_after_429_as_long_is_waited_as_it_says(wired: Wired) -> None:
    client = wired.client()
    client.ask(SHOP)
    wired.slept.clear()
    wired.standin.faults.on("http_429", 1)
    client.ask(SHOP)
    assert wired.slept == [2.0]


def test_a_pause_is_said_where_a_sync_says_how_far_it_is(wired: Wired) -> None:
    told: list[str] = []
    watch = Watch(lambda done, total, step: told.append(step))
    wired.standin.faults.on("http_429", 1)
    client_of(wired.link(watch)).ask(SHOP)
    (said,) = told
    assert said.endswith("was asked too often: Shopify wants a pause.")


def test_a_token_that_died_is_renewed_once(wired: Wired) -> None:
    client = wired.client()
    client.ask(SHOP)
    wired.standin.auth.tokens.clear()
    assert client.ask(SHOP)["shop"]["currencyCode"] == "USD"
    assert wired.standin.auth.issued == 2


def test_a_token_that_dies_again_and_again_stops_the_shop(wired: Wired) -> None:
    client = wired.client()
    client.ask(SHOP)
    wired.standin.faults.on("http_401", None)
    with pytest.raises(faults.TokenRefused, match="does not accept the access token"):
        client.ask(SHOP)
    assert wired.standin.auth.issued == 2


def test_a_token_is_renewed_before_it_ends_and_kept(wired: Wired, clock: FrozenClock) -> None:
    wired.client().ask(SHOP)
    clock.advance(85_000)
    wired.client().ask(SHOP)
    assert wired.standin.auth.issued == 1
    clock.advance(1_000)
    wired.client().ask(SHOP)
    assert wired.standin.auth.issued == 2


def test_the_token_is_sealed_in_the_cache(wired: Wired) -> None:
    client = wired.client()
    client.ask(SHOP)
    token = list(wired.standin.auth.tokens)[-1]
    place = client.tokens._place
    sealed = wired.services.cache.get(place)
    assert sealed is not None
    assert token.encode() not in sealed
    client.memory.token = ""
    assert client.tokens.current() == token
    assert wired.standin.auth.issued == 1


def test_a_static_token_is_used_and_never_renewed(wiring: Wiring) -> None:
    wired = wiring(client_id="")
    name = wired.services.secrets.put("alder.access_token", wired.standin.auth.static_token, "test")
    wired.set(access_token=name)
    assert wired.client().ask(SHOP)["shop"]["name"] == "Alder & Co"
    wired.standin.auth.tokens.clear()
    with pytest.raises(faults.TokenRefused):
        wired.client().ask(SHOP)
    assert wired.standin.auth.issued == 0


def test_neither_credentials_nor_a_token(wiring: Wiring) -> None:
    with pytest.raises(NotConfigured, match="neither client credentials nor an access token"):
        wiring(client_id="").client().ask(SHOP)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("shop_not_permitted", "do not belong to the same organization"),
        ("app_not_installed", "is not installed in"),
    ],
)
def test_credentials_that_are_refused(wired: Wired, fault: str, sentence: str) -> None:
    wired.standin.faults.on(fault, None)
    with pytest.raises(NotAllowed, match=sentence):
        wired.client().ask(SHOP)


def test_credentials_that_are_wrong(wired: Wired) -> None:
    wired.set(client_id="another")
    with pytest.raises(NotAllowed, match="does not accept the client ID and secret"):
        wired.client().ask(SHOP)


def test_a_query_waits_exactly_until_it_can_be_paid(wired: Wired) -> None:
    client = wired.client()
    page = {"pageSize": 50, "cursor": None, "filter": ""}
    client.ask(texts.text("orders_page"), page)
    cost = client.memory.bucket.requested[f"{texts.text('orders_page')}\n50"]
    wired.slept.clear()
    wired.standin.bucket.level = 100.0
    client.memory.bucket.available = 100.0
    client.ask(texts.text("orders_page"), page)
    assert wired.slept == [pytest.approx((cost - 100.0) / 100.0)]
    assert "throttled" not in wired.standin.faults.taken


def test_a_throttled_answer_is_asked_again_when_the_bucket_is_full_enough(wired: Wired) -> None:
    client = wired.client()
    page = {"pageSize": 50, "cursor": None, "filter": ""}
    wired.standin.bucket.level = 0.0
    found = client.ask(texts.text("orders_page"), page)
    cost = client.memory.bucket.requested[f"{texts.text('orders_page')}\n50"]
    assert len(found["orders"]["nodes"]) == 50
    assert wired.slept == [pytest.approx(cost / 100.0)]


def test_more_than_a_query_may_cost_is_asked_for_once_only(wired: Wired) -> None:
    client = wired.client()
    page = {"pageSize": 250, "cursor": None, "filter": ""}
    before = len(wired.standin.api.asked)
    text = texts.text("orders_page").replace("agreements(first: 5)", "agreements(first: 250)")
    for _ in range(2):
        with pytest.raises(faults.TooCostly):
            client.ask(text, page)
    assert len(wired.standin.api.asked) == before + 1


def test_another_version_is_a_note(wired: Wired) -> None:
    wired.standin.faults.on("forward", 1)
    client = wired.client()
    client.ask(SHOP)
    assert any("answers in version" in note for note in client.notes)


def test_the_program_stops_while_a_query_waits(wired: Wired) -> None:
    watch = Watch()
    client = client_of(wired.link(watch))
    client.ask(SHOP)
    wired.standin.faults.on("http_500", None)
    watch.stopping.set()
    with pytest.raises(Stopped):
        client.ask(SHOP)


@pytest.mark.parametrize(
    "typed",
    [
        "alder-demo",
        "alder-demo.myshopify.com",
        "https://alder-demo.myshopify.com/",
        "https://admin.shopify.com/store/alder-demo/products",
        " Alder-Demo.myshopify.com/admin ",
    ],
)
def test_addresses_that_people_type(typed: str) -> None:
    found = address.address_of(typed)
    assert found.graphql == "https://alder-demo.myshopify.com/admin/api/2026-10/graphql.json"
    assert found.shop == "alder-demo.myshopify.com"


@pytest.mark.parametrize(
    "typed",
    ["http://alder-demo.myshopify.com", "http://10.0.0.1", "alder demo", "", "shop.example.com",
     "http://127.0.0.1@evil.example", "https://evil.example/alder-demo.myshopify.com"],
)  # fmt: skip
def test_addresses_that_are_refused(typed: str) -> None:
    with pytest.raises(Refused):
        address.address_of(typed)


def test_files_are_fetched_encrypted_or_on_this_machine() -> None:
    far, near = address.address_of("alder"), address.address_of("http://127.0.0.1:8080")
    assert far.admits("https://storage.googleapis.com/file?x=1")
    assert not far.admits("http://storage.googleapis.com/file")
    assert not far.admits("http://127.0.0.1/file")
    assert not far.admits("file:///etc/passwd")
    assert near.admits("http://127.0.0.1:8080/storage/1")
    assert not near.admits("http://10.0.0.1/storage/1")


def test_a_try_says_who_answers_and_what_it_may_see(wired: Wired) -> None:
    wired.standin.auth.scopes = ("read_orders", "write_products")
    wired.standin.api.listing.scopes = wired.standin.auth.scopes
    found = identity.probe(wired.client())
    facts = dict(found.facts)
    assert facts["Shop"] == "Alder & Co"
    assert facts["Time zone"] == "America/New_York"
    assert found.notes[0] == (
        "History starts 60 days back: Shopify shows older orders only with the scope"
        " read_all_orders."
    )
    assert "Shopify does not show products: the scope read_products is missing." not in found.notes
    assert "Shopify does not show customers: the scope read_customers is missing." in found.notes
