"""Components: the html they make, held by what a reader, a keyboard and a listener get from it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from dash.development.base_component import Component

from agent.metrics import formats
from agent.targets import Status
from dashboard import components as parts
from dashboard.figures import draw
from dashboard.icons import ICONS
from dashboard.panels import Cell, Heading, Row, Table
from tests.dashboard.figures.test_draw import daily

ASSETS = Path(__file__).resolve().parents[2] / "assets"
NAN = float("nan")


def walk(node: Any) -> Iterator[Component]:
    if isinstance(node, list | tuple):
        for child in node:
            yield from walk(child)
    elif isinstance(node, Component):
        yield node
        yield from walk(getattr(node, "children", None))


def text(node: Any) -> str:
    if isinstance(node, str):
        return node
    if isinstance(node, list | tuple):
        return "".join(map(text, node))
    return text(getattr(node, "children", None)) if isinstance(node, Component) else ""


def of_class(node: Any, name: str) -> list[Component]:
    return [c for c in walk(node) if name in (getattr(c, "className", "") or "").split()]


def tags(node: Any, *names: str) -> list[Component]:
    return [c for c in walk(node) if type(c).__name__ in names]


# icons


def test_every_icon_has_its_cell_in_the_drawing_and_in_the_styles() -> None:
    drawing = ET.parse(ASSETS / "icons.svg").getroot()
    cells = [g for g in drawing.iter("{http://www.w3.org/2000/svg}g") if g.get("transform")]
    at = {g.get("id"): int(re.sub(r"\D", "", g.get("transform") or "")) // 24 for g in cells}
    css = (ASSETS / "icons.css").read_text()
    styled = {name: int(n) for name, n in re.findall(r"\.i-([\w-]+) \{ --at: (\d+); \}", css)}
    assert at == styled == {name: n for n, name in enumerate(ICONS)}
    assert drawing.get("width") == str(24 * len(ICONS))
    assert css.count(f"calc({len(ICONS)} * var(--size))") == 2


def test_an_icon_is_unheard_and_a_wrong_name_is_an_error() -> None:
    drawn = parts.icon("bell", 14)
    assert drawn.className == "ico i-bell ico-14"
    assert getattr(drawn, "aria-hidden") == "true"
    assert parts.icon("bell", 33).style == {"--size": "33px"}
    with pytest.raises(KeyError):
        parts.icon("no-such-icon")


# sparklines


def line_of(node: Any, kind: str) -> tuple[str, list[tuple[float, float]]]:
    (mask,) = of_class(node, kind)
    svg = unquote(re.search(r'url\("data:image/svg\+xml,(.*)"\)', mask.style["--line"])[1])  # type: ignore[index]  # a miss fails the test
    path = ET.fromstring(svg).find("{http://www.w3.org/2000/svg}path")
    assert path is not None
    points = path.get("d", "")
    return points, [tuple(map(float, p.split())) for p in re.split("[ML]", points) if p]  # type: ignore[misc]  # two numbers each


def test_a_sparkline_is_one_line_on_one_scale_with_the_former_period() -> None:
    drawn = parts.sparkline((0.0, 10.0), (5.0, 5.0), width=100, height=40)
    assert line_of(drawn, "now")[1] == [(0, 37), (100, 3)]
    assert line_of(drawn, "was")[1] == [(0, 20), (100, 20)]
    (dot,) = of_class(drawn, "end")
    assert dot.style["top"] == "7.5%"


def test_a_sparkline_breaks_at_a_gap_and_survives_what_is_missing() -> None:
    assert line_of(parts.sparkline((1.0, NAN, 3.0, 2.0)), "now")[0].count("M") == 2
    assert parts.sparkline(()) is None
    assert parts.sparkline((NAN, NAN)) is None
    assert parts.sparkline((NAN,), (1.0, 2.0)) is None
    assert of_class(parts.sparkline((4.0,)), "now") == []
    assert line_of(parts.sparkline((4.0, 4.0)), "now")[1][0][1] == 31


def test_a_sparkline_starts_late_where_the_figures_do() -> None:
    assert line_of(parts.sparkline((NAN, 1.0, 2.0)), "now")[0].startswith("M80.0")


# key figures


def tile(**more: Any) -> parts.KeyFigure:
    return parts.KeyFigure("net_sales", "Net sales", "$412.6k", **more)


def test_a_key_figure_is_a_toggle_button_that_says_everything() -> None:
    change = formats.change(412_600, 381_700, "money")
    drawn = parts.key_figure(
        tile(
            change=change,
            was="from $381.7k",
            target_text="Meets $400k target",
            status=Status.ON,
            track=(0.785, 0.727),
            selected=True,
        )
    )
    assert drawn.id == {"type": "kpi", "key": "net_sales"}
    assert getattr(drawn, "aria-pressed") == "true"
    spoken = getattr(drawn, "aria-label")
    assert spoken == "Net sales $412.6k, +8.1% better. Meets $400k target. Show in chart"
    assert text(of_class(drawn, "delta")) == "+8.1% (better)"
    assert of_class(drawn, "track")[0].children[0].style == {"width": "78.5%"}
    assert of_class(drawn, "i-check")


def test_an_unknown_key_figure_is_a_quiet_dash() -> None:
    drawn = parts.key_figure(parts.KeyFigure("rate", "Repeat rate", formats.UNKNOWN))
    assert of_class(drawn, "none")
    assert not of_class(drawn, "track")
    assert getattr(drawn, "aria-pressed") == "false"


def test_rising_costs_have_an_up_arrow_in_red() -> None:
    drawn = parts.delta(formats.change(32.05, 30.40, "money", good_up=False))
    assert drawn.className == "delta neg"
    assert of_class(drawn, "i-arrow-up")
    assert text(drawn) == "+5.4% (worse)"


def test_no_change_has_no_arrow() -> None:
    drawn = parts.delta(formats.change(5, 5, "count"))
    assert not of_class(drawn, "ico")
    assert text(drawn) == "– 0.0%"


@pytest.mark.parametrize(
    ("value", "fill"), [(60.0, 0.0), (100.0, 0.727), (115.0, 1.0), (500.0, 1.0), (-5.0, 0.0)]
)
def test_the_track_runs_from_60_to_115_percent_of_the_target(value: float, fill: float) -> None:
    drawn, tick = parts.track_of(value, 100.0)
    assert drawn == pytest.approx(fill, abs=0.001)
    assert tick == pytest.approx(0.727, abs=0.001)


# tables

TABLE = Table(
    "Top products",
    "Net sales",
    (
        Heading("Product", number=False),
        Heading("Units", priority=2),
        Heading("Net sales", sorted=True),
        Heading("Change"),
    ),
    (
        Row(
            "Lamp",
            (Cell("2", 2), Cell("$10", 10.0, bar=1.0, tick=0.5), Cell("↑ +8.1%", 0.081, "pos")),
            "lamp",
            href="/explore?product=lamp",
        ),
        Row(
            "3 others", (Cell("9", 9), Cell("$4", 4.0), Cell("↓ −2.0%", -0.02, "neg")), kind="rest"
        ),
        Row(
            "All products",
            (Cell("11", 11), Cell("$14", 14.0), Cell("– 0.0%", 0.0, "mut")),
            kind="total",
        ),
    ),
    "product",
    "Tick on the bar: previous period.",
)


def test_a_table_has_headers_for_rows_and_columns() -> None:
    drawn = parts.data_table(TABLE)
    heads = tags(drawn, "Th")
    assert [h.scope for h in heads] == ["col"] * 5 + ["row"] * 3
    (sorted_by,) = [h for h in heads if getattr(h, "aria-sort", None)]
    assert text(sorted_by) == "Net sales"


def test_a_row_opens_by_its_name_and_rest_and_total_do_not() -> None:
    drawn = parts.data_table(TABLE)
    assert [(link.href, text(link)) for link in tags(drawn, "A")] == [
        ("/explore?product=lamp", "Lamp")
    ]
    assert [row.className for row in tags(drawn, "Tr")[1:]] == [None, "rest", "total"]


def test_bar_and_tick_stand_in_the_bars_column_only() -> None:
    drawn = parts.data_table(TABLE)
    assert len(of_class(drawn, "meter")) == 3
    assert [i.style for i in tags(of_class(drawn, "bar"), "I", "U")] == [
        {"width": "100.0%"},
        {"left": "50.0%"},
    ]


def test_changes_in_a_table_have_arrow_colour_and_word() -> None:
    deltas = of_class(parts.data_table(TABLE), "delta")
    assert [(d.className, text(d)) for d in deltas] == [
        ("delta pos", "+8.1% (better)"),
        ("delta neg", "−2.0% (worse)"),
        ("delta mut", "– 0.0%"),
    ]


def test_numbers_travel_with_their_exact_value() -> None:
    values = [getattr(td, "data-v", None) for td in tags(parts.data_table(TABLE), "Td")]
    assert values[:3] == ["2", "10.0", "0.081"]


def test_columns_leave_on_small_screens_with_their_heading() -> None:
    drawn = parts.data_table(TABLE)
    cells = [c for c in tags(drawn, "Th", "Td") if text(c) in ("Units", "2", "9", "11")]
    assert ["p2" in (c.className or "") for c in cells] == [True] * 4


def test_an_empty_table_has_its_headings() -> None:
    drawn = parts.table_section(Table("T", "", TABLE.headings, ()), "t")
    assert len(tags(drawn, "Th")) == 4


def test_a_bar_never_leaves_its_track() -> None:
    rows = (Row("A", (Cell("−$5", -5.0, bar=-0.2, tick=1.7),)),)
    drawn = parts.data_table(Table("T", "", (Heading("A"), Heading("B")), rows))
    assert [m.style for m in tags(of_class(drawn, "bar"), "I", "U")] == [
        {"width": "0.0%"},
        {"left": "100.0%"},
    ]


def test_a_list_of_bars_ends_in_its_total() -> None:
    rows = (
        Row(
            "New",
            (Cell("$9", 9.0, bar=1.0), Cell("↑ +7.7%", 0.077, "pos")),
            "new",
            href="/explore?kind=new",
        ),
        Row("All", (Cell("$9"), Cell("")), kind="total"),
    )
    heads = (Heading("Kind", number=False), Heading("Net sales"), Heading("Change"))
    drawn = parts.list_bars(Table("T", "m", heads, rows), "kinds")
    assert len(of_class(drawn, "lb")) == 1
    assert text(of_class(drawn, "foot")) == "Total $9"


# sections


def test_a_chart_is_an_image_with_its_sentence_and_the_same_figures_as_a_table() -> None:
    chart = daily([5.0, 6.0], [4.0, 3.0], total=11.0, title="Sales rise", footer="Highest: 6.")
    drawn = parts.chart_section(chart, draw(chart), "main")
    (picture,) = of_class(drawn, "chart")
    assert picture.role == "img"
    assert getattr(picture, "aria-label").startswith("Sales rise. US$: This period from Tue 20 Oct")
    (graph,) = tags(drawn, "Graph")
    assert graph.id == {"type": "figure", "panel": "main"}
    assert graph.config["displayModeBar"] is False
    (table,) = tags(of_class(drawn, "as-table"), "Table")
    assert [text(td) for td in tags(table, "Td")] == ["$5", "$4", "$6", "$3", "$11", ""]
    assert text(tags(table, "Caption")) == "Sales rise. US$"
    assert text(of_class(drawn, "foot")) == "Highest: 6."
    buttons = tags(drawn, "Button")
    assert getattr(buttons[0], "data-act") == "table"
    assert [getattr(b, "data-file") for b in buttons[1:4]] == ["png", "csv", "xlsx"]


def test_every_table_has_its_files_and_a_list_of_bars_its_table() -> None:
    rows = (Row("Germany", (Cell("$5", 5.0, bar=1.0, tick=0.5),), "DE"),)
    table = Table("By country", "Net sales", (Heading("Country"), Heading("Net sales")), rows)
    forms = ["png", "csv", "xlsx"]
    for section in (parts.table_section(table, "a.b"), parts.list_bars(table, "a.b")):
        buttons = [b for b in tags(section, "Button") if hasattr(b, "data-file")]
        assert [getattr(b, "data-file") for b in buttons] == forms
        assert getattr(section, "data-panel") == "a.b"
    (beside,) = of_class(parts.list_bars(table, "a.b"), "as-table")
    assert [text(cell) for cell in tags(beside, "Td")] == ["$5"]
    assert not of_class(beside, "bar"), "a narrow panel has no room for bars and figures"
    plain = parts.table_section(table, "sources.shops", files=False)
    assert not tags(plain, "Button")


def test_the_key_line_names_what_the_line_ends_name() -> None:
    chart = daily([5.0, 6.0], [4.0, 3.0], target=5.0)
    (keys,) = of_class(parts.chart_section(chart, draw(chart), "main"), "keys")
    assert [text(key) for key in keys.children] == ["This period", "Previous", "Target"]
    alone = daily([5.0, 6.0])
    assert of_class(parts.chart_section(alone, draw(alone), "main"), "keys") == []


def test_buttons_without_words_have_a_name() -> None:
    chart = daily([5.0, 6.0])
    for part in (parts.chart_section(chart, draw(chart), "main"), parts.failed("It broke.")):
        for control in tags(part, "Button", "Summary"):
            assert text(control) or getattr(control, "aria-label", "")


def test_a_failure_says_what_is_left_and_carries_its_reference() -> None:
    drawn = parts.failed("This chart did not load.", "The figures are not affected.", "7f3a21c9")
    assert drawn.role == "alert"
    assert "Reference 7f3a21c9" in text(drawn)
    copy = next(b for b in tags(drawn, "Button") if getattr(b, "data-act") == "copy")
    assert "7f3a21c9" in getattr(copy, "data-text")
    assert [getattr(b, "data-act") for b in tags(parts.failed("No.", again=False), "Button")] == [
        "copy"
    ]


@pytest.mark.parametrize("kind", ["lead", "kpis", "hero", "chart", "bars", "table"])
def test_a_skeleton_says_that_it_loads(kind: str) -> None:
    drawn = parts.skeleton(kind)
    assert getattr(drawn, "aria-busy") == "true"
    assert text(drawn) == "Loading"
    assert of_class(drawn, "skeleton") or of_class(drawn, "bone-line")


def test_the_drill_path_marks_where_one_is_and_removes_any_level() -> None:
    levels = [
        parts.Level("All", "$412.6k", "/explore"),
        parts.Level("Country: Germany", "$148.6k", "/explore?country=DE", "/explore"),
        parts.Level("Type: Lighting", "$71.9k", "/here", "/explore?country=DE", here=True),
    ]
    drawn = parts.breadcrumb(levels)
    assert [a.href for a in tags(drawn, "Link")] == [
        "/explore",
        "/explore?country=DE",
        "/explore",
        "/explore?country=DE",
    ]
    (here,) = [s for s in walk(drawn) if getattr(s, "aria-current", None)]
    assert text(here) == "Type: Lighting$71.9k"


def test_the_lead_sets_its_figures_strong() -> None:
    drawn = parts.lead([("Net sales rose ", False), ("8.1%", True), (".", False)])
    assert text(drawn) == "Net sales rose 8.1%."
    assert text(tags(drawn, "B")) == "8.1%"


def test_a_chip_is_what_it_is_used_as() -> None:
    assert type(parts.chip("Country")).__name__ == "Span"
    assert parts.chip("Country", "Germany", on=True, sign="x", href="/").className == "chip on"
    assert type(parts.chip("Level", sign="plus", id="level")).__name__ == "Button"
    assert text(parts.chip("Country")) == "CountryAll"


def test_every_class_that_a_component_uses_is_styled() -> None:
    chart = daily([5.0, 6.0], [4.0, 3.0], target=5.0, footer="f")
    shown = [
        parts.band(parts.cell(parts.chart_section(chart, draw(chart), "a"), 8, fill=True)),
        parts.table_section(TABLE, "b"),
        parts.list_bars(TABLE, "c"),
        parts.key_figures([tile(track=(0.1, 0.7), target_text="Near", status=Status.NEAR)]),
        parts.failed("a", "b", "c"),
        parts.empty("a", "b", ("c", "/")),
        parts.stale_note("a"),
        parts.live_badge(),
        parts.live_badge(away=True),
        parts.toast("a", "bad"),
        parts.hero([parts.HeroFigure("a", "1", formats.change(2, 1, "count"), "from 1")]),
        *(parts.skeleton(kind) for kind in ("lead", "kpis", "hero", "chart", "table")),
    ]
    used = {n for c in walk(shown) for n in (getattr(c, "className", "") or "").split()}
    css = "".join(sheet.read_text() for sheet in ASSETS.glob("*.css"))
    styled = set(re.findall(r"\.([A-Za-z][\w-]*)", css))
    unstyled = {n for n in used if n not in styled and not n.endswith("-bones")}
    assert unstyled <= {"now", "chart"}
