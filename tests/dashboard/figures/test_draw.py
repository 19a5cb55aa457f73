"""Charts as figures: every axis finite, bars from zero, gaps kept, one point seen, both themes."""

from __future__ import annotations

import cProfile
import json
import pstats
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from plotly.io.json import to_json_plotly

from dashboard.charts import Band, Chart, Mark, Series
from dashboard.figures import KINDS, draw
from dashboard.figures.theme import DARK, LIGHT

NAN = float("nan")


def daily(values: list[float], previous: list[float] | None = None, **more: Any) -> Chart:
    x = (np.datetime64("2026-10-20") + np.arange(len(values))).astype("datetime64[ms]")
    series = [Series("net_sales", "This period", np.array(values, dtype=float))]
    if previous is not None:
        series.append(Series("net_sales", "Previous", np.array(previous, dtype=float), "previous"))
        more.setdefault("previous_x", x - np.timedelta64(len(values), "D"))
    chart = Chart("line", "Net sales", "US$", "money", "USD", x, tuple(series), "day")
    return replace(chart, **more)


def named(values: list[float], kind: Any = "bar", **more: Any) -> Chart:
    x = np.array([f"Product {n}" for n in range(len(values))])
    series = (Series("net_sales", "Net sales", np.array(values, dtype=float)),)
    return replace(Chart(kind, "Products", "US$", "money", "USD", x, series), **more)


def plain(figure: Any) -> Any:
    """The figure as the browser gets it; fails on what JSON cannot carry."""
    return json.loads(to_json_plotly(figure))


SHAPES = {
    "a month": daily([100.0 + n for n in range(28)], [90.0 + n for n in range(28)]),
    "empty": daily([]),
    "all gaps": daily([NAN, NAN]),
    "one point": daily([7.0]),
    "zeros": daily([0.0, 0.0, 0.0]),
    "negative": daily([-5.0, 3.0, -20.0]),
    "only negative": daily([-5.0, -3.0]),
    "huge": daily([4.2e14, 1.0, 9.9e14]),
    "tiny": daily([0.000_004, 0.000_002]),
    "three years": daily([1000.0 + n % 7 for n in range(1095)]),
    "target far above": daily([1.0, 2.0], target=1000.0),
    "names": named([5.0, -2.0, 9.0]),
    "one name": named([5.0]),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_every_kind_draws_every_shape(kind: Any, shape: str, theme: str) -> None:
    figure = draw(replace(SHAPES[shape], kind=kind), theme)
    layout = plain(figure)["layout"]
    for axis in ("xaxis", "yaxis"):
        for end in layout.get(axis, {}).get("range", []):
            assert end is not None
            assert isinstance(end, str) or np.isfinite(end)
    low, high = layout.get("yaxis", {}).get("range", [0, 1])
    assert low != high


@pytest.mark.parametrize(
    ("values", "at", "says"),
    [
        ([24_000.0], [0, 5000, 10000, 15000, 20000, 25000], ["0", "5", "10", "15", "20", "$25k"]),
        ([4_510.0], [0, 1000, 2000, 3000, 4000, 5000], ["0", "1", "2", "3", "4", "$5k"]),
        ([0.9], [0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0", "0.2", "0.4", "0.6", "0.8", "$1.0"]),
        ([1_200_000.0], [0, 250e3, 500e3, 750e3, 1e6, 1.25e6], None),
        ([0.0], [0, 1], ["0", "$1"]),
    ],
)
def test_the_unit_stands_on_the_top_tick_only(
    values: list[float], at: list[float], says: list[str] | None
) -> None:
    axis = draw(daily(values))["layout"]["yaxis"]
    assert axis["tickvals"] == pytest.approx(at)
    assert axis["ticktext"] == (says or ["0", "0.25", "0.50", "0.75", "1.00", "$1.25m"])


def test_at_most_five_gridlines_above_zero_over_nine_magnitudes() -> None:
    rng = np.random.default_rng(11)
    for value in 10 ** rng.uniform(-3, 9, 300):
        axis = draw(daily([float(value)]))["layout"]["yaxis"]
        assert 2 <= len(axis["tickvals"]) <= 6
        assert axis["range"][0] == 0
        assert axis["range"][1] >= value
        assert len(set(axis["ticktext"])) == len(axis["ticktext"])


def test_counts_have_whole_ticks_and_rates_are_percentages() -> None:
    count = draw(daily([1.0, 3.0], unit="count"))["layout"]["yaxis"]
    rate = draw(daily([0.081, 0.02], unit="percent"))["layout"]["yaxis"]
    assert count["ticktext"] == ["0", "1", "2", "3"]
    assert rate["ticktext"] == ["0", "2", "4", "6", "8", "10%"]


def test_a_negative_day_is_below_a_drawn_zero() -> None:
    axis = draw(daily([300.0, -150.0]))["layout"]["yaxis"]
    assert 0 in axis["tickvals"]
    assert axis["range"][0] < -150
    assert "−100" in axis["ticktext"]


def test_bars_start_at_zero_even_when_all_are_high() -> None:
    upright = draw(daily([990.0, 1000.0, 995.0], kind="bar"))["layout"]["yaxis"]
    lying = draw(named([990.0, 1000.0]))["layout"]["xaxis"]
    assert upright["range"][0] == 0
    assert lying["range"][0] == 0


def test_stacked_parts_fit_the_axis() -> None:
    parts = tuple(Series(k, k, np.array([60.0, 10.0]), "part") for k in ("a", "b"))
    figure = draw(replace(daily([0.0, 0.0], kind="bar"), series=parts))
    assert figure["layout"]["barmode"] == "relative"
    assert figure["layout"]["yaxis"]["range"][1] >= 120


def test_gaps_stay_gaps_and_a_point_between_gaps_gets_a_dot() -> None:
    drawn = draw(daily([1.0, 2.0, NAN, 4.0, NAN, 6.0, 7.0]))["data"][0]
    assert plain(drawn)["y"][2] is None
    assert drawn["connectgaps"] is False
    assert drawn["mode"] == "lines+markers"
    assert drawn["marker"]["size"].tolist() == [0, 0, 0, 6, 0, 0, 0]


def test_one_day_is_a_dot() -> None:
    assert draw(daily([7.0]))["data"][0]["marker"]["size"].tolist() == [6]


def test_the_comparison_is_dashed_under_ours_and_carries_its_own_dates() -> None:
    before, now = draw(daily([10.0, 11.0], [8.0, 9.0]))["data"]
    assert (before["name"], now["name"]) == ("Previous", "This period")
    assert (before["line"]["dash"], before["line"]["width"]) == ("4px,3px", 1.5)
    assert (now["line"]["color"], now["line"]["width"]) == (LIGHT["accent"], 2.25)
    assert plain(before)["customdata"][0].startswith("2026-10-18")
    assert plain(now)["x"] == ["2026-10-20", "2026-10-21"]


def test_a_shorter_comparison_is_drawn_as_far_as_it_goes() -> None:
    chart = daily([10.0, 11.0, 12.0], [8.0])
    before = next(t for t in draw(chart)["data"] if t["meta"]["role"] == "previous")
    assert before["y"].tolist() == [8.0]
    assert len(before["x"]) == 1


def test_names_at_the_line_ends_do_not_touch() -> None:
    figure = draw(daily([10.0, 10.0], [10.0, 10.0], target=10.0))
    labels = figure["layout"]["annotations"]
    heights = sorted(label["yshift"] for label in labels)
    assert {label["text"] for label in labels} == {"This period", "Previous", "Target $10"}
    assert heights[1] - heights[0] >= 15
    assert heights[2] - heights[1] >= 15


def test_names_at_the_bottom_do_not_touch() -> None:
    labels = draw(daily([0.0, 0.0], [0.0, 0.0]))["layout"]["annotations"]
    low, high = sorted(label["yshift"] for label in labels)
    assert high - low >= 15


@pytest.mark.parametrize(("least", "drawn"), [(-3.0, True), (0.0, False)])
def test_zero_has_a_line_where_values_fall_below_it(least: float, drawn: bool) -> None:
    assert draw(daily([5.0, least]))["layout"]["yaxis"]["zeroline"] is drawn


def test_the_target_is_a_line_and_on_the_axis() -> None:
    figure = draw(daily([10.0, 12.0], target=400_000.0))
    (line,) = figure["layout"]["shapes"]
    assert line["y0"] == line["y1"] == 400_000
    assert figure["layout"]["yaxis"]["range"][1] >= 400_000
    assert "Target $400.0k" in [a["text"] for a in figure["layout"]["annotations"]]


def test_an_anomaly_is_a_ring_with_its_name_and_one_out_of_sight_is_not_drawn() -> None:
    day, away = np.datetime64("2026-10-21"), np.datetime64("2020-01-01")
    marks = (Mark(day, "Fault", "38% below", "anomaly"), Mark(away, "Long ago", "", "anomaly"))
    figure = draw(daily([10.0, 4.0, 11.0], marks=marks))
    ring = figure["data"][-1]
    assert ring["y"].tolist() == [4.0]
    assert ring["marker"]["line"]["color"] == LIGHT["anomaly"]
    (label,) = figure["layout"]["annotations"]
    assert label["text"] == "<b>Fault</b><br>38% below"
    assert label["yanchor"] == "top"
    assert figure["layout"]["meta"]["narrow"]["annotations"][0]["text"] == "<b>Fault</b>"


def test_a_label_near_the_end_of_a_narrow_chart_stands_on_the_side_that_has_room() -> None:
    first, last = np.datetime64("2026-10-20"), np.datetime64("2026-10-25")
    marks = (Mark(first, "First", "", "anomaly"), Mark(last, "Last", "a day", "anomaly"))
    usual = Band(0.95, np.full(6, 5.0), np.full(6, 15.0), "usual")
    figure = draw(daily([9.0, 4.0, 11.0, 9.0, 8.0, 7.0], marks=marks, bands=(usual,)))
    narrow = figure["layout"]["meta"]["narrow"]["annotations"]
    assert [(one["xanchor"], one["text"]) for one in narrow] == [
        ("left", "<b>First</b>"),
        # A finding's own chart has room for the second line.
        ("right", "<b>Last</b><br>a day"),
    ]


def test_a_mark_without_a_figure_is_left_out() -> None:
    mark = Mark(np.datetime64("2026-10-21"), "Fault", "", "anomaly")
    assert draw(daily([10.0, NAN, 11.0], marks=(mark,)))["layout"]["annotations"] == []


def test_weeks_are_marked_on_a_month_and_months_on_years() -> None:
    month = draw(daily([1.0] * 28))["layout"]["xaxis"]
    years = draw(daily([1.0] * 1095))["layout"]["xaxis"]
    assert month["ticktext"] == ["20 Oct", "27 Oct", "3 Nov", "10 Nov"]
    assert len(years["ticktext"]) <= 7
    assert years["ticktext"][0] == "Nov 2026"
    assert years["tickvals"][0] == "2026-11-01T00:00"


def test_an_hour_axis_reads_as_a_clock() -> None:
    x = np.datetime64("2026-10-20T00:00", "ms") + np.arange(24) * np.timedelta64(1, "h")
    chart = replace(daily([1.0] * 24), x=x, grain="hour")
    assert draw(chart)["layout"]["xaxis"]["ticktext"] == [
        "20 Oct",
        "04:00",
        "08:00",
        "12:00",
        "16:00",
        "20:00",
    ]


def test_hours_of_several_days_are_told_by_their_day() -> None:
    x = np.datetime64("2026-10-20T20:00", "ms") + np.arange(96) * np.timedelta64(1, "h")
    axis = draw(replace(daily([1.0] * 96), x=x, grain="hour"))["layout"]["xaxis"]
    assert axis["ticktext"] == ["21 Oct", "22 Oct", "23 Oct", "24 Oct"]


def test_a_label_has_no_place_under_a_point_at_the_axis() -> None:
    mark = (Mark(np.datetime64("2026-10-21"), "Fault", "expected 9", "anomaly"),)
    wide = Band(0.95, np.full(3, 0.0), np.full(3, 100.0), "usual")
    for bands, side in (((), "top"), ((wide,), "bottom")):
        every = draw(daily([10.0, 4.0, 11.0], marks=mark, bands=bands))["layout"]["annotations"]
        (label,) = [one for one in every if "Fault" in one["text"]]
        assert label["yanchor"] == side


def test_another_locale_writes_its_own_numbers() -> None:
    figure = draw(daily([2_400_000.5], currency="EUR", locale="de_DE"))
    assert figure["layout"]["separators"] == ",."
    assert figure["layout"]["yaxis"]["ticktext"][-1] == "2,5\xa0Mio.\xa0€"
    assert figure["data"][0]["hovertemplate"].startswith("%{y:,.0f}\xa0€")


def test_the_hover_shows_cents_only_for_small_money() -> None:
    assert "$%{y:,.2f}" in draw(daily([85.75]))["data"][0]["hovertemplate"]
    assert "$%{y:,.0f}" in draw(daily([8575.0]))["data"][0]["hovertemplate"]


def test_nothing_to_draw_is_a_sentence() -> None:
    figure = draw(daily([]))
    assert figure["data"] == []
    assert figure["layout"]["annotations"][0]["text"] == "No figures in this period"


def test_dark_uses_no_light_colour() -> None:
    for kind in KINDS:
        text = to_json_plotly(draw(replace(SHAPES["a month"], kind=kind, target=5.0), "dark"))
        own_to_light = set(LIGHT.values()) - set(DARK.values())
        assert [colour for colour in own_to_light if f'"{colour}"' in text] == [], kind


def test_every_trace_says_its_role() -> None:
    for kind in KINDS:
        for trace in draw(replace(SHAPES["a month"], kind=kind))["data"]:
            assert trace["meta"]["role"]


def test_a_figure_is_drawn_for_its_width() -> None:
    meta = draw(SHAPES["a month"])["layout"]["meta"]
    assert meta["theme"] == "light"
    assert meta["narrow"].keys() == meta["wide"].keys()
    assert len(meta["narrow"]["xaxis.tickvals"]) < len(meta["wide"]["xaxis.tickvals"])


def test_ranks_stand_in_order_with_a_tick_for_before() -> None:
    before = Series("net_sales", "Before", np.array([4.0, 1.0]), "previous")
    chart = named([5.0, 2.0])
    bar, halo, tick = draw(replace(chart, series=(*chart.series, before)))["data"]
    assert bar["orientation"] == "h"
    assert [t.strip() for t in bar["text"]] == ["$5", "$2"]
    assert tick["x"].tolist() == halo["x"].tolist() == [4.0, 1.0]
    low, high = draw(chart)["layout"]["yaxis"]["range"]
    assert low > high


def test_a_waterfall_adds_up_and_says_where_a_cut_axis_starts() -> None:
    values = [54_240.0, 6_660.0, -420.0, 60_480.0]
    bars = draw(named(values, "waterfall"))["data"][0]
    ends = [base + size for base, size in zip(bars["base"], bars["x"], strict=True)]
    assert ends[0] == 54_240
    assert ends[1] == 60_900
    assert bars["base"][2] == 60_480
    assert ends[-1] == 60_480
    note = draw(named(values, "waterfall"))["layout"]["annotations"][0]["text"]
    assert note.startswith("The axis starts at $")
    assert [t.strip() for t in bars["text"]] == ["$54,240", "+$6,660", "−$420", "$60,480"]


def test_a_waterfall_from_low_levels_starts_at_zero() -> None:
    figure = draw(named([10.0, 90.0, 100.0], "waterfall"))
    assert figure["layout"]["xaxis"]["range"][0] == 0
    assert "annotations" not in figure["layout"]


def test_a_ring_has_five_parts_at_most_and_loses_nothing() -> None:
    (ring,) = draw(named([50.0, 20.0, 10.0, 8.0, 7.0, 5.0], "ring"))["data"]
    assert ring["labels"][-1] == "2 others"
    assert ring["values"] == [50, 20, 10, 8, 12]


def test_a_funnel_is_on_the_scale_of_its_first_step() -> None:
    (bars,) = draw(named([200.0, 50.0], "funnel", unit="count"))["data"]
    assert [t.strip() for t in bars["text"]] == ["200 · 100.0%", "50 · 25.0%"]


def test_a_figure_of_three_years_takes_no_step_per_day() -> None:
    """What keeps it under a millisecond; how long it takes depends on the machine."""
    chart = SHAPES["three years"]
    draw(chart)
    with cProfile.Profile() as told:
        draw(chart)
    assert pstats.Stats(told).total_calls < 600 < 3 * 365
