from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from agent.errors import Refused
from agent.metrics.frames import Frame
from agent.services import Services
from dashboard.files import Sheet, sheet_of
from dashboard.files.whole import rows_of, whole

NOVEMBER = "from=2026-11-01&to=2026-11-16"


def asked(services: Services, query: str) -> Frame:
    return services.answer(services.question(f"{query}&{NOVEMBER}"))


def columns(sheet: Sheet) -> dict[str, list[Any]]:
    table = pa.Table.from_batches(list(sheet.batches))
    return {h.label: table.column(n).to_pylist() for n, h in enumerate(sheet.headings)}


def test_names_and_keys_and_none(services: Services) -> None:
    found = columns(sheet_of(asked(services, "metrics=net_sales&by=country"), "Countries"))
    assert found["Country"] == ["Germany", "Austria", "(none)"]
    assert found["Country key"] == ["DE", "AT", None]
    products = columns(sheet_of(asked(services, "metrics=units&by=product"), "Products"))
    assert dict(zip(products["Product"], products["Product key"], strict=True))["Assam"] == "T1"


def test_the_comparison_and_the_change_stand_beside(services: Services) -> None:
    sheet = sheet_of(asked(services, "metrics=net_sales,repeat_purchase_rate&by=day"), "Days")
    labels = [heading.label for heading in sheet.headings]
    assert labels[:5] == ["Day", "Day before", "Net sales", "Net sales before", "Net sales change"]
    units = {heading.label: heading.unit for heading in sheet.headings}
    assert units["Net sales change"] == "change"
    assert units["Repeat purchase rate change"] == "points"
    found = columns(sheet)
    day = found["Day"].index(date(2026, 11, 5))
    now, was = float(found["Net sales"][day]), float(found["Net sales before"][day])
    assert found["Net sales change"][day] == pytest.approx((now - was) / was)
    alone = sheet_of(asked(services, "metrics=net_sales&by=day&cmp=none"), "Days")
    assert [heading.label for heading in alone.headings] == ["Day", "Net sales"]


def test_a_change_from_nothing_is_unknown(services: Services) -> None:
    found = columns(sheet_of(asked(services, "metrics=net_sales&by=country"), "Countries"))
    was = [float(value) for value in found["Net sales before"]]
    assert [m is None for m in found["Net sales change"]] == [value == 0 for value in was]


def test_the_rest_has_its_name_and_the_totals_hold(services: Services) -> None:
    frame = asked(services, "metrics=net_sales&by=product&top=2")
    sheet = sheet_of(frame, "Products")
    found = columns(sheet)
    assert found["Product"][-1] == f"{frame.rest} other products"
    head = next(heading for heading in sheet.headings if heading.name == "net_sales")
    assert (head.formula, head.total) == ("sum", frame.total("net_sales"))
    assert sum(found["Net sales"]) == frame.total("net_sales")


def test_a_gathered_row_of_two_dimensions_says_once_what_it_gathers(services: Services) -> None:
    days = "from=2026-11-12&to=2026-11-14"
    for more in (days, f"{NOVEMBER}&top=2"):
        question = services.question(f"metrics=net_sales&by=product,product_type&{more}")
        found = columns(sheet_of(services.answer(question), "Products"))
        assert "products" in found["Product"][-1]
        assert found["Product type"][-1] is None


def test_groups_that_are_gone_are_in_the_sum_of_before(services: Services) -> None:
    days = "from=2026-11-12&to=2026-11-14"
    frame = services.answer(services.question(f"metrics=net_sales&by=product&{days}"))
    assert frame.previous is not None
    sheet = sheet_of(frame, "Products")
    found = columns(sheet)
    gone = frame.previous.rest
    assert gone > 0, "the test needs a product that only sold before"
    assert found["Product"][-1] == f"{gone} products only before"
    assert found["Net sales"][-1] is None
    assert sum(v for v in found["Net sales before"] if v) == frame.before("net_sales")
    before = next(h for h in sheet.headings if h.name == "net_sales_before")
    assert before.formula == "sum"


def test_a_total_is_a_sum_only_where_the_rows_add_up_to_it(services: Services) -> None:
    frame = asked(services, "metrics=orders,units&by=product")
    heads = {heading.name: heading for heading in sheet_of(frame, "Products").headings}
    assert heads["units"].formula == "sum"
    rows = sum(frame.values("orders"))
    assert rows > (frame.total("orders") or 0), "the test needs an order with two products"
    assert (heads["orders"].formula, heads["orders"].total) == ("", frame.total("orders"))


def test_a_rate_is_computed_where_its_parts_stand_beside(services: Services) -> None:
    frame = asked(services, "metrics=average_order_value&by=day")
    heads = {heading.name: heading for heading in sheet_of(frame, "Days").headings}
    assert heads["average_order_value"].formula == "", "its parts are not on the sheet"


def test_figures_without_a_dimension_stand_one_below_the_other(services: Services) -> None:
    frame = asked(services, "metrics=gross_sales,discounts,net_sales")
    found = columns(sheet_of(frame, "Steps"))
    assert found["Figure"] == ["Gross sales", "Discounts", "Net sales"]
    assert found["This period"] == [
        frame.total(n) for n in ("gross_sales", "discounts", "net_sales")
    ]
    assert list(found) == ["Figure", "This period", "Before", "Change"]


def test_all_rows_are_asked_for_whatever_the_screen_shows(services: Services) -> None:
    question = services.question(f"metrics=net_sales&by=product&top=1&{NOVEMBER}")
    cut = services.answer(question)
    found = whole(services.answer, question.ask, question.scope)
    assert (len(cut), len(found.frame), found.notice) == (2, 1 + cut.rest, "")
    assert rows_of(cut) == len(found.frame)


def test_over_the_limit_the_largest_come_with_a_notice(services: Services) -> None:
    question = services.question(f"metrics=net_sales&by=product&{NOVEMBER}")
    every = services.answer(question)
    found = whole(services.answer, question.ask, question.scope, limit=2)
    assert len(found.frame) == 2
    assert found.frame.values("product") == every.values("product")[:2]
    assert f"the first 2 of {len(every)} rows" in found.notice
    sheet = sheet_of(found.frame, "Products", found.notice)
    assert sheet.notice == found.notice
    total = next(h for h in sheet.headings if h.name == "net_sales")
    assert (total.formula, total.total) == ("", every.total("net_sales"))


def test_groups_over_time_that_do_not_fit_are_gathered(services: Services) -> None:
    question = services.question(f"metrics=net_sales&by=day,product&cmp=none&{NOVEMBER}")
    days, limit = 16, 50

    def small(asked: Any) -> Frame:
        frame = services.answer(asked)
        if not asked.ask.top and len(frame) > limit:
            raise Refused("The answer would have more rows.")
        return frame

    found = whole(small, question.ask, question.scope, limit)
    assert len(found.frame) == 3 * days
    assert "2 largest products" in found.notice
    assert sum(found.frame.values("net_sales")) == services.answer(question).total("net_sales")


def test_another_refusal_stays_one(services: Services) -> None:
    question = services.question(f"metrics=net_sales&by=product&{NOVEMBER}")

    def never(_: Any) -> Frame:
        raise Refused("Sessions are not known by product.")

    with pytest.raises(Refused, match="not known by product"):
        whole(never, question.ask, question.scope)
