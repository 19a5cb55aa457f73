"""A panel's own file has what the panel shows: its target, what stands beside it, its sizes."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest

from agent.records.kpis import Kpi
from agent.services import Services
from agent.targets import per_bucket
from dashboard import address
from dashboard.files import Sheet, csv_of
from dashboard.files.panel import Filed, filed
from dashboard.files.parts import whole
from dashboard.pages import PAGES
from dashboard.panels import Table
from dashboard.viewing import viewed
from tests import almas_tea

NOVEMBER = "from=2026-11-01&to=2026-11-16"


def made(services: Services, path: str, panel: str, search: str = NOVEMBER) -> Filed:
    here = address.parse(services, path, search)
    return filed(services, PAGES[path].panel(panel, here.own), here.scope)


def columns(sheet: Sheet) -> dict[str, list[Any]]:
    table = whole(sheet)
    return {h.label: table.column(n).to_pylist() for n, h in enumerate(sheet.headings)}


def shown(services: Services, path: str, panel: str, search: str = NOVEMBER) -> Table:
    here = address.parse(services, path, search)
    asked = PAGES[path].panel(panel, here.own)
    view = viewed(services.answer, asked, asked.scope(here.scope), here.scope).view
    assert isinstance(view, Table)
    return view


def test_the_charts_target_is_a_column(services: Services) -> None:
    services.records.targets.put("almas-tea", "net_sales", 3000.0)
    plan, scope = services.records.targets.of("almas-tea"), services.scope(NOVEMBER)
    level = per_bucket(plan, services.catalogue()["net_sales"], scope, "day")
    found = columns(made(services, "/", "main").sheet)
    assert level is not None
    assert found["Net sales target"] == [round(level, 4)] * 16
    assert "Net sales target" not in columns(
        made(services, "/", "main", f"{NOVEMBER}&country=DE").sheet
    ), "a part of the shop has no target"
    compared = f"{NOVEMBER}&metrics=orders,net_sales"
    services.records.targets.put("almas-tea", "orders", 60.0)
    assert "Orders target" not in columns(made(services, "/explore", "trend", compared).sheet)
    against = columns(made(services, "/explore", "trend", f"{compared}&cmp=target").sheet)
    assert set(against["Orders target"]) == {2.0}


def test_stock_stands_beside_every_product(services: Services) -> None:
    services.warehouse.merge(almas_tea.beside())
    table = shown(services, "/", "products")
    place = [heading.label for heading in table.headings].index("Stock cover") - 1
    covers = {row.key: row.cells[place].value for row in table.rows if row.key}
    found = columns(made(services, "/", "products").sheet)
    rows = dict(zip(found["Product key"], found["Stock cover"], strict=True))
    known = {key: value for key, value in covers.items() if value}
    assert known, "the shop knows its stock"
    assert {key: rows[key] for key in known} == pytest.approx(known)


def test_a_search_is_a_file_of_what_it_found(services: Services) -> None:
    search = f"{NOVEMBER}&find=assam"
    found = columns(made(services, "/products", "table", search).sheet)
    assert found["Product"] == ["Assam"]
    assert "Net sales" in found
    none = columns(made(services, "/products", "table", f"{NOVEMBER}&find=nothing").sheet)
    assert none["Product"] == []


@pytest.mark.parametrize("own", ["", "&cohorts=repurchase", "&cohort_by=quarter"])
def test_a_cohorts_file_has_the_sizes_and_shares_of_the_screen(
    services: Services, own: str
) -> None:
    table = shown(services, "/customers", "cohorts", NOVEMBER + own)
    sheet = made(services, "/customers", "cohorts", NOVEMBER + own).sheet
    found = columns(sheet)
    assert found["First order"] == [row.key for row in table.rows]
    assert found["Customers"] == [row.cells[0].value for row in table.rows]
    steps = [h.label for h in sheet.headings if h.unit == "percent"]
    assert len(steps) == len(table.headings) - 2
    for at, row in enumerate(table.rows):
        assert [found[step][at] for step in steps] == [cell.value for cell in row.cells[1:]]
        running = [s for s, c in zip(steps, row.cells[1:], strict=True) if c.masked]
        assert found["Not over yet"][at] == "".join(running)


def test_no_row_stands_for_nobody(services: Services) -> None:
    found = columns(made(services, "/customers", "rfm").sheet)
    assert all(found["Customers"])
    assert sum(found["Part of all"]) == pytest.approx(1.0)
    assert "(none)" not in found["RFM group"]


def test_small_multiples_are_filed_with_their_comparison(services: Services) -> None:
    sheet = made(services, "/explore", "breakdown", f"{NOVEMBER}&split=channel").sheet
    labels = [heading.label for heading in sheet.headings]
    assert labels[:6] == [
        "Channel",
        "Day",
        "Day before",
        "Net sales",
        "Net sales before",
        "Net sales change",
    ]


def test_targets_are_a_file_in_each_metrics_own_unit(services: Services) -> None:
    services.records.targets.put("almas-tea", "net_sales", 3000.0, 2000.0, month=date(2026, 11, 1))
    made_of = made(services, "/targets", "goals")
    found = columns(made_of.sheet)
    at = found["Name"].index("net_sales")
    net = services.answer(services.question(f"metrics=net_sales&{NOVEMBER}")).total("net_sales")
    assert found["Target, Nov 2026"][at] == 3000.0
    assert found["Target so far"][at] == 1600.0
    assert found["So far"][at] == float(net or 0)
    assert found["Reached"][at] == pytest.approx(float(net or 0) / 1600)
    assert found["Unit"][at] == "EUR"
    assert [line.unit for line in made_of.sheet.lines][at] == "money"
    small = columns(made(services, "/", "standing").sheet)
    assert small == found, "the small table's file has all of them"


def test_own_kpis_are_a_file_with_their_figures(services: Services) -> None:
    kpi = Kpi("per_order", "Per order", "money", "net_sales / orders")
    services.records.kpis.add(kpi, lambda rows: None)
    found = columns(made(services, "/targets", "kpis").sheet)
    frame = services.answer(services.question(f"metrics=per_order&{NOVEMBER}"))
    assert (found["KPI"], found["Formula"]) == (["Per order"], ["net_sales / orders"])
    assert found["Shown period"] == [pytest.approx(float(frame.total("per_order") or 0))]
    assert found["Unit"] == ["EUR"]


def test_a_list_is_guarded_like_every_text(services: Services) -> None:
    kpi = Kpi("odd", "=1+1", "number", "orders / 2")
    services.records.kpis.add(kpi, lambda rows: None)
    text = b"".join(csv_of(made(services, "/targets", "kpis").sheet)).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(text.splitlines()[1])))[0] == "'=1+1"
