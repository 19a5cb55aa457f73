"""Vault's documented answers, from a local server: AppRole, tokens, key-value version 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.errors import NotConfigured, Unavailable
from agent.secrets.providers.vault import Vault
from agent.secrets.references import Name
from tests.agent.secrets.conftest import Answer, Asked, Seconds, Server

TOKEN = "shpat_planted"
ROOT = "hvs.planted_root_token"
SECRET_ID = "planted-secret-id"
ABOUT = {"created_time": "2026-11-17T07:41:00Z", "custom_metadata": None, "version": 2}


class House:
    """A Vault with one AppRole; tokens end when the test says so."""

    def __init__(self, seconds: Seconds) -> None:
        self.seconds = seconds
        self.data: dict[str, Any] = {"royal-analytics": {"SHOP_TOKEN": TOKEN, "NUMBER": 7}}
        self.tokens = {ROOT: 3600.0}
        self.renewable, self.logins = True, 0

    def __call__(self, asked: Asked) -> Answer:
        if asked.path == "/v1/auth/approle/login":
            return self._login(asked.body)
        token = asked.headers.get("X-Vault-Token", "")
        if token not in self.tokens:
            return 403, {"errors": ["permission denied"]}
        if asked.path == "/v1/auth/token/lookup-self":
            return 200, {"data": {"ttl": self.tokens[token], "renewable": self.renewable}}
        if asked.path == "/v1/auth/token/renew-self":
            return 200, {"auth": {"client_token": token, "lease_duration": 3600}}
        return self._read(asked.path.removeprefix("/v1/secret/data/"))

    def _login(self, body: dict[str, str]) -> Answer:
        if body != {"role_id": "royal", "secret_id": SECRET_ID}:
            return 400, {"errors": ["invalid role or secret ID"]}
        self.logins += 1
        token = f"hvs.login{self.logins}"
        self.tokens[token] = 1200.0
        auth = {"client_token": token, "lease_duration": 1200, "renewable": True, "metadata": None}
        return 200, {"auth": auth, "data": None, "warnings": None}

    def _read(self, path: str) -> Answer:
        found = self.data.get(path)
        if found is None:
            return 404, {"errors": []}
        if found == "deleted":
            return 404, {"data": {"data": None, "metadata": ABOUT | {"deletion_time": "2026"}}}
        return 200, {"request_id": "1", "data": {"data": found, "metadata": ABOUT}, "auth": None}


@pytest.fixture
def house(server: Server, seconds: Seconds) -> House:
    server.answer = made = House(seconds)
    return made


@pytest.fixture
def vault(server: Server, seconds: Seconds, settings_of: Callable[..., Any]) -> Any:
    def make(**more: str) -> Vault:
        signed = {"VAULT_ADDR": server.url, **(more or {"VAULT_TOKEN": ROOT})}
        return Vault(settings_of(**signed), seconds)

    return make


ROLE = {"VAULT_ROLE_ID": "royal", "VAULT_SECRET_ID": SECRET_ID}


def test_a_name_is_a_key_of_the_path(vault: Any, house: House, server: Server) -> None:
    made = vault()
    assert made.find(Name("SHOP_TOKEN")) == TOKEN
    assert made.find(Name("NUMBER")) == "7"
    assert made.find(Name("OTHER")) is None
    house.data["royal-analytics/db"] = {"password": "pw"}
    assert made.find(Name("db", "password")) == "pw"
    assert made.find(Name("db", "user")) is None
    assert made.find(Name("nothing", "user")) is None
    house.data["royal-analytics"] = "deleted"
    assert made.find(Name("SHOP_TOKEN")) is None
    assert server.paths()[:3] == [
        "GET /v1/auth/token/lookup-self",
        "POST /v1/auth/token/renew-self",
        "GET /v1/secret/data/royal-analytics",
    ]


def test_a_token_is_renewed_at_half_of_its_time(
    vault: Any, house: House, server: Server, seconds: Seconds
) -> None:
    made = vault()

    def renewals() -> int:
        return server.paths().count("POST /v1/auth/token/renew-self")

    made.find(Name("SHOP_TOKEN"))
    seconds.now += 1799
    made.find(Name("SHOP_TOKEN"))
    assert renewals() == 1
    seconds.now += 1
    made.find(Name("SHOP_TOKEN"))
    assert renewals() == 2
    house.renewable = False
    seconds.now += 1800
    assert made.find(Name("SHOP_TOKEN")) == TOKEN
    assert renewals() == 2


def test_a_token_that_may_not_look_at_itself_still_reads(
    vault: Any, house: House, server: Server
) -> None:
    def answer(asked: Asked) -> Answer:
        return (403, {"errors": []}) if "-self" in asked.path else house(asked)

    server.answer = answer
    made = vault()
    assert [made.find(Name("SHOP_TOKEN")) for _ in range(3)] == [TOKEN] * 3
    assert server.paths().count("GET /v1/auth/token/lookup-self") == 1


def test_an_approle_signs_in_and_signs_in_again(
    vault: Any, house: House, server: Server, seconds: Seconds
) -> None:
    made = vault(**ROLE)
    assert made.find(Name("SHOP_TOKEN")) == TOKEN
    seconds.now += 599
    made.find(Name("SHOP_TOKEN"))
    assert house.logins == 1
    seconds.now += 1
    made.find(Name("SHOP_TOKEN"))
    assert house.logins == 2
    house.tokens.clear()
    assert made.find(Name("SHOP_TOKEN")) == TOKEN, "its token was revoked"
    assert house.logins == 3
    assert "X-Vault-Token" not in server.asked[0].headers or not server.asked[0].headers.get(
        "X-Vault-Token"
    )


def test_the_environment_of_the_machine_lends_no_token(
    vault: Any, house: House, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAULT_TOKEN", "hvs.of_the_machine")
    vault(**ROLE).find(Name("SHOP_TOKEN"))
    assert "hvs.of_the_machine" not in str(server.asked)


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, {"errors": [TOKEN]}, NotConfigured, "Vault does not understand"),
        (401, {"errors": [TOKEN]}, NotConfigured, "Vault refuses"),
        (403, {"errors": [TOKEN]}, NotConfigured, "Vault refuses"),
        (429, {"errors": [TOKEN]}, Unavailable, "reports an error: RateLimitExceeded"),
        (500, {"errors": [TOKEN]}, Unavailable, "reports an error: InternalServerError"),
        (502, b"<html>bad gateway</html>", Unavailable, "reports an error: BadGateway"),
        (503, {"errors": ["Vault is sealed"]}, Unavailable, "sealed or starting"),
        (200, b"<html>a proxy</html>", Unavailable, "reports an error: UnexpectedError"),
        (200, {"data": None}, Unavailable, "reports an error: UnexpectedError"),
        (200, [1], Unavailable, "reports an error: UnexpectedError"),
        (307, b"", Unavailable, "reports an error"),
    ],
)
def test_each_failure_has_its_sentence(
    vault: Any, server: Server, house: House, status: int, body: Any, kind: type, said: str
) -> None:
    def answer(asked: Asked) -> Answer:
        return (status, body) if "/secret/" in asked.path else house(asked)

    server.answer = answer
    with pytest.raises(kind, match=said) as failed:
        vault().find(Name("SHOP_TOKEN"))
    assert TOKEN not in str(failed.value)
    assert failed.value.__suppress_context__, "a library's error repeats what was sent"


def test_a_wrong_approle_is_a_sentence_without_it(vault: Any, house: House) -> None:
    with pytest.raises(NotConfigured, match="the AppRole is wrong") as refused:
        vault(VAULT_ROLE_ID="other", VAULT_SECRET_ID=SECRET_ID).find(Name("A"))
    assert SECRET_ID not in str(refused.value)


def test_a_vault_that_is_away_is_unavailable(
    settings_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.servers import free_port

    address = f"http://127.0.0.1:{free_port()}"
    made = Vault(settings_of(VAULT_ADDR=address, VAULT_TOKEN=ROOT))
    with pytest.raises(Unavailable, match="Vault does not answer"):
        made.find(Name("A"))
