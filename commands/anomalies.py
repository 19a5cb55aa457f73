"""Find what is out of the ordinary in the series of a file, by the same code as the pages do."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from agent.errors import BadFile
from agent.settings import Settings
from agent.sources.base import Progress
from agent.words import n, t
from commands.progress import Bar
from commands.rows import Rows

if TYPE_CHECKING:
    import pandas as pd

    from agent.anomalies.shelf import Shelf
    from agent.forecasting.reading import Notes

USUAL = 0.3


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--input", type=Path, required=True, help="CSV or parquet: series_id, ds, y, known ahead"
    )
    parser.add_argument("--output", type=Path, required=True, help="CSV or parquet")
    parser.add_argument(
        "--budget", type=float, default=USUAL, help="incidents tolerated per series and month"
    )
    parser.add_argument("--season", type=int, default=None, help="steps in a season, 7 for days")
    parser.add_argument("--seed", type=int, default=0, help="the same seed, the same findings")


def run(given: argparse.Namespace, settings: Settings) -> int:
    del settings
    # Tables are heavy: no other command loads what reads them.
    from agent.forecasting.reading import Notes

    if not 0 < given.budget < float("inf"):
        raise BadFile(t("--budget is a number of incidents above zero."))
    if given.season is not None and given.season < 1:
        raise BadFile(t("--season is a number of steps, 1 for none."))
    if not given.output.absolute().parent.is_dir():
        raise BadFile(t("There is no folder {path}.", path=str(given.output.parent)))
    if given.output.is_dir():
        raise BadFile(t("{path} is a folder: name a file.", path=str(given.output)))
    notes, tally = Notes(), _Tally()
    with Bar() as bar, TemporaryDirectory(prefix="anomalies-") as folder:
        bar.show(Progress(t("read"), 0, 1))
        _judged(given, Path(folder), (bar, notes, tally))
    for line in (*notes.said(), tally.said(given.output)):
        print(line, file=sys.stderr)
    return 0


@dataclass
class _Tally:
    """How many rows and series were judged, and what was found in them."""

    rows: int = 0
    judged: int = 0
    series: int = 0
    incidents: int = 0

    def said(self, path: Path) -> str:
        return n(
            "{count} incident in {series} series: {path}",
            "{count} incidents in {series} series: {path}",
            self.incidents,
            count=f"{self.incidents:,}",
            series=f"{self.series:,}",
            path=str(path),
        )


def _judged(given: argparse.Namespace, folder: Path, told: tuple[Bar, Notes, _Tally]) -> None:
    """Judge piece by piece, whole series at a time; then write row by row, as they stand in the
    file."""
    from agent.anomalies.shelf import Shelf
    from agent.forecasting.pieces import batches, pieces

    bar, notes, tally = told
    shelf, kinds = Shelf(folder), set()
    with pieces(given.input, lambda done: bar.show(Progress(t("read"), done, 0))) as found:
        tally.rows = found.rows
        for table in found.tables:
            kinds.add(table.ds.dtype)
            tally.series += table.series_id.nunique()
            _piece(table, given, shelf, told)
    if not tally.judged:
        raise BadFile(t("No row can be used."), hint=" ".join(notes.said()))
    with Rows(given.output) as rows:
        for batch in batches(given.input):
            # Numbers and words may both be days: one column of a file is of one kind.
            days = batch.ds if kinds == {batch.ds.dtype} else batch.ds.astype("str")
            said = shelf.of(batch.index)
            said.insert(0, "series_id", batch.series_id)
            said.insert(1, "ds", days)
            rows.put(said)


def _piece(
    table: pd.DataFrame, given: argparse.Namespace, shelf: Shelf, told: tuple[Bar, Notes, _Tally]
) -> None:
    """One piece: cleaned, judged, kept."""
    import pandas as pd

    from agent.anomalies.judging import judge
    from agent.anomalies.laying import laid, said
    from agent.forecasting.reading import cleaned

    bar, notes, tally = told
    for one in laid(_past(cleaned(table, notes)), given.season):
        share, done = len(one.places), tally.judged

        def watch(at: int, whole: int, _: str, share: int = share, done: int = done) -> None:
            bar.show(Progress(t("judged"), done + share * at // max(whole, 1), tally.rows))

        judged = judge(one.panel, budget=given.budget, seed=given.seed, watch=watch)
        found = pd.DataFrame(said(one, judged), index=one.places)
        tally.incidents += int(found.is_anomaly.sum())
        tally.judged += share
        shelf.put(found)


def _past(rows: pd.DataFrame) -> pd.DataFrame:
    """Without the rows that only tell what is known ahead."""
    from agent.forecasting.reading import NEEDED

    if set(rows.columns) <= set(NEEDED):
        return rows
    valued = rows.ds[rows.y.notna()]
    return rows[rows.ds <= valued.max()] if len(valued) else rows.iloc[:0]
