"""What stands outside, opened by its address: the only place that looks at the schemes of
addresses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import parse_qs, unquote, urlsplit

from agent.errors import BadSetting
from agent.metrics.engine import Engine
from agent.metrics.keeping import Lifetimes
from agent.metrics.reading import Terms
from agent.ports import Bus, Cache, Clock, Mailer, Warehouse
from agent.settings import Settings, is_loopback

if TYPE_CHECKING:
    from agent.mailer import MailServer
    from agent.records import Records
    from agent.resilience import Limits, RedisServer, Upstream, Upstreams

OUTBOX = "outbox"


def warehouse_of(url: str, clock: Clock) -> Warehouse:
    if url.startswith("duckdb:"):
        from agent.warehouse.duckdb import DuckDBWarehouse

        path = _file_of(url)
        make_folder(path.parent)
        return DuckDBWarehouse(path, clock=clock)
    from agent.warehouse.postgres import PostgresWarehouse

    return PostgresWarehouse(_with_driver(url), clock=clock)


def guarded(warehouse: Warehouse, upstream: Upstream, clock: Clock) -> tuple[Warehouse, Warehouse]:
    """The warehouse behind its breaker; and the same as pages ask it: its lists are remembered."""
    from agent.warehouse.guarded import Guarded, Remembering

    strict = Guarded(warehouse, lambda action: upstream.call(action, tries=1), clock)
    # What is not a reading they hand on, where no type checker sees it.
    return cast("Warehouse", strict), cast("Warehouse", Remembering(strict))


def engine_of(
    settings: Settings, warehouse: Warehouse, shared: tuple[Cache, Bus], clock: Clock
) -> Engine:
    """The engine over a cache; what any process clears there, it forgets as well."""
    from agent.cache import CLEARED

    cache, bus = shared
    lives = Lifetimes(settings.cache_seconds, settings.cache_table_seconds)
    engine = Engine(warehouse, cache, clock, lives, Terms(tiers=settings.value_tiers))
    bus.subscribe(CLEARED, lambda _: engine.forget())
    return engine


def records_of(url: str, clock: Clock) -> Records:
    from agent.records import open_records

    if url.startswith("sqlite:"):
        make_folder(_file_of(url).parent)
    return open_records(_with_driver(url), clock)


def redis_of(settings: Settings) -> RedisServer | None:
    """The one that cache, bus, limits and breakers share."""
    if not settings.redis_url:
        return None
    from agent.resilience import RedisServer

    return RedisServer(settings.redis_url, prefix=settings.redis_prefix)


def upstreams_of(
    settings: Settings, clock: Clock, server: RedisServer | None, bus: Bus
) -> Upstreams:
    from agent.resilience import Upstreams, policies_of

    return Upstreams(clock, server, policies_of(settings), bus.publish)


def limits_of(settings: Settings, clock: Clock, server: RedisServer | None, bus: Bus) -> Limits:
    from agent.resilience import Limits, rates_of

    return Limits(clock, rates_of(settings), server, bus.publish)


def cache_and_bus(settings: Settings, server: RedisServer | None) -> tuple[Cache, Bus]:
    from agent import bus, cache

    if server is None:
        return cache.MemoryCache(), bus.LocalBus()
    from agent.secrets import Seals

    line = bus.RedisBus(server)
    seals = Seals((settings.secret_key, *settings.secret_key_previous), "cache")
    return cache.RedisCache(server, seals, line), line


def mailer_of(settings: Settings, clock: Clock, upstream: Upstream) -> Mailer:
    from agent import mailer

    if not settings.smtp_url:
        return mailer.Outbox(settings.data_dir / OUTBOX, settings.mail_from, clock)
    server = _mail_server(settings.smtp_url)
    return mailer.PacedMailer(mailer.SmtpMailer(server, settings.mail_from, clock), upstream)


def _mail_server(url: str) -> MailServer:
    """smtp://, smtps:// or smtp+starttls://, with USER:PASSWORD@ and ?tls=starttls or ?tls=none."""
    from agent.mailer import MailServer, Tls

    parts = urlsplit(url)
    asked = parse_qs(parts.query).get("tls", [""])[0]
    ways: dict[str, Tls] = {"smtps": "tls", "smtp+starttls": "starttls", "starttls": "starttls"}
    tls = ways.get(parts.scheme) or ways.get(asked, "none")
    host, user = parts.hostname or "", unquote(parts.username or "")
    if user and tls == "none" and asked != "none" and not is_loopback(host):
        raise BadSetting(
            f"SMTP_URL would send the password to {host} unencrypted.",
            hint="Write smtp+starttls:// or smtps://, or add ?tls=none if that is meant.",
        )
    port = parts.port or {"tls": 465, "starttls": 587}.get(tls, 25)
    return MailServer(host, port, tls, user, unquote(parts.password or ""))


def _file_of(url: str) -> Path:
    return Path(url.split(":///", 1)[1].split("?", 1)[0])


def _with_driver(url: str) -> str:
    """SQLAlchemy 2.1 takes postgresql:// for psycopg 3, and no longer knows postgres://."""
    scheme, rest = url.split("://", 1)
    return f"postgresql+psycopg2://{rest}" if scheme in ("postgresql", "postgres") else url


def make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"The folder '{path}' cannot be made: {error.strerror}.",
            hint="Set DATA_DIR to another.",
        ) from error
