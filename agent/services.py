"""Everything that answers need, opened once and handed on as one value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from agent import health, logs
from agent.errors import Unavailable
from agent.fitting import Fitting
from agent.metrics import asked, exchange, kpis, values
from agent.metrics.catalogue import METRICS
from agent.metrics.engine import Engine
from agent.metrics.questions import Ask, Question, Scope
from agent.narrating.tally import Tally
from agent.opening import (
    cache_and_bus,
    engine_of,
    guarded,
    limits_of,
    mailer_of,
    make_folder,
    records_of,
    redis_of,
    upstreams_of,
    warehouse_of,
)
from agent.ports import Bus, Cache, Clock, Mailer, Shop, Warehouse
from agent.secrets import Secrets, open_secrets
from agent.settings import Settings

if TYPE_CHECKING:
    from agent.metrics.frames import Frame
    from agent.metrics.metric import Metric
    from agent.records import Records
    from agent.resilience import Limits, Upstreams

Args = str | Mapping[str, str] | Iterable[tuple[str, str]]
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
    secrets: Secrets
    upstreams: Upstreams
    limits: Limits
    fitting: Fitting
    known: values.Values = field(init=False, repr=False, compare=False)
    narrated: Tally = field(init=False, repr=False, compare=False, default_factory=Tally)
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
        """The day it is on the shop's wall; while the warehouse is away, the last that it saw."""
        return self.engine.now().astimezone(ZoneInfo(shop.timezone)).date()

    def scope(self, args: Args) -> Scope:
        """The address bar's scope, its shops resolved. Raises Refused or NotFound, and UnknownValue
        where a filter names what the shops do not have."""
        args, shops = self._resolved(args)
        ids = tuple(shop.shop_id for shop in shops)
        scope = self._placed(Scope.parse(args, self._day(args, shops)), args, ids)
        # Nobody can check while the warehouse is away: what was never asked has no answer kept.
        with suppress(Unavailable):
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
        with suppress(Unavailable):
            self.known.check(ids, question.scope.filters)
        placed = replace(question, scope=self._placed(question.scope, args, ids))
        return self._completed(placed)

    def clear(self, pattern: str) -> int:
        """Forget kept answers whose key a pattern fits, in every process: shop:almas:*, *sales*.
        Returns how many there were. Raises Unavailable where a level could not be told."""
        self.engine.forget()
        return self.cache.clear(pattern)

    def health(self) -> dict[str, str]:
        """Part -> "ok" or a sentence without secrets, within about a second."""
        return health.ask(self.probes)

    def close(self) -> None:
        with ExitStack() as closing:
            parts = (self.warehouse, self.records, self.cache, self.bus, self.secrets)
            for part in (*parts, self.fitting):
                closing.callback(part.close)
            closing.callback(logs.unveil, self.secrets.masked)

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
        moved = not _names(args, PERIOD) and scope.end < self.engine.now().date() - QUIET
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
    make_folder(settings.data_dir)
    with ExitStack() as opened:
        plain = warehouse_of(settings.warehouse_url, clock)
        opened.callback(plain.close)
        records = records_of(settings.database_url, clock)
        opened.callback(records.close)
        server = redis_of(settings)
        cache, bus = cache_and_bus(settings, server)
        opened.callback(cache.close)
        opened.callback(bus.close)
        upstreams = upstreams_of(settings, clock, server, bus)
        strict, warehouse = guarded(plain, upstreams.of("warehouse"), clock)
        engine = engine_of(settings, strict, (cache, bus), clock)
        secrets = open_secrets(settings, records)
        services = Services(
            settings,
            warehouse,
            records,
            cache,
            bus,
            mailer_of(settings, clock, upstreams.of("mail")),
            clock,
            engine,
            secrets,
            upstreams,
            limits_of(settings, clock, server, bus),
            Fitting(),
        )
        logs.veil(secrets.masked)
        opened.pop_all()
    return services


def open_records_of(settings: Settings, clock: Clock | None = None) -> Records:
    """The records alone: unlike the warehouse they admit a second process. Raises as
    open_services."""
    make_folder(settings.data_dir)
    return records_of(settings.database_url, clock or SystemClock())
