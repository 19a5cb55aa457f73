"""A shop that goes on selling while a person looks: one event every few seconds."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from tests.shopify_standin.standin import StandIn
from tests.shopify_standin.webhooks import post


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def sell(standin: StandIn, seconds: float, closing: threading.Event) -> None:
    """Let things happen and carry the webhooks, until it is time to close."""
    happening = standin.shop.events(10**9, seed=int(standin.clock.now().timestamp()))
    while not closing.wait(seconds):
        with standin.lock:
            next(happening)
            standin.bulk.tell()
        # Without the lock: who is told may ask the shop at once.
        standin.courier.deliver(post)
