"""Incidents put into real series, and the Numenta Anomaly Benchmark, beside naive floors.

Settings were chosen on other stores and other goods, on windows that end 120 days before the end;
what is read here, the last 150 days of the others, is read nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks import nab
from benchmarks.injecting import MONTH, Floats, Placed, at_rate, inject, told
from benchmarks.judgement_sets import DATA
from benchmarks.measuring import Figure, cost
from benchmarks.rooms import Room

WINDOW, SEEDS = 150, (11, 12, 13)
RATES = ((0.3, 0.65, 0.05), (1.0, 0.80, 0.10))
"""Incidents a series-month, and what is aimed at: F1, and the share of yearly peaks flagged."""
STORES, LEAST_DAYS = 20, 760
Series = dict[str, "pd.Series[float]"]


def run(room: Room) -> list[Figure]:
    if not DATA.is_dir():
        print(f"skipped: the real series are not in {DATA}")
        return []
    return [*_injected(room.quick), *_numenta(room.quick)]


# ---- incidents in real series ----


def _injected(quick: bool) -> list[Figure]:
    from agent.anomalies.judging import judge

    panel = _panel(_series())
    seeds = SEEDS[:1] if quick else SEEDS
    placed = [inject(panel.values, WINDOW, seed) for seed in seeds]
    out: list[Figure] = []
    for rate, goal, peaks in RATES:
        spent: list[float] = []
        scores: list[Floats] = []
        owns = []
        for one in placed:
            mine = replace(panel, values=one.values)
            made = []
            spent.append(cost(lambda: made.append(judge(mine, budget=rate))).cpu)  # noqa: B023
            scores.append(made[0].score)
            owns.append(told(one, made[0].is_anomaly))
        found = [at_rate(one, score, rate) for one, score in zip(placed, scores, strict=True)]
        floor = _floor(placed, _weekday, rate)
        out += [
            Figure(f"F1 at {rate}", _mean(found, "f1"), "", floor, "weekday median", goal, True),
            Figure(f"F1 at {rate}, the most that can be", _most(placed, rate), ""),
            Figure(f"F1 at {rate}, plain deviations", _floor(placed, _plain, rate), ""),
            Figure(f"peaks flagged at {rate}", 100 * _mean(found, "peaks"), "%", goal=100 * peaks),
            Figure(f"F1 as told at budget {rate}", _mean(owns, "f1"), ""),
            Figure(f"incidents as told at budget {rate}", _mean(owns, "rate"), "a series-month"),
        ]
        for kind in found[0].by_kind:
            share = float(np.mean([one.by_kind[kind] for one in found]))
            out.append(Figure(f"found at {rate}: {kind}", 100 * share, "%"))
        for kind, most in (("shift", 2.0), ("trend", 10.0)):
            late = float(np.nanmedian([one.delays[kind] for one in found]))
            out.append(Figure(f"delay at {rate}: {kind}", late, "days", goal=most))
    out.append(Figure("cost", 1000 * spent[0] / panel.values.size, "ms CPU a series-day", goal=1.0))
    return out


def _most(placed: list[Placed], rate: float) -> float:
    """F1 of a rate that is spent to the full on incidents, as far as there are any."""
    months = sum(len(one.values) * one.window for one in placed) / MONTH
    there = sum(len(one.labels) for one in placed) / months
    return 2 * min(rate, there) / (rate + there)


def _mean(found: list, name: str) -> float:
    return float(np.mean([getattr(one, name) for one in found]))


def _floor(placed: list[Placed], rule: Callable[[Floats], Floats], rate: float) -> float:
    return float(np.mean([at_rate(one, rule(one.values), rate).f1 for one in placed]))


def _plain(values: Floats) -> Floats:
    """Deviations from the mean of the last 91 days."""
    out = np.zeros_like(values)
    for at in range(28, values.shape[1]):
        past = values[:, max(0, at - 91) : at]
        known = np.isfinite(past)
        count = np.maximum(known.sum(axis=1), 1)
        mean = np.where(known, past, 0.0).sum(axis=1) / count
        square = np.where(known, (past - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
        out[:, at] = np.nan_to_num(np.abs(values[:, at] - mean) / np.sqrt(square + 1e-9))
    return out


def _weekday(values: Floats) -> Floats:
    """Distance from the median of the last eight such weekdays, by its own usual size."""
    filled = np.nan_to_num(values)
    away = np.zeros_like(filled)
    for at in range(56, filled.shape[1]):
        away[:, at] = filled[:, at] - np.median(filled[:, at - 56 : at : 7], axis=1)
    out = np.zeros_like(filled)
    for at in range(150, filled.shape[1]):
        size = 1.48 * np.median(np.abs(away[:, at - 91 : at]), axis=1)
        out[:, at] = np.abs(away[:, at]) / (
            size + 0.01 * filled[:, at - 91 : at].mean(axis=1) + 1e-9
        )
    return out


def _panel(series: Series):
    from agent.forecasting.series import Panel, Step

    width = max(len(one) for one in series.values())
    values = np.full((len(series), width), np.nan)
    for row, one in enumerate(series.values()):
        values[row, width - len(one) :] = one.to_numpy(float)
    ends = np.array([one.index[-1].to_datetime64() for one in series.values()])
    return Panel(tuple(series), values, ends.astype("datetime64[D]"), Step.DAY, 7)


def _series() -> Series:
    """Stores, goods and countries of a web shop, and a bike service: every day its figure."""
    return {**_stores(), **_shop(), **_services()}


def _daily(figures: pd.Series, index: pd.DatetimeIndex | None = None) -> pd.Series:
    found = figures.groupby(level=0).sum()
    days = pd.date_range(found.index.min(), found.index.max()) if index is None else index
    return found.reindex(days, fill_value=0.0).astype(float)


def _stores() -> Series:
    """Every thirtieth store with a whole history, but none that settings were chosen on."""
    table = pd.read_parquet(DATA / "rossmann/train_open_days.parquet")
    table["Date"] = pd.to_datetime(table["Date"])
    counts = table.groupby("Store").size()
    whole = [store for store in counts[counts > LEAST_DAYS].index if store not in CHOSEN_ON]
    index = pd.date_range(table.Date.min(), table.Date.max())
    by = table[table.Store.isin(whole[:: len(whole) // STORES][:STORES])].groupby("Store")
    return {f"store {name}": _daily(part.set_index("Date").Sales, index) for name, part in by}


CHOSEN_ON = (1, 23, 49, 54, 59, 67, 130, 148, 169, 206, 217, 261, 296, 307, 313, 314)
GOODS, COUNTRIES = ("22", "21", "85", "47", "15"), ("Germany",)


def _shop() -> Series:
    table = pd.read_parquet(DATA / "uci_online_retail_2010_2011/online_retail.parquet")
    table = table[(table.Quantity > 0) & (table.Quantity < 10_000) & (table.UnitPrice > 0)]
    days = pd.to_datetime(table.InvoiceDate).dt.normalize()
    sales = (table.Quantity * table.UnitPrice.astype(float)).set_axis(days)
    index = pd.date_range(days.min(), days.max())
    goods = table.StockCode.astype(str).str[:2].to_numpy()
    found = {f"goods {one}": _daily(sales[goods == one], index) for one in GOODS}
    country = table.Country.to_numpy()
    return {**found, **{one: _daily(sales[country == one], index) for one in COUNTRIES}}


def _services() -> Series:
    folder = DATA / "small_daily_series"
    bikes = pd.read_parquet(folder / "bicimad_users.parquet")
    flights = pd.read_parquet(folder / "uk_daily_flights.parquet")
    flown = pd.to_datetime(flights.iloc[:, 0], dayfirst=True)
    return {
        "bikes": _daily(bikes.users.set_axis(pd.to_datetime(bikes.date)))[-1150:],
        "flights": _daily(flights.iloc[:, 1].set_axis(flown)),
    }


# ---- the Numenta Anomaly Benchmark ----


def _numenta(quick: bool) -> list[Figure]:
    folder = DATA / "nab"
    files = nab.files(folder)[:: 24 if quick else 1]
    profile = nab.profiles(folder)["standard"]
    scores = judged_by_us(files)
    windowed = nab.best(files, [nab.windowed_gaussian(one.values) for one in files], profile)[0]
    found, _ = nab.best(files, scores, profile)
    return [
        Figure("NAB standard score", found, "", windowed, "windowed Gaussian", 60.0, True),
        Figure("NAB windowed Gaussian, published 39.65", windowed, ""),
    ]


def judged_by_us(files: list[nab.File]) -> list[Floats]:
    """Our scores of each row, with the defaults of any series without a calendar."""
    from agent.anomalies.judging import judge
    from agent.forecasting.series import Panel, Step

    width = max(len(one.values) for one in files)
    values = np.full((len(files), width), np.nan)
    for row, one in enumerate(files):
        values[row, width - len(one.values) :] = one.values
    ends = np.zeros(len(files), "datetime64[D]")
    panel = Panel(tuple(one.name for one in files), values, ends, Step.NUMBER, 1)
    score = judge(panel).score
    return [score[row, width - len(one.values) :] for row, one in enumerate(files)]
