"""What the benchmarks work on: the order file, shops made from it, the demo shop. Made once a run,
in one folder, and copied from there."""

from __future__ import annotations

import gzip
import random
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from agent.ports import Batch
from agent.services import Services, open_services
from agent.settings import Settings
from agent.sources import demo
from agent.sources.base import ImportOptions
from agent.sources.demo_shop.story import HISTORY_DAYS
from agent.sources.ingest import import_file

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL = SHARED / "data/uci_online_retail_2010_2011/online_retail_2010_2011.csv.gz"
FIRST, LAST = date(2010, 12, 1), date(2011, 12, 9)
LINES, QUICK_LINES = 541_909, 12_000
QUICK_DAYS = 45
COUNTRIES = ("United Kingdom", "Germany", "France", "EIRE", "Spain", "Netherlands", "Belgium")


class Standing:
    """A clock that stands until it is moved."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


@dataclass(frozen=True)
class Room:
    """A folder for the run. In a quick run everything is small and measured once: it shows that the
    benchmarks work, not how fast anything is."""

    folder: Path
    quick: bool = False

    @property
    def runs(self) -> int:
        return 1 if self.quick else 5

    def order_file(self) -> Path:
        """Online Retail as published; a generated file of the same shape where that is absent."""
        if REAL.is_file() and not self.quick:
            return REAL
        path = self.folder / "generated_orders.csv.gz"
        if not path.exists():
            write_orders(path, QUICK_LINES if self.quick else LINES)
        return path

    def retail(self, name: str) -> Path:
        """A data folder of its own with the order file imported."""
        kept = self.folder / "retail"
        if not kept.exists():
            services = opened(kept)
            bring(services, self.order_file())
            services.close()
        return self._copy(kept, name)

    def demo(self, name: str) -> tuple[Path, datetime]:
        """A data folder of its own with the demo shop, and the moment up to which it has lived."""
        kept = self.folder / "demo"
        today = datetime.now(UTC)
        note = self.folder / "demo.moment"
        if not kept.exists():
            services = opened(kept, Standing(today))
            _fill(services, today, self.quick)
            services.close()
            note.write_text(today.isoformat())
        return self._copy(kept, name), datetime.fromisoformat(note.read_text())

    def _copy(self, kept: Path, name: str) -> Path:
        target = self.folder / "rooms" / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(kept, target)
        return target


def opened(data: Path, clock: Standing | None = None) -> Services:
    """Services on a data folder, with the embedded twins whatever this shell's settings say."""
    # What is measured is the work, not the wait for a turn.
    free = dict.fromkeys(("RATE_QUESTIONS", "RATE_CHARTS", "RATE_SHOPIFY"), "none")
    words = {"DATA_DIR": str(data), **free}
    return open_services(Settings.from_env(words), clock)


def bring(services: Services, path: Path) -> None:
    options = ImportOptions("online-retail", "Online Retail", "GBP", "Europe/London")
    import_file(services, path, options, lambda _: None)


def _fill(services: Services, until: datetime, quick: bool) -> None:
    if not quick:
        demo.fill(services, lambda _: None)
        return
    # The first weeks of a shop whose 25 months end later.
    anchor = until.date() + timedelta(days=HISTORY_DAYS - QUICK_DAYS)
    tables = demo.build(until, anchor=anchor)
    services.warehouse.merge(Batch(demo.SHOP, "demo", "quick", tables))


def write_orders(path: Path, count: int) -> None:
    """An order file as Online Retail's: about 20 lines an invoice, one in 50 a return, a fourth
    without a customer; the same bytes every time."""
    dice = random.Random(1871)
    span = (LAST - FIRST).days + 1
    goods = [
        (f"{10000 + i}{dice.choice(('', 'A', 'B'))}", f"PAPER LANTERN No {i}") for i in range(3900)
    ]
    with gzip.open(path, "wt", encoding="utf-8", newline="") as out:
        out.write(
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"
        )
        invoice, left = 536_365, 0
        head = tail = ""
        for line in range(count):
            if not left:
                invoice, left = invoice + 1, dice.randint(1, 40)
                back = dice.random() < 0.02
                day = FIRST + timedelta(days=line * span // count)
                at = f"{day} {dice.randint(7, 19):02}:{dice.randint(0, 59):02}:00"
                head = f"{'C' if back else ''}{invoice}"
                customer = "" if dice.random() < 0.25 else str(dice.randint(12_346, 18_287))
                tail = f"{customer},{dice.choices(COUNTRIES, (90, 3, 3, 2, 1, 1, 1))[0]}"
            left -= 1
            code, title = goods[min(int(dice.expovariate(1 / 600)), len(goods) - 1)]
            quantity = dice.choice((1, 1, 2, 3, 4, 6, 8, 10, 12, 24)) * (-1 if back else 1)
            price = f"{dice.randint(29, 1295) / 100:.2f}"
            out.write(f"{head},{code},{title},{quantity},{at},{price},{tail}\r\n")
