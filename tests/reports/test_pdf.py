from __future__ import annotations

import builtins
import re
from io import BytesIO
from typing import Any

import pypdf
import pytest

from agent.errors import NotConfigured
from agent.services import Services
from reports.documents import Document
from reports.pdf import available, bands, page_of, spark, to_pdf
from tests.reports import shop
from tests.reports.conftest import brief


def read(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(content))


def text_of(content: bytes) -> str:
    """The words of all pages; a line break is a space."""
    return " ".join(" ".join(page.extract_text() for page in read(content).pages).split())


def test_it_prints_the_figures(paper: bytes) -> None:
    text = text_of(paper)
    for words in ("$158", "↑ +236.2% $47", "$46.25", "50.0%", "$194.95", "−$9.95", "−$27.00"):
        assert words in text, words
    for words in ("$158.00", "$31.70", "$194.70", "Germany", "(none)", "Green tea", "1 of 3"):
        assert words in text, words
    assert "How these figures are made" in text
    assert "22 September to 19 October 2026" in text


def test_it_is_tagged_and_says_its_language(paper: bytes) -> None:
    root = read(paper).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF boolean
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "en"
    metadata = root["/Metadata"].get_data()
    assert b"pdfuaid:part" in metadata


def elements(tree: Any, kind: str) -> list[Any]:
    found, todo = [], [tree]
    while todo:
        node = todo.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            todo += node
        elif isinstance(node, dict):
            if node.get("/S") == kind:
                found.append(node)
            todo += [node["/K"]] if "/K" in node else []
    return found


def test_tables_are_tables_and_charts_have_words(document: Document, paper: bytes) -> None:
    tree = read(paper).trailer["/Root"]["/StructTreeRoot"]
    tables = sum(part.table is not None for part in document.parts)
    assert len(elements(tree, "/Table")) == tables == 8
    assert len(elements(tree, "/TH")) > 20
    alts = [str(figure.get("/Alt", "")) for figure in elements(tree, "/Figure")]
    assert all(alts)
    assert any("between −$27 and $90" in alt for alt in alts)


def test_three_pages_of_a4_with_a_running_head_from_the_second(paper: bytes) -> None:
    pages = read(paper).pages
    assert len(pages) == 3
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842]
    head = "Weekly executive brief, 20 October to 16 November 2026"
    assert head not in pages[0].extract_text()
    assert head in pages[1].extract_text()
    assert shop.TEA.name in pages[1].extract_text()


def test_the_same_document_gives_the_same_bytes(document: Document, paper: bytes) -> None:
    assert to_pdf(document) == paper


def test_text_of_the_shop_never_becomes_markup(document: Document, paper: bytes) -> None:
    page = page_of(document)
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Alma&#39;s &lt;b&gt;Tea&lt;/b&gt; &amp; Co" in page
    assert "<script>alert(1)</script>" in text_of(paper)


def test_nothing_is_fetched_from_outside(document: Document) -> None:
    addresses = re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?([a-z]+:)", page_of(document))
    assert set(addresses) == {"data:"}


def test_the_fetcher_reads_data_only(tmp_path: Any) -> None:
    from reports.pdf import _fetcher

    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    for address in (secret.as_uri(), "http://127.0.0.1:9/x", "ftp://127.0.0.1/x"):
        with pytest.raises(ValueError, match="rotocol"):
            _fetcher().fetch(address)
    assert _fetcher().fetch("data:text/plain,tea").read() == b"tea"


def test_a_long_title_is_cut_on_paper(paper: bytes) -> None:
    text = text_of(paper)
    assert shop.LONG_TITLE not in text
    assert shop.LONG_TITLE[:40] in text
    assert "…" in text


def test_a_period_without_rows_is_a_paper_too(reading: Services) -> None:
    content = to_pdf(brief(reading, shop.TEA, "2025-03"))
    assert "There are no sales and no orders in this period." in text_of(content)
    assert len(read(content).pages) <= 2


@pytest.mark.parametrize("period", ["2026-10-25", "2026", "2026-11-06..2026-11-12"])
def test_any_period_fits(reading: Services, period: str) -> None:
    assert len(read(to_pdf(brief(reading, shop.TEA, period))).pages) <= 3


def test_without_pango_it_says_what_to_install(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = builtins.__import__

    def broken(name: str, *rest: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return kept(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(NotConfigured, match="apt-get install libpango"):
        to_pdf(document)
    assert "libpango" in available()


def test_halves_stand_side_by_side(document: Document) -> None:
    found = [[part.id for part in band] for band in bands(document.parts)]
    assert found == [
        ["series"],
        ["why"],
        ["bridge", "steps"],
        ["matches"],
        ["countries", "channels"],
        ["products"],
        ["customers"],
    ]


def test_a_spark_keeps_its_gaps_and_shares_its_scale() -> None:
    import numpy as np

    path = spark(np.array([0.0, np.nan, 2.0, 4.0]))
    assert path == "M2.0 16.0 M47.3 9.0 L70.0 2.0"
    assert spark(np.array([0.0, 4.0]), reach=np.array([8.0])).endswith("9.0")
    assert spark(np.array([np.nan, np.nan])) == ""
    assert spark(np.array([1.0])) == ""
