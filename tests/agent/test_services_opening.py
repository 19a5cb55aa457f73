"""Settings in, services out: which twin opens, and what stops the start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.bus import LocalBus, RedisBus
from agent.cache import MemoryCache, RedisCache
from agent.errors import BadSetting, Unavailable
from agent.mailer import Outbox, PacedMailer
from agent.ports import Letter, Shop
from agent.services import Services, open_services
from agent.settings import Settings
from tests import servers
from tests.clock import FrozenClock

ROOT = Path(__file__).resolve().parents[2]

ALMA = Shop("almas-tea", "Alma's Tea", "GBP", "Europe/London")
Opener = Callable[..., Services]


def test_nothing_set_opens_the_embedded_twins(services: Services, tmp_path: Path) -> None:
    assert services.warehouse.dialect == "duckdb"
    assert isinstance(services.cache, MemoryCache)
    assert isinstance(services.bus, LocalBus)
    assert isinstance(services.mailer, Outbox)
    assert services.records.users.count() == 0
    names = {path.name for path in (tmp_path / "data").iterdir()}
    assert {"records.sqlite", "warehouse.duckdb", "secret_key"} <= names
    letter = Letter("a@b.example", ("anna@one.example",), "Hello", "text", "<p>text</p>")
    assert Path(services.mailer.send(letter)).parent == tmp_path / "data" / "outbox"


@pytest.mark.server
def test_addresses_open_the_server_twins(
    opened: Opener, postgres_url: str, redis_url: str, smtp_server: servers.SmtpServer
) -> None:
    plain = postgres_url.replace("postgresql+psycopg2://", "postgres://")
    services = opened(
        DATABASE_URL=plain, WAREHOUSE_URL=plain, REDIS_URL=redis_url, SMTP_URL=smtp_server.url
    )
    assert services.warehouse.dialect == "postgresql"
    assert isinstance(services.cache, RedisCache)
    assert isinstance(services.bus, RedisBus)
    assert isinstance(services.mailer, PacedMailer)
    parts = dict.fromkeys(("warehouse", "records", "cache", "bus", "mail"), "ok")
    assert services.health() == parts
    services.warehouse.put_shop(ALMA)
    assert services.shop() == ALMA
    letter = Letter("a@b.example", ("anna@one.example",), "Hello", "text", "<p>text</p>")
    services.mailer.send(letter)
    assert [received["Subject"] for received in smtp_server.letters] == ["Hello"]


def test_the_embedded_twins_load_no_server_libraries(tmp_path: Path) -> None:
    # Not so redis: pybreaker loads it wherever it is there.
    code = (
        "import sys; from agent.settings import Settings; from agent.services import open_services;"
        f"open_services(Settings.from_env({{'DATA_DIR': {str(tmp_path)!r}}})).close();"
        "print([m for m in ('psycopg2', 'dash', 'weasyprint', 'sklearn', 'matplotlib')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_two_apps_live_in_one_process(opened: Opener, tmp_path: Path) -> None:
    one, two = opened(), opened(DATA_DIR=str(tmp_path / "other"))
    one.warehouse.put_shop(ALMA)
    assert two.warehouse.shops() == ()
    assert one.settings.secret_key != two.settings.secret_key


def test_a_second_process_on_the_file_is_told(services: Services, tmp_path: Path) -> None:
    code = (
        "import os; from agent.errors import Busy; from agent.settings import Settings;"
        "from agent.services import open_services;\n"
        "try: open_services(Settings.from_env(os.environ))\n"
        "except Busy as error: print('busy:', error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("busy: ")


def test_what_was_opened_is_closed_when_a_later_part_fails(
    tmp_path: Path, clock: FrozenClock
) -> None:
    environ = {"DATA_DIR": str(tmp_path)}
    wrong = environ | {"SMTP_URL": "smtp://anna:hunter2@mail.example"}
    with pytest.raises(BadSetting, match="unencrypted"):
        open_services(Settings.from_env(wrong), clock)
    open_services(Settings.from_env(environ), clock).close()


def test_a_server_that_is_not_there(opened: Opener) -> None:
    gone = f"postgresql://anna:hunter2@127.0.0.1:{servers.free_port()}/shop"
    for name in ("DATABASE_URL", "WAREHOUSE_URL"):
        with pytest.raises(Unavailable) as failed:
            opened(**{name: gone})
        assert "hunter2" not in str(failed.value)


def test_a_folder_that_cannot_be_made(tmp_path: Path, clock: FrozenClock) -> None:
    settings = Settings.from_env({"DATA_DIR": str(tmp_path / "data")})
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match=r"^The folder '.*' cannot be made: Not a directory\."):
        open_services(replace(settings, data_dir=tmp_path / "file" / "data"), clock)


# The mail server's address.


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://m.example", ("m.example", 25, "none", "", "")),
        ("smtp://m.example:2525", ("m.example", 2525, "none", "", "")),
        ("smtps://an%40na:p%3Aw%2F@m.example", ("m.example", 465, "tls", "an@na", "p:w/")),
        ("smtp+starttls://u:p@m.example", ("m.example", 587, "starttls", "u", "p")),
        ("smtp://u:p@m.example:26?tls=starttls", ("m.example", 26, "starttls", "u", "p")),
        ("smtp://u:p@m.example?tls=none", ("m.example", 25, "none", "u", "p")),
        ("smtp://u:p@127.0.0.1:1025", ("127.0.0.1", 1025, "none", "u", "p")),
        ("smtp://u:p@[::1]:1025", ("::1", 1025, "none", "u", "p")),
    ],
)
def test_the_mail_address_is_read(opened: Opener, url: str, expected: tuple[Any, ...]) -> None:
    # Nothing else tells where letters go.
    server = opened(SMTP_URL=url).mailer._mailer._server  # type: ignore[attr-defined]
    assert (server.host, server.port, server.tls, server.user, server.password) == expected


def test_a_password_is_not_sent_in_the_clear_unless_that_is_said(opened: Opener) -> None:
    with pytest.raises(BadSetting) as stopped:
        opened(SMTP_URL="smtp://anna:hunter2@mail.example:587")
    assert "SMTP_URL would send the password to mail.example unencrypted." in str(stopped.value)
    assert "hunter2" not in str(stopped.value)
