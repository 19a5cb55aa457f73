"""Migrations make exactly the tables that the code describes, and two first starts get along."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from agent.errors import BadSetting, Unavailable
from agent.records import Records, Role
from agent.records.migrate import VERSION_TABLE, config
from agent.records.schema import HEAD, METADATA
from agent.records.targets import Target
from tests.agent.records.conftest import CHEAP
from tests.clock import FrozenClock

ROOT = Path(__file__).resolve().parents[3]
OPEN = """
import sys
from agent.records import open_records
from tests.clock import FrozenClock
records = open_records(sys.argv[1], FrozenClock())
records.audit.note(sys.argv[2], "started", "here")
records.close()
"""


def test_migrations_make_exactly_the_described_tables(records: Records) -> None:
    with records.store.read() as connection:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []


def test_the_code_names_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [HEAD]


def test_a_start_without_a_change_does_without_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/records.sqlite"
    checked = OPEN + "print('alembic' in sys.modules)"
    for loaded in ("True", "False"):
        run = [sys.executable, "-c", checked, url, "ana"]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == loaded


def test_a_change_without_a_migration_would_be_seen(records: Records) -> None:
    with records.store.write() as connection:
        connection.execute(sa.text("ALTER TABLE targets ADD COLUMN mood TEXT"))
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        (difference,) = compare_metadata(context, METADATA)
    assert difference[0] == "remove_column"


def test_the_first_migration_can_be_undone(records: Records) -> None:
    with records.store.alone("test") as connection:
        command.downgrade(config(connection), "base")
        assert sa.inspect(connection).get_table_names() == [VERSION_TABLE]


def test_the_second_migration_keeps_targets_and_people(records: Records) -> None:
    records.users.add("ana@example.com", "Ana", Role.ADMIN)
    records.targets.put("alma", "orders", 5, 4)
    with records.store.alone("test") as connection:
        records_at = config(connection)
        command.downgrade(records_at, "0001")
        assert "kpis" not in sa.inspect(connection).get_table_names()
        keys = sa.inspect(connection).get_pk_constraint("targets")["constrained_columns"]
        assert keys == ["shop_id", "metric"]
        command.upgrade(records_at, "head")
    assert records.targets.all("alma")["orders"] == Target("orders", 5, 4)
    assert [person.email for person in records.users.all()] == ["ana@example.com"]


def test_opening_twice_keeps_what_is_there(
    database_url: str, opened: Callable[[str], Records]
) -> None:
    opened(database_url).audit.note("ana", "looked", "sales")
    assert [entry.who for entry in opened(database_url).audit.recent()] == ["ana"]


def test_processes_that_start_at_once_all_come_up(
    database_url: str, opened: Callable[[str], Records]
) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, database_url, f"process {number}"],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    for process in started:
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors
    noted = {entry.who for entry in opened(database_url).audit.recent()}
    assert noted == {f"process {number}" for number in range(4)}


def test_a_database_of_a_newer_version_is_left_alone(
    database_url: str, opened: Callable[[str], Records]
) -> None:
    with opened(database_url).store.write() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(BadSetting, match="newer version"):
        opened(database_url)


def test_sqlite_uses_wal_and_foreign_keys(tmp_path: Path, opened: Callable[[str], Records]) -> None:
    path = tmp_path / "deep" / "records.sqlite"
    with opened(f"sqlite:///{path}").store.read() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]
    assert found == ["wal", 1, 30_000]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("url", ["mysql://a/b", "records.sqlite", "sqlite://", "duckdb:///x"])
def test_other_addresses_are_refused(url: str, opened: Callable[[str], Records]) -> None:
    with pytest.raises(BadSetting, match="DATABASE_URL"):
        opened(url)


def test_a_file_that_is_no_database_is_refused(
    tmp_path: Path, opened: Callable[[str], Records]
) -> None:
    (tmp_path / "orders.csv").write_text("order,total\n" * 500)
    with pytest.raises(BadSetting, match=r"orders\.csv"):
        opened(f"sqlite:///{tmp_path}/orders.csv")


def test_a_server_that_is_away_is_a_failure_that_can_pass(clock: FrozenClock) -> None:
    from agent.records import open_records

    with pytest.raises(Unavailable, match="does not answer") as caught:
        open_records("postgresql://nobody:hidden-word@127.0.0.1:9/none", clock, CHEAP)
    assert not caught.value.permanent
    assert "hidden-word" not in str(caught.value)


def test_a_writer_that_waits_too_long_says_so(
    tmp_path: Path, opened: Callable[[str], Records]
) -> None:
    from agent.errors import Busy

    url = f"sqlite:///{tmp_path}/records.sqlite"
    one, two = opened(url), opened(url)
    with one.store.write(), two.store.read() as reader:
        reader.exec_driver_sql("PRAGMA busy_timeout=10")
    with one.store.write(), pytest.raises(Busy):
        two.audit.note("ana", "waited", "in vain")
