"""Sources and the warehouse on the command line, while no app runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.records.connections import Connection
from agent.services import open_records_of
from agent.settings import Settings
from agent.sources import syncing
from agent.sources.connectors import Synced, Watch
from tests.commands.conftest import Run


def connect(home: Path, name: str = "Tea shop") -> str:
    records = open_records_of(Settings.from_env({"DATA_DIR": str(home)}))
    try:
        made = records.connections.add(Connection("", "folder", name, "gift-shop"))
        records.rejects.keep(made.connection_id, "files", [("{}", "not readable")])
    finally:
        records.close()
    return made.connection_id


def audited(home: Path) -> list[str]:
    records = open_records_of(Settings.from_env({"DATA_DIR": str(home)}))
    try:
        return [row.what for row in records.audit.recent(20)]
    finally:
        records.close()


def test_sources_are_listed(home: Path, run: Run) -> None:
    assert run("source", "list").out == "No source is connected.\n"
    connect(home)
    said = run("source", "list")
    assert said.code == 0
    assert said.out.split() == [*["Tea", "shop", "folder", "gift-shop", "never", "synced"]]


def test_a_source_is_synced_and_asked_for_days(
    home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    connection_id = connect(home)

    def sync(services: object, given: str, watch: Watch) -> Synced:
        watch.progress(1, 2, "Reading")
        asked.append((given, None))
        return Synced(3, 2, 1, ("History starts in May.",))

    def backfill(services: object, given: str, days: object, watch: Watch) -> Synced:
        asked.append((given, days))
        return Synced()

    monkeypatch.setattr(syncing, "sync", sync)
    monkeypatch.setattr(syncing, "backfill", backfill)
    said = run("source", "sync", "Tea shop")
    assert said.out == "3 rows read, 2 changed, 1 rejected.\nHistory starts in May.\n"
    assert "Reading" in said.err
    days = ("--from", "2026-01-02", "--to", "2026-01-03")
    assert run("source", "backfill", connection_id, *days).code == 0
    assert [one for one, _ in asked] == [connection_id] * 2
    assert [str(day) for day in asked[1][1]] == ["2026-01-02", "2026-01-03"]
    assert run("source", "backfill", connection_id, "--from", "x", "--to", "y").code == 2


def test_a_source_is_removed_and_its_rows_stay(home: Path, run: Run) -> None:
    connect(home)
    assert "the rows that it brought stay" in run("source", "remove", "Tea shop").out
    assert run("source", "list").out == "No source is connected.\n"
    assert "removed a source" in audited(home)


def test_a_source_that_is_not_there(home: Path, run: Run) -> None:
    connect(home)
    said = run("source", "sync", "Coffee")
    assert said.code == 1
    assert "'Coffee'" in said.err
    assert "Tea shop" in said.err


def test_the_rows_of_a_shop_are_checked(home: Path, run: Run, gift_shop: None) -> None:
    said = run("warehouse", "check", "gift-shop")
    assert said.code == 0
    assert "gift-shop: " in said.out
    assert "checks passed" in said.out
    assert run("warehouse", "check").out == said.out
    assert run("warehouse", "check", "nobody").code == 1
    assert "checked the data" in audited(home)


def test_the_warehouse_is_tidied_and_a_shop_rebuilt(home: Path, run: Run, gift_shop: None) -> None:
    assert run("warehouse", "tidy").out == "The warehouse is tidy.\n"
    assert "No connection of gift-shop keeps" in run("warehouse", "rebuild", "gift-shop").out
    assert {"tidied the warehouse", "rebuilt a shop"} <= {*audited(home)}


def test_what_is_old_goes(home: Path, run: Run, gift_shop: None) -> None:
    assert "removed: none." in run("warehouse", "retention", "--keep-months", "12").out
    said = run("warehouse", "retention", "--keep-months", "12", "--ledger")
    assert "orders 4" in said.out
    assert run("warehouse", "retention", "--keep-months", "0").code == 1
    assert run("warehouse", "retention").code == 2
