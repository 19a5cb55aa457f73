"""The Customers page's tables and charts, from the hand-made shop's own answers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agent.metrics.frames import Frame
from agent.services import Services
from dashboard.charts import Chart
from dashboard.pages.customers import PAGE
from dashboard.panels import Panel, Table, View

SPAN = "from=2026-11-01&to=2026-11-16"


def shown(
    services: Services, panel_id: str, own: Mapping[str, str] | None = None
) -> tuple[Panel, Frame, View]:
    panel = PAGE.panel(panel_id, own or {})
    scope = services.scope(SPAN)
    within = panel.scope(scope)
    frame = services.answer(panel.ask(within).within(within))
    view = panel.view(frame, within)
    further = panel.more.ask(frame, scope) if panel.more else None
    if panel.more and further:
        view = panel.more.add(view, services.answer(further))
    return panel, frame, view


def table(services: Services, panel_id: str, own: Mapping[str, str] | None = None) -> Table:
    view = shown(services, panel_id, own)[2]
    assert isinstance(view, Table)
    return view


def test_the_grid_holds_every_customer_once(services: Services) -> None:
    _, frame, view = shown(services, "rfm")
    assert isinstance(view, Table)
    blocks = [cell for row in view.rows for cell in row.cells]
    assert sum(cell.value or 0 for cell in blocks) == frame.total("customers")
    assert max(cell.heat or 0 for cell in blocks) == 1.0
    assert all(cell.key and cell.over for cell in blocks if cell.value)


@pytest.mark.parametrize("panel_id", ["segments", "tiers"])
def test_groups_add_up_to_all_customers(services: Services, panel_id: str) -> None:
    found = table(services, panel_id)
    parts = [row for row in found.rows if row.kind != "total"]
    total = next(row for row in found.rows if row.kind == "total")
    assert sum(row.cells[0].value or 0 for row in parts) == total.cells[0].value


def test_moves_between_segments_add_up_to_the_new_customers(services: Services) -> None:
    found = table(services, "segments")
    assert found.headings[-1].label == "Moved in"
    parts = [row.cells[-1].value or 0 for row in found.rows if row.kind != "total"]
    total = next(row for row in found.rows if row.kind == "total")
    assert sum(parts) == total.cells[-1].value


def test_a_running_month_is_striped_and_one_to_come_is_empty(services: Services) -> None:
    found = table(services, "cohorts", {"cohorts": "repurchase"})
    newest = found.rows[-1]
    assert newest.name == "Nov 2026"
    assert newest.cells[1].masked
    assert all(cell.text == "" for cell in newest.cells[2:])
    oldest = found.rows[0]
    assert [cell.masked for cell in oldest.cells if cell.text][-1]
    assert len(found.headings) == len(oldest.cells) + 1


def test_classic_leaves_the_first_step_out(services: Services) -> None:
    classic, again = (
        table(services, "cohorts"),
        table(services, "cohorts", {"cohorts": "repurchase"}),
    )
    assert classic.headings[2].label == "1"
    assert again.headings[2].label == "0"
    assert classic.measure != again.measure


@pytest.mark.parametrize("grain", ["month", "week", "quarter"])
def test_every_cohort_says_its_size(services: Services, grain: str) -> None:
    found = table(services, "cohorts", {"cohort_by": grain})
    assert found.rows
    for row in found.rows:
        assert row.cells[0].value and row.cells[0].value >= 1
        assert all(0 <= (cell.value or 0) <= 1 for cell in row.cells[1:])


def test_value_over_a_lifetime_never_counts_an_unfinished_month(services: Services) -> None:
    _, _, view = shown(services, "value")
    assert isinstance(view, Chart)
    assert view.unit == "money"
    assert all(line.values.size == view.x.size for line in view.series)
