"""A shop that does not answer for minutes: the pages stand, say so, and recover by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from flask import g

from agent.errors import Failure
from agent.records.roles import Role
from dashboard import operating
from dashboard.build import build_server
from dashboard.callbacks.parts import Sight
from dashboard.pages import PAGES
from dashboard.routes.people import Person
from tests.agent.sources.shopify.conftest import ORDERS_ONLY, Wired, Wiring
from tests.clock import FrozenClock

TROUBLE = ("http_500", "http_503", "http_429", "timeout", "reset", "html")


@pytest.fixture
def synced(wiring: Wiring) -> Wired:
    wired = wiring()
    wired.standin.auth.scopes = ORDERS_ONLY
    wired.standin.faults.seconds = 0.02
    wired.sync()
    return wired


def everything(wired: Wired) -> str:
    """All parts of Overview and Sources, as an administrator sees them. Nothing may break."""
    server = build_server(wired.services)
    said: list[Any] = []
    with server.test_request_context("/"):
        g.person = Person("Ada", Role.ADMIN, "cookie", "ada")
        for path in ("/", "/sources"):
            page = PAGES[path]
            sight = Sight(wired.services, page, "")
            for name in ("head", *page.above, *(panel.id for panel in page.panels)):
                said.append(sight.draw(name)[0])
    text = str(said)
    assert "could not be drawn" not in text
    return text


@pytest.mark.parametrize("fault", TROUBLE)
def test_minutes_without_an_answer(synced: Wired, clock: FrozenClock, fault: str) -> None:
    synced.standin.faults.on(fault, times=None)
    for _ in range(3):
        with pytest.raises(Failure):
            synced.sync()
        clock.advance(60)
    line = operating.lines(synced.services)[0]
    assert line.state == "failing"
    assert line.connection.message
    assert line.connection.message in everything(synced)
    synced.standin.faults.off()
    clock.advance(60)
    synced.standin.shop.place()
    synced.sync()
    line = operating.lines(synced.services)[0]
    assert (line.state, line.connection.message) == ("well", "")
    assert line.standing is not None
    assert line.standing.state == "closed"
    assert synced.ledger() == synced.standin.shop.truth()
