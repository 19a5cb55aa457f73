"""What is said of a forecast holds what it knows: figures, ranges, record, nothing more."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from agent.forecasting.asking import Wanted
from agent.forecasting.foreseen import NO_SUMS
from agent.forecasting.series import Step
from agent.insights import told
from agent.metrics.catalogue import METRICS
from agent.records.forecasts import Forecast, Key, Score
from dashboard.figures import alternative, table_of
from dashboard.views import accuracy, fans, forecasts, foretelling, shortages
from tests.dashboard.outlooks import SHOP, friday, made, outlook, product, track


def test_the_lead_has_the_sum_its_range_and_the_feast() -> None:
    said = "".join(part for part, _ in told(foretelling.lead(outlook(), 28)).parts)
    assert said == (
        "We expect $2.8k in the next 28 days, and it is 80% likely to land between $2.7k and $2.9k."
    )
    text = foretelling.lead(friday(), 28)
    assert "The 3 days around Black Friday bring 26% of it." in text


def test_what_does_not_add_up_is_told_by_the_day() -> None:
    wanted = Wanted(SHOP, "customers")
    text = foretelling.lead(outlook(wanted=wanted, sums=NO_SUMS), 28)
    assert "in a usual day of the next 28 days" in text
    assert "nan" not in text.lower() and "–" not in text


@pytest.mark.parametrize(
    ("level", "says"),
    [
        (110.0, "Net sales will likely exceed the last 28 days"),
        (90.0, "Net sales will likely stay below the last 28 days"),
        (100.0, "Net sales in the next 28 days"),
    ],
)
def test_a_title_says_only_what_the_range_holds(level: float, says: str) -> None:
    assert foretelling.finding(outlook(level), 28, None) == says


def test_a_feast_is_the_finding_where_it_stands_out() -> None:
    assert foretelling.finding(friday(), 28, 95.0).startswith("Black Friday lifts a level")
    assert foretelling.finding(friday(), 28, 150.0) == "Black Friday lifts net sales"
    assert foretelling.peak(outlook(assumes=friday().assumes), 28) is None


def test_the_fan_begins_where_what_is_known_ends() -> None:
    chart = fans.fan(outlook(), 14, 95.0)
    assert [series.role for series in chart.series] == ["past", "ahead"]
    assert chart.x.size == 84 + 14
    assert chart.rule is not None and chart.rule.x == chart.x[83]
    assert np.isnan(chart.series[1].values[:84]).all()
    assert {band.level for band in chart.bands} == {0.8, 0.95}
    assert np.nanmax(chart.bands[1].high) == 120.0
    # A band never without its record.
    assert outlook().track.sentence() in chart.footer
    assert "off by 12.0%" in chart.footer


def test_the_fan_is_words_and_a_table_too() -> None:
    chart = fans.fan(outlook(), 7)
    said = alternative(chart)
    assert "forecast until" in said and "80% range at its end between $90 and $110" in said
    table = table_of(chart)
    labels = [heading.label for heading in table.headings]
    assert labels[1:5] == ["Actual", "Forecast", "80% range from", "80% range to"]
    assert [cell.text for cell in table.rows[-1].cells[:4]] == ["–", "$100", "$90", "$110"]


def test_a_worse_forecast_than_the_plain_guess_says_so() -> None:
    worse = outlook(track=track(miss=0.2, drifting=True))
    said = foretelling.beside(worse)
    assert "Repeating the week before would have been nearer, off by 12.0%." in said
    assert "go by them with care" in said


def test_the_record_has_each_forecast_and_none_where_there_is_none() -> None:
    table = forecasts.record(outlook())
    assert [cell.text for cell in table.rows[1].cells] == ["8.0%", "24 of 28"]
    assert table.rows[1].cells[0].bar == 1.0
    none = forecasts.record(outlook(track=track(made=(), miss=None, inside_80=(0, 0))))
    assert none.rows == () and "no record yet" in none.footer
    tested = forecasts.record(outlook(track=track(made=(made(tested=True),), tested=True)))
    assert tested.headings[0].label == "Tried from"


def test_assumptions_end_with_the_shown_days() -> None:
    assert [row.name for row in forecasts.assumes(friday(), 28).rows] == ["Black Friday"]
    assert forecasts.assumes(friday(), 7).rows == ()


def test_a_holiday_of_several_countries_is_one_line() -> None:
    feast = friday().assumes[0]
    every = tuple(replace(feast, kind="holiday", note=code) for code in ("DE", "US"))
    (one,) = forecasts.known(outlook(assumes=every), 28)
    assert one.note == "DE, US"


def test_the_lead_names_what_is_counted() -> None:
    text = "".join(part for part, _ in told(foretelling.lead(product("", 5.0), 28)).parts)
    assert text.startswith("We expect 140 units sold in the next 28 days")
    gross = outlook(wanted=Wanted(SHOP, "gross_sales"))
    text = "".join(part for part, _ in told(foretelling.lead(gross, 28)).parts)
    assert text.startswith("We expect gross sales of $2.8k in the next 28 days")


def test_the_lead_of_a_ratio_needs_no_article() -> None:
    rate = outlook(wanted=Wanted(SHOP, "conversion_rate"))
    text = "".join(part for part, _ in told(foretelling.lead(rate, 28)).parts)
    assert text.startswith("Conversion rate is likely to be ")
    assert " over the next 28 days, 80% likely between " in text


def test_assumptions_reach_to_the_end_of_the_last_step() -> None:
    feast = friday().assumes[0]
    wanted = replace(outlook().wanted, step=Step.WEEK)
    last = np.datetime64("2026-11-23", "D")
    shown = replace(outlook(assumes=(feast,)), wanted=wanted, dates=np.array([last]))
    assert feast.first > last.item()
    assert forecasts.known(shown, 1) == [feast]
    assert forecasts.known(replace(shown, wanted=replace(wanted, step=Step.DAY)), 1) == []


def test_parts_add_up_to_the_whole() -> None:
    parts = tuple(
        replace(outlook(level), member=name) for name, level in (("DE", 60.0), ("US", 45.0))
    )
    table = forecasts.members(replace(outlook(), members=parts), 28, {"DE": "Germany"})
    assert [row.name for row in table.rows] == ["Germany", "US", "Total"]
    values = [row.cells[0].value or 0.0 for row in table.rows]
    assert values[0] + values[1] == pytest.approx(values[2])
    assert values[2] == pytest.approx(2800.0)


def test_what_runs_short_stands_first_with_its_day() -> None:
    units = replace(
        product("", 20.0),
        members=(product("a", 5.0), product("b", 2.0), product("c", 3.0), product("d", 1.0)),
    )
    stock = {"a": ("Lamp", 49.0), "b": ("Sofa", 70.0), "c": ("Vase", 85.0), "d": ("Rug", 0.0)}
    found = shortages.shortages(units, 28, stock)
    assert [(one.name, one.outcome) for one in found] == [
        ("Rug", "Out of stock"),
        ("Lamp", "Short from 26 Nov"),
        ("Vase", "May run short 13 Dec"),
        ("Sofa", "Enough"),
    ]
    table = shortages.table(found, units, 28)
    assert table.title == "2 products are out or likely to run short"
    low, high, dot, line = table.rows[1].cells[0].span or ()
    assert low < dot < high and line < low
    assert table.rows[1].brief == "Short from 26 Nov"


def test_a_product_without_stock_figures_is_left_out() -> None:
    units = replace(product("", 20.0), members=(product("a", 5.0), product("x", 5.0)))
    assert [one.key for one in shortages.shortages(units, 28, {"a": ("Lamp", 900.0)})] == ["a"]


def scored(
    origin: str, missed: float, metric: str = "net_sales", method: str = "theta 90%"
) -> Forecast:
    score = Score(28, 1000.0, missed, 120.0, 14, 24, 27)
    return Forecast(Key("tea", metric), origin, 1, method, 28, score=score)


def test_accuracy_adds_up_what_was_scored() -> None:
    found = [scored("2026-08-01", 50.0), scored("2026-09-01", 150.0, method="trees 60%, ets 40%")]
    table = accuracy.table([*found, scored("2026-09-01", 10.0, "orders")], METRICS)
    assert [row.name for row in table.rows] == ["Net sales", "theta", "trees", "Orders"]
    assert [cell.text for cell in table.rows[0].cells] == ["2", "10.0%", "12.0%", "85.7%", "96.4%"]
    assert accuracy.over_time(found, METRICS["net_sales"]) is None
    chart = accuracy.over_time([*found, scored("2026-10-01", 90.0)], METRICS["net_sales"])
    assert chart is not None
    assert chart.title == "2 of 3 forecasts beat the plain guess"
    assert "The last 3 forecasts were off by 9.7% on average" in chart.footer
    assert {row.note for row in table.rows} == {""}
    assert chart.series[0].values.tolist() == [0.05, 0.15, 0.09]


def test_a_metric_whose_forecasts_drift_says_so() -> None:
    usual = [scored(f"2026-{month:02}-01", 50.0) for month in range(1, 9)]
    wide = Score(28, 1000.0, 300.0, 120.0, 2, 5, 9)
    late = [replace(scored(f"2026-09-{day}", 0.0), score=wide) for day in range(10, 16)]
    table = accuracy.table([*usual, *late], METRICS)
    assert table.rows[0].note == "The latest forecasts did worse than before."


def test_nothing_scored_is_nothing_said() -> None:
    empty = accuracy.tally([Forecast(Key("tea", "orders"), "2026-08-01", 1, "", 28)])
    assert empty.miss is None and empty.inside_80 is None and empty.count == 0


def test_days_read_as_people_write_them() -> None:
    one = friday().assumes[0]
    assert forecasts.days_of(one) == "27 Nov"
    assert forecasts.days_of(replace(one, last=date(2026, 12, 1))) == "27 Nov – 1 Dec"
