"""People who are forgotten stay so, and figures stay what they were; calls for a source that is
paused wait, but for what the law asks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.backups import back_up, put_back
from agent.errors import BadFile, NotFound
from agent.records.hooks import WAITING
from agent.sources import connecting
from agent.sources.listening import Listener
from agent.sources.shopify import hooks, privacy, raw, subscriptions
from agent.sources.shopify.forgotten import forgotten
from agent.sources.shopify.load import rebuild
from agent.warehouse.schema import ORDERS, PROFILES, SALES
from tests.agent.sources.shopify.conftest import ID, ORDERS_ONLY, Wired, Wiring
from tests.agent.sources.shopify.test_hooks import carry, deliver, kept, work
from tests.clock import FrozenClock
from tests.shopify_standin.shop import Shop

WHO = "ana@tea.example"


@pytest.fixture
def small(wiring: Wiring, clock: FrozenClock) -> Wired:
    """A synced shop of a few orders that calls."""
    wired = wiring(Shop.seeded(clock, orders=8, days=20))
    wired.standin.auth.scopes = ORDERS_ONLY
    wired.sync()
    subscriptions.repair(wired.link())
    return wired


def customers(wired: Wired) -> list[str]:
    return sorted({row["customer_id"] for row in wired.orders()} - {None})


def redact(wired: Wired, customer: str) -> None:
    assert carry(wired, wired.standin.courier.comply("customers/redact", int(customer))) == 200
    work(wired)


def net_by(wired: Wired, column: str) -> dict[str | None, Decimal]:
    """Net sales of goods by a column of their orders."""
    of = {row["order_id"]: row[column] for row in wired.rows(ORDERS, "order_id", column)}
    found: Counter[Any] = Counter()
    for row in wired.rows(SALES, "order_id", "line_type", "gross", "discount", "reversal"):
        if row["line_type"] == "PRODUCT":
            amounts = (row["gross"], -row["discount"], row["reversal"])
            found[of[row["order_id"]]] += sum(amounts, Decimal())
    return dict(found)


def figures(wired: Wired) -> dict[str, dict[str | None, Decimal]]:
    return {column: net_by(wired, column) for column in ("country", "channel")}


def documents(folder: Path) -> str:
    files = [file for part in folder.iterdir() for file in raw.Store(part).files()]
    text = b"".join(block for file in files for block in raw.blocks(file)).decode()
    return text.replace("\\/", "/")


def test_figures_are_the_same_after_a_redaction_and_a_rebuild(small: Wired) -> None:
    columns = ("order_id", "customer_id", "city", "region")
    before, places = figures(small), small.rows(ORDERS, *columns)
    assert len(before["country"]) > 1
    assert len(before["channel"]) > 1
    for customer in customers(small):
        redact(small, customer)
    assert figures(small) == before
    assert rebuild(small.link()).rejected == 0
    assert figures(small) == before
    shop = small.services.shop(small.connection.shop_id)
    small.services.warehouse.drop_shop(shop.shop_id)
    small.services.warehouse.put_shop(shop)
    assert rebuild(small.link()).rejected == 0
    assert figures(small) == before
    assert customers(small) == []
    theirs = {row["order_id"] for row in places if row["customer_id"]}
    assert any(row["city"] and row["region"] for row in places if row["order_id"] in theirs)
    now = [row for row in small.rows(ORDERS, *columns) if row["order_id"] in theirs]
    assert {(row["customer_id"], row["city"], row["region"]) for row in now} == {(None,) * 3}
    told = documents(small.services.settings.data_dir / raw.FOLDER)
    others = {row["city"] for row in places if row["order_id"] not in theirs}
    assert not any(f'"{row["city"]}"' in told for row in places if row["city"] not in others)


def test_an_older_backup_brings_nobody_back(small: Wired, tmp_path: Path) -> None:
    services = small.services
    gone, stays = customers(small)[:2]
    for one in (gone, stays):
        small.link().reject("orders", [(f'{{"id":"gid://shopify/Customer/{one}"}}', "bad")])
    back_up(services, tmp_path / "copy")
    redact(small, gone)
    before = figures(small)

    put_back(services, tmp_path / "copy", forgotten(services))

    told = documents(services.settings.data_dir / raw.FOLDER)
    assert f'Customer/{gone}"' not in told
    assert f'Customer/{stays}"' in told
    (left,) = services.records.rejects.all(ID)
    assert stays in left.document
    assert gone not in customers(small)
    assert rebuild(small.link()).orders > 0
    assert gone not in customers(small)
    assert stays in customers(small)
    assert figures(small) == before
    assert f'Customer/{gone}"' in documents(tmp_path / "copy" / "raw"), "a backup is only read"


def test_a_damaged_document_stops_a_restore_before_it_begins(small: Wired, tmp_path: Path) -> None:
    services, copy = small.services, tmp_path / "copy"
    back_up(services, copy)
    redact(small, customers(small)[0])
    for file in (copy / "raw" / ID).iterdir():
        file.write_bytes(file.read_bytes()[:20] + b"nonsense")
    before = small.ledger(), small.orders(), kept(small)
    with pytest.raises(BadFile, match="is damaged"):
        put_back(services, copy, forgotten(services))
    assert (small.ledger(), small.orders(), kept(small)) == before


def test_a_redacted_shop_forgets_those_who_never_ordered(small: Wired) -> None:
    shop = small.standin.shop
    shop.customers[7999] = replace(next(iter(shop.customers.values())), customer_id=7999)
    small.standin.auth.scopes = (*ORDERS_ONLY, "read_customers")
    small.sync()
    known = {row["customer_id"] for row in small.rows(PROFILES, "customer_id")}
    assert known == {*customers(small), "7999"}
    carry(small, small.standin.courier.comply("shop/redact"))
    work(small)
    assert small.rows(PROFILES, "customer_id") == []


def waiting(wired: Wired) -> list[str]:
    return [hook.topic for hook in wired.services.records.hooks.waiting()]


def test_calls_for_a_paused_source_wait_until_it_is_resumed(small: Wired) -> None:
    services = small.services
    connecting.pause(services, ID, True, WHO)
    placed = small.standin.shop.place()
    deliver(small)
    came = waiting(small)
    assert "orders/create" in came
    asked = len(small.standin.api.asked)
    assert hooks.waiting_for(services) == ()
    work(small)
    Listener(services)._work(ID)
    assert waiting(small) == came
    assert [row["attempts"] for row in kept(small)] == [0] * len(came)
    assert len(small.standin.api.asked) == asked
    connecting.pause(services, ID, False, WHO)
    assert [one.connection_id for one in hooks.waiting_for(services)] == [ID]
    work(small)
    assert waiting(small) == []
    assert str(placed.order_id) in {row["order_id"] for row in small.orders()}


def test_what_the_law_asks_for_does_not_wait_behind_others(
    small: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "AT_ONCE", 2)
    connecting.pause(small.services, ID, True, WHO)
    for _ in range(3):
        small.standin.shop.place()
    deliver(small)
    came, customer = waiting(small), customers(small)[0]
    carry(small, small.standin.courier.comply("customers/redact", int(customer)))
    assert [one.connection_id for one in hooks.waiting_for(small.services)] == [ID]
    work(small)
    assert privacy.orders_of(small.link(), customer) == ()
    assert waiting(small) == came
    assert hooks.waiting_for(small.services) == ()


def test_an_app_that_is_gone_is_asked_nothing_about_calls_that_came_before(small: Wired) -> None:
    small.standin.shop.place()
    deliver(small)
    came = waiting(small)
    small.standin.courier.uninstall()
    deliver(small)
    asked = len(small.standin.api.asked)
    work(small)
    assert not small.connection.enabled
    assert waiting(small) == came != []
    assert len(small.standin.api.asked) == asked
    assert {row["attempts"] for row in kept(small) if row["state"] == WAITING} == {0}


def test_an_app_that_goes_while_its_source_is_paused_does_not_pause_it_later(small: Wired) -> None:
    connecting.pause(small.services, ID, True, WHO)
    small.standin.courier.uninstall()
    deliver(small)
    work(small)
    assert waiting(small) == []
    connecting.pause(small.services, ID, False, WHO)
    work(small)
    assert small.connection.enabled


def test_calls_of_a_source_that_was_removed_are_gone_with_it(small: Wired) -> None:
    small.standin.shop.place()
    deliver(small)
    assert waiting(small)
    connection = small.connection
    connecting.remove(small.services, ID, WHO)
    assert (waiting(small), hooks.waiting_for(small.services)) == ([], ())
    with pytest.raises(NotFound):
        hooks.work(small.services, connection)
    assert not (small.services.settings.data_dir / raw.FOLDER / ID).exists()
