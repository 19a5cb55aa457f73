from __future__ import annotations

import struct
import zipfile
from dataclasses import replace
from io import BytesIO

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from agent.errors import NotFound, Refused
from agent.metrics.questions import Ask, Scope
from agent.services import Services
from dashboard.charts import Chart
from dashboard.pages import PAGES
from dashboard.pages.overview import LEDGER_FIGURES
from dashboard.panels import Page, Table
from reports.compose import compose, period_scope
from reports.documents import report_of
from reports.excel import to_workbook
from reports.parts import pictured
from reports.pdf import to_pdf
from reports.pictures import to_picture
from reports.words import alternative
from tests.reports import shop

PRINTED = [page.name for page in PAGES.values() if page.filed({})]


@pytest.fixture
def scope(reading: Services) -> Scope:
    return period_scope(reading, shop.TEA, "last_28_days")


@pytest.mark.parametrize("name", PRINTED)
def test_every_page_is_a_document_of_its_panels(reading: Services, scope: Scope, name: str) -> None:
    document = compose(reading, name, scope)
    page = next(page for page in PAGES.values() if page.name == name)
    shown = [panel.id for panel in page.filed({})]
    missing = [word for word, _ in document.notes if word.startswith("Not shown")]
    assert len(document.parts) + len(missing) == len(shown)
    assert document.link.startswith(f"http://127.0.0.1:8050{page.path}?shop=almas-tea&from=2026")
    book = CalamineWorkbook.from_filelike(BytesIO(to_workbook(document)))
    assert {"Summary", "Definitions", "About"} <= set(book.sheet_names)
    about = dict(row[:2] for row in book.get_sheet_by_name("About").to_python())
    assert about["Refunds"] == "Counted on the day they are processed"
    for word in missing:
        assert about[word]


def test_overviews_key_figures_are_those_of_the_screen(reading: Services, scope: Scope) -> None:
    document = compose(reading, "overview", scope)
    # The shop knows neither visits nor spend: what any shop knows stands in for their rates.
    assert [figure.metric for figure in document.figures] == list(LEDGER_FIGURES)
    for figure in document.figures:
        frame = reading.answer(Ask((figure.metric,)).within(scope))
        assert (figure.value, figure.before) == (
            frame.total(figure.metric),
            frame.before(figure.metric),
        )


def test_a_figure_that_filters_leave_without_an_answer_says_so(
    reading: Services, scope: Scope
) -> None:
    page = next(page for page in PAGES.values() if page.name == "marketing")
    document = compose(reading, page.name, scope.where("product", "t1"))
    said = {figure.metric: figure for figure in document.figures}
    assert list(said) == list(page.hero)
    assert said["cac"].reason == "Not known with these filters"
    assert said["cac"].text == "–"


def test_a_chart_on_paper_has_its_target(services: Services) -> None:
    scope = period_scope(services, shop.TEA, "last_28_days")
    services.records.targets.put(shop.TEA.shop_id, "net_sales", 300.0)
    found = pictured(services, "overview", "main", (scope, {})).view
    assert isinstance(found, Chart) and found.target is not None
    plain = to_picture(replace(found, target=None), "Tea")
    assert to_picture(found, "Tea") != plain
    book = to_workbook(compose(services, "overview", scope))
    with zipfile.ZipFile(BytesIO(book)) as packed:
        charts = [packed.read(n).decode() for n in packed.namelist() if "charts/chart" in n]
    line = next(chart for chart in charts if "c:lineChart" in chart)
    assert line.count("<c:ser>") == 3, "now, before and the target"


def test_a_breakdown_on_paper_is_held_to_its_target(services: Services) -> None:
    scope = replace(period_scope(services, shop.TEA, "last_28_days"), compare="target")
    services.records.targets.put(shop.TEA.shop_id, "net_sales", 300.0)
    by_week = pictured(services, "explore", "breakdown", (scope, {"by": "week"})).view
    assert isinstance(by_week, Table)
    assert [heading.label for heading in by_week.headings[-2:]] == ["Target", "Gap"]
    parts = pictured(services, "explore", "breakdown", (scope, {"by": "country"})).view
    assert isinstance(parts, Table)
    assert parts.headings[-1].label == "Share of target"


def test_small_multiples_are_drawn_one_beside_the_other(reading: Services, scope: Scope) -> None:
    own = {"split": "country", "metrics": "net_sales"}
    view = pictured(reading, "explore", "breakdown", (scope, own)).view
    assert isinstance(view, Chart) and view.small
    names = [part.title for _, part in view.parts]
    assert len(names) > 3
    assert all([s.role for s in part.series] == ["now", "previous"] for _, part in view.parts)
    one = replace(view, series=tuple(s for s in view.series if s.key == view.parts[0][0]))
    heights = [struct.unpack(">II", to_picture(v, "Tea")[16:24])[1] for v in (one, view)]
    assert heights[1] > heights[0]
    assert names[-1] in alternative(view)


def test_a_page_on_paper_is_tagged_and_its_charts_have_words(
    reading: Services, scope: Scope
) -> None:
    paper = pypdf.PdfReader(BytesIO(to_pdf(compose(reading, "overview", scope))))
    root = paper.trailer["/Root"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    text = " ".join(page.extract_text() for page in paper.pages)
    assert "Net sales" in text
    assert "How these figures are made" in text
    alternatives = [node["/Alt"] for node in figures(root["/StructTreeRoot"])]
    assert any("between" in words for words in alternatives)


def figures(tree: object) -> list[pypdf.generic.DictionaryObject]:
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            found += [node] if node.get("/S") == "/Figure" and "/Alt" in node else []
            todo += [node["/K"]] if "/K" in node else []
    return found


def test_the_pages_own_words_choose_its_panels(reading: Services, scope: Scope) -> None:
    document = compose(reading, "overview", scope, own={"kpi": "orders"})
    assert document.parts[0].title == "Sales over time"
    chart = document.parts[0].chart
    assert chart is not None and "Orders" in chart.title
    assert "kpi=orders" in document.link


def test_a_panel_that_cannot_be_asked_is_named_and_the_others_stand(
    reading: Services, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = PAGES["/"]

    def refused(_: Scope) -> None:
        raise Refused("Sessions are not known by product.")

    broken = replace(page.panels[-1], title="Visits", ask=refused)  # type: ignore[arg-type]
    monkeypatch.setattr(Page, "within", lambda self, own: (page.panels[0], broken))
    monkeypatch.setattr("reports.compose._told", lambda *_: ("net_sales",))
    document = compose(reading, "overview", scope)
    assert [part.id for part in document.parts] == [page.panels[0].id]
    assert ("Not shown: Visits", "Sessions are not known by product.") in document.notes


def test_unknown_names_are_refused_with_those_there_are(reading: Services, scope: Scope) -> None:
    with pytest.raises(NotFound, match="overview"):
        report_of("nothing")
    with pytest.raises(NotFound, match="no part"):
        pictured(reading, "overview", "nothing", (scope, {}))


@pytest.mark.parametrize("panel", ["main", "countries"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_panel_is_a_picture_that_stands_alone(
    reading: Services, scope: Scope, panel: str, theme: str
) -> None:
    found = pictured(reading, "overview", panel, (scope, {}))
    period = "20 October to 16 November 2026"
    terms = "Refunds on the day they are processed"
    assert found.source == f"{shop.TEA.name}. {period}. {terms}"
    picture = to_picture(found.view, found.source, theme)
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture[16:24])
    assert width == 1920
    assert height > 300
    assert picture == to_picture(found.view, found.source, theme)


def test_a_long_table_says_how_much_is_left_out(reading: Services, scope: Scope) -> None:
    view = pictured(reading, "overview", "countries", (scope, {})).view
    assert isinstance(view, Table)
    short = to_picture(view, "Tea")
    long = to_picture(replace(view, rows=view.rows * 80), "Tea")
    height = struct.unpack(">II", long[16:24])[1] - struct.unpack(">II", short[16:24])[1]
    assert 0 < height / 2 / 30 <= 61


def test_text_of_the_shop_is_no_formula_in_a_picture(reading: Services, scope: Scope) -> None:
    view = pictured(reading, "overview", "countries", (scope, {})).view
    assert isinstance(view, Table)
    row = replace(view.rows[0], name=r"$\frac{1}{2}$ $$ <b>")
    assert to_picture(replace(view, rows=(row,), title="$x$", measure="$$"), "$a$")
