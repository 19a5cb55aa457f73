"""One request over the network: never to a private address, never past a cap, never a secret in a
sentence.

The name is resolved before anything is sent, and the address that a connection really has is looked
at before its first byte: a name that changes its address in between gains nothing.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import requests

from agent.errors import Failure, Refused, Unavailable
from agent.secrets import masked
from agent.sources.http.guard import Guarded, Private, is_public
from agent.words import t

CONNECT_SECONDS = 10.0
SILENT_SECONDS = 60.0
CHUNK = 64 * 1024
MOST_REDIRECTS = 3
LONGEST_SECRET_SHOWN = 4
LONGEST_MESSAGE = 300
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True)
class Asked:
    """A request, complete. `body` is sent as JSON, `form` as a form."""

    url: str
    method: str = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Answered:
    """What came back: `content` unpacked, header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    host: str

    def json(self) -> Any:
        """The content; numbers with a point are Decimal. Raises Refused."""
        text = self.content.lstrip()
        if not text:
            raise self._wrong(t("{host} gave an empty answer.", host=self.host))
        if text.startswith(b"<"):
            raise self._wrong(t("{host} answered with a web page instead of JSON.", host=self.host))
        try:
            return json.loads(text, parse_float=Decimal, parse_constant=_no_number)
        except RecursionError:
            said = t("The answer of {host} is nested too deep.", host=self.host)
        # 1e99999999999999999999 is JSON, and no number that anybody can reckon with.
        except (ValueError, ArithmeticError):
            said = t("The answer of {host} is no whole JSON.", host=self.host)
        raise self._wrong(said)

    def _wrong(self, said: str) -> Refused:
        return Refused(
            said, hint=t("Nothing was changed. Check the address, and what it answers elsewhere.")
        )


def _no_number(word: str) -> Any:
    raise ValueError(word)


class Veil:
    """Hides secrets in what people read: those it was told, and those that addresses carry."""

    def __init__(self) -> None:
        self._secrets: list[str] = []

    def add(self, secret: str) -> str:
        """Remember a secret; returns it."""
        if len(secret) > LONGEST_SECRET_SHOWN:
            known = (secret, quote(secret, safe=""), json.dumps(secret)[1:-1])
            self._secrets += [word for word in known if word not in self._secrets]
            self._secrets.sort(key=len, reverse=True)
        return secret

    def hide(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "•••")
        return masked(text)


@dataclass(frozen=True)
class Caps:
    """Bytes left for the answers of one window, and seconds for one."""

    bytes: int
    seconds: float


class Network:
    """Requests to public hosts; to private ones only where `private` says so."""

    def __init__(
        self, veil: Veil, *, private: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.veil = veil
        self._private = private
        self._now = now
        self._line = requests.Session()
        # No proxy, no password file: what is sent where is said by the recipe alone.
        self._line.trust_env = False
        for scheme in PORTS:
            self._line.mount(f"{scheme}://", Guarded(private))

    def close(self) -> None:
        self._line.close()

    def ask(self, asked: Asked, caps: Caps) -> Answered:
        """The answer, whatever its status; redirects are followed on the same host alone. Raises
        Unavailable where the host does not answer, Refused for what may not be asked, and for an
        answer beyond the caps."""
        url, first = asked.url, host_of(asked.url)
        ends = self._now() + caps.seconds
        for _ in range(MOST_REDIRECTS + 1):
            self._check(url)
            answered, moved = self._once(asked, url, (caps, ends))
            if not moved:
                return answered
            url = urljoin(url, moved)
            if host_of(url) != first or _is_weaker(asked.url, url):
                raise Refused(
                    t("{host} sends the request on to another host.", host=answered.host),
                    hint=t("Put the address that answers into the recipe."),
                )
        raise Refused(t("{host} redirects in circles.", host=urlsplit(url).hostname))

    def _once(self, asked: Asked, url: str, within: tuple[Caps, float]) -> tuple[Answered, str]:
        host = str(urlsplit(url).hostname)
        try:
            with self._line.request(
                asked.method,
                url,
                # The address of a redirect has its own parameters.
                params=dict(asked.query) if url == asked.url else None,
                headers={"Accept": "application/json", **asked.headers},
                json=asked.body,
                data=dict(asked.form) if asked.form is not None else None,
                timeout=(CONNECT_SECONDS, min(SILENT_SECONDS, within[0].seconds)),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._read(response, host, within)
                headers = {name.lower(): value for name, value in response.headers.items()}
        except Private:
            raise _refused_address(host) from None
        # Its text may hold the address, and with it a token.
        except (requests.RequestException, OSError) as error:
            raise _away(host, error) from None
        except ValueError:
            raise Refused(
                t("The request to {host} has a part that cannot be sent.", host=host)
            ) from None
        moved = headers.get("location", "") if 300 <= response.status_code < 400 else ""
        return Answered(response.status_code, headers, content, host), moved

    def _read(self, response: requests.Response, host: str, within: tuple[Caps, float]) -> bytes:
        (caps, ends), parts, size = within, [], 0
        for chunk in response.iter_content(CHUNK):
            parts.append(chunk)
            size += len(chunk)
            if size > caps.bytes:
                raise Refused(
                    t("The answers of {host} are larger than the recipe allows.", host=host),
                    hint=t("Ask for fewer days at once (window.piece), or raise limits.megabytes."),
                )
            if self._now() > ends:
                raise Unavailable(
                    t("{host} takes longer than {s:.0f} s to answer.", host=host, s=caps.seconds)
                )
        return b"".join(parts)

    def _check(self, url: str) -> None:
        """Raises Refused for an address that may not be asked, Unavailable for an unknown name."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in PORTS or not host or parts.username or parts.password:
            raise Refused(t("{url} is no address that can be asked.", url=self.veil.hide(url)))
        if parts.scheme == "http" and not self._private:
            raise Refused(
                t("{host} would be asked without encryption.", host=host),
                hint=t("Use an address that begins with https://."),
            )
        if self._private:
            return
        try:
            found = socket.getaddrinfo(host, port_of(url), type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Unavailable(t("There is no host called {host}.", host=host)) from None
        if not all(is_public(str(address[4][0])) for address in found):
            raise _refused_address(host)


def host_of(url: str) -> tuple[str, int]:
    """Host and port: what counts as the same host."""
    return (urlsplit(url).hostname or "").lower(), port_of(url)


def port_of(url: str) -> int:
    try:
        return urlsplit(url).port or PORTS.get(urlsplit(url).scheme, 0)
    except ValueError:
        return 0


def short(text: object) -> str:
    """A foreign text as a part of a sentence: in one line, and not too long."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[:LONGEST_MESSAGE]}…"


def _is_weaker(old: str, new: str) -> bool:
    return urlsplit(old).scheme == "https" and urlsplit(new).scheme != "https"


def _refused_address(host: str) -> Refused:
    return Refused(
        t("{host} is an address of a private network.", host=host),
        hint=t("Allow private addresses on the connection if that is meant."),
    )


def _away(host: str, error: Exception) -> Failure:
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable(t("The certificate of {host} cannot be trusted.", host=host))
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.ReadTimeout):
        return Unavailable(t("{host} does not answer in time.", host=host))
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return Unavailable(t("The answer of {host} breaks off.", host=host))
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return Refused(t("The answer of {host} cannot be unpacked.", host=host))
    if isinstance(error, requests.exceptions.InvalidHeader | requests.exceptions.InvalidURL):
        return Refused(t("The request to {host} has a part that cannot be sent.", host=host))
    return Unavailable(t("{host} cannot be reached.", host=host))
