"""Documents that are kept: replayed, cleaned of a customer, thrown away with age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.errors import BadFile
from agent.sources.shopify import raw, rows
from agent.sources.shopify.load import rebuild
from tests.agent.sources.shopify.conftest import ORDERS_ONLY, Wired
from tests.agent.sources.shopify.test_documents import agreement, lines, order, sale
from tests.agent.sources.shopify.test_sync import is_true

AT = datetime(2026, 11, 17, tzinfo=UTC)


def kept(folder: Path, count: int = 2) -> raw.Store:
    store = raw.Store(folder / "raw")
    for day in range(count):
        content = lines(order(9001 + day), agreement(1 + day, 9001 + day), sale(10, of=1 + day))
        store.keep(store.path(AT + timedelta(days=day), f"page-{day}"), [content])
    return store


def test_files_come_back_in_the_order_of_their_arrival(tmp_path: Path) -> None:
    store = kept(tmp_path)
    assert [file.name[-16:] for file in store.files()] == ["page-0.jsonl.zst", "page-1.jsonl.zst"]
    assert store.find("page-1") == store.files()[1]
    assert store.find("page-9") is None
    assert b"9002" in b"".join(raw.blocks(store.files()[1]))


def test_blocks_are_whole_lines(tmp_path: Path) -> None:
    store = raw.Store(tmp_path)
    content = b"".join(b"%d" % number * 50 + b"\n" for number in range(300)) + b"the last"
    store.keep(store.path(AT, "one"), [content])
    parts = list(raw.blocks(store.files()[0], size=1000))
    assert len(parts) > 5
    assert all(part.endswith(b"\n") for part in parts[:-1])
    assert b"".join(parts) == content


def test_a_file_that_is_not_finished_is_not_there(tmp_path: Path) -> None:
    store = raw.Store(tmp_path)
    with pytest.raises(ValueError, match="broken off"), store.writing(store.path(AT, "one")) as out:
        out.write(b"half")
        raise ValueError("broken off")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_said_to_be_one(tmp_path: Path) -> None:
    store = kept(tmp_path, 1)
    (file,) = store.files()
    file.write_bytes(file.read_bytes()[:20] + b"nonsense")
    with pytest.raises(BadFile, match="is damaged"):
        list(raw.blocks(file))


def test_a_customer_is_forgotten_in_the_files_that_hold_him(tmp_path: Path) -> None:
    store = kept(tmp_path)
    other = lines(order(9009, customer={"id": "gid://shopify/Customer/70010"}))
    store.keep(store.path(AT + timedelta(days=5), "other"), [other])
    assert store.forget("7001") == 2
    texts = [b"".join(raw.blocks(file)) for file in store.files()]
    assert not any(b'/7001"' in text for text in texts)
    assert b"Toronto" not in texts[0]
    assert b"97.2" in texts[0]
    assert texts[2] == other
    assert store.forget("7001") == 0


def test_old_files_go(tmp_path: Path) -> None:
    store = kept(tmp_path)
    assert store.prune(AT + timedelta(hours=1)) == 1
    assert [file.name[-16:] for file in store.files()] == ["page-1.jsonl.zst"]


def test_the_ledger_is_made_anew_of_what_was_kept(wired: Wired) -> None:
    wired.sync()
    truth = wired.ledger()
    shop = wired.services.shop(wired.connection.shop_id)
    wired.services.warehouse.drop_shop(shop.shop_id)
    wired.services.warehouse.put_shop(shop)
    assert wired.ledger() == []
    done = rebuild(wired.link())
    assert done.orders >= len(wired.orders())
    assert wired.ledger() == truth
    is_true(wired)


def test_what_is_kept_is_read_by_the_rules_of_today(
    wired: Wired, monkeypatch: pytest.MonkeyPatch
) -> None:
    wired.standin.auth.scopes = ORDERS_ONLY
    with monkeypatch.context() as then:
        then.setitem(rows.COLUMNS, "SHIPPING", ("FEE", "fee"))
        wired.sync()
    before = wired.ledger()
    assert {row["line_type"] for row in before} >= {"FEE"}
    # The same documents in the same versions: only a rebuild looks at what they say.
    wired.sync()
    assert wired.ledger() == before
    assert rebuild(wired.link()).changed > 0
    is_true(wired)
    assert rebuild(wired.link()).changed == 0
