"""A shop that the settings name is connected by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from agent.sources.shopify.provided import provide

if TYPE_CHECKING:
    from agent.services import Services

    Opener = Callable[..., Services]


def test_without_a_shop_there_is_nothing_to_provide(services: Services) -> None:
    assert provide(services) is None
    assert services.records.connections.all() == ()


def test_credentials_are_named_and_not_copied(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPIFY_CLIENT_SECRET", "shpss_one")
    services = opened(SHOPIFY_SHOP="alder-demo", SHOPIFY_CLIENT_ID="5f3a")
    made = provide(services)
    assert made is not None
    assert (made.connection_id, made.kind, made.cron) == ("shopify", "shopify", "*/15 * * * *")
    assert made.settings["client_secret"] == "secret:SHOPIFY_CLIENT_SECRET"
    assert services.secrets.resolve(made.settings["client_secret"]) == "shpss_one"
    again = provide(services)
    assert again is not None
    assert again.settings == made.settings


def test_another_shop_is_another_address_of_the_same_connection(opened: Opener) -> None:
    first = provide(opened(SHOPIFY_SHOP="alder-demo"))
    again = provide(opened(SHOPIFY_SHOP="birch-demo"))
    assert first is not None
    assert again is not None
    assert first.settings["access_token"] == "secret:SHOPIFY_ACCESS_TOKEN"
    assert again.settings["shop"] == "birch-demo"
    assert again.connection_id == first.connection_id
