"""Two windows in one go, and rows kept for a whole page: the same answers as one by one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from agent.cache import MemoryCache
from agent.metrics import reader
from agent.metrics.compiler import statements
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame
from agent.metrics.pairs import around, paired
from agent.metrics.questions import Question
from agent.metrics.reading import Reading, Window
from agent.warehouse.duckdb import DuckDBWarehouse
from tests.agent.metrics.conftest import TODAY
from tests.agent.metrics.test_properties import SHOPS, alike, random_batch
from tests.clock import FrozenClock

# Whole weeks, a month, and twenty days: the period before that one ends a day earlier.
PERIODS = (
    "from=2026-10-20&to=2026-11-16",
    "from=2026-09-01&to=2026-09-30",
    "from=2026-08-03&to=2026-08-22",
)
FILTERS = (
    "",
    "country=DE",
    "not_channel=web&country=(none)",
    "product_type=A",
    "not_product_type=A&channel=email",
    "product=P1&product=(none)",
    "customer_kind=new&vendor=V",
    "rfm=Lost&country=DE",
    "weekday=1&product_type=B",
    "abc=A&country=DE",
)
BEFORE, NOW = (
    Window(date(2026, 9, 22), date(2026, 10, 19)),
    Window(date(2026, 10, 20), date(2026, 11, 16)),
)


class Plain:
    """A warehouse that keeps nothing."""

    kept = None

    def __init__(self, warehouse: Any) -> None:
        self._warehouse = warehouse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBWarehouse]:
    warehouse = DuckDBWarehouse(tmp_path_factory.mktemp("pairs") / "w.duckdb", clock=FrozenClock())
    warehouse.merge(random_batch(11, orders=250, beside=True))
    yield warehouse
    warehouse.close()


def questions() -> list[str]:
    """Metrics by every dimension that they know, within a filter that they know too."""
    dice, found = random.Random(5), []
    for metrics, ways in alike():
        fitting = [
            f
            for f in FILTERS
            if all(p.split("=")[0].removeprefix("not_") in ways for p in f.split("&") if p)
        ]
        for by in ["", *ways]:
            top = dice.choice(["", "&top=2"]) if by else ""
            terms = dice.choice(["", "", "&refunds=order_day"])
            asked = f"metrics={','.join(metrics)}" + (f"&by={by}{top}" if by else "")
            period = "from=2026-10-01&to=2026-10-03" if by == "hour" else dice.choice(PERIODS)
            found.append(f"{asked}&{period}&{dice.choice(fitting)}{terms}")
    return dice.sample(found, 70)


def answer(warehouse: Any, text: str) -> Frame:
    engine = Engine(warehouse, MemoryCache(), FrozenClock())
    return engine.answer(Question.parse(text, TODAY, SHOPS))


def test_they_give_what_each_statement_alone_gives(
    shop: DuckDBWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = questions()
    fast = [answer(shop, text) for text in asked]
    monkeypatch.setattr(reader, "paired", lambda *_: None)
    for text, ours in zip(asked, fast, strict=True):
        plain = answer(Plain(shop), text)
        for one, other in ((ours, plain), (ours.previous, plain.previous)):
            assert one is not None, text
            assert other is not None, text
            assert one.data.equals(other.data), text
            assert dict(one.totals) == dict(other.totals), text
            assert one.receipt.sql == other.receipt.sql, text


def test_a_page_reads_what_it_filters_once(shop: DuckDBWarehouse) -> None:
    """Two parts of it, over two windows each: what is kept is what both read."""
    asked: list[str] = []

    class Noting(Plain):
        kept = staticmethod(shop.kept)  # type: ignore[assignment]

        def read(self, statement: Any) -> Any:
            asked.append(shop.sql(statement))
            return shop.read(statement)

    engine = Engine(Noting(shop), MemoryCache(), FrozenClock())
    for by in ("channel", "product_type", "rfm"):
        text = f"metrics=net_sales&by={by}&{PERIODS[0]}&country=DE&vendor=V"
        engine.answer(Question.parse(text, TODAY, SHOPS))
    places = [text.split(" AS goods")[0].split()[-1] for text in asked]
    assert len(set(places)) == 1
    assert places[0].startswith("kept.rows_")
    # RFM groups are other ones at the end of each window.
    assert len(asked) == 4


def read(*measures: str, by: tuple[str, ...] = ()) -> Reading:
    return Reading(SHOPS, NOW, (), by, measures)


def test_only_what_does_not_look_at_a_windows_end_is_read_for_two(shop: DuckDBWarehouse) -> None:
    both = paired(read("net_sales"), (NOW, BEFORE))
    assert both is not None
    assert (both.window, both.other) == (NOW, BEFORE)
    assert "earlier" in shop.sql(statements(both)[0])
    cut = Window(BEFORE.start, BEFORE.end, NOW.stop)
    year = Window(date(2025, 10, 20), date(2025, 11, 16))
    assert paired(read("net_sales"), (NOW,)) is None
    assert paired(read("net_sales"), (NOW, cut)) is None
    assert paired(read("net_sales"), (NOW, year)) is None
    assert paired(read("net_sales", by=("rfm",)), (NOW, BEFORE)) is None
    assert paired(read("buyers_so_far"), (NOW, BEFORE)) is None


def test_the_days_that_a_page_speaks_of_are_the_same_with_and_without_a_comparison() -> None:
    page = Window(BEFORE.start, NOW.end)
    assert (
        around(NOW, (NOW,)) == around(NOW, (NOW, BEFORE)) == around(BEFORE, (NOW, BEFORE)) == page
    )
    year = Window(date(2025, 10, 20), date(2025, 11, 16))
    assert around(year, (NOW, year)) == year
