"""Where a shop's Admin API stands, from what a person typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.errors import Refused
from agent.settings import is_loopback
from agent.words import t

VERSION = "2026-10"
"""The one version of the Admin API that this connector speaks."""

DOMAIN = ".myshopify.com"
_SHOP = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_ADMIN = re.compile(r"admin\.shopify\.com/store/([^/?#]+)")


@dataclass(frozen=True)
class Address:
    """`origin` is scheme and host without a slash at the end; `shop` is what people call it."""

    origin: str
    shop: str

    @property
    def graphql(self) -> str:
        return f"{self.origin}/admin/api/{VERSION}/graphql.json"

    @property
    def token(self) -> str:
        return f"{self.origin}/admin/oauth/access_token"

    @property
    def is_local(self) -> bool:
        """On this machine, without encryption: for trying, never for a real shop."""
        return self.origin.startswith("http:")

    def admits(self, url: str) -> bool:
        """Whether a file may be fetched from there: encrypted, or on this machine for a shop that
        is there too."""
        parts = urlsplit(url)
        if parts.scheme == "https":
            return bool(parts.hostname)
        return self.is_local and parts.scheme == "http" and is_loopback(parts.hostname or "")


def address_of(text: str) -> Address:
    """A shop's name, its myshopify.com address, or the address of its admin. Raises Refused."""
    typed = text.strip().lower().rstrip("/")
    if typed.startswith("http://"):
        return _local(typed)
    admin = _ADMIN.search(typed)
    host = typed.removeprefix("https://").split("/")[0].removesuffix(DOMAIN)
    shop = admin.group(1) if admin else host
    if not _SHOP.fullmatch(shop):
        raise Refused(
            t("{typed!r} is no address of a Shopify shop.", typed=text.strip()[:100]),
            hint=t("It looks like my-shop.myshopify.com: see the admin under Settings, Domains."),
        )
    return Address(f"https://{shop}{DOMAIN}", shop + DOMAIN)


def _local(typed: str) -> Address:
    parts = urlsplit(typed)
    if not is_loopback(parts.hostname or "") or parts.username or parts.password:
        raise Refused(
            t("{typed!r} is not encrypted.", typed=typed[:100]),
            hint=t("Leave http:// out: a Shopify shop is asked over https."),
        )
    return Address(f"http://{parts.netloc}", parts.netloc)
