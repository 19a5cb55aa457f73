"""Connections, calls, checks and rejects, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent.errors import NotFound, Refused
from agent.records import Records
from agent.records.checks import FAILED, PASSED, WARNED, Agreement, Finding
from agent.records.connections import LONGEST_NAME, Connection
from agent.records.hooks import DONE, WAITING
from tests.clock import FrozenClock


@pytest.fixture
def alma(records: Records) -> str:
    made = records.connections.add(Connection("", "shopify", "  Alma\u2019s  Tea ", "alma"))
    return made.connection_id


def test_a_connection_is_kept_as_it_was_made(records: Records, alma: str) -> None:
    kept = records.connections.get(alma)
    assert (kept.name, kept.kind, kept.enabled, kept.message) == (
        "Alma\u2019s Tea",
        "shopify",
        True,
        "",
    )
    assert records.connections.all() == (kept,)


@pytest.mark.parametrize("name", ["", "   ", "x" * (LONGEST_NAME + 1), "a\0b"])
def test_names_that_cannot_be(records: Records, alma: str, name: str) -> None:
    with pytest.raises(Refused):
        records.connections.add(Connection("", "http", name, "alma"))
    with pytest.raises(Refused):
        records.connections.change(alma, name=name)


def test_an_id_is_used_once(records: Records, alma: str) -> None:
    with pytest.raises(Refused):
        records.connections.add(Connection(alma, "http", "Other", "alma"))


def test_what_a_sync_says(records: Records, alma: str, clock: FrozenClock) -> None:
    records.connections.note_sync(alma)
    well = records.connections.get(alma)
    assert well.succeeded_at == well.tried_at == clock.now()
    clock.advance(60)
    records.connections.note_sync(alma, "Shopify does not answer.", "It is tried again.")
    failed = records.connections.get(alma)
    assert failed.message == "Shopify does not answer."
    assert failed.succeeded_at == well.succeeded_at
    assert failed.tried_at == clock.now()


def test_how_far_a_stream_was_read(records: Records, alma: str) -> None:
    assert records.connections.state(alma, "orders") == {}
    records.connections.save_state(alma, "orders", {"watermark": "a"})
    records.connections.save_state(alma, "orders", {"watermark": "b"})
    assert records.connections.state(alma, "orders") == {"watermark": "b"}
    assert records.connections.states(alma) == {"orders": {"watermark": "b"}}


def test_what_is_removed_takes_its_own_along(records: Records, alma: str) -> None:
    records.connections.save_state(alma, "orders", {"watermark": "a"})
    records.hooks.keep("1", alma, "orders/create", {})
    records.rejects.keep(alma, "orders", [("{}", "No id.")])
    assert records.connections.remove(alma).connection_id == alma
    assert records.connections.state(alma, "orders") == {}
    assert records.hooks.waiting() == ()
    assert records.rejects.count(alma) == 0


def test_what_is_not_there(records: Records) -> None:
    for deed in (
        records.connections.get,
        records.connections.remove,
        records.connections.note_sync,
    ):
        with pytest.raises(NotFound):
            deed("nobody")
    with pytest.raises(NotFound):
        records.connections.change("nobody", enabled=False)


def test_a_call_is_kept_once(records: Records, alma: str) -> None:
    assert records.hooks.keep("1", alma, "orders/create", {"id": 1})
    assert not records.hooks.keep("1", alma, "orders/create", {"id": 1})
    assert [hook.content for hook in records.hooks.waiting()] == [{"id": 1}]


def test_calls_are_worked_on_in_their_order(
    records: Records, alma: str, clock: FrozenClock
) -> None:
    for place in range(3):
        records.hooks.keep(str(place), alma, "orders/create", {"id": place})
        clock.advance(1)
    assert [hook.hook_id for hook in records.hooks.waiting(alma, limit=2)] == ["0", "1"]
    records.hooks.finish(["0"])
    records.hooks.finish(["1"], WAITING, "Shopify does not answer.")
    waiting = records.hooks.waiting(alma)
    assert [(hook.hook_id, hook.attempts) for hook in waiting] == [("1", 1), ("2", 0)]
    day = clock.now() - timedelta(days=1)
    assert records.hooks.counts(alma, day) == {DONE: 1, WAITING: 2}


def test_old_calls_are_forgotten_once_they_are_done(
    records: Records, alma: str, clock: FrozenClock
) -> None:
    for name in ("1", "2"):
        records.hooks.keep(name, alma, "orders/create", {})
    records.hooks.finish(["1"])
    clock.advance(100)
    assert records.hooks.prune(clock.now()) == 1
    assert [hook.hook_id for hook in records.hooks.waiting()] == ["2"]


def test_since_when_a_check_says_so(records: Records, clock: FrozenClock) -> None:
    def say(outcome: str) -> None:
        records.checks.keep("alma", [Finding("keys", "sales", outcome, "Keys.")])

    say(PASSED)
    first = clock.now()
    clock.advance(60)
    say(PASSED)
    assert records.checks.all(("alma",))[0].since == first
    clock.advance(60)
    say(FAILED)
    found = records.checks.all(("alma",))[0]
    assert (found.outcome, found.since, found.at) == (FAILED, clock.now(), clock.now())


def test_failed_checks_stand_first(records: Records) -> None:
    findings = [Finding(f"c{n}", "sales", o, "") for n, o in enumerate((PASSED, WARNED, FAILED))]
    records.checks.keep("alma", findings)
    assert [one.outcome for one in records.checks.all(("alma",))] == [FAILED, WARNED, PASSED]
    assert records.checks.all(("other",)) == ()


def test_a_day_is_compared_anew(records: Records) -> None:
    records.agreements.keep(
        [Agreement("alma", "2026-11-16", "net_sales", "1.50", "1.00", "refund")]
    )
    records.agreements.keep([Agreement("alma", "2026-11-16", "net_sales", "1.50", "1.50", "")])
    found = records.agreements.all("alma")
    assert [(one.ours, one.theirs, one.reason) for one in found] == [("1.50", "1.50", "")]


def test_rejects_are_kept_until_they_are_dropped(records: Records, alma: str) -> None:
    assert records.rejects.keep(alma, "orders", []) == 0
    assert records.rejects.keep(alma, "orders", [("{}", "No id."), ("[]", "No object.")]) == 2
    first, second = records.rejects.all(alma)
    records.rejects.drop([first.reject_id])
    assert records.rejects.all(alma) == (second,)
    assert records.rejects.count(alma) == 1


def test_sealed_texts(records: Records) -> None:
    records.sealed.put("a", "one", "ana")
    records.sealed.put("a", "two", "ana")
    assert records.sealed.get("a") == "two"
    assert records.sealed.names() == ("a",)
    records.sealed.remove("a")
    assert records.sealed.get("a") is None
