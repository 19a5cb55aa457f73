"""200,000 rows of twelve columns as CSV and XLSX: memory above idle and CPU, beside the same rows
written by Arrow's own CSV writer and, a sample of them, by XlsxWriter cell by cell. Then a shop's
own: the rows under a number as CSV, and an answer of 190,000 rows, with what the warehouse takes.

Each is measured in a process of its own: memory that Python has taken once it does not give back.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import pyarrow as pa

from agent.metrics.questions import Ask, Question
from agent.services import Services
from benchmarks.measuring import Figure, cost
from benchmarks.million import LAST, SHOP, batch
from benchmarks.rooms import Room, opened
from dashboard.evidence import under
from dashboard.files import Heading, Sheet, csv_of, xlsx_of
from dashboard.files.sheets import CHUNK

ROWS, QUICK_ROWS = 200_000, 5_000
LINES, QUICK_LINES, LAST_DAYS = 1_000_000, 6_000, 99
"""A shop of so many lines, and of how many of its last days an export is."""
GOAL_MB = 60.0
SAMPLE = 10
"""XlsxWriter alone writes one row in so many: twelve seconds say no more than one."""


def run(room: Room) -> list[Figure]:
    rows = QUICK_ROWS if room.quick else ROWS
    found = _measured(room, [*WORK], rows)
    bare_csv, bare_xlsx = found["bare csv"]["cpu"], found["bare xlsx"]["cpu"] * SAMPLE
    return [
        Figure("CSV, CPU", 1000 * found["csv"]["cpu"], "ms", 1000 * bare_csv, "bare write_csv"),
        Figure("CSV, memory above idle", found["csv"]["memory"], "MB", goal=GOAL_MB),
        Figure("CSV, size", found["csv"]["size"], "MB"),
        Figure("XLSX, CPU", 1000 * found["xlsx"]["cpu"], "ms", 1000 * bare_xlsx, "bare XlsxWriter"),
        Figure("XLSX, memory above idle", found["xlsx"]["memory"], "MB", goal=GOAL_MB),
        Figure("XLSX, size", found["xlsx"]["size"], "MB"),
        *_of_a_shop(room),
    ]


def _of_a_shop(room: Room) -> list[Figure]:
    """The rows under a number as CSV, and an answer of as many rows: with what the warehouse takes
    for them."""
    services = opened(room.folder / "exported")
    try:
        services.warehouse.merge(batch(QUICK_LINES if room.quick else LINES))
    finally:
        services.close()
    names = {"rows": "Rows under a number, CSV", "answer": "Answer by day and product"}
    found = _measured(room, [*names], LAST_DAYS)
    return [
        figure
        for told, cost in ((names[name], found[name]) for name in found)
        for figure in (
            Figure(f"{told}, {cost['rows']:,.0f} rows, CPU", 1000 * cost["cpu"], "ms"),
            Figure(f"{told}, memory above idle", cost["memory"], "MB", goal=GOAL_MB),
        )
    ]


def _measured(room: Room, names: list[str], rows: int) -> dict[str, dict[str, float]]:
    """What each of them takes; a quick run, whose figures mean nothing, starts one process."""
    found: dict[str, dict[str, float]] = {}
    for part in [names] if room.quick else [[name] for name in names]:
        call = [sys.executable, "-m", "benchmarks.exporting", str(rows), str(room.folder), *part]
        done = subprocess.run(call, check=True, capture_output=True, text=True)
        found |= json.loads(done.stdout)
    return found


def made(rows: int) -> Iterator[pa.RecordBatch]:
    """Ledger-like rows, made while they are read: a day, three names, money, counts, shares."""
    for start in range(0, rows, CHUNK):
        count = min(CHUNK, rows - start)
        at = range(start, start + count)
        days = pa.array([date(2025, 1, 1) + timedelta(days=n % 365) for n in at])
        names = [pa.array([f"{word} No {n % 3900}" for n in at]) for word in WORDS]
        money = [
            pa.array([Decimal(n * step).scaleb(-2) for n in at], pa.decimal128(38, 4))
            for step in (100, 7, -3, 93, 5)
        ]
        counts = [pa.array([n % step for n in at]) for step in (3, 40)]
        share = pa.array([n % 1000 / 1000 for n in at])
        columns = [days, *names, *money, *counts, share]
        yield pa.record_batch(columns, names=[str(n) for n in range(len(columns))])


WORDS = ("Paper lantern", "=Order", "Customer")
HEADINGS = (
    Heading("Day", "date"),
    *(Heading(word) for word in WORDS),
    *(Heading(f"Money {n}", "money", Decimal(n), "sum", f"m{n}") for n in range(5)),
    *(Heading(f"Count {n}", "count") for n in range(2)),
    Heading("Share", "percent"),
)


def _sheet(rows: int) -> Sheet:
    return Sheet("Lines", HEADINGS, made(rows))


def _csv(rows: int, out: IO[bytes]) -> None:
    for piece in csv_of(_sheet(rows)):
        out.write(piece)


def _xlsx(rows: int, out: IO[bytes]) -> None:
    for piece in xlsx_of(_sheet(rows)):
        out.write(piece)


def _bare_csv(rows: int, out: IO[bytes]) -> None:
    from pyarrow.csv import write_csv

    for one in made(rows):
        write_csv(one, out)


def _bare_xlsx(rows: int, out: IO[bytes]) -> None:
    from xlsxwriter import Workbook

    book = Workbook(out, {"constant_memory": True})
    sheet, at = book.add_worksheet(), 0
    for one in made(rows // SAMPLE):
        for row in zip(*(column.to_pylist() for column in one.columns), strict=True):
            sheet.write_datetime(at, 0, row[0])
            for place, value in enumerate(row[1:4], start=1):
                sheet.write_string(at, place, value)
            for place, value in enumerate(row[4:], start=4):
                sheet.write_number(at, place, value)
            at += 1
    book.close()


WORK: dict[str, Callable[[int, IO[bytes]], None]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "bare csv": _bare_csv,
    "bare xlsx": _bare_xlsx,
}


def measure(name: str, rows: int, folder: Path) -> dict[str, float]:
    """CPU without the making of the rows, the most memory above an idle process that has written a
    file before, and the file's size."""
    work = WORK[name]
    with (folder / "warm.out").open("wb") as out:
        work(CHUNK, out)
    rest = cost(lambda: [None for _ in made(rows if name != "bare xlsx" else rows // SAMPLE)])
    idle = _reset_most_memory()
    path = folder / "export.out"
    with path.open("wb") as out:
        spent = cost(lambda: work(rows, out))
    return {
        "cpu": max(spent.cpu - rest.cpu, 1e-6),
        "memory": _most_memory() - idle,
        "size": path.stat().st_size / 1e6,
    }


def measure_shop(name: str, days: int, folder: Path) -> dict[str, float]:
    """The same of a shop's own rows, above a process that has answered for two days before."""
    services = opened(folder / "exported")
    work = SHOP_WORK[name]
    work(services, 2)
    idle = _reset_most_memory()
    rows: list[int] = []
    spent = cost(lambda: rows.append(work(services, days)))
    found = {"cpu": spent.cpu, "memory": _most_memory() - idle, "rows": float(rows[0])}
    services.close()
    return found


def _rows(services: Services, days: int) -> int:
    found = under(services, _asked(services, days, ("net_sales",)))[0]
    with TemporaryFile() as out:
        for piece in csv_of(found.sheet(services, "Rows", ())):
            out.write(piece)
    return found.count


def _answer(services: Services, days: int) -> int:
    return len(services.answer(_asked(services, days, ("net_sales", "units"), ("day", "product"))))


def _asked(
    services: Services, days: int, metrics: tuple[str, ...], by: tuple[str, ...] = ()
) -> Question:
    first = LAST - timedelta(days=days - 1)
    scope = services.scope({"shop": SHOP.shop_id, "from": f"{first}", "to": f"{LAST}"})
    return Ask(metrics, by).within(scope.alone())


SHOP_WORK: dict[str, Callable[[Services, int], int]] = {"rows": _rows, "answer": _answer}


def _reset_most_memory() -> float:
    """The memory held now, in MB, from where the most is counted."""
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _most_memory() -> float:
    return _memory("VmHWM")


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    found = next(line for line in lines if line.startswith(name))
    return int(found.split()[1]) / 1024


if __name__ == "__main__":
    given = int(sys.argv[1]), Path(sys.argv[2])
    print(
        json.dumps(
            {
                name: (measure_shop if name in SHOP_WORK else measure)(name, *given)
                for name in sys.argv[3:]
            }
        )
    )
