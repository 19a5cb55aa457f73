"""What only the DuckDB file must stand: a second process, a kill, a wrong file."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from agent.errors import Busy, Failure, Unavailable
from agent.warehouse.duckdb import DuckDBWarehouse
from agent.warehouse.schema import BATCHES, SALES
from tests.agent.warehouse.shop import batch, rows_of, sale

ROOT = Path(__file__).resolve().parents[3]

WRITER = """
import sys
from agent.warehouse.duckdb import DuckDBWarehouse
from tests.agent.warehouse.shop import batch, sale
warehouse = DuckDBWarehouse(sys.argv[1])
for turn in range(100_000):
    warehouse.merge(batch(str(turn), sales=[sale(f"{turn}-{n}", str(turn), "1") for n in range(3)]))
    sys.stdout.write(f"{turn}\\n")
    sys.stdout.flush()
"""

OPENER = """
import sys
from agent.errors import Busy
from agent.warehouse.duckdb import DuckDBWarehouse
try:
    DuckDBWarehouse(sys.argv[1])
except Busy as busy:
    sys.stdout.write(str(busy))
"""


def python(program: str, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def checksum(page: bytes) -> int:
    """DuckDB's own, over words of eight bytes."""
    total = 5381
    for (word,) in struct.iter_unpack("<Q", page):
        total ^= word * 0xBF58476D1CE4E5B9 % 2**64
    return total


@pytest.mark.parametrize("acknowledged", [1, 25])
def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    path = tmp_path / "w.duckdb"
    with python(WRITER, path) as writer:
        assert writer.stdout is not None
        seen = [writer.stdout.readline().strip() for _ in range(acknowledged)]
        os.kill(writer.pid, signal.SIGKILL)
        seen += writer.stdout.read().split()
    warehouse = DuckDBWarehouse(path)
    try:
        kept = {row["fingerprint"] for row in rows_of(warehouse, BATCHES)}
        assert set(seen) <= kept
        assert len(kept) <= len(seen) + 1
        assert len(rows_of(warehouse, SALES)) == 3 * len(kept)
        assert warehouse.versions(("almas-tea",))["sales"] == len(kept)
    finally:
        warehouse.close()


def test_a_second_process_is_told_that_the_file_is_taken(
    duckdb_warehouse: DuckDBWarehouse,
) -> None:
    with python(OPENER, duckdb_warehouse.path) as opener:
        assert opener.stdout is not None
        said = opener.stdout.read()
    assert said.startswith("Another process holds the warehouse")
    assert "WAREHOUSE_URL=postgresql://" in said


def test_a_closed_warehouse_lets_go_of_its_file_and_says_that_it_is_closed(tmp_path: Path) -> None:
    warehouse = DuckDBWarehouse(tmp_path / "w.duckdb")
    warehouse.merge(batch("a", sales=[sale("1", "1", "1")]))
    warehouse.close()
    warehouse.close()
    with pytest.raises(Unavailable):
        warehouse.ping()
    with python(OPENER, warehouse.path) as opener:
        assert opener.stdout is not None
        assert opener.stdout.read() == ""
    assert opener.returncode == 0


@pytest.mark.parametrize("content", [b"no database" * 1000, b"\0" * 20_000, b"x"])
def test_a_file_that_is_no_warehouse_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(content)
    with pytest.raises(Failure, match=r"w\.duckdb cannot be opened") as failure:
        DuckDBWarehouse(path)
    assert not isinstance(failure.value, Busy)
    assert path.read_bytes() == content


def test_a_file_of_a_newer_duckdb_is_one_sentence(tmp_path: Path) -> None:
    """The storage version stands at byte 12 of the file, under the checksum of its first page."""
    path = tmp_path / "w.duckdb"
    DuckDBWarehouse(path).close()
    content = bytearray(path.read_bytes())
    content[12] = 250
    content[:8] = struct.pack("<Q", checksum(content[8:4096]))
    path.write_bytes(content)
    with pytest.raises(Failure, match="written by another DuckDB"):
        DuckDBWarehouse(path)


def test_a_damaged_page_is_not_taken_for_a_busy_file(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    DuckDBWarehouse(path).close()
    content = bytearray(path.read_bytes())
    content[12] = 250
    path.write_bytes(content)
    with pytest.raises(Failure, match="damaged") as failure:
        DuckDBWarehouse(path)
    assert failure.value.permanent


def test_a_file_of_a_newer_product_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    DuckDBWarehouse(path).close()
    with duckdb.connect(str(path)) as raw:
        raw.execute("UPDATE layout SET number = 99")
    with pytest.raises(Failure, match="newer version of this product"):
        DuckDBWarehouse(path)
    with duckdb.connect(str(path)) as raw:
        assert raw.execute("SELECT number FROM layout").fetchall() == [(99,)]


def test_the_folder_is_made_and_the_file_is_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "w.duckdb"
    for turn in range(2):
        warehouse = DuckDBWarehouse(path)
        warehouse.merge(batch(str(turn), sales=[sale(str(turn), "1", "1")]))
        assert len(rows_of(warehouse, SALES)) == turn + 1
        warehouse.close()


def test_a_checkpoint_empties_the_log(duckdb_warehouse: DuckDBWarehouse) -> None:
    duckdb_warehouse.merge(batch("a", sales=[sale("1", "1", "1")]))
    log = duckdb_warehouse.path.with_name(duckdb_warehouse.path.name + ".wal")
    assert log.stat().st_size > 0
    duckdb_warehouse.checkpoint()
    assert not log.exists() or log.stat().st_size == 0
    assert len(rows_of(duckdb_warehouse, SALES)) == 1


@pytest.mark.parametrize(
    "command",
    [
        "SELECT * FROM read_csv('/etc/hostname')",
        "ATTACH '/tmp/elsewhere.duckdb'",
        "COPY sales TO '/tmp/elsewhere.csv'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_the_database_reaches_nothing_outside_its_file(
    duckdb_warehouse: DuckDBWarehouse, command: str
) -> None:
    with duckdb_warehouse._database.cursor() as cursor, pytest.raises(duckdb.Error):
        cursor.execute(command)


IMPORTS = """
import sys
from agent.warehouse.duckdb import DuckDBWarehouse
DuckDBWarehouse(sys.argv[1]).close()
sys.stdout.write(str("pandas" in sys.modules))
"""


def test_opening_leaves_no_import_to_the_first_requests(tmp_path: Path) -> None:
    """Two threads that meet a half-imported pandas fail: the charts' JSON looks for it."""
    path = tmp_path / "warehouse.duckdb"
    DuckDBWarehouse(path).close()
    opened = subprocess.run(
        [sys.executable, "-c", IMPORTS, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert opened.stdout == "True"
