"""A run in which everything fails, and every place where it can say so: no planted value stands in
any of them."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests

from agent.backups import back_up
from agent.errors import Failure, Unavailable
from agent.logs import open_logs
from agent.records.connections import Connection
from agent.records.roles import Role
from agent.services import Services, open_services
from agent.settings import Settings
from agent.sources import connecting, syncing
from agent.sources.connecting import Form
from agent.sources.connectors import Field, Link, Probe, Synced
from dashboard.build import build_server
from dashboard.faults import fault_of
from tests import almas_tea
from tests.clock import FrozenClock
from tests.servers import free_port

FROM_ENVIRONMENT = "planted/environment+value=1"
FROM_FILE = 'planted "file" value 2'
TYPED = "planted-typed-value-3"
TRIED = "planted-tried-value-4"
PASSWORD = "planted-password-5"
VAULT = "hvs.planted-vault-token-6"
PLANTED = (FROM_ENVIRONMENT, FROM_FILE, TYPED, TRIED, PASSWORD, VAULT)


class Careless:
    """A connector that does with secrets what a library may do: it logs them, puts them into
    addresses, quotes them in what it raises, and breaks in ways that nobody foresaw."""

    kind, label, icon, help, cron = "careless", "Careless", "plug", "", "0 * * * *"
    names_shop = True
    fields = (Field("token", "Token", "secret"), Field("key", "Key", "secret"))

    def probe(self, link: Link) -> Probe:
        return self._ask(link)

    def sync(self, link: Link) -> Synced:
        return self._ask(link)

    def _ask(self, link: Link) -> Any:
        found = [link.secret("token"), link.secret("key")]
        log = logging.getLogger("careless")
        log.warning("Asking with %s", found, extra={"token": found[0], "all": repr(found)})
        address = f"http://127.0.0.1:{free_port()}/"
        return link.upstream.call(lambda: self._get(address, found), tries=1)

    def _get(self, address: str, found: list[str]) -> Any:
        log = logging.getLogger("careless")
        try:
            requests.get(address, params={"token": found[0], "key": found[1]}, timeout=1)
        except requests.RequestException as error:
            log.exception("It does not answer.")
            raise Unavailable(f"No answer: {error}", hint=f"Was sent {found!r}.") from error


@pytest.fixture
def log() -> Iterator[StringIO]:
    root, stream = logging.getLogger(), StringIO()
    before, level, hook = root.handlers[:], root.level, threading.excepthook
    open_logs("debug", stream)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    threading.excepthook = hook


@pytest.fixture
def services(
    log: StringIO, tmp_path: Path, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted" / "SHOP_KEY").write_text(FROM_FILE)
    monkeypatch.setenv("SHOP_TOKEN", FROM_ENVIRONMENT)
    settings = {
        "DATA_DIR": str(tmp_path / "data"),
        "SECRETS_DIR": str(tmp_path / "mounted"),
        "SECRET_PROVIDERS": "environment,files,vault",
        "VAULT_ADDR": f"http://127.0.0.1:{free_port()}",
        "VAULT_TOKEN": VAULT,
        "SMTP_URL": f"smtp://ana:{PASSWORD}@127.0.0.1:{free_port()}?tls=none",
        "DEMO": "no",
    }
    made = open_services(Settings.from_env(settings), clock)
    monkeypatch.setitem(connecting.connector.__globals__["CONNECTORS"], "careless", CARELESS)
    yield made
    made.close()


CARELESS = "tests.agent.secrets.test_leaks:CONNECTOR"
CONNECTOR = Careless()


def failing_run(services: Services) -> list[str]:
    """What a person saw of it."""
    seen: list[str] = []
    values = {"token": "secret:SHOP_TOKEN", "key": TYPED}
    made = connecting.connect(services, Form("careless", "One", values=values), "ana@tea.example")
    other = {"token": "secret:SHOP_KEY", "key": "secret:NOWHERE"}
    services.records.connections.add(Connection("two", "careless", "Two", "", other))
    third = {"token": "secret:SHOP_KEY", "key": "secret:SHOP_TOKEN"}
    services.records.connections.add(Connection("three", "careless", "Three", "", third))
    for one in (made.connection_id, "two", "three"):
        with pytest.raises(Unavailable) as failed:
            syncing.sync(services, one)
        seen += [str(failed.value), repr(failed.value), repr(fault_of(failed.value, "It"))]
    tried = Form("careless", "Tried", values={"token": TRIED, "key": "secret:SHOP_KEY"})
    with pytest.raises(Unavailable) as failed:
        connecting.try_out(services, tried)
    seen.append(str(failed.value))
    for text in (TRIED, f"secret:{TRIED}", f"sealed:{TRIED}"):
        with suppress(Failure):
            services.secrets.resolve(text)
    fault_of(RuntimeError(f"unforeseen {FROM_ENVIRONMENT} and {TYPED}"), "The page")
    thread = threading.Thread(target=lambda: [][len(FROM_FILE)], name=f"with {FROM_FILE}")
    thread.start()
    thread.join()
    return seen


def answers(services: Services) -> list[str]:
    """What the running app says of itself, and the receipt of a number."""
    services.warehouse.merge(almas_tea.batch())
    frame = services.answer(services.question("metrics=net_sales"))
    assert frame.receipt.sql
    client = build_server(services).test_client()
    token = services.records.tokens.create("test", Role.ADMIN)
    head = {"Authorization": f"Bearer {token}"}
    paths = ("health", "ask?metrics=net_sales", "ask?metrics=nothing")
    said = [client.get(f"/api/analytics/{path}", headers=head) for path in paths]
    assert [one.status_code for one in said[1:]] == [200, 400]
    return [repr(frame.receipt), *(one.get_data(as_text=True) for one in said)]


def files_in(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()


def shapes(value: str) -> set[bytes]:
    """A value in the clear, as JSON has it, and as a careless program hides it."""
    plain = value.encode()
    return {plain, value.replace('"', '\\"').encode(), base64.b64encode(plain)}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_no_output_of_a_failing_run_holds_a_secret(
    services: Services, log: StringIO, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    seen = failing_run(services)
    seen += answers(services)
    seen += [repr(services.secrets.standings()), repr(services.settings), repr(services.secrets)]
    seen += map(repr, services.records.audit.recent())
    seen += map(repr, services.records.connections.all())
    seen += map(str, services.health().values())
    assert "No answer" in repr(services.upstreams.standings())
    seen += map(repr, services.upstreams.standings())
    back_up(services, tmp_path / "backup")
    out, err = capfd.readouterr()
    everything = {f"seen {at}": text.encode() for at, text in enumerate(seen)}
    everything |= {"log": log.getvalue().encode(), "out": out.encode(), "err": err.encode()}
    everything |= {str(path): text for path, text in files_in(tmp_path / "backup")}
    everything |= {str(path): text for path, text in files_in(tmp_path / "data")}
    found = [
        (place, value)
        for place, text in everything.items()
        for value in PLANTED
        if any(shape in text for shape in shapes(value))
    ]
    assert found == []


def test_the_failing_run_says_enough_to_be_a_test(services: Services, log: StringIO) -> None:
    seen = failing_run(services)
    said = log.getvalue()
    assert "Asking with" in said
    assert said.count("•••") > 8
    assert "The page failed, reference" in said
    assert "NOWHERE" in " ".join(seen)
    assert "Vault does not answer." in " ".join(seen)
    message = services.records.connections.get("three").message
    assert message.startswith("No answer") and "•••" in message
    assert services.records.sealed.names()
