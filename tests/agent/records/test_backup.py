"""Everything out and in again, or nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from agent.errors import BadFile, Refused
from agent.records import Records, Role
from agent.records.checks import PASSED, Agreement, Finding
from agent.records.connections import Connection
from agent.records.events import Event
from agent.records.findings import Finding as Unusual
from agent.records.forecasts import Forecast, Key
from agent.records.kpis import Kpi
from agent.records.runs import Ticket
from agent.records.schedules import Schedule
from agent.records.schema import METADATA
from tests.clock import FrozenClock

GOOD = "a long sentence"


def fill(records: Records) -> list[str]:
    """A row in every table; returns what is secret."""
    ana = records.users.add("ana@example.com", "Ana ☕ Lima", Role.ADMIN, GOOD)
    assert records.users.check_password("bo@example.com", "a wrong sentence") is None
    secrets = [GOOD, records.links.create(ana.user_id), records.tokens.create("x", Role.VIEWER)]
    records.targets.put("alma", "orders", 1.5)
    records.targets.remove("alma", "cac")
    records.kpis.add(Kpi("late", "Late", "count", "orders", target=3.0), lambda _: None)
    view = records.views.save(ana.user_id, "Mine", "/explore", "by=country", shared=True)
    records.users.set_start_view(ana.user_id, view.view_id)
    records.schedules.put(Schedule("s", "brief", "alma", "0 8 * * mon", "UTC", {"n": [1]}))
    run = records.runs.claim("s", "2026-11-23T08:00", Ticket("brief"))
    assert run is not None
    records.deliveries.start("d", run.run_id, "<1@x>", ("ana@example.com",), "Brief")
    records.audit.note("ana", "looked", "line one\nline two")
    _bring_in(records)
    return secrets


def _bring_in(records: Records) -> None:
    """A row in every table of what comes in."""
    alma = records.connections.add(Connection("alma", "shopify", "Alma", "alma", {"shop": "a"}))
    records.connections.save_state("alma", "orders", {"watermark": "2026-11-17T07:41:00Z"})
    records.hooks.keep("alma:1", alma.connection_id, "orders/create", {"id": 9001})
    records.sealed.put("alma.client_secret", "sealed text", "ana")
    records.checks.keep("alma", [Finding("keys", "sales", PASSED, "All keys are unique.")])
    records.agreements.keep([Agreement("alma", "2026-11-16", "net_sales", "1.50", "1.50", "")])
    records.rejects.keep("alma", "orders", [("{}", "It has no id.")])
    series = Key("alma", "net_sales")
    records.forecasts.keep([Forecast(series, "2026-11-16", 3, "Theta", 7, {"point": [1.5]})])
    known = Unusual("alma", "net_sales", "day", "drop", "critical", "2026-11-11", "2026-11-11")
    records.findings.keep([known])
    records.events.put(Event("alma", "Sale", "promotion", date(2026, 11, 27), date(2026, 11, 30)))


def _in_order(table: sa.Table) -> sa.Select[tuple[object, ...]]:
    return sa.select(table).order_by(*table.primary_key)


def everything(records: Records) -> dict[str, list[tuple[object, ...]]]:
    with records.store.read() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(_in_order(table))]
            for table in METADATA.sorted_tables
        }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def test_there_and_back(records: Records, folder: Path, clock: FrozenClock) -> None:
    secrets = fill(records)
    before = everything(records)
    assert all(before.values()), "every table has a row"
    counts = records.backup(folder)
    assert counts == {name: len(found) for name, found in before.items()}
    records.users.add("later@example.com", "Later", Role.VIEWER)
    records.audit.note("later", "came", "here")
    assert records.restore(folder) == counts
    assert everything(records) == before
    assert records.links.use(secrets[1]) is not None
    records.audit.note("ana", "restored", "a backup")
    assert [entry.what for entry in records.audit.recent()] == ["restored", "looked"]


def test_a_backup_moves_between_databases(
    records: Records, folder: Path, tmp_path: Path, opened: Callable[[str], Records]
) -> None:
    fill(records)
    records.backup(folder)
    other = opened(f"sqlite:///{tmp_path}/other.sqlite")
    other.restore(folder)
    assert everything(other) == everything(records)


def test_no_secret_is_in_it_and_only_its_owner_reads_it(records: Records, folder: Path) -> None:
    secrets = fill(records)
    records.backup(folder)
    files = list(folder.iterdir())
    assert {file.name for file in files} == {f"{name}.jsonl" for name in METADATA.tables} | {
        "records.json"
    }
    for file in files:
        assert file.stat().st_mode & 0o077 == 0
        assert not [secret for secret in secrets if secret in file.read_text("utf-8")]


def test_a_folder_is_not_written_twice(records: Records, folder: Path) -> None:
    records.backup(folder)
    with pytest.raises(Refused, match="empty folder"):
        records.backup(folder)


def damage_line(folder: Path) -> None:
    (folder / "users.jsonl").write_text('{"user_id": "1"}\n')


def damage_encoding(folder: Path) -> None:
    (folder / "audit.jsonl").write_bytes(b"\xff\xfe\n")


def lose_a_file(folder: Path) -> None:
    (folder / "tokens.jsonl").unlink()


def lose_a_line(folder: Path) -> None:
    (folder / "tokens.jsonl").write_text("")


def lose_the_users(folder: Path) -> None:
    """The links point nowhere now."""
    about = json.loads((folder / "records.json").read_text())
    about["rows"]["users"] = 0
    (folder / "records.json").write_text(json.dumps(about))
    (folder / "users.jsonl").write_text("")


def lose_the_end(folder: Path) -> None:
    (folder / "records.json").unlink()


def come_from_elsewhere(folder: Path) -> None:
    (folder / "records.json").write_text(json.dumps({"revision": "0999", "rows": {}}))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (damage_line, r"users\.jsonl, line 1"),
        (damage_encoding, r"audit\.jsonl cannot be read"),
        (lose_a_file, r"tokens\.jsonl cannot be read"),
        (lose_a_line, "lost or gained lines"),
        (lose_the_users, "contradicts itself"),
        (lose_the_end, "no complete backup"),
        (come_from_elsewhere, "version 0999"),
    ],
)
def test_a_bad_backup_changes_nothing(
    records: Records, folder: Path, damage: Callable[[Path], None], why: str
) -> None:
    fill(records)
    records.backup(folder)
    records.audit.note("ana", "worked", "on")
    before = everything(records)
    damage(folder)
    with pytest.raises(BadFile, match=why):
        records.restore(folder)
    assert everything(records) == before
