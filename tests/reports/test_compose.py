from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from agent.errors import NotFound, Refused
from agent.metrics.questions import Ask, Scope
from agent.ports import Shop
from agent.services import Services
from dashboard.views.waterfall import STEPS
from reports.compose import compose, period_scope
from reports.documents import REPORTS, Document
from reports.words import against, span_text
from tests.reports import shop
from tests.reports.conftest import brief


def test_key_figures_are_the_hand_made_ones(document: Document) -> None:
    found = {f.metric: (f.value, f.before) for f in document.figures}
    assert found["net_sales"] == (D("158.00"), D("47.00"))
    assert found["orders"] == (4, 2)
    assert found["average_order_value"] == (D("46.25"), D("23.50"))
    assert found["new_customers"] == (2, 2)
    assert found["returning_customers"][0] == 2
    assert found["repeat_purchase_rate"] == (0.5, 0)


def test_every_figure_equals_the_answer_to_its_own_question(
    reading: Services, document: Document
) -> None:
    for figure in document.figures:
        frame = reading.answer(Ask((figure.metric,)).within(document.scope))
        assert figure.value == frame.total(figure.metric), figure.metric
        assert figure.before == frame.before(figure.metric), figure.metric
    for part in document.parts:
        for column in part.frame.metrics if part.frame else ():
            frame = reading.answer(Ask((column.name,)).within(document.scope))
            assert part.frame.total(column.name) == frame.total(column.name), part.id


def test_the_steps_add_up_to_the_last_digit(document: Document) -> None:
    part = next(part for part in document.parts if part.id == "steps")
    now = {name: part.frame.total(name) or D(0) for name in STEPS}
    assert now["gross_sales"] == D("194.95")
    assert now["discounts"] == D("-9.95")
    assert now["sales_reversals"] == D("-27.00")
    assert now["gross_sales"] + now["discounts"] + now["sales_reversals"] == now["net_sales"]
    rest = sum((now[name] for name in ("shipping", "taxes", "duties", "fees")), D(0))
    assert now["net_sales"] + rest == now["total_sales"] == D("194.70")
    assert part.table is not None
    rows = {row.name: row.cells[0].text for row in part.table.rows}
    assert rows["Sales reversals"] == "−$27.00"
    assert rows["Total sales"] == "$194.70"
    assert "Duties" not in rows


def test_parts_of_a_breakdown_add_up_to_its_total(document: Document) -> None:
    for name in ("countries", "products", "channels", "customers"):
        frame = next(part for part in document.parts if part.id == name).frame
        assert sum(frame.values("net_sales"), D(0)) == D("158.00"), name


def test_a_missing_country_is_a_row_called_none(document: Document) -> None:
    table = next(part for part in document.parts if part.id == "countries").table
    assert table is not None
    rows = {row.name: row.cells[0].text for row in table.rows}
    assert rows["(none)"] == "$40"
    assert rows["United States"] == "−$2"
    assert rows["All countries"] == "$158"


def test_the_document_says_how_its_figures_are_made(document: Document) -> None:
    notes = dict(document.notes)
    assert notes["Period"] == "20 October to 16 November 2026, both days included"
    assert notes["Compared with"] == "22 September to 19 October 2026"
    assert notes["Time zone"].startswith("Europe/Berlin")
    assert notes["Made"] == "17 Nov 2026 08:41 (Europe/Berlin)"
    assert "sales 1" in notes["Data versions"]
    assert {"Net sales", "Taxes", "Units sold"} <= {name for name, _ in document.definitions}
    assert document.headline == "Net sales rose 236.2% to $158."
    assert document.link.endswith("/?shop=almas-tea&from=2026-10-20&to=2026-11-16")


def test_a_filter_is_kept_and_named(reading: Services) -> None:
    scope = period_scope(reading, shop.TEA, "last_28_days").where("country", "DE")
    document = compose(reading, "weekly-executive", scope)
    assert document.figures[0].value == D("30.00")
    assert dict(document.notes)["Filters"] == "Country is Germany"


def test_without_comparison_nothing_speaks_of_change(reading: Services) -> None:
    scope = period_scope(reading, shop.TEA, "last_28_days").alone()
    document = compose(reading, "weekly-executive", scope)
    assert document.against == ""
    assert all(figure.before is None for figure in document.figures)
    headings = [h.label for part in document.parts if part.table for h in part.table.headings]
    assert "Change" not in headings
    assert "Before" not in headings


def test_a_period_without_rows_is_zero_and_says_so(reading: Services) -> None:
    document = brief(reading, shop.TEA, "2025-03")
    assert document.empty
    assert document.period == "March 2025"
    assert document.figures[0].text == "$0"
    assert document.figures[2].text == "–"


def test_net_sales_may_be_negative(reading: Services) -> None:
    document = brief(reading, shop.TEA, "2026-11-06..2026-11-12")
    assert document.figures[0].value == D("-27.00")
    assert document.figures[0].text == "−$27"
    assert not document.empty


def test_yen_have_no_decimals(services: Services) -> None:
    yen = Shop("kyoto", "京都茶", "JPY", "Asia/Tokyo", "test")
    order = ("J1", "2026-11-01T10:00", "j1", "JP", None, "t1", 3, "1200", "0", "360", "500")
    services.warehouse.merge(shop.batch(yen, (order,), ()))
    document = brief(services, yen)
    steps = next(part for part in document.parts if part.id == "steps").table
    assert steps is not None
    assert steps.rows[0].cells[0].text == "¥3,600"
    assert dict(document.notes)["Made"] == "17 Nov 2026 16:41 (Asia/Tokyo)"


def test_an_unknown_report_names_those_that_exist(reading: Services) -> None:
    scope = period_scope(reading, shop.TEA, "last_week")
    with pytest.raises(NotFound, match="weekly-executive"):
        compose(reading, "weekly", scope)
    with pytest.raises(NotFound, match="almas-tea"):
        compose(reading, "weekly-executive", replace(scope, shops=("nobody",)))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2011-11", date(2011, 11, 1), date(2011, 11, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-W46", date(2026, 11, 9), date(2026, 11, 15)),
        ("2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2026-10-01..2026-10-28", date(2026, 10, 1), date(2026, 10, 28)),
        ("2026-10-01", date(2026, 10, 1), date(2026, 10, 1)),
        ("last_week", date(2026, 11, 9), date(2026, 11, 15)),
        # Still running: compared with as many days.
        ("2026-11", date(2026, 11, 1), date(2026, 11, 17)),
        ("2026", date(2026, 1, 1), date(2026, 11, 17)),
    ],
)
def test_periods_that_work(reading: Services, text: str, start: date, end: date) -> None:
    scope = period_scope(reading, shop.TEA, text)
    assert (scope.start, scope.end, scope.shops) == (start, end, ("almas-tea",))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "november",
        "2026-13",
        "2026-00",
        "2021-W53",
        "2026-W00",
        "2026-Q5",
        "2026-11-31",
        "0000",
        "1969",
        "2200",
        "2026-10-28..2026-10-01",
        "2026-12",
        "２０２６",
        "2026-10-01..",
    ],
)
def test_periods_that_do_not_are_refused_in_a_sentence(reading: Services, text: str) -> None:
    with pytest.raises(Refused) as caught:
        period_scope(reading, shop.TEA, text)
    assert str(caught.value).startswith("The period")


def test_a_period_in_words() -> None:
    assert span_text(date(2011, 11, 1), date(2011, 11, 30)) == "November 2011"
    assert span_text(date(2011, 1, 1), date(2011, 12, 31)) == "2011"
    assert span_text(date(2010, 12, 1), date(2011, 1, 9)) == "1 December 2010 to 9 January 2011"
    assert span_text(date(2011, 5, 3), date(2011, 5, 3)) == "3 May 2011"


def test_every_report_is_whole() -> None:
    for name, report in REPORTS.items():
        panels = {panel.id for panel in report.panels}
        assert report.name == name
        assert len(panels) == len(report.panels)
        assert set(report.letter) <= panels


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2026, 10, 20), date(2026, 11, 16), "the 28 days before"),
        (date(2026, 11, 16), date(2026, 11, 16), "the same day a week before"),
        (date(2026, 11, 7), date(2026, 11, 16), "the same days 2 weeks before"),
        (date(2025, 3, 1), date(2025, 3, 31), "February 2025"),
        (date(2026, 11, 1), date(2026, 11, 17), "1 October to 17 October 2026"),
    ],
)
def test_the_comparison_in_words(start: date, end: date, words: str) -> None:
    assert against(Scope(("almas-tea",), start, end)) == words


def test_a_group_with_nothing_in_it_is_no_row(document: Document) -> None:
    # Shipping has no product: it makes a group without sales and without units.
    table = next(part for part in document.parts if part.id == "products").table
    assert table is not None
    assert "(none)" not in [row.name for row in table.rows]


def test_days_before_the_first_sale_are_nothing_to_compare_with(reading: Services) -> None:
    scope = Scope((shop.TEA.shop_id,), date(2026, 9, 22), date(2026, 10, 19))
    document = compose(reading, "weekly-executive", scope)
    assert document.against == ""
    assert dict(document.notes)["Compared with"] == "Nothing"
    assert {figure.before for figure in document.figures} == {None}
    assert document.figures[0].value == D("47.00")
    assert "cmp=none" not in document.link, "the page it leads to decides by itself"
