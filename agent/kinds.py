"""The kinds of value that a setting can have: how each is read, and the words for a wrong one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import SplitResult, urlsplit

from babel import Locale, UnknownLocaleError

from agent.secrets import SHORTEST_KEY

TABLES = ("sales", "orders", "customers", "sessions", "spend", "costs", "inventory")
YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")
LEVELS = ("debug", "info", "warning", "error")
PROVIDERS = ("environment", "files", "vault", "cloudflare", "aws")
TLS = ("", "starttls", "none")
_HOST = re.compile(
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.I
)
_ADDRESS = re.compile(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+")
_LARGEST = 10**9
UNITS: Mapping[str, int] = MappingProxyType({"second": 1, "minute": 60, "hour": 3600})
_RATE = re.compile(
    r"(\d{1,6}) *(?:/|per) *(?:(\d{1,5}) +)?(second|minute|hour)s?(?: *, *burst +(\d{1,6}))?", re.I
)


@dataclass(frozen=True)
class Kind:
    """`read` gives the value, or raises ValueError with the words that follow "NAME='value' "."""

    read: Callable[[str], Any]
    secret: bool = False


@dataclass(frozen=True)
class Rate:
    """So many in so many seconds, at most `burst` of them at once; none at all is no limit."""

    amount: int = 0
    seconds: int = 60
    burst: int = 0

    @property
    def pace(self) -> str:
        """ "200/minute", "10/5 minutes", "" without a limit."""
        if not self.amount:
            return ""
        size, unit = max((s, u) for u, s in UNITS.items() if self.seconds % s == 0)
        many = self.seconds // size
        return f"{self.amount}/{unit}" if many == 1 else f"{self.amount}/{many} {unit}s"

    def __str__(self) -> str:
        return f"{self.pace}, burst {self.burst}" if self.amount else "none"


def rate(text: str) -> Rate:
    """ "200/minute, burst 20", "10/5 minutes"; "none" is no limit."""
    if text in ("", "none"):
        return Rate()
    found = _RATE.fullmatch(text)
    if not found:
        raise ValueError("is not a rate; '200/minute, burst 20' is an example")
    amount, seconds = int(found[1]), int(found[2] or 1) * UNITS[found[3].lower()]
    burst = int(found[4] or amount)
    if not 0 < amount <= 100_000 or not 0 < seconds <= 86_400:
        raise ValueError("counts less than 1 or more than 100,000, or over more than a day")
    # What may come at once is counted in whole seconds: it cannot be less than one of them brings.
    if not -(-amount // seconds) <= burst <= amount:
        raise ValueError("has a burst above its rate, or below what one second of it brings")
    return Rate(amount, seconds, burst)


def whole(least: int, most: int = _LARGEST) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text):
            raise ValueError("is not a whole number")
        if not least <= int(text) <= most:
            raise ValueError(
                f"is outside {least} to {most}" if most < _LARGEST else f"is less than {least}"
            )
        return int(text)

    return read


def flag(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise ValueError("is neither yes nor no")
    return text.lower() in YES


def host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        # Digits and dots alone are a mistyped address, not a name.
        if not _HOST.fullmatch(text) or re.fullmatch(r"[\d.]+", text):
            raise ValueError("is not a host name or address") from None
    return text


def folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError("is not a folder")
    return path


def key(text: str) -> str:
    if text and len(text) < SHORTEST_KEY:
        raise ValueError(f"has {len(text)} characters and needs {SHORTEST_KEY} or more")
    return text


def keys(text: str) -> tuple[str, ...]:
    """Keys with a comma between."""
    return tuple(key(part.strip()) for part in text.split(",") if part.strip())


def providers(text: str) -> tuple[str, ...]:
    """Names of providers of secrets with a comma between, in the order in which they are asked."""
    found = [part.strip().lower() for part in text.split(",") if part.strip()]
    if not found or any(name not in PROVIDERS for name in found):
        raise ValueError(f"is not a list of {', '.join(PROVIDERS)} with a comma between")
    return tuple(dict.fromkeys(found))


def word(text: str) -> str:
    if not text.isprintable() or " " in text:
        raise ValueError("has a space or line break in it")
    return text


def level(text: str) -> str:
    if text.lower() not in LEVELS:
        raise ValueError(f"is not one of {', '.join(LEVELS)}")
    return text.lower()


def locale(text: str) -> str:
    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise ValueError("is not a known locale; en_US and de_DE are examples") from None


def address(text: str) -> str:
    if len(addresses(text)) != 1:
        raise ValueError("is not one mail address")
    return text


def addresses(text: str) -> tuple[str, ...]:
    """Mail addresses with a comma between, without the names beside them."""
    if not text:
        return ()
    if not text.isprintable():
        raise ValueError("has a line break in it")
    found = [mail for _, mail in getaddresses([text])]
    wrong = [mail for mail in found if not _ADDRESS.fullmatch(mail)]
    if wrong:
        raise ValueError("is not a list of mail addresses with a comma between")
    return tuple(dict.fromkeys(found))


def names(text: str) -> tuple[str, ...]:
    """Names of metrics with a comma between."""
    found = [part.strip() for part in text.split(",")] if text else []
    if any(not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name) for name in found):
        raise ValueError("is not a list of names of metrics with a comma between")
    return tuple(dict.fromkeys(found))


def table_seconds(text: str) -> Mapping[str, int]:
    """Tables of the warehouse with seconds: sessions=120, spend=3600."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, seconds = (word.strip() for word in part.partition("="))
        if name not in TABLES:
            raise ValueError(f"names '{name}', which is none of {', '.join(TABLES)}")
        if name in found:
            raise ValueError(f"names {name} twice")
        try:
            found[name] = whole(1, 86_400 * 30)(seconds)
        except ValueError as error:
            raise ValueError(f"gives {name} a time that {error}") from None
    return MappingProxyType(found)


def tiers(text: str) -> tuple[float, ...]:
    """Three falling amounts of money with a comma between."""
    if not re.fullmatch(r" *\d{1,12}(\.\d{1,4})? *(, *\d{1,12}(\.\d{1,4})? *){2}", text):
        raise ValueError("is not three amounts with a comma between")
    amounts = [float(part) for part in text.split(",")]
    if not amounts[0] > amounts[1] > amounts[2] > 0:
        raise ValueError("does not fall from the first amount to the last, above 0")
    return tuple(int(amount) if amount.is_integer() else amount for amount in amounts)


def url(*schemes: str, example: str) -> Callable[[str], str]:
    """An address of a server, of a file for duckdb and sqlite; the empty text is no address."""

    def read(text: str) -> str:
        if not text:
            return ""
        parts = _split(text)
        if parts.scheme not in schemes or "://" not in text:
            raise ValueError(f"does not start with {_either(schemes)}; {example} is an example")
        if parts.scheme in ("duckdb", "sqlite"):
            return _file_url(text, parts)
        # PostgreSQL's own addresses may name the server, or its socket, in the query.
        if not parts.hostname and "host=" not in parts.query:
            raise ValueError(f"names no server; {example} is an example")
        return text

    return read


def smtp_url(text: str) -> str:
    read = url("smtp", "smtps", "smtp+starttls", example="smtp+starttls://mail.example:587")(text)
    found = re.search(r"(?:^|&)tls=([^&]*)", urlsplit(read).query)
    if found and found[1] not in TLS:
        raise ValueError("has a tls= that is neither starttls nor none")
    return read


def web_url(text: str) -> str:
    read = url("http", "https", example="https://analytics.example")(text)
    parts = urlsplit(read)
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError("has more in it than a scheme, a host and a path")
    return read.rstrip("/")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        # Reading the port is what checks it.
        _ = parts.port
    except ValueError:
        raise ValueError(
            "is not an address; write special characters of a password as %XX"
        ) from None
    if not text.isprintable() or " " in text:
        raise ValueError("has a space or line break in it")
    return parts


def _file_url(text: str, parts: SplitResult) -> str:
    path = text.split("?")[0].removeprefix(f"{parts.scheme}:///")
    if parts.netloc or path in ("", "/", ":memory:") or not text.startswith(f"{parts.scheme}:///"):
        raise ValueError(f"names no file; {parts.scheme}:///data/shop.{parts.scheme} is an example")
    return text


def _either(schemes: tuple[str, ...]) -> str:
    return " or ".join(f"{scheme}://" for scheme in schemes)


_POSTGRES = ("postgresql", "postgresql+psycopg2", "postgres")
KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "host": Kind(host),
        "port": Kind(whole(1, 65535)),
        "folder": Kind(folder),
        "folder_or_none": Kind(lambda text: folder(text) if text else None),
        "flag": Kind(flag),
        "key": Kind(key, secret=True),
        "keys": Kind(keys, secret=True),
        "secret": Kind(word, secret=True),
        "word": Kind(word),
        "providers": Kind(providers),
        "hours": Kind(whole(1, 24 * 365)),
        "seconds": Kind(whole(0, 86_400 * 30)),
        "level": Kind(level),
        "locale": Kind(locale),
        "address": Kind(address),
        "addresses": Kind(addresses),
        "names": Kind(names),
        "table_seconds": Kind(table_seconds),
        "tiers": Kind(tiers),
        "rate": Kind(rate),
        "web_url": Kind(web_url),
        "records_url": Kind(url("sqlite", *_POSTGRES, example="postgresql://user@host/records")),
        "warehouse_url": Kind(url("duckdb", *_POSTGRES, example="postgresql://user@host/shop")),
        "redis_url": Kind(url("redis", "rediss", example="redis://127.0.0.1:6379/0")),
        "smtp_url": Kind(smtp_url),
    }
)
