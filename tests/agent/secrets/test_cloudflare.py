"""Cloudflare's documented answers, from a local server: Workers KV and the secrets store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.errors import NotConfigured, Unavailable
from agent.secrets.providers.cloudflare import Cloudflare
from agent.secrets.references import Name
from tests.agent.secrets.conftest import Answer, Asked, Server

TOKEN = "planted_cloudflare_token"
VALUE = "shpat_planted"
KV = "/accounts/acc/storage/kv/namespaces/ns/values/"
STORE = "/accounts/acc/secrets_store/stores/st/secrets"


def said(code: int, message: str) -> dict[str, Any]:
    errors = [{"code": code, "message": message}]
    return {"result": None, "success": False, "errors": errors, "messages": []}


class Account:
    def __init__(self) -> None:
        self.values: dict[str, bytes] = {"SHOP_TOKEN": VALUE.encode()}
        self.stored: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 403, said(10000, "Authentication error")
        if asked.path.startswith(STORE):
            return self._stored(int(asked.path.partition("page=")[2].partition("&")[0]))
        key = asked.path.removeprefix(KV)
        if key not in self.values:
            return 404, said(10009, "get: 'key not found'")
        return 200, self.values[key]

    def _stored(self, page: int) -> Answer:
        rows = [{"id": "1", "name": n, "status": "active", "store_id": "st"} for n in self.stored]
        return 200, {"result": rows[page * 100 - 100 : page * 100], "success": True, "errors": []}


@pytest.fixture
def account(server: Server) -> Account:
    server.answer = made = Account()
    return made


@pytest.fixture
def cloudflare(server: Server, settings_of: Callable[..., Any]) -> Any:
    def make(**more: str) -> Cloudflare:
        signed = {
            "CLOUDFLARE_ACCOUNT_ID": "acc",
            "CLOUDFLARE_API_TOKEN": TOKEN,
            "CLOUDFLARE_KV_NAMESPACE": "ns",
            "CLOUDFLARE_API": server.url,
        }
        return Cloudflare(settings_of(**{**signed, **more}))

    return make


def test_a_value_of_workers_kv(cloudflare: Any, account: Account, server: Server) -> None:
    made = cloudflare()
    assert made.find(Name("SHOP_TOKEN")) == VALUE
    assert made.find(Name("OTHER")) is None
    account.values["shop%2Fdb"] = b'{"password": "pw"}'
    assert made.find(Name("shop/db", "password")) == "pw"
    assert server.paths()[0] == f"GET {KV}SHOP_TOKEN"


def test_what_only_the_secrets_store_has_is_said_to_be_out_of_reach(
    cloudflare: Any, account: Account, server: Server
) -> None:
    account.stored = [f"n{number}" for number in range(150)]
    made = cloudflare(CLOUDFLARE_SECRETS_STORE="st")
    with pytest.raises(NotConfigured, match="n149 is in Cloudflare's secrets store, which gives"):
        made.find(Name("n149"))
    assert made.find(Name("nowhere")) is None
    asked = len(server.asked)
    assert cloudflare().find(Name("n1")) is None
    assert len(server.asked) == asked + 1, "without the setting, the store is not asked"


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"x" * 70_000, b"x" * 2_000_000])
def test_a_value_that_is_no_secret_is_a_sentence(
    cloudflare: Any, account: Account, value: bytes
) -> None:
    account.values["A"] = value
    with pytest.raises(NotConfigured, match="empty, too long, or no text"):
        cloudflare().find(Name("A"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "sentence"),
    [
        (401, said(10000, VALUE), NotConfigured, r"refuses the token \(401\)"),
        (403, said(10000, VALUE), NotConfigured, r"refuses the token \(403\)"),
        (404, said(10013, "namespace not found"), NotConfigured, "does not know this account"),
        (429, said(971, VALUE), Unavailable, "asked too often"),
        (500, b"<html>", Unavailable, r"reports an error \(500\)"),
        (302, b"", Unavailable, r"reports an error \(302\)"),
    ],
)
def test_each_failure_has_its_sentence(
    cloudflare: Any, server: Server, status: int, body: Any, kind: type, sentence: str
) -> None:
    server.answer = lambda asked: (status, body)
    with pytest.raises(kind, match=sentence) as failed:
        cloudflare().find(Name("A"))
    assert VALUE not in str(failed.value)
    assert TOKEN not in str(failed.value)


@pytest.mark.parametrize("body", [b"<html>not found</html>", b"", [], {"errors": [1]}])
def test_a_404_of_another_shape_is_no_value(cloudflare: Any, server: Server, body: Any) -> None:
    server.answer = lambda asked: (404, body)
    assert cloudflare().find(Name("A")) is None


def test_a_server_that_is_away_is_unavailable(cloudflare: Any) -> None:
    from tests.servers import free_port

    made = cloudflare(CLOUDFLARE_API=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(Unavailable, match="Cloudflare does not answer") as failed:
        made.find(Name("A"))
    assert failed.value.__suppress_context__
