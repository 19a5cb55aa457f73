"""Real series of ../shared/data as panels, cut where the last window begins."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from agent.forecasting.series import Floats, Panel, Step, moved

DATA = Path(os.environ.get("JUDGEMENT_DATA", Path(__file__).resolve().parents[2] / "shared/data"))
RETAIL_LAST = pd.Timestamp("2011-12-08")  # the last whole day of the file


@dataclass(frozen=True)
class Set:
    """Series until the last window, and that window: (n, horizon)."""

    panel: Panel
    truth: Floats

    @property
    def horizon(self) -> int:
        return self.truth.shape[1]


def cut(panel: Panel, horizon: int) -> Set:
    """The set whose last `horizon` steps are kept from the forecaster."""
    enough = np.isfinite(panel.values[:, :-horizon]).sum(axis=1) >= max(
        2 * min(panel.season, 26), 20
    )
    kept = panel.of(np.flatnonzero(enough))
    truth = kept.values[:, -horizon:]
    values = kept.values[:, :-horizon]
    ends = moved(kept.ends, kept.step, -horizon)
    return Set(Panel(kept.ids, values, ends, kept.step, kept.season), truth)


def competition(folder: str, name: str) -> Callable[[], Set]:
    """Monthly series of a forecasting competition."""

    def read() -> Set:
        rows = pd.read_parquet(DATA / folder / f"{name}.parquet")
        meta = pd.read_parquet(DATA / folder / f"{name}_meta.parquet")
        ids = list(meta.series[meta.period == "MONTHLY"])
        by = dict(iter(rows[rows.series.isin(ids)].sort_values("t").groupby("series").value))
        ends = np.full(len(ids), np.datetime64("1990-01-01"))
        values = stacked([by[one].to_numpy(float) for one in ids])
        return cut(Panel(tuple(ids), values, ends, Step.MONTH, 12), 18)

    return read


def stacked(rows: list[Floats]) -> Floats:
    """Series of different lengths that end together."""
    width = max(map(len, rows))
    return np.stack([np.concatenate([np.full(width - len(row), np.nan), row]) for row in rows])


def rossmann() -> Set:
    """Every fifth drug store by day; closed days are zero."""
    rows = pd.read_parquet(
        DATA / "rossmann/train_open_days.parquet", columns=["Store", "Date", "Sales"]
    )
    rows["Date"] = pd.to_datetime(rows.Date)
    table = rows[rows.Store % 5 == 0].pivot(index="Store", columns="Date", values="Sales")
    table = table.reindex(columns=pd.date_range(rows.Date.min(), rows.Date.max())).fillna(0.0)
    return cut(_daily(table), 28)


def retail_lines() -> pd.DataFrame:
    """Sale lines of Online Retail with their day and value."""
    path = DATA / "uci_online_retail_2010_2011/online_retail.parquet"
    names = ["InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "Country"]
    rows = pd.read_parquet(path, columns=names)
    sale = (
        ~rows.InvoiceNo.astype(str).str.match("[CA]") & (rows.Quantity > 0) & (rows.UnitPrice > 0)
    )
    rows = rows[sale].assign(day=lambda r: pd.to_datetime(r.InvoiceDate).dt.normalize())
    return rows[rows.day <= RETAIL_LAST].assign(value=lambda r: r.Quantity * r.UnitPrice)


def online_retail() -> Set:
    """Sales by day of the largest products and countries, and in all."""
    rows = retail_lines()
    parts = [rows.groupby("day").value.sum().to_frame("all").T]
    for name, count in (("StockCode", 120), ("Country", 12)):
        top = rows.groupby(name).value.sum().nlargest(count).index
        chosen = rows[rows[name].isin(top)]
        parts.append(chosen.pivot_table(index=name, columns="day", values="value", aggfunc="sum"))
    table = pd.concat(parts)
    table = table.reindex(columns=pd.date_range(rows.day.min(), RETAIL_LAST)).fillna(0.0)
    panel = _daily(table)
    begun = np.cumsum(panel.values > 0, axis=1) > 0
    values = np.where(begun, panel.values, np.nan)
    return cut(Panel(panel.ids, values, panel.ends, panel.step, panel.season), 28)


def small_daily() -> Set:
    """Website sessions, visits, bikes and the like, the last two years."""
    rows = []
    ends = []
    for name, when, what in (
        ("bicimad_users", "date", "users"),
        ("ga_daily_sessions_forecastga", "Date", "Target"),
        ("uk_daily_flights", "Date", "Number of flights"),
        ("visitas_por_dia_web_cienciadedatos_2020_2021", "date", "users"),
        ("wikipedia_visits", "date", "y"),
    ):
        table = pd.read_parquet(DATA / f"small_daily_series/{name}.parquet")
        days = pd.to_datetime(table[when], dayfirst="/" in str(table[when].iloc[0]), format="mixed")
        one = table[what].groupby(days).mean().asfreq("D").iloc[-735:]
        rows.append(one.to_numpy(float))
        ends.append(one.index[-1].to_datetime64().astype("datetime64[D]"))
    ids = tuple(f"daily {place}" for place in range(len(rows)))
    return cut(Panel(ids, stacked(rows), np.array(ends), Step.DAY, 7), 56)


def small_monthly() -> Set:
    """A country's fuels, a retail turnover and a drug's sales by month."""
    folder = DATA / "small_daily_series"
    fuels = pd.read_parquet(folder / "consumos-combustibles-mensual.parquet").sort_values("Fecha")
    found = [(fuels[name], fuels.Fecha) for name in fuels.columns[1:]]
    for name, when, what in (
        ("expenditures_australia", "date", "turnover"),
        ("h2o", "fecha", "x"),
    ):
        table = pd.read_parquet(folder / f"{name}.parquet").sort_values(when)
        found.append((table[what], table[when]))
    ends = np.array([np.datetime64(pd.Timestamp(when.iloc[-1]), "D") for _, when in found])
    values = stacked([one.to_numpy(float) for one, _ in found])
    ids = tuple(f"monthly {place}" for place in range(len(found)))
    return cut(Panel(ids, values, ends, Step.MONTH, 12), 12)


def simulated_weekly() -> Set:
    """Conversions of 40 places, and one shop's revenue, from two simulations of marketing."""
    folder = DATA / "marketing_spend_simulated"
    places = pd.read_parquet(folder / "meridian_geo_all_channels.parquet")
    table = places.pivot(index="geo", columns="time", values="conversions").sort_index(axis=1)
    shop = pd.read_parquet(folder / "robyn_dt_simulated_weekly.parquet").sort_values("DATE")
    values = stacked([*table.to_numpy(float), shop.revenue.to_numpy(float)])
    ends = np.full(len(values), np.datetime64(pd.Timestamp(table.columns[-1]), "D"))
    ends[-1] = np.datetime64(pd.Timestamp(shop.DATE.iloc[-1]), "D")
    return cut(Panel((*map(str, table.index), "shop"), values, ends, Step.WEEK, 52), 8)


def music_shop() -> Set:
    """Sales, orders and pieces by day of a shop of records, whose customers came in one quarter."""
    rows = pd.read_parquet(DATA / "cdnow/cdnow_master.parquet")
    days = rows.groupby(pd.to_datetime(rows.date)).agg(
        sales=("dollar_value", "sum"),
        orders=("customer_id", "size"),
        pieces=("number_of_cds", "sum"),
    )
    days = days.reindex(pd.date_range(days.index.min(), days.index.max())).fillna(0.0)
    return cut(_daily(days.T), 28)


def rossmann_weekly() -> Set:
    """The drug stores by week."""
    days = rossmann()
    values = np.concatenate([days.panel.values, days.truth], axis=1)
    weeks = values.shape[1] // 7
    sums = values[:, -weeks * 7 :].reshape(len(values), weeks, 7).sum(axis=2)
    ends = moved(days.panel.ends, Step.DAY, days.horizon)
    return cut(Panel(days.panel.ids, sums, ends, Step.WEEK, 52), 8)


def _daily(table: pd.DataFrame) -> Panel:
    last = table.columns[-1].to_datetime64().astype("datetime64[D]")
    ids = tuple(map(str, table.index))
    return Panel(ids, table.to_numpy(float), np.full(len(ids), last), Step.DAY, 7)


SETS: dict[str, Callable[[], Set]] = {
    "M3 monthly": competition("m3_competition", "m3"),
    "M1 monthly": competition("m1_competition", "m1"),
    "drug stores weekly": rossmann_weekly,
    "drug stores daily": rossmann,
    "web shop daily": online_retail,
    "small daily": small_daily,
}
MORE: dict[str, Callable[[], Set]] = {
    "small monthly": small_monthly,
    "simulated weekly": simulated_weekly,
    "music shop daily": music_shop,
}
"""Few series each: beside the means, not in them."""
