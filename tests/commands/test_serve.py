"""How `serve` starts and what stops it; the app that runs is in test_running.py."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.records.roles import Role
from agent.services import open_services
from agent.settings import Settings
from commands import note
from commands.listening import bound
from commands.serve import greet, owner_link
from tests.commands.conftest import Run, free_port

ROOT = Path(__file__).resolve().parents[2]
KEY = "k" * 40


@pytest.fixture(autouse=True)
def undone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a program sets once for itself is taken back after the test."""
    monkeypatch.setattr(logging.root, "handlers", [])
    level, hook = logging.root.level, threading.excepthook
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    logging.root.setLevel(level)
    threading.excepthook = hook
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_it_is_not_open_to_others_without_a_key(run: Run) -> None:
    done = run("serve", HOST="0.0.0.0")
    assert done.code == 1
    assert done.err.startswith("HOST='0.0.0.0' lets other machines in, and SECRET_KEY is not set.")


def test_it_is_not_open_to_others_without_a_user(run: Run, home: Path) -> None:
    done = run("serve", HOST="0.0.0.0", SECRET_KEY=KEY, PORT=str(free_port()))
    assert done.code == 1
    assert "there is no user yet" in done.err
    assert "user add" in done.err
    assert not (home / "server.json").exists()


def test_a_taken_port_is_a_sentence(run: Run, home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = run("serve", PORT=str(port), DEMO="yes")
    assert done.code == 1
    assert done.err == (
        f"Port {port} is taken by another program.\nStop it, or set another: PORT={port + 1}.\n"
    )
    # Found out before the demo shop is filled, and before the warehouse is opened.
    assert not (home / "warehouse.duckdb").exists()


def test_an_address_of_another_machine_is_a_sentence(run: Run) -> None:
    done = run("serve", HOST="192.0.2.1", SECRET_KEY=KEY)
    assert done.code == 1
    assert done.err.startswith("HOST='192.0.2.1' cannot be listened on: ")


def test_a_name_is_bound_at_each_of_its_addresses(home: Path) -> None:
    port = free_port()
    environ = {"DATA_DIR": str(home), "HOST": "localhost", "PORT": str(port)}
    with bound(Settings.from_env(environ)) as sockets:
        assert ("127.0.0.1", port) in [one.getsockname()[:2] for one in sockets]


def test_the_second_app_on_a_folder_says_where_the_first_is(run: Run, home: Path) -> None:
    settings = Settings.from_env({"DATA_DIR": str(home)})
    with note.kept(settings) as mine:
        mine.write("127.0.0.1", 8123)
        done = run("serve", PORT=str(free_port()))
        assert done.code == 1
        assert done.err.startswith(f"Another app serves {home} already at http://127.0.0.1:8123.")
        assert note.running(settings) == note.Place("127.0.0.1", 8123, os.getpid())
    assert note.running(settings) is None
    assert not (home / "server.json").exists()


def test_a_note_that_a_killed_app_left_is_no_app(run: Run, home: Path) -> None:
    """The numbers in it may be another program's by now: neither is looked at."""
    home.mkdir()
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        left = {"host": "127.0.0.1", "port": stranger.getsockname()[1], "pid": os.getpid()}
        (home / "server.json").write_text(json.dumps(left))
        done = run("ask", "metrics=orders")
        assert done.err.startswith("There is no shop yet.")
        assert run("restore", str(home)).err.startswith(f"{home} is no backup")
        stranger.settimeout(0)
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_a_warehouse_that_something_else_holds_is_a_sentence(run: Run, home: Path) -> None:
    """Not the app, but a second command, or a program that looks into the file."""
    home.mkdir()
    (home / "server.json").write_text(json.dumps({"host": "127.0.0.1", "port": 1, "pid": 1}))
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    held = [sys.executable, "-c", script, str(home / "warehouse.duckdb")]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        done = run("ask", "metrics=orders")
        other.communicate(b"\n")
    assert done.code == 1
    assert done.err.startswith("Another process holds the warehouse ")


def test_while_the_app_starts_a_command_waits_its_turn(run: Run, home: Path) -> None:
    home.mkdir()
    script = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    held = [sys.executable, "-c", script, str(home / "warehouse.duckdb")]
    with (
        note.kept(Settings.from_env({"DATA_DIR": str(home)})),
        subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
    ):
        assert other.stdout is not None
        other.stdout.readline()
        done = run("ask", "metrics=orders")
        other.communicate(b"\n")
    assert (done.code, done.err) == (1, "The app is starting.\nTry again in a moment.\n")


def test_the_link_is_the_first_admins(
    run: Run, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("user", "add", "vic@tea.example")
    run("user", "add", "gone@tea.example", "--role", "admin")
    run("user", "disable", "gone@tea.example")
    services = open_services(Settings.from_env({"DATA_DIR": str(home)}))
    try:
        made = services.records.links.use(owner_link(services).rpartition("/")[2])
        assert made is not None
        assert made.role is Role.ADMIN
        assert made.email not in ("vic@tea.example", "gone@tea.example")
        again = services.records.links.use(owner_link(services).rpartition("/")[2])
        assert again is not None
        assert again.user_id == made.user_id
        capsys.readouterr()
        greet(services, with_link=False)
        assert "/link/" not in capsys.readouterr().out
    finally:
        services.close()


def test_a_fill_cut_short_leaves_nothing(home: Path) -> None:
    """Stopped while the demo shop is being written: the next start fills it anew."""
    environ = os.environ | {"DEMO": "yes", "PORT": str(free_port())}
    command = [sys.executable, str(ROOT / "app.py"), "serve"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        for line in started.stderr:
            if line.startswith("Writing"):
                started.send_signal(signal.SIGTERM)
                break
        rest = started.stderr.read()
    assert started.returncode == 0, rest
    assert "Traceback" not in rest
    assert not (home / "server.json").exists()
    services = open_services(Settings.from_env({"DATA_DIR": str(home)}))
    try:
        assert services.warehouse.shops() == ()
    finally:
        services.close()
