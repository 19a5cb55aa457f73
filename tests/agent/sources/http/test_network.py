"""Requests over the network: where they may go, how much they may bring, what they never tell."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from agent.errors import Refused, Unavailable
from agent.sources.http import guard
from agent.sources.http.network import Asked, Caps, Network, Veil
from tests.agent.sources.http.conftest import Local, Reply, said
from tests.servers import free_port

CAPS = Caps(100_000, 30.0)


@pytest.fixture
def line() -> Iterator[Network]:
    """A line that may reach this machine."""
    opened = Network(Veil(), private=True)
    yield opened
    opened.close()


@pytest.fixture
def guarded() -> Iterator[Network]:
    """A line that may reach the internet alone."""
    opened = Network(Veil())
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "::1",
     "fd00::1", "fe80::1%eth0", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
     "100.64.0.1", "224.0.0.1", "255.255.255.255", "nonsense", ""],
)  # fmt: skip
def test_these_addresses_are_nobodys_business(address: str) -> None:
    assert not guard.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.1.1", "2a00:1450:4001::8a"])
def test_these_addresses_are_public(address: str) -> None:
    assert guard.is_public(address)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("https://127.0.0.1:8443/x", "127.0.0.1 is an address of a private network."),
        ("https://localhost/x", "localhost is an address of a private network."),
        ("https://[::1]/x", "::1 is an address of a private network."),
        ("https://0x7f000001/", "0x7f000001 is an address of a private network."),
        ("http://example.org/", "example.org would be asked without encryption."),
        ("file:///etc/passwd", "file:///etc/passwd is no address that can be asked."),
        ("https://anna:pass@example.org/", "https://anna:•••@example.org/ is no address that"),
        ("https://", "https:// is no address that can be asked."),
    ],
)
def test_what_may_not_be_asked_is_not_asked(guarded: Network, url: str, sentence: str) -> None:
    with pytest.raises(Refused) as caught:
        guarded.ask(Asked(url), CAPS)
    assert caught.value.message.startswith(sentence)


def test_a_name_that_changes_its_address_after_the_look_reaches_nothing(
    guarded: Network, local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look sees a public address; the connection that follows gets this machine's."""
    real = socket.getaddrinfo
    local.answers = [{"never": "said"}]
    port = int(local.url.rpartition(":")[2])

    def twice(host: str, *rest: Any, **more: Any) -> Any:
        if host != "rebound.example":
            return real(host, *rest, **more)
        asked.append(host)
        address = "8.8.8.8" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", twice)
    with pytest.raises(Refused, match=r"rebound\.example is an address of a private network"):
        guarded.ask(Asked(f"https://rebound.example:{port}/"), CAPS)
    assert len(asked) == 2
    assert local.sent == []


def test_redirects_stay_on_their_host(line: Network, local: Local) -> None:
    local.answers = [said({}, 302, Location="/there?x=1"), {"found": 1}]
    answered = line.ask(Asked(f"{local.url}/here", query={"a": "b"}), CAPS)
    assert answered.json() == {"found": 1}
    assert [(sent.path, dict(sent.query)) for sent in local.sent] == [
        ("/here", {"a": "b"}), ("/there", {"x": "1"}),
    ]  # fmt: skip
    other = f"http://localhost:{local.url.rpartition(':')[2]}/"
    local.answers = [said({}, 302, Location=other)]
    with pytest.raises(Refused, match="sends the request on to another host"):
        line.ask(Asked(f"{local.url}/here"), CAPS)
    local.answers = [said({}, 302, Location="/here")]
    with pytest.raises(Refused, match="redirects in circles"):
        line.ask(Asked(f"{local.url}/here"), CAPS)


def test_an_answer_that_is_too_large_is_left_unread_even_packed(
    line: Network, local: Local
) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    local.answers = [Reply(bomb, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(Refused, match="larger than the recipe allows"):
        line.ask(Asked(local.url), CAPS)
    local.answers = [Reply(b"no gzip", headers={"Content-Encoding": "gzip"})]
    with pytest.raises(Refused, match="cannot be unpacked"):
        line.ask(Asked(local.url), CAPS)


def test_an_answer_that_takes_too_long_is_given_up(local: Local) -> None:
    moments = iter([0.0, *[31.0] * 9])
    line = Network(Veil(), private=True, now=lambda: next(moments))
    local.answers = [{"late": True}]
    with pytest.raises(Unavailable, match="takes longer than 30 s to answer"):
        line.ask(Asked(local.url), CAPS)
    line.close()


def test_who_is_not_there_can_be_tried_again(line: Network) -> None:
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 cannot be reached"):
        line.ask(Asked(f"http://127.0.0.1:{free_port()}/?access_token=s3cr3t"), CAPS)


def test_an_answer_that_breaks_off_can_be_tried_again(line: Network, local: Local) -> None:
    local.answers = [Reply(b'{"rows": [1, 2', short=10)]
    with pytest.raises(Unavailable, match="breaks off"):
        line.ask(Asked(local.url), CAPS)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE html><html>", "answered with a web page instead of JSON"),
        (b"  \n ", "gave an empty answer"),
        (b'{"rows": [1, 2', "is no whole JSON"),
        (b'{"rows": NaN}', "is no whole JSON"),
        (b"\xff\xfe\x00", "is no whole JSON"),
        (b"[" * 50_000, "is nested too deep"),
        (b"9" * 10_000, "is no whole JSON"),
    ],
)
def test_what_is_no_json_is_said_in_one_sentence(
    line: Network, local: Local, content: bytes, sentence: str
) -> None:
    local.answers = [Reply(content)]
    answered = line.ask(Asked(local.url), CAPS)
    with pytest.raises(Refused) as caught:
        answered.json()
    assert sentence in caught.value.message


def test_what_cannot_be_sent_is_said(line: Network, local: Local) -> None:
    local.answers = [{}]
    with pytest.raises(Refused, match="has a part that cannot be sent"):
        line.ask(Asked(local.url, headers={"X-A": "one\r\nX-B: two"}), CAPS)
    assert local.sent == []


def test_a_veil_hides_secrets_however_they_are_written() -> None:
    veil = Veil()
    veil.add('pa ss"word/1')
    shown = veil.hide('a pa ss"word/1 b pa%20ss%22word%2F1 ' + json.dumps('pa ss"word/1'))
    assert "word" not in shown
    assert veil.hide("?access_token=unknown&x=1") == "?access_token=•••&x=1"
    assert veil.add("a") == "a"
    assert veil.hide("a b") == "a b"


def test_numbers_keep_their_digits(line: Network, local: Local) -> None:
    local.answers = [Reply(b'{"a": 0.1, "b": 12345678901234567890.12}')]
    found = line.ask(Asked(local.url), CAPS).json()
    assert str(found["a"]) == "0.1"
    assert str(found["b"]) == "12345678901234567890.12"
