"""Series from a table of an analyst: series_id, ds, y and columns known ahead, as one panel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agent.errors import BadFile
from agent.forecasting.series import Floats, Panel, Step, moved
from agent.words import n, t

NEEDED = ("series_id", "ds", "y")
NAMED = 5
"""So many bad rows are named by their number; the rest are counted."""
DEEP = {Step.HOUR: 1680, Step.DAY: 1130, Step.WEEK: 520, Step.MONTH: 420, Step.NUMBER: 1130}
"""Columns kept: what is older tells little of what comes."""
WRITTEN = (19_000_101, 21_001_231)
"""Numbers that are dates without hyphens."""
OFFSET = r"(\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(?:Z|UTC|[+-]\d\d:?\d\d)$"
USUAL = {Step.HOUR: 24, Step.DAY: 7, Step.WEEK: 52, Step.MONTH: 12, Step.NUMBER: 1}


Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Series:
    """A panel as read, the kind of its time ("date" or "number"), and what was wrong with rows."""

    panel: Panel
    numbered: bool
    notes: tuple[str, ...]
    every: int = 1  # months, weeks or units between two values

    def ahead(self, steps: NDArray[np.int64]) -> NDArray[Any]:
        """(n, steps): the dates (or numbers) of the next steps of each series."""
        ends, step, walked = self.panel.ends, self.panel.step, steps * self.every
        if self.numbered:
            counted = ends.astype("datetime64[D]").astype("int64")
            found: NDArray[Any] = (counted[:, None] + steps[None, :]) * self.every
            return found
        if step in (Step.MONTH, Step.NUMBER):
            months = ends.astype("datetime64[M]")
            days = ends.astype("datetime64[D]") - months.astype("datetime64[D]")
            late = (months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")
            first = (months[:, None] + walked[None, :]).astype("datetime64[D]")
            after = (months[:, None] + walked[None, :] + 1).astype("datetime64[D]")
            closing = (days == late - np.timedelta64(1, "D"))[:, None]
            on = np.minimum(first + days[:, None], after - np.timedelta64(1, "D"))
            return np.where(closing, after - np.timedelta64(1, "D"), on).astype("datetime64[ns]")
        return moved(ends[:, None], step, walked[None, :]).astype("datetime64[ns]")


@dataclass
class Notes:
    """What was wrong with rows, each reason once: also of a table that is read in pieces."""

    rows: dict[str, tuple[list[int], int]] = field(default_factory=dict)
    longer: int = 0  # series of which the beginning is not looked at
    depth: int = 0

    def bad(self, found: pd.Series, why: str) -> None:
        """Name the rows where `found` holds, as they are numbered in the file: the head is 1."""
        places = found.index[found.to_numpy(dtype=bool)].tolist()
        if places:
            named, count = self.rows.get(why, ([], 0))
            self.rows[why] = (sorted([*named, *places[:NAMED]])[:NAMED], count + len(places))

    def said(self) -> tuple[str, ...]:
        """A sentence for each."""
        lines = []
        for why, (named, count) in self.rows.items():
            numbers = ", ".join(str(place + 2) for place in named)
            more = t(" and {count} more", count=count - len(named)) if count > len(named) else ""
            lines.append(t("Rows {rows}{more}: {why}", rows=numbers, more=more, why=why))
        if self.longer:
            depth = f"{self.depth:,}"
            lines.append(
                n(
                    "{count} series is longer: only its last {depth} steps are looked at.",
                    "{count} series are longer: only their last {depth} steps are looked at.",
                    self.longer,
                    count=f"{self.longer:,}",
                    depth=depth,
                )
            )
        return tuple(lines)


def series_of(
    table: pd.DataFrame, season: int | None, horizon: int, notes: Notes | None = None
) -> Series:
    """The table's series side by side. `season` None is the usual one of the step.

    A day that is absent is zero where the file never writes a zero and other series have that day,
    else unknown. Rows after the last value are what is known ahead. `notes` are of the whole table
    that this one is a piece of: then the index numbers the rows.
    """
    table = table.reset_index(drop=True) if notes is None else table
    notes = notes or Notes()
    rows = _rows(table, notes)
    if rows.empty:
        raise BadFile(t("No row can be used."), hint=" ".join(notes.said()))
    numbered = not isinstance(rows.ds.dtype, np.dtype) or rows.ds.dtype.kind != "M"
    step, every = _step(rows, numbered)
    rows["at"] = _places(rows.ds, step, every, numbered)
    doubled = rows.duplicated(["series_id", "at"], keep="last")
    notes.bad(doubled, t("another row of the same step follows; the last one counts."))
    rows = rows[~doubled]
    panel = _panel(rows, (step, season or USUAL[step], every), horizon, numbered)
    of_series = rows["at"].groupby(rows.series_id)
    notes.depth = DEEP[step]
    notes.longer += int((of_series.last() - of_series.first() >= DEEP[step]).sum())
    return Series(panel, numbered, notes.said(), every)


def cleaned(table: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """The rows that can be used, typed and in order; `notes` are told of the others, by the index.
    BadFile where a column that is needed is missing."""
    return _rows(table, notes)


def checked(table: pd.DataFrame) -> None:
    """Raises BadFile where a column that is needed is missing."""
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise BadFile(
            t("The column {name} is missing.", name=missing[0]),
            hint=t("Needed are series_id, ds and y."),
        )


def _rows(table: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Rows that can be used, typed."""
    checked(table)
    rows = table.copy()
    rows["ds"] = _times(rows.ds)
    notes.bad(rows.ds.isna(), t("the date cannot be read; left out."))
    notes.bad(rows.series_id.isna(), t("there is no series_id; left out."))
    value = pd.to_numeric(rows.y, errors="coerce").astype("float64")
    notes.bad(value.isna() & rows.y.notna(), t("y is not a number; taken as missing."))
    notes.bad(np.isinf(value), t("y is infinite; taken as missing."))
    rows["y"] = value.where(np.isfinite(value))
    rows = rows[rows.ds.notna() & rows.series_id.notna()]
    rows["series_id"] = rows.series_id.astype(str)
    doubled = rows.duplicated(["series_id", "ds"], keep="last")
    notes.bad(doubled, t("the same date again; the last one counts."))
    for name in rows.columns.difference([*NEEDED]):
        rows[name] = _numeric(rows[name])
    return rows[~doubled].sort_values(["series_id", "ds"], kind="stable")


def _times(ds: pd.Series) -> pd.Series:
    """Dates, also those written 20261123; or counted steps. What cannot be read is missing."""
    if pd.api.types.is_numeric_dtype(ds):
        numbers = pd.to_numeric(ds).astype("float64").where(lambda each: np.isfinite(each))
        written = numbers.dropna()
        if written.empty or not written.between(*WRITTEN).all():
            return numbers
        ds = numbers.astype("Int64").astype("string")
    try:
        found = pd.to_datetime(ds, errors="coerce", format="mixed")
    except ValueError:  # summer and winter time: the clock on the wall is what counts
        bare = ds.astype("string").str.replace(OFFSET, r"\1", regex=True)
        found = pd.to_datetime(bare, errors="coerce", format="mixed")
    return found if found.dt.tz is None else found.dt.tz_localize(None)


def _numeric(column: pd.Series) -> pd.Series:
    """Numbers as they are; words as the places of their kinds in order."""
    found = pd.to_numeric(column, errors="coerce")
    if found.notna().sum() >= column.notna().sum():
        return found.astype("float64")
    codes = pd.Categorical(column.astype("string"))
    return pd.Series(np.where(codes.codes < 0, np.nan, codes.codes), column.index, dtype="float64")


def _step(rows: pd.DataFrame, numbered: bool) -> tuple[Step, int]:
    """The usual distance between two values of a series, and how many steps it is."""
    gaps = rows.ds.diff()[rows.series_id == rows.series_id.shift()]
    if numbered:
        return Step.NUMBER, max(int(gaps.median()), 1) if len(gaps) else 1
    days = gaps.median() / pd.Timedelta(days=1) if len(gaps) else 1.0
    if days < 0.75:
        return Step.HOUR, 1
    if days < 3:
        return Step.DAY, 1
    if days < 20:
        return Step.WEEK, max(round(days / 7), 1)
    months = max(round(days / 30.44), 1)
    return (Step.MONTH if months == 1 else Step.NUMBER), months


def _places(ds: pd.Series, step: Step, every: int, numbered: bool) -> Any:
    """Whole numbers that count the steps from one fixed origin."""
    if numbered:
        return np.floor(ds / every).astype("int64")
    if step is Step.HOUR:
        return ds.to_numpy().astype("datetime64[h]").astype("int64")
    if step is Step.DAY:
        return ds.to_numpy().astype("datetime64[D]").astype("int64")
    if step is Step.WEEK:
        return ds.to_numpy().astype("datetime64[D]").astype("int64") // (7 * every)
    return ds.to_numpy().astype("datetime64[M]").astype("int64") // every


def _panel(rows: pd.DataFrame, steps: tuple[Step, int, int], horizon: int, numbered: bool) -> Panel:
    """The series with their last known step in the last column."""
    step, season, _ = steps
    names = [name for name in rows.columns if name not in (*NEEDED, "at")]
    codes, ids = pd.factorize(rows.series_id)
    at, y = rows["at"].to_numpy(), rows.y.to_numpy()
    ends = _ends(codes, at, y, (len(ids), horizon if names else 0))
    columns = at - ends[codes] - 1  # -1 is the last known step
    width = int(min(max(-columns.min(initial=-1), 1), DEEP[step]))
    place = columns + width
    inside = (place >= 0) & (place < width)
    values = np.full((len(ids), width), np.nan)
    values[codes[inside], place[inside]] = y[inside]
    if not (y == 0).any():
        absent = np.ones(values.shape, dtype=bool)
        absent[codes[inside], place[inside]] = False
        values = _zeros(values, absent, _fed(ends, at, width), step)
    known = {}
    for name in names:
        ahead = np.full((len(ids), width + horizon), np.nan)
        fit = (place >= 0) & (place < width + horizon)
        ahead[codes[fit], place[fit]] = rows[name].to_numpy()[fit]
        if np.isfinite(ahead[:, width:]).mean() > 0.5:
            known[name] = ahead
    return Panel(
        tuple(map(str, ids)), values, _dates(rows, (codes, at, ends), numbered), step, season, known
    )


def _ends(codes: Any, at: Any, y: Floats, of: tuple[int, int]) -> Any:
    """(n,): the place of each series' last known step. Rows without values after the last value of
    all, or so many as are foretold, are the time ahead: but only beside columns known ahead."""
    count, horizon = of
    last = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(last, codes, at)
    valued = np.isfinite(y)
    if not horizon or not valued.any():
        return last
    known = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(known, codes[valued], at[valued])
    whole = at[valued].max()
    ahead = last - known >= horizon
    none = known == np.iinfo(np.int64).min
    return np.where(none, np.minimum(last, whole), np.where(ahead, known, np.minimum(last, whole)))


def _zeros(values: Floats, absent: Flags, fed: Flags, step: Step) -> Floats:
    """Absent days are zero once a series has begun, where any other series has that day; what
    stands there without a value is unknown."""
    if step not in (Step.DAY, Step.HOUR) or len(values) < 2:
        return values
    begun = np.cumsum(np.isfinite(values), axis=1) > 0
    return np.where(fed & begun & absent, 0.0, values)


def _fed(ends: Any, at: Any, width: int) -> Flags:
    """(n, width): whether any series has a row there."""
    places = ends[:, None] - np.arange(width - 1, -1, -1)[None, :]
    found: Flags = np.isin(places, np.unique(at))
    return found


def _dates(rows: pd.DataFrame, where: tuple[Any, Any, Any], numbered: bool) -> Any:
    """(n,) the date of each series' last known step; by number, that many days after 1970."""
    codes, at, ends = where
    if numbered:
        return ends.astype("datetime64[D]")
    seen = np.zeros(len(ends), dtype="datetime64[h]")
    stamps = rows.ds.to_numpy().astype("datetime64[h]")
    mine = at <= ends[codes]
    np.maximum.at(seen.view("int64"), codes[mine], stamps[mine].astype("int64"))
    return seen
