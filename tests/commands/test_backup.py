from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.commands.conftest import DAYS, Run, Said

ALL = f"metrics=net_sales,orders&by=day&{DAYS}"


@pytest.fixture
def copy(run: Run, tmp_path: Path, gift_shop: Said) -> Path:
    """A backup of the gift shop and a user."""
    run("user", "add", "ada@tea.example", "--role", "admin")
    folder = tmp_path / "copy"
    done = run("backup", str(folder))
    assert done.code == 0, done.err
    assert str(folder) in done.out
    return folder


def test_a_backup_goes_into_another_installation(run: Run, tmp_path: Path, copy: Path) -> None:
    figures = run("ask", ALL, "--format", "csv").out
    other = str(tmp_path / "other")
    done = run("restore", str(copy), "--yes", DATA_DIR=other)
    assert done.code == 0, done.err
    assert run("ask", ALL, "--format", "csv", DATA_DIR=other).out == figures
    assert "ada@tea.example" in run("user", "list", DATA_DIR=other).out
    assert sorted(p.name for p in Path(other).iterdir() if p.name.startswith(".")) == []


def test_documents_go_along(run: Run, tmp_path: Path) -> None:
    data, other = tmp_path / "with", tmp_path / "without"
    kept = data / "raw" / "alder" / "1.jsonl.zst"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"packed")
    kept.with_name(".2.jsonl.zst.99").write_bytes(b"half")
    assert run("backup", str(tmp_path / "b"), DATA_DIR=str(data)).code == 0
    assert run("restore", str(tmp_path / "b"), "--yes", DATA_DIR=str(other)).code == 0
    assert [p.name for p in (other / "raw").rglob("*") if p.is_file()] == ["1.jsonl.zst"]
    assert sorted(p.name for p in other.iterdir() if p.name.startswith(".")) == []


def test_what_came_after_the_backup_is_gone(run: Run, copy: Path) -> None:
    run("user", "add", "late@tea.example")
    assert run("restore", str(copy), typed="y\n").code == 0
    assert "late" not in run("user", "list").out


def test_nothing_happens_without_a_yes(run: Run, copy: Path) -> None:
    run("user", "add", "late@tea.example")
    done = run("restore", str(copy), typed="\n")
    assert done.code == 1
    assert done.err.startswith("Nothing was changed.")
    assert "late" in run("user", "list").out


def test_a_backup_never_overwrites(run: Run, copy: Path) -> None:
    before = sorted(copy.rglob("*"))
    done = run("backup", str(copy))
    assert done.code == 1
    assert done.err.startswith(f"The folder {copy} is not empty.")
    assert sorted(copy.rglob("*")) == before
    assert run("backup", str(copy / "records" / "users.jsonl")).code == 1


def test_only_the_owner_reads_a_backup(copy: Path) -> None:
    assert copy.stat().st_mode & 0o077 == 0


def test_a_broken_backup_changes_nothing(run: Run, tmp_path: Path, copy: Path) -> None:
    run("user", "add", "late@tea.example")
    figures = run("ask", ALL, "--format", "csv").out
    for number, spoil in enumerate((_without_records, _with_cut_sales, _with_a_lost_user)):
        broken = tmp_path / f"broken{number}"
        shutil.copytree(copy, broken)
        spoil(broken)
        done = run("restore", str(broken), "--yes")
        assert done.code == 1, spoil
        assert "Traceback" not in done.err
        assert run("ask", ALL, "--format", "csv").out == figures
        # The records went in first and came back out.
        assert "late" in run("user", "list").out


def _without_records(folder: Path) -> None:
    shutil.rmtree(folder / "records")


def _with_cut_sales(folder: Path) -> None:
    path = folder / "warehouse" / "sales.parquet"
    path.write_bytes(path.read_bytes()[:-100])


def _with_a_lost_user(folder: Path) -> None:
    about = json.loads((folder / "records" / "records.json").read_text())
    assert about["rows"]["users"] == 1
    (folder / "records" / "users.jsonl").write_text("")
