from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agent.errors import NotConfigured
from agent.mailer import MailServer, Outbox, SmtpMailer
from agent.ports import Letter
from agent.services import Services
from reports import mail
from reports.documents import Document
from reports.mail import Enclosed, subject_of, to_letter
from tests.clock import FrozenClock
from tests.reports import shop
from tests.reports.conftest import brief

TO = ("mara@almas-tea.example",)


@pytest.fixture
def letter(document: Document, enclosed: Enclosed) -> Letter:
    return to_letter(document, TO, "<report.1@almas-tea.example>", enclosed)


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.found if tag == name]


def test_subject_preheader_and_enclosures(letter: Letter) -> None:
    assert letter.subject == "Net sales rose 236.2% to $158"
    assert letter.to == TO
    names = [attachment.name for attachment in letter.attachments]
    assert names == [
        "weekly-executive-almas-tea-2026-10-20-2026-11-16.pdf",
        "weekly-executive-almas-tea-2026-10-20-2026-11-16.xlsx",
    ]
    assert letter.attachments[0].content.startswith(b"%PDF-")
    assert letter.attachments[1].content.startswith(b"PK")


def test_html_has_the_figures_and_no_script(letter: Letter) -> None:
    tags = Tags(letter.html)
    assert not tags.named("script")
    assert not tags.named("link")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in letter.html
    assert "Alma&#39;s &lt;b&gt;Tea&lt;/b&gt; &amp; Co" in letter.html
    for words in ("$158", "+236.2%", "$194.95", "−$27.00", "=1+1", "The PDF and the workbook"):
        assert words in letter.html, words


def test_html_is_600_wide_with_inline_styles_and_a_dark_dress(letter: Letter) -> None:
    tags = Tags(letter.html)
    widths = {t.get("width") for t in tags.named("table")}
    assert "600" in widths
    assert widths <= {"600", "100%", None}
    assert "prefers-color-scheme:dark" in letter.html
    assert all(td.get("style") for td in tags.named("td"))
    presented = [t.get("role") for t in tags.named("table")].count("presentation")
    # The tables of figures: parts of the change, what else happened, steps, products.
    assert presented == len(tags.named("table")) - 4


def test_pictures_are_inside_the_letter_and_have_words(letter: Letter) -> None:
    images = Tags(letter.html).named("img")
    assert [image["src"] for image in images] == ["cid:series-light", "cid:series-dark"]
    assert set(letter.inline) == {"series-light", "series-dark"}
    assert all("between −$27 and $90" in str(image["alt"]) for image in images)
    assert all(a.content.startswith(b"\x89PNG") for a in letter.inline.values())
    assert not re.findall(r"(?:src|background)=[\"']?https?:", letter.html)


def test_the_text_says_everything(letter: Letter, document: Document) -> None:
    for words in ("Net sales: $158 (+236.2%, from $47)", "Total sales: $194.70", "=1+1: -1, −$27"):
        assert words.replace("-1,", "−1,") in letter.text, words
    for name, words in document.notes:
        assert f"{name}: {words}" in letter.text
    assert document.link in letter.text
    assert "New and returning customers" in letter.text


def test_without_pdf_the_mail_goes_and_says_so(
    document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(document: Document) -> bytes:
        raise NotConfigured("PDFs cannot be made: a library is missing.", hint="Install Pango.")

    monkeypatch.setattr(mail, "to_pdf", broken)
    letter = to_letter(document, TO, "<1@x.example>")
    assert [a.name[-4:] for a in letter.attachments] == ["xlsx"]
    for text in (letter.text, letter.html):
        assert "The PDF could not be made" in text
        assert "Install Pango." in text


def test_a_subject_is_one_short_line(document: Document) -> None:
    nasty = replace(document, lead=("Sales\r\nBcc: all@x.example\x00 rose " + "far " * 80,))
    subject = subject_of(nasty)
    assert len(subject) <= 150
    assert subject.isprintable()
    assert subject.startswith("Sales Bcc: all@x.example rose")


def test_a_period_without_rows_is_a_letter_too(reading: Services) -> None:
    letter = to_letter(brief(reading, shop.TEA, "2025-03"), TO, "<1@x.example>")
    assert "There are no sales and no orders" in letter.text
    assert "There are no sales and no orders" in letter.html


def received(message: Any) -> None:
    assert message["Subject"] == "Net sales rose 236.2% to $158"
    assert message["Message-ID"] == "<report.1@almas-tea.example>"
    assert message["To"] == TO[0]
    kinds = [part.get_content_type() for part in message.walk()]
    for kind in ("text/plain", "text/html", "image/png", "application/pdf", mail.XLSX):
        assert kind in kinds, kind
    pdf = next(part for part in message.walk() if part.get_content_type() == "application/pdf")
    assert pdf.get_content().startswith(b"%PDF-")
    assert pdf.get_filename().endswith(".pdf")
    cids = {part["Content-ID"] for part in message.walk() if part["Content-ID"]}
    assert cids == {"<series-light>", "<series-dark>"}


def test_it_goes_to_the_outbox(letter: Letter, tmp_path: Path, clock: FrozenClock) -> None:
    where = Outbox(tmp_path / "box", "Analytics <a@almas-tea.example>", clock).send(letter)
    received(message_from_bytes(Path(where).read_bytes(), policy=policy.default))


@pytest.mark.server
def test_it_goes_through_a_mail_server(
    letter: Letter, smtp_server: Any, clock: FrozenClock
) -> None:
    server = MailServer("127.0.0.1", smtp_server.port)
    SmtpMailer(server, "Analytics <a@almas-tea.example>", clock).send(letter)
    (message,) = smtp_server.letters
    received(message)


def test_enclosures_are_made_once_for_many(document: Document, enclosed: Enclosed) -> None:
    first = to_letter(document, TO, "<1@x.example>", enclosed)
    second = to_letter(document, ("b@x.example",), "<2@x.example>", enclosed)
    assert first.attachments is second.attachments
    assert first.html == second.html
