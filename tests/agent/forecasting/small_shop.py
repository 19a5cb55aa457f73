"""A shop with some months of sales whose course is known, and a fitting that stays in this
process and costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from agent.fitting import Fitting
from agent.forecasting import fitted
from agent.forecasting.forecaster import Forecasts, Record, Residuals
from agent.forecasting.members.seasonal import usual
from agent.forecasting.series import Panel
from agent.ports import Batch, Shop
from agent.records.schema import EVENTS, FINDINGS, FORECASTS, TARGETS
from agent.services import Services, open_services
from agent.settings import Settings
from agent.warehouse import schema
from tests import almas_tea
from tests.clock import FrozenClock

SHOP = Shop("alders", "Alder's", "EUR", "Europe/Berlin", "test")
LAST = date(2026, 11, 16)
"""The clock of the tests stands on the day after."""
COUNTRIES = {"DE": 60, "AT": 40}
WIDTHS = {0.5: 0.05, 0.8: 0.1, 0.95: 0.2}


def amount(day: date, country: str) -> int:
    """What the country's two orders of a day bring together: Saturdays twice as much."""
    return COUNTRIES[country] * (2 if day.weekday() == 5 else 1)


def batch(first: date, last: date, name: str = "small") -> Batch:
    """Two orders a day and country."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    orders, sales = zip(*_rows(days), strict=True)
    tables = {
        "orders": almas_tea.table(schema.ORDERS, orders),
        "sales": almas_tea.table(schema.SALES, sales),
    }
    return Batch(SHOP, "test", name, tables)


def _rows(days: list[date]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for day in days:
        for country in COUNTRIES:
            for which in range(2):
                order = f"{day}{country}{which}"
                at = f"{day}T{9 + which:02}:00"
                money = {"gross": f"{amount(day, country) / 2:.2f}"}
                row = (order, None, at, country, "web", True, "EUR")
                line = (order, order, None, at, "ORDER", "PRODUCT", 1, money)
                yield almas_tea.order(row, SHOP), almas_tea.sale(line, SHOP)


def told(panel: Panel, horizon: int, *, seed: int = 0, watch: Any = None) -> Forecasts:
    """In place of the forecaster: the usual season, bands of 5, 10 and 20 %, no models."""
    point = usual(panel.values, panel.season, 4, ((0,), horizon))[0]
    known = np.isfinite(panel.values).sum(axis=1)
    why = tuple("" if count >= 14 else "Too little history." for count in known)
    point[[bool(reason) for reason in why]] = np.nan
    bounds = {level: (point * (1 - w), point * (1 + w)) for level, w in WIDTHS.items()}
    chance = np.random.default_rng(seed).normal(size=(40, horizon)).cumsum(axis=1)
    sums = tuple(Residuals(chance, 0.05 * row[0]) for row in np.nan_to_num(point))
    record = Record(0.1, 0.2, 0.8, 0.95, 2)
    ids = panel.ids
    return Forecasts(ids, point, bounds, ("usual",) * len(ids), (record,) * len(ids), why, sums)


@dataclass
class Here(Fitting):
    """A fitting in this process. `asked` are the pieces of work that came."""

    asked: list[dict[str, Any]] = field(default_factory=list)

    def run(self, name: str, *arguments: Any, **options: Any) -> Any:
        if name == "agent.forecasting.given:read":
            return ()
        assert name == "agent.forecasting.fitted:fit"
        self.asked.append(arguments[0])
        watch = {"watch": options["watch"]} if "watch" in options else {}
        return fitted.fit(*arguments, **watch)


def opened(services: Services, monkeypatch: pytest.MonkeyPatch, days: int = 120) -> Services:
    """The shop in these services, with a fitting `Here`."""
    monkeypatch.setattr(fitted, "forecast", told)
    services.warehouse.merge(batch(LAST - timedelta(days=days - 1), LAST))
    return replace(services, fitting=Here())


def standing(folder: Path, days: int = 120) -> Iterator[Services]:
    """The shop for a whole module, at the day of the clock; see `emptied`."""
    settings = Settings.from_env(
        {"DATA_DIR": str(folder), "DEMO": "no", "RATE_FITS": "9000/minute, burst 900"}
    )
    services = open_services(settings, FrozenClock())
    services.warehouse.merge(batch(LAST - timedelta(days=days - 1), LAST))
    yield services
    services.close()


def emptied(services: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """As if nothing had been forecast or written down yet."""
    monkeypatch.setattr(fitted, "forecast", told)
    with services.records.store.write() as connection:
        for table in (FORECASTS, EVENTS, FINDINGS, TARGETS):
            connection.execute(sa.delete(table))
    return replace(services, fitting=Here())
