"""Forecasts as pages read them: what the address asks for, what is kept of it, what is being made.

A page never fits: it shows what is kept, or begins to fit beside the requests and says how far it
is.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from agent.errors import Refused, Throttled
from agent.forecasting import outlook as outlooks
from agent.forecasting.asking import Wanted, last_day
from agent.forecasting.outlook import Outlook
from agent.forecasting.series import Step
from agent.metrics.questions import Scope
from agent.ports import Shop
from agent.services import Services
from agent.words import locale, speaking, t
from dashboard.faults import Fault, guarded
from dashboard.panels import Own

FIRST = "net_sales"
HORIZONS: Mapping[Step, tuple[int, ...]] = {
    Step.HOUR: (24,),
    Step.DAY: (7, 14, 28, 90),
    Step.WEEK: (4, 13, 26, 52),
    Step.MONTH: (3, 6, 12, 24),
}
USUAL: Mapping[Step, int] = {Step.HOUR: 24, Step.DAY: 28, Step.WEEK: 13, Step.MONTH: 6}
SOLD = 40
"""Products whose stock is held against what they may sell."""
KEPT = 40
AGAIN, SOON = timedelta(minutes=10), timedelta(seconds=5)
"""What cannot be forecast is not tried again before; nor is what can, once nobody answered."""
HOUR = timedelta(hours=1)
Series = tuple[Wanted, int]
Watch = Callable[[int, int, str], None]
Make = Callable[[Wanted, int, str, Watch], Outlook]


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a metric by step, so many of them ahead, `by` a dimension."""

    metric: str = FIRST
    step: Step = Step.DAY
    horizon: int = USUAL[Step.DAY]
    by: str = ""

    @classmethod
    def of(cls, own: Own) -> Asked:
        """The nearest that can be asked."""
        grain = own.get("grain", "")
        step = Step(grain) if grain in HORIZONS else Step.DAY
        most = HORIZONS[step][-1]
        steps = min(int(own.get("h") or USUAL[step]), most)
        return cls(own.get("metric", FIRST), step, steps, own.get("by", ""))

    def wanted(self, shop: Shop, scope: Scope) -> Wanted:
        """The series of the metric itself."""
        return Wanted(shop, self.metric, self.step, filters=scope.filters)

    def split(self, shop: Shop, scope: Scope) -> Wanted:
        """The metric with the largest parts of the dimension."""
        return replace(self.wanted(shop, scope), dimension=self.by)


def kept(services: Services, wanted: Wanted, horizon: int) -> Outlook | None:
    """The newest that is kept of it and still holds; None where it has to be fitted first. Raises
    Refused where it cannot be forecast at all."""
    return outlooks.kept(services, wanted, horizon)


def sold(shop: Shop, scope: Scope) -> Wanted:
    """What each of the products that sell best may sell."""
    goods = tuple(f for f in scope.filters if f.dimension in ("product", "product_type"))
    return Wanted(shop, "units", Step.DAY, "product", SOLD, goods)


@dataclass(frozen=True)
class Making:
    """A forecast on its way: `state` is running, done or failed, `until` when it is tried again.
    `share` of the work is done, None where nobody knows yet."""

    begun: datetime
    state: str = "running"
    share: float | None = None
    outlook: Outlook | None = None
    fault: Fault | None = None
    until: datetime | None = None
    throttled: bool = False


@dataclass
class Fits:
    """Forecasts that people who look at pages have begun, each on a thread of its own: `make` fits
    one. The same is made once, however many look at it."""

    services: Services
    make: Make
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _known: OrderedDict[Series, Making] = field(default_factory=OrderedDict)

    def of(self, wanted: Wanted, horizon: int, who: str) -> Making:
        """What is there of it now; begun where nothing is."""
        key, now = (wanted, horizon), self.services.clock.now()
        with self._lock:
            found = self._known.get(key)
            if found is not None and self._stands(found, wanted, now):
                return found
            begun = self._known[key] = Making(now)
            self._known.move_to_end(key)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        self._begin(key, who)
        return begun

    def _stands(self, found: Making, wanted: Wanted, now: datetime) -> bool:
        """Whether this is still the answer: no step has ended since, the pause is not over."""
        if found.outlook is not None:
            if wanted.step is Step.HOUR:
                return now - found.begun < HOUR
            return found.outlook.origin >= last_day(self.services, wanted.shop, wanted.step)
        return found.until is None or now < found.until

    def _begin(self, key: Series, who: str) -> None:
        spoken = locale()

        def work() -> None:
            # What goes wrong is said in the language of whoever looks.
            with speaking(spoken):
                ending = guarded(lambda: self._made(key, who), self._failed, t("The forecast"))
            with self._lock:
                self._known[key] = ending

        threading.Thread(target=work, name=f"forecast {key[0].metric}", daemon=True).start()

    def _watched(self, key: Series) -> Watch:
        def watch(done: int, total: int, step: str) -> None:
            del step
            with self._lock:
                share = done / total if total else None
                self._known[key] = replace(self._known[key], share=share)

        return watch

    def _made(self, key: Series, who: str) -> Making:
        try:
            found = self.make(*key, who, self._watched(key))
        except Throttled as throttled:
            now = self.services.clock.now()
            until = now + timedelta(seconds=max(throttled.after, 1.0))
            fault = Fault(throttled.message, throttled.hint, permanent=False)
            return Making(now, "failed", fault=fault, until=until, throttled=True)
        return Making(self.services.clock.now(), "done", outlook=found)

    def _failed(self, fault: Fault) -> Making:
        now = self.services.clock.now()
        pause = AGAIN if fault.permanent else SOON
        return Making(now, "failed", fault=fault, until=now + pause)


def fits_of(services: Services) -> Fits:
    """The forecasts of a process."""

    def make(wanted: Wanted, horizon: int, who: str, watch: Watch) -> Outlook:
        return outlooks.outlook(services, wanted, horizon, who=who, watch=watch)

    return Fits(services, make)


def standing(services: Services, series: Series, fits: Fits | None, who: str) -> Making:
    """What is kept of a series, or how far `fits` is with it; without them nothing is begun."""
    now = services.clock.now()
    try:
        found = kept(services, *series)
    except Refused as refused:
        fault = Fault(refused.message, refused.hint)
        return Making(now, "failed", fault=fault, until=now + AGAIN)
    if found is not None:
        return Making(now, "done", outlook=found)
    return fits.of(*series, who) if fits is not None else Making(now)
