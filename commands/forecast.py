"""Foretell the series of a file, by the same code as the pages do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import BadFile
from agent.settings import Settings
from agent.sources.base import Progress
from agent.words import n, t
from commands.progress import Bar
from commands.rows import Rows

if TYPE_CHECKING:
    import pandas as pd

    from agent.forecasting.forecaster import Forecasts
    from agent.forecasting.reading import Notes, Series

NAMED = 5
FURTHEST = 400


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--input", type=Path, required=True, help="CSV or parquet: series_id, ds, y, known ahead"
    )
    parser.add_argument("--horizon", type=int, required=True, help="steps ahead")
    parser.add_argument("--season", type=int, default=None, help="steps in a season, 7 for days")
    parser.add_argument("--output", type=Path, required=True, help="CSV or parquet")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same forecasts")


def run(given: argparse.Namespace, settings: Settings) -> int:
    del settings
    # The libraries that fit are heavy: no other command loads them.
    from agent.forecasting.pieces import pieces
    from agent.forecasting.reading import Notes

    if not 1 <= given.horizon <= FURTHEST:
        raise BadFile(t("--horizon is a number of steps from 1 to {most}.", most=FURTHEST))
    if given.season is not None and not 1 <= given.season <= FURTHEST:
        raise BadFile(t("--season is a number of steps from 1 to {most}.", most=FURTHEST))
    if not given.output.parent.is_dir():
        raise BadFile(t("There is no folder {path}.", path=str(given.output.parent)))
    if given.output.is_dir():
        raise BadFile(t("{path} is a folder: name a file.", path=str(given.output)))
    notes, tally = Notes(), _Tally()
    with Bar() as bar, Rows(given.output) as rows:
        bar.show(Progress(t("read"), 0, 1))
        with pieces(given.input, lambda done: bar.show(Progress(t("read"), done, 0))) as found:
            for table in found.tables:
                watch = _shown(bar, tally, found.series)
                _foretell(table, given, (notes, tally, rows), watch)
        if not tally.seen:
            raise BadFile(t("No row can be used."), hint=" ".join(notes.said()))
    for line in (*notes.said(), *tally.said(given.output)):
        print(line, file=sys.stderr)
    return 0


@dataclass
class _Tally:
    """How many series were seen, and which were not foretold and why."""

    seen: int = 0
    refused: int = 0
    same: int = 0
    named: list[str] = field(default_factory=list)

    def add(self, made: Forecasts) -> None:
        refused = [(name, why) for name, why in zip(made.ids, made.refusals, strict=True) if why]
        self.seen += len(made.ids)
        self.refused += len(refused)
        low, high = made.bounds[0.95]
        self.same += int((low == high).all(axis=1).sum())
        room = NAMED - len(self.named)
        self.named += [f"{name}: {why}" for name, why in refused[:room]]

    def said(self, path: Path) -> list[str]:
        lines = list(self.named)
        if self.refused > len(lines):
            more = f"{self.refused - len(lines):,}"
            lines.append(t("{count} more series are not foretold.", count=more))
        if self.same:
            lines.append(
                n(
                    "{count} series never changed: its forecast is that value, with no band.",
                    "{count} series never changed: their forecast is that value, with no band.",
                    self.same,
                    count=f"{self.same:,}",
                )
            )
        done = self.seen - self.refused
        counted = n("{count} series foretold", "{count} series foretold", done, count=f"{done:,}")
        return [*lines, f"{counted}: {path}"]


def _shown(bar: Bar, tally: _Tally, whole: int) -> Callable[[int, int, str], None]:
    """Progress of one piece; of many pieces how many series are done."""
    before = tally.seen

    def watch(done: int, total: int, step: str) -> None:
        said = t("{done} of {whole} series", done=f"{before:,}", whole=f"{whole:,}")
        bar.show(Progress(said if whole else step, before + done, whole or total))

    return watch


def _foretell(
    table: pd.DataFrame,
    given: argparse.Namespace,
    kept: tuple[Notes, _Tally, Rows],
    watch: Callable[[int, int, str], None],
) -> None:
    """One piece: read, foretold, written. One without a row that can be used is passed over: the
    others may hold something."""
    from agent.forecasting.forecaster import forecast
    from agent.forecasting.reading import series_of

    notes, tally, rows = kept
    try:
        series = series_of(table, given.season, given.horizon, notes)
    except BadFile:
        return
    made = forecast(series.panel, given.horizon, seed=given.seed, watch=watch)
    rows.put(_rows(series, made, given.horizon))
    tally.add(made)


def _rows(series: Series, made: Forecasts, horizon: int) -> pd.DataFrame:
    """series_id, ds, yhat, lo50, hi50 .. hi95: a row for each step of each series foretold."""
    import numpy as np
    import pandas as pd

    kept = np.array([not why for why in made.refusals], dtype=bool)
    steps = np.arange(1, horizon + 1)
    columns: dict[str, object] = {
        "series_id": pd.Series(
            np.repeat(np.array(made.ids, dtype=object)[kept], horizon), dtype="str"
        ),
        "ds": series.ahead(steps)[kept].ravel(),
        "yhat": made.point[kept].ravel(),
    }
    for level, (low, high) in sorted(made.bounds.items()):
        columns[f"lo{level * 100:.0f}"] = low[kept].ravel()
        columns[f"hi{level * 100:.0f}"] = high[kept].ravel()
    return pd.DataFrame(columns)
