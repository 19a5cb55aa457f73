"""A forecast on the screen and on paper: the same bands, line and rule from one value."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.charts import Chart, Mark, Rule, Series
from dashboard.figures import draw, fans
from dashboard.figures.theme import palette
from dashboard.views import fans as views
from reports.axes import scale_of
from reports.charts import to_png, to_svg
from tests.dashboard.outlooks import friday, outlook

FAN = views.fan(outlook(), 14, 95.0)


def traces(chart: Chart, role: str, theme: str = "light") -> list[dict[str, Any]]:
    return [trace for trace in draw(chart, theme)["data"] if trace["meta"]["role"] == role]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_wide_band_lies_under_the_narrow_one_without_an_outline(theme: str) -> None:
    drawn = draw(FAN, theme)["data"]
    bands = traces(FAN, "band", theme)
    assert [trace["meta"]["role"] for trace in drawn[:2]] == ["band", "band"]
    assert [band["meta"]["level"] for band in bands] == [0.95, 0.8]
    assert {band["line"]["width"] for band in bands} == {0}
    assert {band["fillcolor"] for band in bands} == {palette(theme)["accent"]}
    assert [band["name"] for band in bands] == ["95% range", "80% range"]


def test_line_and_bands_begin_at_the_last_known_point() -> None:
    (ahead,) = traces(FAN, "ahead")
    begun = np.flatnonzero(np.isfinite(ahead["y"]))
    assert begun[0] == 83 and ahead["y"][83] == 100.0
    wide = traces(FAN, "band")[0]
    assert wide["x"][0] == wide["x"][-1] == "2026-11-16"
    assert wide["y"][0] == wide["y"][-1] == 100.0


def test_it_is_whole_beside_ink_and_dotted_beside_its_own_colour() -> None:
    (ahead,), (past,) = traces(FAN, "ahead"), traces(FAN, "past")
    assert "dash" not in ahead["line"] and past["line"]["color"] == palette("light")["ink-2"]
    known, line = FAN.series
    same = replace(FAN, series=(replace(known, role="now"), line))
    assert traces(same, "ahead")[0]["line"]["dash"] == "1px,3px"
    assert fans.dash(FAN, Series("p", "Before", known.values, "previous")) == "4px,3px"


def test_the_rule_has_its_word_on_wide_and_narrow_panels() -> None:
    layout = draw(FAN)["layout"]
    rules = [shape for shape in layout["shapes"] if shape["x0"] == shape["x1"]]
    assert [rule["x0"] for rule in rules] == ["2026-11-16T00:00:00.000"]
    for notes in (layout["annotations"], layout["meta"]["narrow"]["annotations"]):
        assert [note["text"] for note in notes].count("Today") == 1


def test_the_axis_holds_the_bands() -> None:
    assert draw(FAN)["layout"]["yaxis"]["range"][1] >= 120.0
    assert scale_of(FAN).high >= 120.0


def test_a_feast_is_named_above_its_band_and_an_anomaly_is_a_ring() -> None:
    chart = views.fan(friday(), 14)
    ring = Mark(chart.x[10], "", kind="anomaly")
    figure = draw(replace(chart, marks=(*chart.marks, ring)))
    named = [note for note in figure["layout"]["annotations"] if "Black Friday" in note["text"]]
    assert [(note["text"], note["y"]) for note in named] == [
        ("<b>Black Friday</b><br>about $500", 520.0)
    ]
    (rings,) = [trace for trace in figure["data"] if trace["meta"]["role"] == "anomaly"]
    assert rings["x"] == [str(chart.x[10].astype("datetime64[D]"))]


def test_paper_draws_what_the_screen_draws() -> None:
    plain = replace(FAN, bands=(), rule=None)
    drawn = to_svg(FAN)
    assert drawn == to_svg(FAN)
    assert drawn.count("fill-opacity: 0.17") + drawn.count("opacity: 0.17") >= 1
    assert drawn.count("opacity: 0.085") >= 1
    assert "opacity: 0.17" not in to_svg(plain)
    assert to_png(FAN) != to_png(replace(FAN, rule=Rule(FAN.x[40], "Today")))


def test_nothing_ahead_is_a_line_as_ever() -> None:
    known = replace(FAN, series=FAN.series[:1], bands=(), rule=None)
    assert traces(known, "band") == []
    assert np.array_equal(FAN.rooted(FAN.series[0].values), FAN.series[0].values, equal_nan=True)
    none = np.full(FAN.x.size, np.nan)
    assert np.isnan(FAN.rooted(none)).all()
