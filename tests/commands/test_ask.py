from __future__ import annotations

import json
from typing import Any

import pytest

from agent.metrics.catalogue import METRICS
from agent.metrics.engine import Engine
from agent.metrics.frames import Frame, Stale
from tests.commands.conftest import DAYS, Run, Said


def test_json_is_columns_rows_totals_and_receipt(run: Run, gift_shop: Said) -> None:
    done = run("ask", f"metrics=net_sales,orders&by=day&{DAYS}&shop=gift shop", "--format", "json")
    told = json.loads(done.out)
    assert {"columns", "rows", "totals", "receipt"} <= set(told)
    assert [(c["name"], c["unit"]) for c in told["columns"]] == [
        ("day", "date"),
        ("net_sales", "money"),
        ("orders", "count"),
    ]
    assert told["rows"] == [
        {"day": "2010-12-01", "net_sales": 37.08, "orders": 2},
        {"day": "2010-12-02", "net_sales": -5.1, "orders": 0},
        {"day": "2010-12-03", "net_sales": 10, "orders": 1},
    ]
    assert told["totals"] == {"net_sales": 41.98, "orders": 3}
    assert told["receipt"]["shops"] == ["gift-shop"]
    assert "net_sales" in told["receipt"]["definitions"]
    assert (done.code, done.err) == (0, "")


def test_csv_is_exact_and_no_cell_is_a_formula(run: Run, gift_shop: Said) -> None:
    done = run("ask", f"metrics=net_sales&by=product&{DAYS}", "--format", "csv")
    lines = done.out.splitlines()
    assert lines[0] == "product,product_label,net_sales"
    figures = {line.split(",")[1]: line.split(",")[2] for line in lines[1:]}
    assert figures == {"WHITE HEART": "10.2", "CLOCK": "15", "'=1+1": "10", "LANTERN": "6.78"}


def test_negative_figures_stay_numbers_in_csv(run: Run, gift_shop: Said) -> None:
    done = run("ask", f"metrics=net_sales&by=day&{DAYS}", "--format", "csv")
    assert "2010-12-02,-5.1" in done.out.splitlines()


def test_the_table_is_aligned_and_adds_up(run: Run, gift_shop: Said) -> None:
    done = run("ask", f"metrics=net_sales,orders&by=country&{DAYS}")
    table, _, receipt = done.out.partition("\n\n")
    lines = table.splitlines()
    assert lines[0].split() == ["Country", "Net", "sales", "Orders"]
    assert lines[-1].split() == ["Total", "£41.98", "3"]
    # Figures stand under each other, right-aligned, so every line ends in the same place.
    assert {len(line) for line in lines} == {len(lines[0])}
    assert receipt.startswith("gift-shop, 2010-12-01 to 2010-12-03, GBP, Europe/London")


def test_a_question_without_a_dimension_is_one_line(run: Run, gift_shop: Said) -> None:
    lines = run("ask", f"metrics=net_sales,shipping&{DAYS}").out.splitlines()
    assert lines[2].split() == ["£41.98", "£18.00"]


def test_a_wrong_question_is_a_sentence(run: Run, gift_shop: Said) -> None:
    for question, words in (
        ("metrics=profits", "profits"),
        (f"metrics=orders&by=planet&{DAYS}", "planet"),
        ("metrics=orders&from=2010-12-32", "2010-12-32"),
        ("metrics=orders&shop=nowhere", "nowhere"),
    ):
        done = run("ask", question)
        assert done.code == 1
        assert done.out == ""
        assert words in done.err
        assert "Traceback" not in done.err


def test_without_a_shop_the_answer_says_what_to_do(run: Run) -> None:
    done = run("ask", "metrics=orders")
    assert done.code == 1
    assert done.err.startswith("There is no shop yet.\n")


def test_the_table_says_on_which_day_refunds_count(run: Run, gift_shop: Said) -> None:
    asked = f"metrics=net_sales&{DAYS}"
    assert "Refunds on the day they are processed" in run("ask", asked).out
    assert "Refunds on the day of their order" in run("ask", f"{asked}&refunds=order_day").out


def test_filters_that_leave_nothing_are_said_and_the_answer_stays(
    run: Run, gift_shop: Said
) -> None:
    """A value that the shop has and the days have not is an honest zero."""
    later = "from=2010-12-05&to=2010-12-06"
    for form in ("table", "csv", "json"):
        done = run("ask", f"metrics=net_sales&{later}&country=France", "--format", form)
        assert (done.code, done.err) == (0, "No order in this period fits all filters.\n"), form
        assert "fits" not in done.out
    assert run("ask", f"metrics=net_sales&{DAYS}&not_country=France").err == ""


def test_a_value_that_the_shop_never_had_is_a_sentence(run: Run, gift_shop: Said) -> None:
    for key in ("country", "not_country"):
        done = run("ask", f"metrics=net_sales&{DAYS}&{key}=Atlantis")
        assert (done.code, done.out) == (1, "")
        assert "There is no country called 'Atlantis' in this shop." in done.err


def test_a_list_of_names_says_how_many_more_there_are(run: Run, gift_shop: Said) -> None:
    said = run("ask", "metrics=foo").err
    assert f"average_order_value and {len(METRICS) - 12} more.\n" in said


COMPARED = "from=2010-12-08&to=2010-12-10&cmp=prev"
"""A week later: nothing was sold, and the week before is the file's."""


def test_csv_has_the_former_value_and_the_change(run: Run, gift_shop: Said) -> None:
    done = run("ask", f"metrics=net_sales,orders&by=day&{COMPARED}", "--format", "csv")
    lines = [line.split(",") for line in done.out.splitlines()]
    assert lines[0][:4] == ["day", "net_sales", "net_sales_before", "net_sales_change"]
    assert [line[0] for line in lines[1:]] == ["2010-12-08", "2010-12-09", "2010-12-10"]
    assert [line[1:4] for line in lines[1:]] == [
        ["0", "37.08", "-1.0"],
        ["0", "-5.1", "1.0"],
        ["0", "10", "-1.0"],
    ]
    assert [line[5] for line in lines[1:]] == ["2", "0", "1"]


def test_the_table_has_them_too_and_says_against_which_days(run: Run, gift_shop: Said) -> None:
    table, _, receipt = run("ask", f"metrics=net_sales&{COMPARED}").out.partition("\n\n")
    lines = table.splitlines()
    assert lines[0].split() == ["Net", "sales", "Before", "Change"]
    assert lines[2].split() == ["£0.00", "£41.98", "↓", "−100.0%"]
    assert "Before: 2010-12-01 to 2010-12-03" in receipt


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_the_last_good_answer_says_so_whatever_the_form(
    run: Run, gift_shop: Said, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    real = Engine.answer

    def old(engine: Engine, *words: Any, **more: Any) -> Frame:
        frame = real(engine, *words, **more)
        since = frame.receipt.asked_at.replace(year=2020, month=3, day=4, hour=7, minute=12)
        return frame.aged(Stale(since, "PostgreSQL does not answer."))

    monkeypatch.setattr(Engine, "answer", old)
    done = run("ask", f"metrics=orders&{DAYS}", "--format", form)
    assert done.code == 0
    assert done.err == ("The last good answer, of 4 Mar 2020, 07:12: PostgreSQL does not answer.\n")
    if form == "json":
        assert json.loads(done.out)["stale"]["reason"] == "PostgreSQL does not answer."
