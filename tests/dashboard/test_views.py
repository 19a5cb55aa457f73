from __future__ import annotations

import numpy as np

from agent.metrics.frames import Frame
from agent.services import Services
from dashboard.charts import Chart
from dashboard.panels import Table
from dashboard.views import breakdown, parts, ranking, trend

NOVEMBER = "from=2026-11-01&to=2026-11-16"


def asked(services: Services, text: str) -> Frame:
    return services.answer(services.question(f"{text}&{NOVEMBER}"))


def table_of(services: Services, text: str, shape: str = "breakdown") -> Table:
    shapes = {
        "breakdown": breakdown("net_sales"),
        "parts": parts("net_sales", "Countries"),
        "ranking": ranking("net_sales", "units", "Top products"),
    }
    view = shapes[shape](asked(services, text), services.scope(NOVEMBER))
    assert isinstance(view, Table)
    return view


def test_a_trend_has_a_place_for_every_day_and_its_comparison(services: Services) -> None:
    frame = asked(services, "metrics=net_sales&by=day")
    chart = trend("net_sales")(frame, services.scope(NOVEMBER))
    assert isinstance(chart, Chart)
    assert [s.role for s in chart.series] == ["now", "previous"]
    assert chart.x.shape == chart.series[0].values.shape == chart.series[1].values.shape == (16,)
    assert np.nansum(chart.series[0].values) == float(frame.total("net_sales") or 0)
    assert chart.previous_x is not None
    assert str(chart.previous_x[0])[:10] == "2026-10-01", "the same days a month back"
    assert chart.title == "Net sales per day"


def test_without_a_comparison_there_is_one_line(services: Services) -> None:
    frame = asked(services, "metrics=net_sales&by=day&cmp=none")
    chart = trend("net_sales")(frame, services.scope(f"{NOVEMBER}&cmp=none"))
    assert isinstance(chart, Chart)
    assert len(chart.series) == 1
    assert "Dashed" not in chart.measure


def test_a_breakdown_ends_in_the_asked_total(services: Services) -> None:
    table = table_of(services, "metrics=net_sales&by=country")
    frame = asked(services, "metrics=net_sales")
    last = table.rows[-1]
    assert (last.name, last.kind, last.key) == ("All countries", "total", None)
    assert last.cells[0].value == float(frame.total("net_sales") or 0)
    shown = sum(row.cells[0].value or 0 for row in table.rows[:-1])
    assert round(shown, 2) == round(last.cells[0].value or 0, 2)


def test_names_are_for_people_and_keys_for_the_address(services: Services) -> None:
    table = table_of(services, "metrics=net_sales&by=country")
    assert {row.key: row.name for row in table.rows[:-1]} == {
        "DE": "Germany",
        "AT": "Austria",
        "(none)": "(none)",
    }
    products = table_of(services, "metrics=net_sales&by=product")
    assert {"Assam", "Pot"} <= {row.name for row in products.rows}
    assert {"T1", "P1"} <= {row.key for row in products.rows}


def test_the_rest_is_a_row_that_leads_nowhere(services: Services) -> None:
    table = table_of(services, "metrics=net_sales&by=product&top=1")
    rest = table.rows[1]
    assert (rest.kind, rest.key) == ("rest", None)
    assert rest.name.endswith("other products")
    assert rest.cells[0].bar is None


def test_one_that_is_left_over_is_named_in_the_singular(services: Services) -> None:
    table = table_of(services, "metrics=net_sales&by=country&top=2")
    assert table.rows[2].name == "1 other country"


def test_the_largest_bar_is_full_and_none_is_negative(services: Services) -> None:
    rows = table_of(services, "metrics=net_sales&by=country").rows[:-1]
    bars = [row.cells[0].bar or 0 for row in rows]
    ticks = [row.cells[0].tick or 0 for row in rows]
    assert max(bars + ticks) == 1.0
    assert min(bars + ticks) >= 0.0


def test_a_list_of_bars_says_what_its_largest_part_brings(services: Services) -> None:
    table = table_of(services, "metrics=net_sales&by=country&top=6", "parts")
    frame = asked(services, "metrics=net_sales&by=country")
    whole, first = float(frame.total("net_sales") or 0), float(frame.values("net_sales")[0])
    name = {"DE": "Germany", "AT": "Austria"}[frame.values("country")[0]]
    assert table.title == f"{name} brings {first / whole:.0%} of net sales"


def test_a_ranking_has_units_beside_sales(services: Services) -> None:
    table = table_of(services, "metrics=net_sales,units&by=product&top=8", "ranking")
    assert [h.label for h in table.headings] == ["Product", "Units sold", "Net sales", "Change"]
    assert all(len(row.cells) == 3 for row in table.rows)
    units = asked(services, "metrics=units").total("units")
    assert table.rows[-1].cells[0].value == float(units or 0)
