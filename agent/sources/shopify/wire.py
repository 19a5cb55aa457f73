"""Bytes to and from a shop: bounded in size and time, without redirects, without secrets in what
is said when it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
import requests

from agent.errors import Refused, Unavailable
from agent.words import t

CONNECT_SECONDS, READ_SECONDS = 5.0, 30.0
WHOLE_SECONDS = 60.0
MOST_BYTES = 32 * 1024 * 1024
CHUNK = 256 * 1024


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> dict[str, Any] | None:
        """The body as an object; None where it is none, such as a proxy's page."""
        try:
            found = orjson.loads(self.content)
        except orjson.JSONDecodeError:
            return None
        return found if isinstance(found, dict) else None


def post(http: requests.Session, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """Ask once. Raises Unavailable where no answer comes, Refused where it is far too long."""
    with _opened(http, "POST", url, headers=dict(headers), data=body) as answer:
        until = time.monotonic() + WHOLE_SECONDS
        parts, size = [], 0
        for part in _parts(answer):
            size += len(part)
            if size > MOST_BYTES:
                raise Refused(t("Shopify's answer is longer than any should be."))
            if time.monotonic() > until:
                raise Unavailable(t("Shopify's answer did not end in time."))
            parts.append(part)
        return Reply(answer.status_code, answer.headers, b"".join(parts))


@contextmanager
def fetched(http: requests.Session, url: str) -> Iterator[Iterator[bytes]]:
    """A file's bytes, in parts. No header of ours goes along. Raises Unavailable."""
    with _opened(http, "GET", url) as answer:
        if answer.status_code != 200:
            raise Unavailable(
                t(
                    "Shopify's storage does not give the export ({status}).",
                    status=answer.status_code,
                )
            )
        yield _parts(answer)


@contextmanager
def _opened(
    http: requests.Session, method: str, url: str, **more: Any
) -> Iterator[requests.Response]:
    try:
        answer = http.request(
            method,
            url,
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            **more,
        )
    except requests.RequestException as error:
        raise silent(error) from None
    with answer:
        yield answer


def _parts(answer: requests.Response) -> Iterator[bytes]:
    try:
        yield from answer.iter_content(CHUNK)
    except requests.RequestException as error:
        raise silent(error) from None


def silent(error: requests.RequestException) -> Unavailable:
    """What happened in our words: an error's own text may hold an address with a signature."""
    if isinstance(error, requests.Timeout):
        return Unavailable(t("Shopify does not answer in time."))
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable(t("The encrypted connection to Shopify cannot be made."))
    return Unavailable(
        t("Shopify cannot be reached."),
        hint=t("Check the shop's address and this server's way out; it is tried again by itself."),
    )


def new_http() -> requests.Session:
    """Connections that are kept, and nothing taken from the environment but proxies."""
    http = requests.Session()
    http.headers.clear()
    http.headers.update({"User-Agent": "royal-analytics", "Accept-Encoding": "gzip"})
    return http
