"""Commands while the app runs: one real `python app.py serve` for the whole module."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from python_calamine import CalamineWorkbook

from agent.records import Records
from agent.records.connections import Connection
from agent.services import open_records_of
from agent.settings import SETTINGS, Settings
from tests.commands.conftest import DAYS, FOR_GIFTS, GIFTS, Run, free_port
from tests.commands.test_import import FLAT, MAPPING

ROOT = Path(__file__).resolve().parents[2]
BY_DAY = f"metrics=net_sales,orders&by=day&{DAYS}"
PATIENCE = 60.0
GRACE = 4


@dataclass(frozen=True)
class Server:
    process: subprocess.Popen[str]
    home: Path
    port: int
    link: str

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app on an empty data folder, without the demo shop."""
    home, port = tmp_path_factory.mktemp("app") / "data", free_port()
    names = {name for row in SETTINGS for name in (row.name, f"{row.name}_FILE")}
    environ = {name: value for name, value in os.environ.items() if name not in names}
    environ |= {
        "DATA_DIR": str(home),
        "PORT": str(port),
        "DEMO": "no",
        "STOP_GRACE_SECONDS": str(GRACE),
    }
    command = [sys.executable, str(ROOT / "app.py"), "serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environ, stdout=pipe, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        link = next(line.strip() for line in process.stdout if "/link/" in line)
        try:
            yield Server(process, home, port, link)
        finally:
            process.kill()


@pytest.fixture
def there(server: Server, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Commands on the data folder of the app that runs."""
    monkeypatch.setenv("DATA_DIR", str(server.home))
    monkeypatch.setenv("PORT", str(server.port))
    return run


@pytest.fixture
def filled(there: Run, gifts: Path) -> Run:
    """The gift shop is in the app, handed over by the command; once or again, it is the same."""
    done = there("import", str(gifts), "--format", "online-retail", *FOR_GIFTS)
    assert done.code == 0, done.err
    return there


def elsewhere(run: Run, tmp_path: Path, *words: str) -> Any:
    """The same command on a folder that no app holds."""
    return run(*words, DATA_DIR=str(tmp_path / "elsewhere"))


def test_it_is_healthy_as_soon_as_it_says_where_it_is(server: Server) -> None:
    with urlopen(f"{server.base}/api/analytics/health") as answer:
        told = json.load(answer)
    assert (told["status"], told["live"], told["ready"]) == ("ok", True, True)
    noted = json.loads((server.home / "server.json").read_text())
    assert noted == {"host": "127.0.0.1", "port": server.port, "pid": server.process.pid}
    assert (server.home / "server.json").stat().st_mode & 0o077 == 0


def test_the_printed_link_signs_in_once(server: Server) -> None:
    assert server.link.startswith(f"{server.base}/link/")
    jar = build_opener(HTTPCookieProcessor(CookieJar()))
    press = Request(server.link, data=b"", headers={"Sec-Fetch-Site": "same-origin"})
    with jar.open(press) as page:
        assert page.url == f"{server.base}/"
        assert page.status == 200
    with pytest.raises(HTTPError) as used_up:
        build_opener(HTTPCookieProcessor(CookieJar())).open(press)
    assert used_up.value.code == 410
    used_up.value.close()


def test_an_import_is_handed_over(there: Run, tmp_path: Path, server: Server) -> None:
    file = tmp_path / "handed over.csv"
    file.write_text(GIFTS)
    words = ("import", str(file), "--format", "online-retail", *FOR_GIFTS)
    done, here = there(*words), elsewhere(there, tmp_path, *words)
    assert done.code == 0, done.err
    assert "The app is running: it imports the file." in done.err
    # The same summary, but for the speed and the name of the file with what was rejected.
    mine, other = done.out.splitlines(), here.out.splitlines()
    assert mine[0].rpartition(",")[0] == other[0].rpartition(",")[0]
    assert mine[1] == other[1]
    assert mine[3:] == other[3:]
    rejected = Path(mine[2].removeprefix("  rejected lines are in "))
    assert rejected.parent == server.home / "rejected"
    assert rejected.name.startswith("handed-over")
    assert "BROKEN" in rejected.read_text()
    assert there(*words).out == "Gift Shop: this file was imported before. Nothing changed.\n"
    assert list((server.home / "uploads").iterdir()) == []


def test_a_mapping_goes_along(there: Run, tmp_path: Path, server: Server) -> None:
    (tmp_path / "mine.toml").write_text(MAPPING)
    (tmp_path / "flat.csv").write_text(FLAT)
    shop = ("--shop", "Flat", "--currency", "EUR", "--timezone", "Europe/Berlin")
    words = ("import", str(tmp_path / "flat.csv"), "--format", str(tmp_path / "mine.toml"), *shop)
    done = there(*words)
    assert done.code == 0, done.err
    assert done.out.startswith("Flat (flat): 1 lines read, 1 orders")
    assert there(*words).out == "Flat: this file was imported before. Nothing changed.\n"
    assert list((server.home / "uploads").iterdir()) == []


def test_a_bad_file_and_a_bad_mapping_are_the_same_sentences(there: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    (tmp_path / "bad.toml").write_text("colour = 3\n")
    for form in ("online-retail", "shopware", str(tmp_path / "bad.toml")):
        words = ("import", str(tmp_path / "bad.csv"), "--format", form, *FOR_GIFTS)
        done, here = there(*words), elsewhere(there, tmp_path, *words)
        assert done.code == here.code == 1
        assert done.err.splitlines()[-len(here.err.splitlines()) :] == here.err.splitlines()


def test_a_question_is_answered_the_same(filled: Run, tmp_path: Path, gifts: Path) -> None:
    elsewhere(filled, tmp_path, "import", str(gifts), "--format", "online-retail", *FOR_GIFTS)
    for question, form in (
        (f"{BY_DAY}&shop=gift shop", "table"),
        (f"?{BY_DAY}&country=United Kingdom,EIRE&shop=gift-shop", "csv"),
        (f"metrics=orders&by=product&{DAYS}&shop=Gift%20Shop", "csv"),
        ("metrics=profits&shop=gift-shop", "table"),
        ("metrics=orders&shop=Käse", "table"),
    ):
        words = ("ask", question, "--format", form)
        done, here = filled(*words), elsewhere(filled, tmp_path, *words)
        known = done.err.partition("Known:")[0], here.err.partition("Known:")[0]
        assert (done.code, done.out) == (here.code, here.out)
        assert known[0] == known[1]
    told = json.loads(filled("ask", f"{BY_DAY}&shop=gift-shop", "--format", "json").out)
    assert told["totals"] == {"net_sales": 41.98, "orders": 3}


def test_a_report_has_the_period_that_was_asked(filled: Run, tmp_path: Path) -> None:
    out = tmp_path / "brief.xlsx"
    shop = ("--shop", "gift shop", "--out", str(out))
    done = filled("report", "weekly-executive", "--period", "2010-12", *shop)
    assert done.code == 0, done.err
    book = CalamineWorkbook.from_path(str(out))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    cells = {str(cell) for sheet in sheets for row in sheet for cell in row}
    assert any("December 2010" in cell for cell in cells)
    assert "41.98" in cells
    late = filled("report", "weekly-executive", "--period", "2199-01", *shop)
    assert late.code == 1
    assert late.err.startswith("The period '2199-01' has not begun")
    assert filled("report", "yearly", *shop).err.startswith("There is no report called 'yearly'.")
    nowhere = filled("report", "weekly-executive", "--shop", "nowhere", "--out", str(out))
    assert nowhere.err.startswith("There is no shop called 'nowhere'.")


def test_a_backup_is_made_by_the_app(filled: Run, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    done = filled("backup", str(folder))
    assert done.code == 0, done.err
    assert elsewhere(filled, tmp_path, "restore", str(folder), "--yes").code == 0
    asked = ("ask", f"{BY_DAY}&shop=gift-shop", "--format", "csv")
    assert elsewhere(filled, tmp_path, *asked).out == filled(*asked).out
    again = filled("backup", str(folder))
    assert again.code == 1
    assert again.err.startswith(f"The folder {folder} is not empty.")


def test_check_asks_the_app(there: Run, server: Server) -> None:
    done = there("check")
    assert done.code == 0, done.out
    assert f"Connections of the running app, {server.base}" in done.out
    assert "✓ warehouse          ok" in done.out


def test_the_apps_own_cache_is_shown_and_cleared(filled: Run) -> None:
    """What this process keeps is nothing: the numbers are the app's."""
    assert filled("cache", "clear", "*").code == 0
    assert filled("ask", f"metrics=orders&{DAYS}").code == 0
    assert filled("ask", f"metrics=orders&{DAYS}").code == 0
    shown = filled("cache", "show")
    assert (shown.code, shown.err) == (0, "")
    head, row = shown.out.splitlines()
    assert " ".join(head.split()) == "Level Hits Misses Hit rate Failures Entries Size"
    level, hits, misses, rate, failures, entries, *size = row.split()
    assert (level, failures, entries) == ("process", "0", "1")
    assert int(hits) >= 1
    assert int(misses) >= 1
    assert rate.endswith("%")
    assert size[-1] == "KB"
    assert filled("cache", "clear", "shop:nobody:*").out == "0 answers are forgotten.\n"
    assert filled("cache", "clear", "*orders*").out == "1 answer is forgotten.\n"
    assert filled("cache", "show").out.splitlines()[1].split()[5] == "0"


def test_what_cannot_be_done_meanwhile_says_so(filled: Run, tmp_path: Path) -> None:
    assert filled("backup", str(tmp_path / "copy")).code == 0
    for words in (("demo",), ("restore", str(tmp_path / "copy"), "--yes")):
        done = filled(*words)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("The app is running (http://127.0.0.1:")
        assert done.err.endswith("Stop it, do this again, and start it.\n")
    second = filled("user", "add", "meanwhile@tea.example")
    assert second.code == 0


def test_the_commands_own_tokens_are_gone_afterwards(there: Run, server: Server) -> None:
    assert there("ask", "metrics=orders&shop=nowhere").code == 1
    assert "command line" not in there("token", "list").out
    records = open_records_of(Settings.from_env({"DATA_DIR": str(server.home)}))
    try:
        mine = [row for row in records.tokens.all() if row.name.startswith("command line ")]
        assert mine
        assert all(row.revoked_at for row in mine)
    finally:
        records.close()


def test_only_an_admin_makes_backups(there: Run, server: Server, tmp_path: Path) -> None:
    for role, status in (("analyst", 403), ("admin", 400)):
        made = there("token", "create", "--name", f"backup {role}", "--role", role)
        sent = Request(
            f"{server.base}/api/analytics/backup",
            data=b"folder=copy",
            headers={"Authorization": f"Bearer {made.out.splitlines()[-1]}"},
        )
        with pytest.raises(HTTPError) as refused:
            urlopen(sent)
        assert refused.value.code == status
        refused.value.close()


def test_the_running_app_looks_after_its_warehouse(filled: Run) -> None:
    said = filled("warehouse", "check", "gift-shop")
    assert said.code == 0, said.err
    assert "checks passed" in said.out
    assert filled("warehouse", "tidy").out == "The warehouse is tidy.\n"
    assert "No connection of gift-shop keeps" in filled("warehouse", "rebuild", "gift-shop").out
    assert "removed: none." in filled("warehouse", "retention", "--keep-months", "300").out
    assert filled("warehouse", "check", "nobody").code == 1


def test_the_running_app_syncs_and_removes_a_source(there: Run, server: Server) -> None:
    records = open_records_of(Settings.from_env({"DATA_DIR": str(server.home)}))
    try:
        records.connections.add(Connection("", "redis", "Counters", "gift-shop"))
        assert there("source", "list").out.startswith("Counters")
        assert "it has begun" in there("source", "sync", "Counters").out
        # While a source is at work, nothing else is begun with it: on a busy machine it still is.
        ended(records)
        assert "Name from 1 to 50 counters." in there("source", "list").out
        days = ("--from", "2026-01-02", "--to", "2026-01-03")
        assert "it has begun" in there("source", "backfill", "Counters", *days).out
        assert "is removed" in there("source", "remove", "Counters").out
        assert there("source", "list").out == "No source is connected.\n"
        ended(records)
    finally:
        records.close()


def ended(records: Records) -> None:
    """Waits until no source is at work."""
    until = time.monotonic() + PATIENCE
    while records.runs.open("sync"):
        assert time.monotonic() < until, "a sync that can only fail goes on"
        time.sleep(0.05)


def test_zzz_it_stops_in_time_when_asked(there: Run, server: Server) -> None:
    """Last of the module: afterwards nothing runs. An upload that never ends does not hold it."""
    token = there("token", "create", "--name", "slow", "--role", "admin").out.splitlines()[-1]
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(
            b"POST /api/analytics/imports HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Authorization: Bearer " + token.encode() + b"\r\n"
            b"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000\r\n\r\n--x\r\n"
        )
        time.sleep(0.5)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE) == 0
        assert time.monotonic() - began < GRACE + 60, "the upload would hold it for ever"
    assert not (server.home / "server.json").exists()
