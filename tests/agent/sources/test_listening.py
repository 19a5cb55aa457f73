"""Who works on calls as they come."""

from __future__ import annotations

import threading

import pytest

from agent.records.connections import Connection
from agent.services import Services
from agent.sources.listening import Listener
from agent.sources.shopify import hooks

ID = "alder"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_after_a_bug_the_next_call_is_worked_on(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.records.connections.add(Connection(ID, "shopify", "Alder", "alma", {}))
    worked = threading.Event()

    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(hooks, "work", broken)
    listener = Listener(services)
    listener.wake(ID)
    for thread in [*listener._working.values()]:
        thread.join(10)
    monkeypatch.setattr(hooks, "work", lambda *_: worked.set())
    listener.wake(ID)
    assert worked.wait(10)
    listener.stop()
