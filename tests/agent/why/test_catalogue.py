"""Every metric of the catalogue: parts add up as they are, as they are printed, in the rows of a
file and over HTTP; whatever the period before was."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import permutations

import numpy as np
import pytest

from agent.metrics.catalogue import METRICS
from agent.services import Services, open_services
from agent.settings import Settings
from agent.why import telling
from agent.why.cube import Leaves
from agent.why.explanation import Explanation
from agent.why.kept import explain
from agent.why.leaves import change
from agent.why.parts import explained
from dashboard.files.parts import whole
from dashboard.routes.why import to_json
from dashboard.views.change_sheets import sheet_of
from dashboard.views.changes import table_of
from tests import almas_tea
from tests.clock import FrozenClock

NOTHING = Decimal(0)
PERIODS = ("from=2026-11-01&to=2026-11-16", "from=2026-11-10&to=2026-11-10")


@pytest.fixture(scope="module")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    free = dict.fromkeys(("RATE_QUESTIONS", "RATE_CHARTS"), "none")
    folder = str(tmp_path_factory.mktemp("tea"))
    opened = open_services(
        Settings.from_env({"DATA_DIR": folder, "DEMO": "no", **free}), FrozenClock()
    )
    opened.warehouse.merge(almas_tea.batch())
    opened.warehouse.merge(almas_tea.beside())
    yield opened
    opened.close()


@pytest.mark.parametrize(("place", "metric"), list(enumerate(METRICS)))
def test_it_adds_up_everywhere(tea: Services, place: int, metric: str) -> None:
    scope = tea.scope(f"shop={almas_tea.SHOP.shop_id}&{PERIODS[place % len(PERIODS)]}")
    check(explain(tea, scope, metric))


def check(found: Explanation) -> None:
    segments = [one.part.change for one in found.why.segments]
    assert sum(segments, found.others) == found.moved
    for bridge in found.why.bridges:
        assert sum((step.change for step in bridge.steps), bridge.before) == bridge.after
        ends = (bridge.before, found.why.before), (bridge.after, found.why.after)
        for own, figure in ends:
            assert float(own) == pytest.approx(float(figure or 0), abs=0.00501)
    printed(found)
    told = to_json(found)
    parts = [one["change"] for one in told["segments"]]
    assert sum(parts) + told["others"]["change"] == pytest.approx(told["change"], abs=1e-6)


def printed(found: Explanation) -> None:
    amounts = telling.amounts(found)
    assert sum(amounts.segments, amounts.others) == amounts.total
    *rows, total = (row.cells[-1].value or 0.0 for row in table_of(found).rows)
    assert sum(rows) == pytest.approx(total, abs=1e-9)
    for bridge in found.why.bridges:
        for exact in (True, False):
            steps = telling.stepped(found, bridge, exact=exact)
            assert sum((step for _, step in steps.steps), steps.before) == steps.after
    sheet = sheet_of(found)
    column = [heading.name for heading in sheet.headings].index("change")
    times = 100 if found.metric.unit == "percent" else 1
    rows = whole(sheet).column(column).to_pylist()
    assert sum(rows) == pytest.approx(float(found.moved) * times, abs=1e-6)


@pytest.mark.parametrize("metric", ["net_sales", "average_order_value", "units"])
def test_the_order_of_dimensions_does_not_matter(tea: Services, metric: str) -> None:
    scope = tea.scope(f"shop={almas_tea.SHOP.shop_id}&{PERIODS[0]}")
    leaves = change(tea, scope, metric).leaves
    kept = range(min(3, len(leaves.names)))
    totals = set()
    for order in permutations(kept):
        again = Leaves(
            tuple(leaves.names[n] for n in order),
            tuple(leaves.values[n] for n in order),
            tuple(leaves.codes[n] for n in order),
            leaves.actual,
            leaves.expected,
            leaves.per,
        )
        told = explained(again)
        assert sum((one.change for one in told.segments), told.others.change) == told.total.change
        found = frozenset(frozenset(one.where.items()) for one in told.segments)
        totals.add((told.total.change, found))
    assert len(totals) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [("0", "0"), ("0", "12.34"), ("-5.55", "7.10"), ("99.99", "-0.01"), ("1e15", "1")],
)
def test_any_two_figures_are_printed_so_that_they_add_up(before: str, after: str) -> None:
    leaves = Leaves(
        ("kind",),
        (("a", "b", None),),
        (np.array([0, 1, 2]),),
        np.array([float(after), 0.0, 0.0]),
        np.array([0.0, float(before), 0.0]),
        None,
    )
    told = explained(leaves)
    assert sum((one.change for one in told.segments), told.others.change) == told.total.change


def test_what_is_in_stock_is_explained(tea: Services) -> None:
    scope = tea.scope(f"shop={almas_tea.SHOP.shop_id}&{PERIODS[0]}")
    for name in ("ending_units", "stock_cover", "sell_through"):
        found = change(tea, scope, name)
        assert set(found.leaves.names) <= {"product", "product_type", "vendor"}
    units = change(tea, scope, "ending_units")
    assert units.leaves.actual.sum() == pytest.approx(float(units.after or 0))
    assert units.leaves.expected.sum() == pytest.approx(float(units.before or 0))
