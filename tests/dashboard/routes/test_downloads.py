from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from agent.errors import Busy, NotFound
from agent.services import Services
from dashboard.build import build_server
from dashboard.files import Heading, Sheet
from dashboard.routes.attachments import Turns, sent
from dashboard.routes.downloads import Wanted
from tests.dashboard.conftest import signed_in

NOVEMBER = "from=2026-11-01&to=2026-11-16"


class Press:
    """A printing room that writes down what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Wanted] = []
        self.pictures: list[tuple[Wanted, str, str]] = []

    def pdf(self, wanted: Wanted) -> bytes:
        if wanted.name not in ("weekly-executive", "overview"):
            raise NotFound(f"There is no report {wanted.name!r}.")
        self.asked.append(wanted)
        return b"%PDF-1.7"

    def workbook(self, wanted: Wanted) -> Iterator[bytes]:
        self.asked.append(wanted)
        return iter((b"P", b"K"))

    def picture(self, wanted: Wanted, panel: str, theme: str) -> bytes:
        self.pictures.append((wanted, panel, theme))
        return b"\x89PNG"


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def printing(services: Services, press: Press) -> Any:
    return signed_in(build_server(services, reports=press), "ann")


def lines(answer: Any) -> list[list[str]]:
    text = answer.data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_reports_get_the_pages_own_scope(services: Services, printing: Any, press: Press) -> None:
    pdf = printing.get(f"/download/weekly-executive.pdf?{NOVEMBER}&country=DE&kpi=orders")
    book = printing.get(f"/download/weekly-executive.xlsx?{NOVEMBER}")
    assert (pdf.data, pdf.content_type) == (b"%PDF-1.7", "application/pdf")
    assert book.data == b"PK"
    assert press.asked[0].scope == services.scope(f"{NOVEMBER}&country=DE")
    name = "almas-tea-weekly-executive-2026-11-01-2026-11-16.pdf"
    assert pdf.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert printing.get("/download/nothing.pdf").status_code == 404


def test_a_page_is_printed_with_its_own_words(printing: Any, press: Press) -> None:
    answer = printing.get(f"/download/overview.xlsx?{NOVEMBER}&kpi=orders")
    assert answer.status_code == 200
    assert press.asked[0].name == "overview"
    assert dict(press.asked[0].own) == {"kpi": "orders"}


def test_a_panel_is_a_picture_in_the_theme_of_the_screen(printing: Any, press: Press) -> None:
    answer = printing.get(f"/download/overview/countries.png?{NOVEMBER}&theme=dark")
    assert (answer.data, answer.content_type) == (b"\x89PNG", "image/png")
    ((wanted, panel, theme),) = press.pictures
    assert (wanted.name, panel, theme) == ("overview", "countries", "dark")


def test_without_a_printing_room_the_answer_is_a_sentence(ann: Any) -> None:
    answer = ann.get("/download/weekly-executive.pdf")
    assert answer.status_code == 422
    assert "Reports are not part of this server" in answer.text


def test_a_panel_as_csv_has_the_panels_own_figures(ann: Any, services: Services) -> None:
    answer = ann.get(f"/download/overview/countries.csv?{NOVEMBER}&cmp=none")
    assert answer.content_type == "text/csv; charset=utf-8"
    found = lines(answer)
    assert found[0] == ["Country", "Country key", "Net sales (EUR)"]
    frame = services.answer(services.question(f"metrics=net_sales&by=country&{NOVEMBER}"))
    known = dict(zip(frame.values("country"), map(float, frame.values("net_sales")), strict=True))
    assert {key or None: float(value) for _, key, value in found[1:]} == known
    assert "(none)" in [row[0] for row in found]


def test_a_panel_as_xlsx_has_all_rows_and_says_how_it_was_made(ann: Any) -> None:
    answer = ann.get(f"/download/overview/products.xlsx?{NOVEMBER}")
    book = CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert book.sheet_names == ["Top products", "About"]
    rows = book.get_sheet_by_index(0).to_python()
    assert (rows[0][0], rows[-1][0]) == ("Product", "Total")
    about = dict(row[:2] for row in book.get_sheet_by_index(1).to_python())
    assert about["Shop"] == "Alma's Tea"
    assert about["Refunds"] == "Counted on the day they are processed"
    assert about["Currency"].startswith("EUR")
    assert "sales" in about["Data versions"]


def test_what_the_screen_lists_is_a_file_too(printing: Any, press: Press) -> None:
    for path in ("targets/goals", "targets/kpis", "overview/standing"):
        for form in ("csv", "xlsx", "png"):
            # Whoever has read a file gives its turn back.
            with printing.get(f"/download/{path}.{form}?{NOVEMBER}") as answer:
                assert answer.status_code == 200, (path, form)
    rows = lines(printing.get(f"/download/overview/standing.csv?{NOVEMBER}"))
    assert rows[0][:3] == ["Metric", "Name", "Unit"]
    assert printing.get(f"/download/targets.xlsx?{NOVEMBER}").status_code == 200
    assert press.asked[-1].name == "targets"


def test_a_report_is_headed_by_what_its_address_names(printing: Any, press: Press) -> None:
    printing.get(
        f"/download/weekly-executive.pdf?{NOVEMBER}&metrics=units,orders&refunds=order_day"
    )
    assert dict(press.asked[-1].own) == {"metrics": "units,orders"}
    assert press.asked[-1].scope.refunds == "order_day"
    answer = printing.get(f"/download/weekly-executive.pdf?{NOVEMBER}&metrics=profit")
    assert answer.status_code == 400


def test_a_comparison_before_the_first_sale_is_none(ann: Any) -> None:
    answer = ann.get("/download/overview/countries.csv?from=2020-01-01&to=2020-01-02")
    assert lines(answer)[0] == ["Country", "Country key", "Net sales (EUR)"]


@pytest.mark.parametrize(
    "path",
    [
        "/download/overview/nothing.csv",
        "/download/nothing/main.csv",
        "/download/x.csv",
        "/download/overview/main.doc",
        "/download/overview/nothing.xlsx",
        "/download/nothing/main.png",
    ],
)
def test_unknown_files_are_404(printing: Any, path: str) -> None:
    assert printing.get(path).status_code == 404


def test_a_question_that_cannot_be_read_is_a_sentence_and_no_file(ann: Any) -> None:
    answer = ann.get(
        "/download/overview/main.csv?from=never", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400
    assert "Content-Disposition" not in answer.headers
    assert answer.json["error"]["message"]


def test_strangers_get_nothing(stranger: Any) -> None:
    assert stranger.get(f"/download/overview/countries.csv?{NOVEMBER}").status_code in (302, 401)


def test_rows_are_sent_as_they_are_read(server: Any) -> None:
    import pyarrow as pa

    read = []

    def batches() -> Iterator[pa.RecordBatch]:
        for at in range(3):
            read.append(at)
            yield pa.record_batch([pa.array([at])], names=["0"])

    with server.test_request_context("/"):
        answer = sent(
            Sheet("Rows", (Heading("A", "count"),), batches(), notice="Höchstens 3"),
            "csv",
            "a",
            "rows",
        )
        assert read == []
        assert answer.headers["Content-Disposition"] == 'attachment; filename="a-rows.csv"'
        assert answer.headers["X-Notice"] == "H%C3%B6chstens%203"
        assert b"".join(answer.response).count(b"\r\n") == 5
        assert read == [0, 1, 2]


def test_only_a_few_files_are_made_at_once() -> None:
    turns = Turns(at_once=1, patience=0.01)
    first = turns.take()
    with pytest.raises(Busy, match="Other files"):
        turns.take()
    first.end()
    first.end()
    second = turns.take()
    with pytest.raises(Busy):
        turns.take()
    second.end()


def test_a_turn_is_given_back_whatever_happens(printing: Any) -> None:
    for _ in range(5):
        assert printing.get("/download/nothing.pdf").status_code == 404
        assert printing.get(f"/download/overview.pdf?{NOVEMBER}").status_code == 200
    answer = printing.get(f"/download/overview/countries.csv?{NOVEMBER}")
    assert answer.status_code == 200
