"""The list and the steps of a change add up to it, as they are read."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from agent.why.changes import Segment
from dashboard import figures
from dashboard.components import changes as parts
from dashboard.files.parts import whole
from dashboard.panels import Cell
from dashboard.views.bridges import bridge_words, fall
from dashboard.views.change_sheets import sheet_of
from dashboard.views.changes import table_of
from reports.charts import to_svg
from reports.inks import Sheet
from tests.agent.why.made import FUNNEL, LIGHTING, NOISY, SIDEBOARD, explanation, part, segment


def number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace("+", "").replace("$", "").replace(",", ""))


def test_rows_are_ranked_and_add_up_to_the_key_figures_change() -> None:
    table = table_of(explanation(SIDEBOARD, LIGHTING, NOISY))
    names = [row.name for row in table.rows]
    assert names == [
        "Germany · Lighting",
        "United States",
        "Walnut sideboard",
        "24 other segments",
        "Change in net sales",
    ]
    *rows, total = (number(row.cells[0].text) for row in table.rows)
    assert sum(rows) == total == 30_940
    assert [row.cells[0].tone for row in table.rows[:3]] == ["pos", "pos", "neg"]
    assert table.rows[0].note == "Campaign: Magazine feature, 5 – 7 Nov"
    assert table.rows[1].note == "Within its usual variation"


def test_where_nothing_stands_out_the_list_says_so() -> None:
    table = table_of(explanation())
    assert [row.name for row in table.rows] == ["All segments", "Change in net sales"]
    assert table.rows[0].note == "None stands out from the others"


def test_a_row_leads_where_it_is_told_to() -> None:
    def leads(one: Segment) -> str:
        return f"/explore?{'&'.join(one.part.where)}"

    table = table_of(explanation(LIGHTING), leads, "/explore")
    assert [row.href for row in table.rows] == [
        "/explore?country&product_type",
        "/explore",
        "",
    ]


def test_lower_is_better_of_a_cost() -> None:
    one = segment(part("30", "35", channel="search"))
    table = table_of(explanation(one, metric="cac", before=32.0, after=33.5))
    assert table.rows[0].cells[0].tone == "neg"


@pytest.mark.parametrize("metric", ["net_sales", "orders"])
def test_the_steps_lead_from_one_period_to_the_other(metric: str) -> None:
    found = explanation(LIGHTING, SIDEBOARD, metric=metric)
    chart = fall(found)
    first, *steps, last = chart.series[0].values
    assert first + sum(steps) == pytest.approx(last)
    assert (first, last) == (381_700.0, 412_640.25)
    assert chart.x[0] == "Previous 28 days"
    assert chart.grounded == (0, len(chart.x) - 1)
    # Both renderers draw it, and the screen's says where its axis starts.
    assert to_svg(chart, Sheet(336, 180, 1.0, "light"))
    drawn = figures.draw(chart, "light")
    assert "so that the steps can be read" in str(drawn["layout"]["annotations"])


def test_a_bridge_without_a_step_leaves_it_out() -> None:
    found = explanation(LIGHTING)
    assert list(fall(found).x[1:-1]) == ["Sessions", "Conversion", "Order value"]
    assert bridge_words(found, FUNNEL) == (
        "Sessions +$20,000, Conversion −$1,000, Order value +$11,940"
    )


def test_the_sheet_has_every_digit() -> None:
    found = explanation(LIGHTING, SIDEBOARD)
    sheet = sheet_of(found)
    rows = whole(sheet)
    names = [heading.label for heading in sheet.headings]
    change = rows.column(names.index("Change"))
    assert sum(Decimal(str(value)) for value in change.to_pylist()) == found.moved
    assert sheet.headings[names.index("Change")].total == found.moved
    assert sheet.title == "Why"
    assert rows.column(names.index("Verdict")).to_pylist() == ["Stands out", "Stands out", ""]
    share = rows.column(names.index("Share of the change")).to_numpy()
    assert np.nansum(share) == pytest.approx(1)


def test_bars_share_a_zero_line() -> None:
    scale = parts.scale_of([Cell("", 17_640.0), Cell("", -4_260.0)])
    assert scale == (-4_260.0, 17_640.0)
    assert parts.share(0.0, scale) == "19.5%"
    assert parts.share(17_640.0, scale) == "100.0%"
    assert parts.share(0.0, (0.0, 0.0)) == "0%"
