"""What a shop's pages will ask for, foretold ahead: key metrics in total and by largest parts.

Series of one step are fitted together, which costs little more than one of them. What would be made
from the same figures as before is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from agent.errors import Refused
from agent.forecasting import gathering, keeping, scoring
from agent.forecasting.asking import History, Wanted
from agent.forecasting.foreseen import adds
from agent.forecasting.gathering import Job
from agent.forecasting.given import refreshed
from agent.forecasting.series import Step
from agent.forecasting.teaching import Taught, asked, reach, taught
from agent.ports import Shop
from agent.records.forecasts import Forecast

if TYPE_CHECKING:
    import threading

    from agent.services import Services

KEY = (
    *("net_sales", "orders", "units", "sessions"),
    *("conversion_rate", "average_order_value", "cac"),
)
HORIZONS: Mapping[Step, int] = {Step.DAY: 90, Step.WEEK: 52, Step.MONTH: 24, Step.HOUR: 24}
BY_HOUR = ("orders", "net_sales")
PARTS = ("country", "channel", "product_type")
TOP = 5
DEADLINE = 900.0
Progress = Callable[[int, int, str], None]


def _unseen(done: int, total: int, step: str) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class Watching:
    """How a run tells its progress and hears that it shall end: `check` raises Stopped."""

    progress: Progress = _unseen
    check: Callable[[], None] = lambda: None
    stopping: threading.Event | None = None


@dataclass(frozen=True)
class Refreshed:
    """How many forecasts were made, were still those of the newest figures, and were scored;
    `refused` says why some were not made, each sentence once."""

    made: int = 0
    same: int = 0
    scored: int = 0
    refused: tuple[str, ...] = ()


def refresh(services: Services, shop: Shop, watching: Watching | None = None) -> Refreshed:
    """Score what has come, and make anew what changed. Raises Unavailable and Stopped; a series
    that cannot be foretold does not take others along."""
    seen = watching or Watching()
    scored = scoring.score(services, shop)
    plan = tuple(_plan(services, shop))
    made = same = 0
    refused: dict[str, None] = {}
    for place, group in enumerate(plan):
        seen.check()
        seen.progress(place, len(plan), f"{group[0].metric} · {group[0].step}")
        given = list(_given(services, group, refused))
        changed = [one for one in given if not _stands(services, one)]
        same += len(given) - len(changed)
        for together in _together(changed):
            seen.check()
            made += _make(services, together, seen)
    if made:
        refreshed(services, shop, services.today(shop))
    seen.progress(len(plan), len(plan), "")
    return Refreshed(made, same, scored, tuple(refused))


def _plan(services: Services, shop: Shop) -> Iterator[tuple[Wanted, ...]]:
    """Groups of series: of one step in total, then single ones with their parts."""
    metrics = wanted_metrics(services, shop)
    for step in (Step.DAY, Step.WEEK, Step.MONTH):
        yield tuple(Wanted(shop, metric, step) for metric in metrics)
    yield tuple(Wanted(shop, metric, Step.HOUR) for metric in BY_HOUR)
    for dimension in PARTS:
        yield (Wanted(shop, KEY[0], Step.DAY, dimension, TOP),)


def wanted_metrics(services: Services, shop: Shop) -> tuple[str, ...]:
    """The key metrics, and those of people that have a target."""
    catalogue = services.catalogue()
    own = [
        name
        for name in services.records.targets.of(shop.shop_id).metrics
        if name in catalogue and (catalogue[name].ratio or adds(catalogue[name]))
    ]
    return tuple(dict.fromkeys([*KEY, *own]))


def _given(
    services: Services, group: Sequence[Wanted], refused: dict[str, None]
) -> Iterator[Taught]:
    for wanted in group:
        try:
            found = asked(services, wanted)
        except Refused as reason:
            refused[reason.message] = None
            continue
        if _reach(found):
            yield taught(services, found)


def _reach(found: History) -> int:
    """How far it is told; 0 where nothing at all is known of it."""
    return min(HORIZONS[found.wanted.step], reach(found))


def _stands(services: Services, given: Taught) -> bool:
    """Whether the newest kept forecasts are made from these very figures."""
    found = given.history
    horizon = _reach(found)
    kept = keeping.newest(services.records.forecasts, found, horizon)
    return bool(kept) and all(one.content.get("read") == given.digest for one in kept[-1:])


def _together(changed: Sequence[Taught]) -> Iterator[tuple[Taught, ...]]:
    """Histories of the same dates and reach: they are one panel."""

    def dates(one: Taught) -> tuple[str, str, int]:
        found = one.history
        return str(found.dates[0]), str(found.dates[-1]), _reach(found)

    for _, group in groupby(sorted(changed, key=dates), key=dates):
        yield tuple(group)


def _make(services: Services, given: tuple[Taught, ...], seen: Watching) -> int:
    """Fit and keep them; returns how many series."""
    first = given[0].history
    records = services.records.forecasts
    horizon = _reach(first)
    held = keeping.whole(records, first, horizon)
    backs = () if held or first.wanted.step is Step.HOUR else _backs(services, given)
    job = Job(horizon, backs=backs, held=keeping.point(held))
    holidays, rows = gathering.fit(services, given, job, stopping=seen.stopping, deadline=DEADLINE)
    now = services.clock.now()
    made: list[Forecast] = []
    for one, found in zip(given, rows, strict=True):
        forecasts = keeping.forecasts_of(one, found, holidays, now, held)
        made += forecasts[1:] if held else forecasts
    records.keep(keeping.carried(records, made))
    return sum(not one.refusal for one in made)


def _backs(services: Services, given: Sequence[Taught]) -> tuple[int, ...]:
    """Origins of the past to be tried from, where a series has not been tried yet."""
    records = services.records.forecasts
    for one in given:
        before = records.newest(keeping.key(one.history.wanted))
        if before is None or not before.content.get("tried"):
            return gathering.back_dated(one.history)
    return ()
