from __future__ import annotations

from typing import Any

import pytest

from agent.errors import NotFound
from agent.metrics.questions import Scope
from agent.services import Services
from dashboard.build import build_server
from dashboard.routes.downloads import as_csv, safe
from tests.dashboard.conftest import signed_in

NOVEMBER = "from=2026-11-01&to=2026-11-16"


class Press:
    """A printing room that writes down what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Scope]] = []

    def pdf(self, name: str, scope: Scope) -> bytes:
        if name != "weekly-executive":
            raise NotFound(f"There is no report {name!r}.")
        self.asked.append((name, scope))
        return b"%PDF-1.7"

    def workbook(self, name: str, scope: Scope) -> bytes:
        self.asked.append((name, scope))
        return b"PK"


def test_reports_get_the_pages_own_scope(services: Services) -> None:
    press = Press()
    ann = signed_in(build_server(services, reports=press), "ann")
    pdf = ann.get(f"/download/weekly-executive.pdf?{NOVEMBER}&country=DE&kpi=orders")
    book = ann.get(f"/download/weekly-executive.xlsx?{NOVEMBER}")
    assert (pdf.data, pdf.content_type) == (b"%PDF-1.7", "application/pdf")
    assert book.data == b"PK"
    assert press.asked[0][1] == services.scope(f"{NOVEMBER}&country=DE")
    name = "almas-tea-weekly-executive-2026-11-01-2026-11-16.pdf"
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert ann.get("/download/nothing.pdf").status_code == 404


def test_without_a_printing_room_the_answer_is_a_sentence(ann: Any) -> None:
    answer = ann.get("/download/weekly-executive.pdf")
    assert answer.status_code == 422
    assert "Reports are not part of this server" in answer.text


def test_a_panel_as_csv_has_the_panels_own_figures(ann: Any, services: Services) -> None:
    answer = ann.get(f"/download/overview/countries.csv?{NOVEMBER}&cmp=none")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "Country,Net sales"
    frame = services.answer(services.question(f"metrics=net_sales&by=country&top=6&{NOVEMBER}"))
    known = dict(zip(frame.values("country"), frame.values("net_sales"), strict=True))
    written = dict(line.split(",") for line in lines[1:])
    assert float(written["DE"]) == float(known["DE"])
    assert "(none)" in written


@pytest.mark.parametrize(
    "path", ["/download/overview/nothing.csv", "/download/nothing/main.csv", "/download/x.csv"]
)
def test_unknown_files_are_404(ann: Any, path: str) -> None:
    assert ann.get(path).status_code == 404


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "|calc", "%x", "\n=1"]
)
def test_text_never_becomes_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Assam", "1-2", "a=b", "", "Ähre"])
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


def test_numbers_in_a_csv_are_bare(services: Services) -> None:
    query = f"metrics=discounts&by=country&{NOVEMBER}"
    text = as_csv(services.answer(services.question(query)))
    assert "'-" not in text, "a negative amount is a number, not a formula"
    assert text.splitlines()[0] == 'Country,Discounts,"Discounts, before"'
