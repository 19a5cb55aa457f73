"""What becomes of a connection's secrets when they change, and of all it keeps when it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from agent.errors import NotAllowed, NotFound, Refused
from agent.records.checks import Agreement
from agent.records.connections import Connection
from agent.scheduling import prune
from agent.scheduling.job import JobContext
from agent.services import Services
from agent.sources import connecting, formers, leaving
from agent.sources.connecting import Form
from agent.sources.connectors import Link
from agent.sources.shopify import calls, hooks, privacy, raw
from agent.sources.shopify.client import client_of
from tests.clock import FrozenClock
from tests.shopify_standin.webhooks import signature

SHOP, WHO = "alder-demo.myshopify.com", "ana@tea.example"
OLD, NEW, NEWER = "shpss_old", "shpss_new", "shpss_newer"
JUST = timedelta(microseconds=1).total_seconds()


@dataclass
class One:
    """A connection as the form makes it; nobody answers at its address."""

    services: Services
    connection: Connection
    calls: int = 0

    @property
    def link(self) -> Link:
        return Link(self.services, self.connection)

    @property
    def store(self) -> raw.Store:
        return raw.store_of(self.link)

    def keep(self, name: str = "export-1") -> Path:
        path = self.store.path(self.services.clock.now(), name)
        self.store.keep(path, [b"{}\n"])
        return path

    def change(self, secret: str, shop: str = SHOP) -> None:
        values = {"shop": shop, "client_id": "app", "client_secret": secret}
        form = Form("shopify", "Alder", "", values)
        connecting.change(self.services, self.connection.connection_id, form, WHO)

    def believes(self, secret: str) -> bool:
        body = b'{"id":9001}'
        self.calls += 1
        signed = {
            "x-shopify-hmac-sha256": signature(secret, body),
            "x-shopify-topic": "orders/updated",
            "x-shopify-webhook-id": str(self.calls),
        }
        try:
            kept = hooks.receive(
                self.services, self.connection.connection_id, hooks.Call(signed, body)
            )
        except NotAllowed:
            return False
        return kept


def connected(services: Services, name: str = "Alder") -> One:
    values = {"shop": SHOP, "client_id": "app", "client_secret": OLD}
    made = connecting.connect(services, Form("shopify", name, "", values), WHO)
    return One(services, made)


@pytest.fixture
def one(services: Services) -> One:
    return connected(services)


def deeds(services: Services) -> list[str]:
    return [entry.what for entry in services.records.audit.recent()]


def test_removing_leaves_nothing_behind(one: One) -> None:
    services, own = one.services, one.connection.connection_id
    other = connected(services, "Birch")
    for each in (one, other):
        each.keep()
        each.change(NEW)
        each.link.save("orders", {"watermark": "x"})
        each.link.reject("orders", [("{}", "No id.")])
        each.believes(NEW)
        told = Agreement(each.connection.connection_id, "2026-11-01", "net_sales", "1", "1", "")
        services.records.agreements.keep([told])
    told_of = services.settings.data_dir / privacy.FOLDER / f"{own}-7.json"
    told_of.parent.mkdir()
    told_of.write_text("{}")
    tokens = client_of(one.link).tokens
    tokens.memory.token, tokens.memory.ends = "shpat_x", one.services.clock.now().timestamp() + 9
    services.cache.set(tokens._place, b"sealed", 60)

    connecting.remove(services, own, WHO)

    assert not one.store.folder.exists()
    assert not told_of.exists()
    assert (tokens.memory.token, services.cache.get(tokens._place)) == ("", b"")
    assert {name.split(".")[0] for name in services.secrets.typed()} == {
        other.connection.connection_id
    }
    assert services.records.connections.states(own) == {}
    assert services.records.agreements.all(own) == ()
    assert {hook.connection_id for hook in services.records.hooks.waiting()} == {
        other.connection.connection_id
    }
    assert len(other.store.files()) == services.records.rejects.count(
        other.connection.connection_id
    )
    assert len(services.records.agreements.all(other.connection.connection_id)) == 1
    assert {"removed a source", "removed a source's documents"} <= {*deeds(services)}
    (entry,) = [e for e in services.records.audit.recent() if e.what.endswith("documents")]
    assert (entry.who, entry.subject, entry.detail) == (WHO, "Alder", "2 files")
    with pytest.raises(NotFound):
        one.believes(NEW)


def test_what_a_sync_keeps_while_its_source_is_removed_goes_too(one: One) -> None:
    own = one.connection.connection_id
    with pytest.raises(NotFound), leaving.swept(one.services, one.connection):
        connecting.remove(one.services, own, WHO)
        one.keep("export-2")
        one.link.save("orders", {"watermark": "x"})
    assert not one.store.folder.exists()
    with pytest.raises(NotFound):
        one.link.reject("orders", [("{}", "No id.")])


def test_a_file_that_is_written_while_its_folder_goes_is_said_to_be_gone(one: One) -> None:
    path = one.store.path(one.services.clock.now(), "export-1")
    with pytest.raises(NotFound, match="were deleted meanwhile"), one.store.writing(path) as sink:
        sink.write(b"{}\n")
        one.store.discard()


def test_documents_that_cannot_be_deleted_are_said(
    one: One, monkeypatch: pytest.MonkeyPatch
) -> None:
    one.keep()

    def locked(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("shutil.rmtree", locked)
    with pytest.raises(Refused, match="cannot be deleted: Permission denied"):
        connecting.remove(one.services, one.connection.connection_id, WHO)
    assert one.services.secrets.typed() == ()


def test_the_former_secret_is_believed_for_a_day(one: One, clock: FrozenClock) -> None:
    assert (one.believes(OLD), one.believes(NEW)) == (True, False)
    one.change(NEW)
    assert (one.believes(OLD), one.believes(NEW), one.believes(NEWER)) == (True, True, False)
    clock.advance(formers.LASTS.total_seconds() - JUST)
    assert one.believes(OLD)
    clock.advance(JUST)
    assert (one.believes(OLD), one.believes(NEW)) == (False, True)


def test_only_the_last_former_one_counts(one: One) -> None:
    one.change(NEW)
    one.change(NEWER)
    assert [one.believes(secret) for secret in (OLD, NEW, NEWER)] == [False, True, True]


def test_what_ends_the_time_of_a_former_secret(one: One) -> None:
    one.change(NEW)
    one.change("")
    assert one.believes(OLD), "nothing was typed"
    one.change(NEW)
    assert not one.believes(OLD), "the same was typed once more"
    one.change(NEWER)
    one.change(OLD, shop="birch-demo.myshopify.com")
    assert [one.believes(secret) for secret in (OLD, NEW, NEWER)] == [True, False, False]
    assert one.services.secrets.typed() == (f"{one.connection.connection_id}.client_secret",)


def test_both_secrets_are_always_tried(one: One, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long it takes says nothing about which of them fits."""
    one.change(NEW)
    tried: list[bool] = []
    same = calls.hmac.compare_digest

    def counted(left: bytes, right: bytes) -> bool:
        tried.append(same(left, right))
        return tried[-1]

    monkeypatch.setattr(calls.hmac, "compare_digest", counted)
    assert [one.believes(secret) for secret in (OLD, NEW, NEWER)] == [True, True, False]
    assert tried == [False, True, True, False, False, False]


def test_a_former_secret_is_sealed_and_forgotten_at_night(one: One, clock: FrozenClock) -> None:
    records, own = one.services.records, one.connection.connection_id
    one.change(NEW)
    kept = records.sealed.get(f"{own}.client_secret.former")
    assert kept is not None
    assert OLD not in kept
    assert OLD not in str(records.connections.states(own))
    night = JobContext("1", "prune", "2026-11-18T03:50")
    assert "0 former secrets" in prune.run(one.services, night).message
    clock.advance(formers.LASTS.total_seconds())
    assert "1 former secrets" in prune.run(one.services, night).message
    assert one.services.secrets.typed() == (f"{own}.client_secret",)


def test_rejected_documents_are_forgotten_after_ninety_days(one: One, clock: FrozenClock) -> None:
    night = JobContext("1", "prune", "2026-11-18T03:50")
    one.link.reject("orders", [("{}", "No id.")])
    clock.advance(90 * 86_400)
    assert "0 rejected documents" in prune.run(one.services, night).message
    clock.advance(JUST)
    assert "1 rejected documents" in prune.run(one.services, night).message
    assert one.services.records.rejects.count(one.connection.connection_id) == 0
