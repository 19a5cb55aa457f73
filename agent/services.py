"""Everything that answers need, opened once and handed on as one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from agent import health
from agent.errors import BadSetting
from agent.metrics import asked, exchange, kpis, values
from agent.metrics.catalogue import METRICS
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Question, Scope
from agent.metrics.reading import Terms
from agent.ports import Bus, Cache, Clock, Mailer, Shop, Warehouse
from agent.settings import Settings, is_loopback

if TYPE_CHECKING:
    from agent.mailer import MailServer
    from agent.records import Records

Args = str | Mapping[str, str] | Iterable[tuple[str, str]]
OUTBOX = "outbox"
PROBE_SECONDS = 2.0
QUIET = timedelta(days=28)
PERIOD = ("from", "to", "period")
MAIL_PROBE_SECONDS = 60.0


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    settings: Settings
    warehouse: Warehouse
    records: Records
    cache: Cache
    bus: Bus
    mailer: Mailer
    clock: Clock
    engine: Engine
    known: values.Values = field(init=False, repr=False, compare=False)
    probes: Mapping[str, health.Probe] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "known", values.Values(self.warehouse))
        pings = {
            "warehouse": self.warehouse.ping,
            "records": self.records.ping,
            "cache": self.cache.ping,
            "bus": self.bus.ping,
        }
        probes = {name: health.Probe(ping, PROBE_SECONDS) for name, ping in pings.items()}
        probes["mail"] = health.Probe(self.mailer.ping, MAIL_PROBE_SECONDS)
        object.__setattr__(self, "probes", probes)

    def answer(self, question: Question, *, told: bool = True) -> Frame:
        """The frame of a question; unless `told`, its receipt leaves out the statements. Raises
        Refused, NotFound or Unavailable."""
        return self.engine.answer(self._completed(question), told=told)

    def catalogue(self) -> Mapping[str, Metric]:
        """Every metric that a question may name, people's own included."""
        return {**METRICS, **kpis.build(self.records.kpis.all(), METRICS)}

    def _completed(self, question: Question) -> Question:
        if all(name in METRICS for name in question.ask.metrics):
            return question
        return replace(question, ask=question.ask.completed(self.catalogue()))

    def shop(self, name: str | None = None) -> Shop:
        """A shop by id or name, in any case; without, the first that has sales (or the first)."""
        shops = self.warehouse.shops()
        if not shops:
            raise asked.none_yet()
        if name is None:
            return next((shop for shop in shops if self._has_sales(shop)), shops[0])
        wanted = name.strip().casefold()
        # Ids first: a shop may carry the id of another as its name.
        for key, shop in [(s.shop_id, s) for s in shops] + [(s.name, s) for s in shops]:
            if key.casefold() == wanted:
                return shop
        raise asked.unknown(name, shops)

    def today(self, shop: Shop) -> date:
        """The day it is on the shop's wall."""
        return self.clock.now().astimezone(ZoneInfo(shop.timezone)).date()

    def scope(self, args: Args) -> Scope:
        """The address bar's scope, its shops resolved. Raises Refused or NotFound, and UnknownValue
        where a filter names what the shops do not have."""
        args, shops = self._resolved(args)
        ids = tuple(shop.shop_id for shop in shops)
        scope = self._placed(Scope.parse(args, self._day(args, shops)), args, ids)
        if scope.currency:
            # Said here, so that a page can open in the shop's own money instead.
            exchange.find(self.warehouse, shops, scope.currency)
        self.known.check(ids, scope.filters)
        return scope

    def question(self, args: Args) -> Question:
        """The address bar's question, its shops resolved. Raises as `scope`."""
        args, shops = self._resolved(args)
        if not _names(args, ("shop",)) and "shop" in Ask.parse(args).by:
            shops = self.warehouse.shops()
        question = Question.parse(args, self._day(args, shops))
        ids = tuple(shop.shop_id for shop in shops)
        self.known.check(ids, question.scope.filters)
        placed = replace(question, scope=self._placed(question.scope, args, ids))
        return self._completed(placed)

    def health(self) -> dict[str, str]:
        """Part -> "ok" or a sentence without secrets, within about a second."""
        return health.ask(self.probes)

    def close(self) -> None:
        with ExitStack() as closing:
            for part in (self.warehouse, self.records, self.cache, self.bus):
                closing.callback(part.close)

    def _day(self, args: Args, shops: tuple[Shop, ...]) -> date:
        """Today; or, where the address names no period and the sales ended long ago, the day after
        them, so that a history opens on its last weeks and not on nothing."""
        today = self.today(shops[0])
        if _names(args, PERIOD):
            return today
        last = self.engine.last_day(tuple(shop.shop_id for shop in shops))
        return last + timedelta(days=1) if last and today - last > QUIET else today

    def _placed(self, scope: Scope, args: Args, ids: tuple[str, ...]) -> Scope:
        """With its shops; a period that follows the last sales stands still."""
        moved = not _names(args, PERIOD) and scope.end < self.clock.now().date() - QUIET
        return replace(scope, shops=ids, preset="" if moved else scope.preset)

    def _has_sales(self, shop: Shop) -> bool:
        return self.warehouse.versions((shop.shop_id,)).get("sales", 0) > 0

    def _resolved(self, args: Args) -> tuple[Args, tuple[Shop, ...]]:
        if not isinstance(args, str | Mapping):
            args = list(args)
        pairs = parse_qsl(args.lstrip("?")) if isinstance(args, str) else args
        named = [
            v for k, v in (pairs.items() if isinstance(pairs, Mapping) else pairs) if k == "shop"
        ]
        shops = [self.shop(name) for name in named if name.strip()] or [self.shop()]
        return args, tuple(dict.fromkeys(shops))


def _names(args: Args, wanted: tuple[str, ...]) -> bool:
    if isinstance(args, str):
        args = parse_qsl(args.lstrip("?"))
    keys = args if isinstance(args, Mapping) else {key for key, _ in args}
    return any(key in keys for key in wanted)


def open_services(settings: Settings, clock: Clock | None = None) -> Services:
    """Open what the settings name; the only place that looks at the schemes of addresses.

    Raises BadSetting, Unavailable, and Busy where another process holds the DuckDB file.
    """
    clock = clock or SystemClock()
    _make_folder(settings.data_dir)
    with ExitStack() as opened:
        warehouse = _warehouse(settings.warehouse_url, clock)
        opened.callback(warehouse.close)
        records = _records(settings.database_url, clock)
        opened.callback(records.close)
        cache, bus = _cache_and_bus(settings)
        opened.callback(cache.close)
        opened.callback(bus.close)
        mailer = _mailer(settings, clock)
        terms = Terms(tiers=settings.value_tiers)
        engine = Engine(warehouse, cache, clock, settings.cache_seconds, terms)
        services = Services(settings, warehouse, records, cache, bus, mailer, clock, engine)
        opened.pop_all()
    return services


def open_records_of(settings: Settings, clock: Clock | None = None) -> Records:
    """The records alone: unlike the warehouse they admit a second process. Raises as
    open_services."""
    _make_folder(settings.data_dir)
    return _records(settings.database_url, clock or SystemClock())


def _warehouse(url: str, clock: Clock) -> Warehouse:
    if url.startswith("duckdb:"):
        from agent.warehouse.duckdb import DuckDBWarehouse

        path = _file_of(url)
        _make_folder(path.parent)
        return DuckDBWarehouse(path, clock=clock)
    from agent.warehouse.postgres import PostgresWarehouse

    return PostgresWarehouse(_with_driver(url), clock=clock)


def _records(url: str, clock: Clock) -> Records:
    from agent.records import open_records

    if url.startswith("sqlite:"):
        _make_folder(_file_of(url).parent)
    return open_records(_with_driver(url), clock)


def _cache_and_bus(settings: Settings) -> tuple[Cache, Bus]:
    from agent import bus, cache

    if not settings.redis_url:
        return cache.MemoryCache(), bus.LocalBus()
    from agent.resilience import RedisServer
    from agent.secrets import Seal

    server = RedisServer(settings.redis_url)
    sealed = cache.RedisCache(server, Seal(settings.secret_key, "cache"))
    return sealed, bus.RedisBus(server)


def _mailer(settings: Settings, clock: Clock) -> Mailer:
    from agent import mailer

    if not settings.smtp_url:
        return mailer.Outbox(settings.data_dir / OUTBOX, settings.mail_from, clock)
    return mailer.SmtpMailer(_mail_server(settings.smtp_url), settings.mail_from, clock)


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


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSetting(
            f"The folder '{path}' cannot be made: {error.strerror}.",
            hint="Set DATA_DIR to another.",
        ) from error
