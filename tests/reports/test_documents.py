from __future__ import annotations

from dataclasses import replace

from agent.ports import Shop
from reports.documents import Document


def test_a_file_name_is_safe_on_every_system(document: Document) -> None:
    assert document.file_name("pdf") == "weekly-executive-almas-tea-2026-10-20-2026-11-16.pdf"
    odd = replace(document, shop=Shop('../a:b*c?"<>|\\京', "x", "USD", "UTC"))
    assert odd.file_name("xlsx") == "weekly-executive-a-b-c-2026-10-20-2026-11-16.xlsx"
    assert "-shop-" in replace(document, shop=Shop("京都", "x", "JPY", "UTC")).file_name("pdf")


def test_paper_defines_the_key_figures_and_the_workbook_all(document: Document) -> None:
    printed = [name for name, _ in document.printed_definitions]
    assert printed == [figure.label for figure in document.figures]
    assert len(document.definitions) > len(printed)


def test_it_is_empty_only_without_sales_and_orders(document: Document) -> None:
    assert not document.empty
    none = tuple(replace(figure, value=0) for figure in document.figures)
    assert replace(document, figures=none).empty
    returned = (replace(none[0], value=-27), *none[1:])
    assert not replace(document, figures=returned).empty
