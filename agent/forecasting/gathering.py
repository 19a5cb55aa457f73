"""From histories to one piece of work for the fitting process, and its answer to each series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.forecasting.asking import SEASONS, WHOLE, History, countries
from agent.forecasting.calendar import Part
from agent.forecasting.fitted import LEVELS, Work, packed
from agent.forecasting.foreseen import JUDGED, LAST, Sums
from agent.forecasting.series import Floats, moved
from agent.forecasting.spreading import QUANTILES
from agent.forecasting.teaching import Taught

if TYPE_CHECKING:
    from agent.fitting.process import Watch
    from agent.services import Services

FIT = "agent.forecasting.fitted:fit"
Holidays = tuple[tuple[str, str, str, Mapping[str, str]], ...]
"""Day, name, country, and the name by other languages."""


@dataclass(frozen=True)
class Row:
    """What the process told of one series: lines (h,), bounds by level, `tried` (origins, 7) the
    scores of forecasts made afterwards from `origins` of the past, the newest first."""

    point: Floats
    bounds: Mapping[float, tuple[Floats, Floats]]
    naive: Floats
    sums: Sums
    method: str
    refusal: str
    record: Floats
    tried: Floats
    origins: tuple[np.datetime64, ...] = ()


@dataclass(frozen=True)
class Job:
    """How histories of one shop and step are fitted together. `backs` are origins of the past;
    `held` is the whole of the first history where it stands already."""

    horizon: int
    seed: int = 0
    backs: tuple[int, ...] = ()
    held: tuple[float, ...] = ()


def back_dated(found: History) -> tuple[int, ...]:
    """Origins from which a series can be tried on its past, the newest first, none of whose first
    steps are the same days."""
    judged = JUDGED[found.wanted.step]
    room = int(np.isfinite(found.values[0]).sum()) - 3 * judged
    return tuple(judged * place for place in range(1, LAST + 1) if judged * place <= room)


def fit(
    services: Services,
    given: Sequence[Taught],
    job: Job,
    watch: Watch | None = None,
    **more: Any,
) -> tuple[Holidays, tuple[tuple[Row, ...], ...]]:
    """The public holidays ahead, and the rows of each: the whole, then its members. `more` goes to
    `services.fitting.run`. All are of one shop, step and dates; raises as it does."""
    first = given[0].history
    step, shop = first.wanted.step, first.wanted.shop
    stack = stacked(given)
    work = Work(
        step,
        SEASONS[step],
        job.horizon,
        job.seed,
        np.vstack(stack.tables),
        first.dates[-1],
        countries(services, shop),
        given[0].events,
        tuple(stack.ratios),
        tuple(stack.wholes),
        job.backs,
        JUDGED[step],
        () if first.parts else job.held,
        tuple(stack.parts),
    )
    if watch is not None:
        more["watch"] = watch
    told = services.fitting.run(FIT, packed(work), **more)
    back = np.array([-steps for steps in job.backs], dtype=np.int64)
    origins = tuple(moved(np.repeat(work.end, back.size), step, back))
    rows = tuple(tuple(_row(told, row, origins) for row in rows) for rows in stack.places)
    return tuple(told["holidays"]), rows


@dataclass
class Stack:
    """Series under each other, each once: which are ratios, wholes with parts, and where the rows
    of each history stand."""

    tables: list[Floats] = field(default_factory=list)
    ratios: list[tuple[int, int, int]] = field(default_factory=list)
    wholes: list[tuple[int, ...]] = field(default_factory=list)
    places: list[tuple[int, ...]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    _known: dict[tuple[bytes, str], int] = field(default_factory=dict)

    def put(self, table: Floats, parts: Sequence[Part]) -> tuple[int, ...]:
        """The rows of a table (n, t), each of its part of the shop. What stands above one line may
        be another's whole."""
        rows = []
        for series, part in zip(table, parts, strict=True):
            name = (series.tobytes(), repr(part))
            if name not in self._known:
                self._known[name] = len(self.tables)
                self.tables.append(series)
                self.parts.append(part)
            rows.append(self._known[name])
        return tuple(rows)


def stacked(given: Sequence[Taught]) -> Stack:
    """All series of all histories."""
    stack = Stack()
    for one in given:
        placed = [stack.put(one.table(part), one.history.of) for part in one.parts]
        stack.places.append(placed[0])
        for part, rows in zip(one.parts, placed, strict=True):
            ratio = part == WHOLE and len(placed) > 1
            if not ratio and add_up(one.table(part)) and len(set(rows)) == len(rows):
                stack.wholes.append(rows)
        if len(placed) > 1:
            stack.ratios += list(zip(*placed, strict=True))
    return stack


def add_up(table: Floats) -> bool:
    """Whether the rows but the first come to the first, as far as is known: orders by country do,
    customers by product do not."""
    if len(table) < 2:
        return False
    whole, parts = np.nan_to_num(table[0]), np.nan_to_num(table[1:]).sum(axis=0)
    return bool(np.allclose(whole, parts, rtol=1e-6, atol=1e-6 * (1 + np.abs(whole).max())))


def _row(told: Mapping[str, Any], row: int, origins: tuple[np.datetime64, ...]) -> Row:
    bounds = {
        level: (told["low"][place, row], told["high"][place, row])
        for place, level in enumerate(LEVELS)
    }
    sums = Sums(told["middle"][row], told["steps"], np.array(QUANTILES), told["off"][row])
    return Row(
        told["point"][row],
        bounds,
        told["naive"][row],
        sums,
        told["methods"][row],
        told["refusals"][row],
        told["records"][row],
        told["tried"][:, row],
        origins,
    )
