"""Access tokens of a shop: a static one, or one by client credentials, renewed before it ends."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlencode

import requests

from agent.errors import Failure, NotAllowed, NotConfigured, Unavailable
from agent.secrets import Seal
from agent.sources.connectors import Link
from agent.sources.shopify import faults, wire
from agent.sources.shopify.address import Address
from agent.sources.shopify.costs import Bucket, number
from agent.words import t

EARLY = 600.0
"""Seconds before its end at which a token is renewed."""

SHORTEST = 60.0


@dataclass
class Memory:
    """What is known of a shop between calls, for all that ask it in this process."""

    bucket: Bucket = field(default_factory=Bucket)
    http: requests.Session = field(default_factory=wire.new_http)
    token: str = ""
    ends: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)


@lru_cache(maxsize=256)
def memory_of(folder: str, origin: str, who: str) -> Memory:
    """One for each installation, shop and app: the bucket is the app's in that shop."""
    return Memory()


@dataclass(frozen=True)
class Tokens:
    link: Link
    address: Address
    memory: Memory

    @property
    def renewable(self) -> bool:
        return bool(self.link.setting("client_id"))

    def current(self) -> str:
        """A token that holds. Raises NotConfigured, NotAllowed, Unavailable."""
        if not self.renewable:
            static = self.link.secret("access_token")
            if not static:
                raise NotConfigured(
                    t("The connection has neither client credentials nor an access token."),
                    hint=t("Enter the client ID and secret of the app from the Dev Dashboard."),
                )
            return static
        with self.memory.lock:
            return self._kept() or self._renewed()

    def renew(self, refused: str) -> str:
        """A new token instead of one that was refused, unless somebody else has one already."""
        with self.memory.lock:
            if self.memory.token and self.memory.token != refused:
                return self.memory.token
            return self._renewed()

    def forget(self) -> None:
        """The token is used no more, in no process."""
        with self.memory.lock:
            self.memory.token, self.memory.ends = "", 0.0
            self.link.services.cache.set(self._place, b"", 1)

    def _kept(self) -> str:
        now = self.link.services.clock.now().timestamp()
        if not self.memory.token:
            self._recall()
        return self.memory.token if now < self.memory.ends else ""

    def _renewed(self) -> str:
        token, seconds = self.link.upstream.call(self._ask, stopping=self.link.watch.stopping)
        now = self.link.services.clock.now().timestamp()
        lasts = max(SHORTEST, seconds - EARLY)
        self.memory.token, self.memory.ends = token, now + lasts
        text = f"{self.memory.ends} {token}".encode()
        sealed = self._seal.close(text, self._place)
        self.link.services.cache.set(self._place, sealed, int(lasts))
        return token

    def _recall(self) -> None:
        """A token that another process, or this one before its restart, has sealed away."""
        sealed = self.link.services.cache.get(self._place)
        text = self._seal.open(sealed, self._place) if sealed else None
        if text:
            ends, token = text.decode().split(" ", 1)
            self.memory.token, self.memory.ends = token, float(ends)

    @property
    def _place(self) -> str:
        return f"shopify-token:{self.address.shop}:{self.link.setting('client_id')}"

    @property
    def _seal(self) -> Seal:
        return Seal(self.link.services.settings.secret_key, "shopify tokens")

    def _ask(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.link.setting("client_id"),
            "client_secret": self.link.secret("client_secret"),
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        body = urlencode(form).encode()
        reply = wire.post(self.memory.http, self.address.token, headers, body)
        failure = _refusal(reply, self.address.shop)
        if failure is not None:
            raise failure
        found = reply.json() or {}
        token, seconds = found.get("access_token"), number(found.get("expires_in"))
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise Unavailable(t("Shopify gave no access token for {shop}.", shop=self.address.shop))
        return token, seconds or 86_400.0


def _refusal(reply: wire.Reply, shop: str) -> Failure | None:
    if reply.status == 200:
        return None
    said = reply.content[:4000].decode("utf-8", "replace")
    if "shop_not_permitted" in said:
        return NotAllowed(
            t("The app and the shop {shop} do not belong to the same organization.", shop=shop),
            hint=t("Make the app in the Dev Dashboard of the shop's own organization."),
        )
    if "app_not_installed" in said:
        return NotAllowed(
            t("The app is not installed in {shop}.", shop=shop),
            hint=t("Install it from the Dev Dashboard, then try again."),
        )
    if reply.status in (400, 401):
        return NotAllowed(
            t("Shopify does not accept the client ID and secret for {shop}.", shop=shop),
            hint=t("Copy both from the Dev Dashboard, under the app's settings."),
        )
    return faults.of_status(reply.status, reply.headers.get("Retry-After", ""), shop)
