from __future__ import annotations

import hashlib
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from agent.errors import Refused
from dashboard.charts import Chart, Mark, Series
from reports.axes import dates_at, scale_of
from reports.charts import to_png, to_svg
from reports.inks import Sheet
from reports.words import alternative

DAYS = np.arange("2026-10-20", "2026-11-17", dtype="datetime64[D]").astype("datetime64[ms]")


def chart(kind: Any = "line", values: Any = None, **more: Any) -> Chart:
    values = np.linspace(9_000, 21_000, len(DAYS)) if values is None else np.asarray(values)
    x = more.pop("x", DAYS[: len(values)])
    series = (
        Series("net_sales", "This period", values),
        Series("before", "28 days before", values * 0.9, "previous"),
    )
    given = {"grain": "day", "series": series, "unit": "money", **more}
    return Chart(kind, "Sales rose", "Net sales per day, USD", currency="USD", x=x, **given)


FALL = chart(
    "waterfall",
    [100.0, -20.0, 80.0],
    x=np.array(["Gross", "Discounts <b>&", "Net $x$"]),
    keys=("total", None, "total"),
    series=(Series("steps", "Steps", np.array([100.0, -20.0, 80.0])),),
)
BARS = chart("bar", [3.0, 2.0, 1.0], x=np.array(["A" * 80, "B", "C"]), unit="count")
ONE = {"x": np.array(["Email", "Direct", "A <b> & $x$"]), "grain": ""}
GRID = (
    Series("a", "2026-01", np.array([1.0, 0.4, 0.3]), "part"),
    Series("b", "2026-02", np.array([1.0, 0.5, np.nan]), "part"),
)
ALL = {
    "line": chart(),
    "bar": BARS,
    "waterfall": FALL,
    "ring": chart("ring", [3.0, 2.0, -1.0], **ONE),
    "funnel": chart("funnel", [30.0, 20.0, 0.0], unit="count", **ONE),
    "gauge": chart("gauge", [80.0], target=100.0, **{**ONE, "x": np.array(["Email"])}),
    "scatter": chart("scatter", [3.0, 2.0, np.nan], **{**ONE, "x": np.array([1.0, 5.0, 9.0])}),
    "heat": chart("heat", [0.0], unit="percent", series=GRID, **ONE),
    "parts": chart(
        "bar",
        series=tuple(Series(n, n, np.arange(28.0) - 3, "part") for n in ("Email", "Direct")),
    ),
    "lying": chart("bar", [5.0, -2.0, 1.0], **{**ONE, "x": np.array(["A" * 40, "B", "C"])}),
}


@pytest.mark.parametrize("kind", ALL)
def test_each_kind_is_a_standalone_svg_without_text_or_links(kind: str) -> None:
    svg = to_svg(ALL[kind])
    tags = {node.tag.rpartition("}")[2] for node in ElementTree.fromstring(svg).iter()}
    assert "path" in tags
    assert not tags & {"text", "image", "script", "a", "foreignObject"}
    assert "2026-" not in svg.split("<defs>")[0]


@pytest.mark.parametrize("kind", ALL)
def test_two_renders_are_equal(kind: str) -> None:
    assert to_svg(ALL[kind]) == to_svg(ALL[kind])
    assert to_png(ALL[kind]) == to_png(ALL[kind])


def test_png_has_twice_the_size_and_its_theme() -> None:
    light = to_png(chart(), Sheet(528, 210))
    assert struct.unpack(">II", light[16:24]) == (1056, 420)
    assert light != to_png(chart(), Sheet(528, 210, theme="dark"))


@pytest.mark.parametrize(
    "values",
    [
        [],
        [5.0],
        [np.nan, np.nan],
        [0.0, 0.0, 0.0],
        [-3.0, -8.0],
        [1e12, 2e12],
        [1e-9, 2e-9],
        [1.0, np.nan, 3.0],
    ],
)
def test_any_values_can_be_drawn(values: list[float]) -> None:
    given = chart(values=np.array(values, dtype=float), target=2.0)
    assert to_svg(given).startswith("<?xml")


def test_a_mark_is_drawn_where_its_day_is() -> None:
    plain, marked = chart(), chart(marks=(Mark(DAYS[16], "Magazine feature"),))
    assert to_svg(plain) != to_svg(marked)
    outside = chart(marks=(Mark(np.datetime64("1999-01-01"), "Nowhere"),))
    assert to_svg(plain) == to_svg(outside)


def test_kinds_without_paper_are_refused() -> None:
    with pytest.raises(Refused, match="spiral"):
        to_svg(chart("spiral"))


def test_several_threads_draw_the_same() -> None:
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: hashlib.sha256(to_png(chart())).hexdigest(), range(6)))
    assert len(set(drawn)) == 1


def test_a_chart_costs_little() -> None:
    to_svg(chart())
    begin = time.thread_time()
    to_svg(chart())
    assert time.thread_time() - begin < 0.6


def test_the_axis_is_round_short_and_names_its_unit_once() -> None:
    scale = scale_of(chart(values=[0.0, 21_000.0]))
    assert scale.labels == ("0", "5", "10", "15", "20", "$25k")
    assert scale_of(chart(values=[0.04, 0.31], unit="percent")).labels[-1] == "40%"
    assert scale_of(chart(values=[1.0, 2.0], unit="count")).labels == ("0", "1", "2")
    below = scale_of(chart(values=[-27.0, 90.0]))
    assert below.labels[0].startswith("−")
    assert below.low <= -27.0 < 90.0 <= below.high


def test_dates_are_few_and_in_words() -> None:
    assert [text for _, text in dates_at(DAYS, "day")] == ["20 Oct", "27 Oct", "3 Nov", "10 Nov"]
    months = np.arange("2010-12", "2012-01", dtype="datetime64[M]").astype("datetime64[ms]")
    places = dates_at(months, "month")
    assert places[0] == (0, "Dec 2010")
    assert len(places) <= 7
    hours = np.arange("2026-11-16T00", "2026-11-17T00", dtype="datetime64[h]")
    texts = [text for _, text in dates_at(hours.astype("datetime64[ms]"), "hour")]
    assert texts == [f"{hour:02}:00" for hour in range(0, 24, 3)]
    years = np.arange("2019", "2022", dtype="datetime64[Y]").astype("datetime64[ms]")
    assert [text for _, text in dates_at(years, "year")] == ["2019", "2020", "2021"]


def test_words_for_those_who_do_not_see_it() -> None:
    words = alternative(chart(footer="Highest: 16 Nov."))
    assert words.startswith("Sales rose. Net sales per day, USD. This period: between $9.0k and")
    assert words.endswith("Highest: 16 Nov.")
    assert "no figures" in alternative(chart(values=[np.nan]))
