"""A stand-in of its own for every test: `standin`, on the frozen `clock`; `ask` asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from tests.clock import FrozenClock
from tests.shopify_standin.shop import Shop
from tests.shopify_standin.standin import StandIn

Ask = Callable[..., dict[str, Any]]
ORDERS_MADE = 30


@pytest.fixture
def standin(clock: FrozenClock) -> Iterator[StandIn]:
    """A shop of 30 orders over 90 days, reachable at `.address`."""
    with StandIn(Shop.seeded(clock, orders=ORDERS_MADE)) as made:
        yield made


def asker(standin: StandIn, version: str = "2026-10") -> Ask:
    """Asks without HTTP in between; each time of a full bucket."""

    def ask(query: str, /, **variables: Any) -> dict[str, Any]:
        standin.bucket.level = standin.bucket.maximum
        body = orjson.dumps({"query": query, "variables": variables})
        answer = standin.api.answer(version, standin.auth.static_token, body)
        assert answer.status == 200, answer
        told: dict[str, Any] = orjson.loads(answer.body)
        return told

    return ask


@pytest.fixture
def ask(clock: FrozenClock) -> Ask:
    """A shop of 30 orders, without a server."""
    return asker(StandIn(Shop.seeded(clock, orders=ORDERS_MADE)))
