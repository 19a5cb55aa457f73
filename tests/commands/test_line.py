from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from commands.line import COMMANDS
from tests.commands.conftest import Run, Said

ROOT = Path(__file__).resolve().parents[2]


def test_an_unknown_command_is_a_wrong_call(run: Run) -> None:
    done = run("dance")
    assert done.code == 2
    assert "dance" in done.err
    assert run("ask").code == 2
    assert run("import").code == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert COMMANDS[command][1] in " ".join(done.out.split())


def test_the_overview_names_every_command(run: Run) -> None:
    told = run("--help").out
    named = [line.split()[0] for line in told.splitlines() if line.startswith("    ")]
    assert [command for command in COMMANDS if command not in named] == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "many", "PORT='many' is not a whole number."),
        ("DEMO", "perhaps", "DEMO='perhaps' is neither yes nor no."),
        ("WAREHOUSE_URL", "mysql://db", "WAREHOUSE_URL='mysql://db' does not start with"),
    ],
)
def test_a_wrong_setting_stops_with_a_sentence(
    run: Run, name: str, value: str, sentence: str
) -> None:
    for command in (("check",), ("serve",), ("ask", "metrics=orders")):
        done = run(*command, **{name: value})
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith(sentence)


def test_a_folder_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    inside = str(tmp_path / "file" / "data")
    for command in (("serve",), ("user", "list"), ("ask", "metrics=orders")):
        done = run(*command, DATA_DIR=inside, SECRET_KEY="k" * 40)
        assert done.code == 1
        assert inside in done.err
        assert "Traceback" not in done.err


def test_check_says_what_works(run: Run, home: Path) -> None:
    done = run("check")
    assert done.code == 0, done.out
    assert f"  {'DATA_DIR':<26} {home}" in done.out
    assert "✓ warehouse          ok" in done.out
    assert "✓ weasyprint         ok" in done.out
    assert f"  {'SECRET_KEY':<26} (set)" in done.out


def test_check_says_what_does_not(run: Run) -> None:
    done = run("check", REDIS_URL="redis://127.0.0.1:1/0")
    assert done.code == 1
    wrong = [line for line in done.out.splitlines() if line.startswith("  ✗")]
    assert {line.split()[1] for line in wrong} == {"cache", "bus"}
    assert all(len(line.split()) > 4 for line in wrong)


def test_check_names_a_database_that_is_not_there(run: Run) -> None:
    done = run("check", WAREHOUSE_URL="postgresql://anna:hunter2@127.0.0.1:1/shop")
    assert done.code == 1
    assert "✗ services" in done.out
    assert "hunter2" not in done.out


def test_a_reader_that_has_enough_is_no_fault(home: Path, gift_shop: Said) -> None:
    """As in `python app.py ask ... | head -1`, where the pipe is closed before all is written."""
    asked = [sys.executable, str(ROOT / "app.py"), "ask", "metrics=orders", "--format", "json"]
    # Blocks of a full pipe: the reader takes nothing and goes.
    with subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        assert one.stderr is not None
        one.stdout.close()
        said = one.stderr.read()
    assert said == ""
    assert one.returncode == 1
