from __future__ import annotations

import struct
from dataclasses import replace
from io import BytesIO

import pypdf
import pytest
from python_calamine import CalamineWorkbook

from agent.errors import NotFound, Refused
from agent.metrics.questions import Scope
from agent.services import Services
from dashboard.pages import PAGES
from dashboard.panels import Page, Table
from reports.compose import compose, period_scope
from reports.documents import report_of
from reports.excel import to_workbook
from reports.parts import pictured
from reports.pdf import to_pdf
from reports.pictures import to_picture
from tests.reports import shop

PRINTED = [page.name for page in PAGES.values() if page.panels]


@pytest.fixture
def scope(reading: Services) -> Scope:
    return period_scope(reading, shop.TEA, "last_28_days")


@pytest.mark.parametrize("name", PRINTED)
def test_every_page_is_a_document_of_its_panels(reading: Services, scope: Scope, name: str) -> None:
    document = compose(reading, name, scope)
    page = next(page for page in PAGES.values() if page.name == name)
    shown = [panel.id for panel in page.panels if not panel.apart]
    missing = [word for word, _ in document.notes if word.startswith("Not shown")]
    assert len(document.parts) + len(missing) == len(shown)
    assert document.link.startswith(f"http://127.0.0.1:8050{page.path}?shop=almas-tea&from=2026")
    book = CalamineWorkbook.from_filelike(BytesIO(to_workbook(document)))
    assert {"Summary", "Definitions", "About"} <= set(book.sheet_names)
    about = dict(row[:2] for row in book.get_sheet_by_name("About").to_python())
    assert about["Refunds"] == "Counted on the day they are processed"
    for word in missing:
        assert about[word]


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
    assert found.source == f"{shop.TEA.name}. 20 October to 16 November 2026"
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
