"""A chart's sentence and its table say what the picture says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dashboard.charts import Chart, Mark, Series
from dashboard.figures import alternative, table_of
from tests.dashboard.figures.test_draw import NAN, daily, named


def test_the_sentence_holds_finding_reach_target_marks_and_total() -> None:
    mark = Mark(np.datetime64("2026-10-21"), "Checkout fault", "", "anomaly")
    chart = daily(
        [14_000.0, 8_500.0, 21_000.0],
        [13_000.0, 12_000.0, 11_000.0],
        title="Sales stay above target",
        measure="Net sales per day, US$",
        target=14_286.0,
        marks=(mark,),
        total=43_500.0,
    )
    assert alternative(chart) == (
        "Sales stay above target. Net sales per day, US$: "
        "This period from Tue 20 Oct to Thu 22 Oct, "
        "highest $21.0k (on Thu 22 Oct), lowest $8.5k (on Wed 21 Oct), "
        "previous between $11.0k and $13.0k, target $14.3k, "
        "Checkout fault on Wed 21 Oct, in total $43.5k."
    )


def test_the_sentence_of_names() -> None:
    chart = named([50.0, 20.0])
    assert alternative(chart) == (
        "Products. US$: 2 values, highest $50 (Product 0), lowest $20 (Product 1)."
    )


def test_the_sentence_of_nothing() -> None:
    assert alternative(daily([])) == "Net sales. US$: no figures in this period."
    assert alternative(daily([NAN])) == "Net sales. US$: no figures in this period."


def test_the_sentence_of_one_day() -> None:
    assert alternative(daily([7.0])) == "Net sales. US$: This period $7 (on Tue 20 Oct)."


def test_the_table_has_the_charts_own_values() -> None:
    chart = daily([412_640.4, NAN, -3.0], [381_700.0, 1.0, 2.0], total=412_637.4, footer="Foot")
    table = table_of(chart)
    assert [h.label for h in table.headings] == ["Day", "This period", "Previous"]
    assert [row.name for row in table.rows] == ["Tue 20 Oct", "Wed 21 Oct", "Thu 22 Oct", "Total"]
    for column, series in enumerate(chart.series):
        values = [row.cells[column].value for row in table.rows[:3]]
        known = [None if v != v else v for v in series.values.tolist()]
        assert values == known
    assert [c.text for c in table.rows[0].cells] == ["$412,640", "$381,700"]
    assert table.rows[1].cells[0].text == "–"
    assert table.rows[2].cells[0].text == "−$3"
    assert table.rows[0].note == "against Sat 17 Oct"
    assert table.rows[3].kind == "total"
    assert [c.text for c in table.rows[3].cells] == ["$412,637", ""]
    assert table.footer == "Foot"


def test_the_total_stands_under_our_own_column() -> None:
    now, before = daily([5.0, 6.0], [1.0, 2.0], total=11.0).series
    chart = replace(daily([5.0, 6.0], total=11.0), series=(before, now))
    assert [c.text for c in table_of(chart).rows[-1].cells] == ["", "$11"]


def test_a_shorter_comparison_reads_unknown_where_it_ends() -> None:
    chart = daily([5.0, 6.0, 7.0], [1.0])
    assert [row.cells[1].text for row in table_of(chart).rows] == ["$1", "–", "–"]


def test_names_keep_their_keys() -> None:
    table = table_of(named([5.0, 6.0], keys=("a", None)))
    assert [row.key for row in table.rows] == ["a", None]
    assert [row.name for row in table.rows] == ["Product 0", "Product 1"]


def test_months_read_as_months() -> None:
    x = np.array(["2011-11", "2011-12"], dtype="datetime64[M]").astype("datetime64[ms]")
    chart = Chart("bar", "T", "GBP", "money", "GBP", x, (Series("a", "A", np.ones(2)),), "month")
    table = table_of(chart)
    assert table.headings[0].label == "Month"
    assert [row.name for row in table.rows] == ["Nov 2011", "Dec 2011"]
    assert table.rows[0].cells[0].text == "£1"


def test_an_empty_chart_is_an_empty_table() -> None:
    assert table_of(daily([])).rows == ()
