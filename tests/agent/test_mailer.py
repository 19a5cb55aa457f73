from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as WIRE
from pathlib import Path
from typing import Any

import pytest

from agent.errors import Refused, Unavailable
from agent.mailer import MailServer, Outbox, PacedMailer, SmtpMailer
from agent.ports import Attachment, Letter
from agent.resilience import Policy, Upstreams
from tests import servers
from tests.clock import FrozenClock

SENDER = "Hearth <reports@shop.example>"

LETTER = Letter(
    message_id="weekly-2026-46.alma@shop.example",
    to=("anna@one.example", "Bo Ek <bo@two.example>"),
    subject="Weekly brief: £412,640 – up 8.1 %",
    text="Net sales £412,640.\n.\nThe end.\n",
    html='<p>Net sales <b>£412,640</b></p><img src="cid:trend">',
    attachments=(Attachment("Brief Ünit 46.pdf", b"%PDF-1.7\x00\xff", "application/pdf"),),
    inline={"trend": Attachment("trend.png", b"\x89PNG\r\n", "image/png")},
)


class OutboxBox:
    """An outbox, and what it holds."""

    def __init__(self, folder: Path, clock: FrozenClock) -> None:
        self.folder = folder
        self.mailer = Outbox(folder, SENDER, clock)

    def letters(self) -> list[EmailMessage]:
        files = sorted(self.folder.glob("*.eml"))
        parser = BytesParser(EmailMessage, policy=WIRE)
        return [parser.parsebytes(file.read_bytes()) for file in files]


class SmtpBox:
    """A mailer to the tests' server, and what the server took."""

    def __init__(self, server: servers.SmtpServer, clock: FrozenClock) -> None:
        self.server = server
        self.mailer = SmtpMailer(MailServer("127.0.0.1", server.port), SENDER, clock, timeout=60)

    def letters(self) -> list[EmailMessage]:
        return self.server.letters


@pytest.fixture(params=["outbox", pytest.param("smtp", marks=pytest.mark.server)])
def box(request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock) -> Any:
    if request.param == "outbox":
        return OutboxBox(tmp_path / "outbox", clock)
    return SmtpBox(request.getfixturevalue("smtp_server"), clock)


# The contract of both twins.


def test_a_letter_arrives_whole(box: Any) -> None:
    where = box.mailer.send(LETTER)
    assert where
    (letter,) = box.letters()
    assert letter["Message-ID"] == "<weekly-2026-46.alma@shop.example>"
    assert letter["From"] == SENDER
    assert letter["To"] == "anna@one.example, Bo Ek <bo@two.example>"
    assert letter["Subject"] == LETTER.subject
    assert letter["Date"].datetime == datetime(2026, 11, 17, 7, 41, tzinfo=UTC)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.defects == []


def test_both_bodies_the_picture_and_the_file(box: Any) -> None:
    box.mailer.send(LETTER)
    (letter,) = box.letters()
    kinds = [part.get_content_type() for part in letter.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
        "application/pdf",
    ]
    text, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == LETTER.text
    assert html.get_content().strip() == LETTER.html
    picture = next(part for part in letter.walk() if part.get_content_type() == "image/png")
    assert picture["Content-ID"] == "<trend>"
    assert picture.get_content_disposition() == "inline"
    assert picture.get_content() == b"\x89PNG\r\n"
    (file,) = letter.iter_attachments()
    assert file.get_filename() == "Brief Ünit 46.pdf"
    assert file.get_content() == b"%PDF-1.7\x00\xff"


def test_a_plain_letter(box: Any) -> None:
    box.mailer.send(replace(LETTER, attachments=(), inline={}, to=("anna@one.example",)))
    (letter,) = box.letters()
    assert letter.get_content_type() == "multipart/alternative"
    assert letter["To"] == "anna@one.example"


def test_angle_brackets_of_a_message_id_are_not_doubled(box: Any) -> None:
    box.mailer.send(replace(LETTER, message_id="<a@b.example>"))
    assert box.letters()[0]["Message-ID"] == "<a@b.example>"


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "Weekly\r\nBcc: eve@evil.example"},
        {"subject": "Weekly\nBcc: eve@evil.example"},
        {"subject": "Weekly\rBcc: eve@evil.example"},
        {"subject": "Weekly\x00"},
        {"subject": "Weekly\u2028Bcc: eve@evil.example"},
        {"to": ("anna@one.example\r\nBcc: eve@evil.example",)},
        {"to": ("anna@one.example, eve@evil.example",)},
        {"to": ("anna@one.example\nRCPT TO:<eve@evil.example>",)},
        {"to": ("anna",)},
        {"to": ("",)},
        {"to": ()},
        {"message_id": "a@b\r\nBcc: eve@evil.example"},
        {"attachments": (Attachment("a\r\nX: y.pdf", b"", "application/pdf"),)},
        {"attachments": (Attachment("a.pdf", b"", "application/pdf\r\nX: y"),)},
        {"attachments": (Attachment("a.pdf", b"", "pdf"),)},
        {"inline": {"a>\r\nX: y": Attachment("a.png", b"", "image/png")}},
    ],
)
def test_nothing_writes_headers_of_its_own(box: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        box.mailer.send(replace(LETTER, **wrong))
    assert refused.value.permanent
    assert "\n" not in str(refused.value)
    assert "\r" not in str(refused.value)
    assert box.letters() == []


def test_the_sender_cannot_either(tmp_path: Path, clock: FrozenClock) -> None:
    with pytest.raises(Refused):
        Outbox(tmp_path, "a@b.example\r\nBcc: eve@evil.example", clock).send(LETTER)


def test_ping(box: Any) -> None:
    box.mailer.ping()
    assert box.letters() == []


# The outbox.


def test_a_mail_server_that_is_away_is_left_alone(clock: FrozenClock) -> None:
    asked: list[Letter] = []

    class Gone(Outbox):
        def send(self, letter: Letter) -> str:
            asked.append(letter)
            raise Unavailable("The mail server does not answer.")

    own = Upstreams(clock, policies={"mail": Policy(tries=1, failures=2)}).of("mail")
    mailer = PacedMailer(Gone(Path("none"), SENDER, clock), own)
    for _ in range(5):
        with pytest.raises(Unavailable, match=r"does not answer|did not answer of late"):
            mailer.send(LETTER)
    assert len(asked) == 2
    clock.advance(30)
    with pytest.raises(Unavailable, match="does not answer"):
        mailer.send(LETTER)
    assert len(asked) == 3


def test_the_file_is_named_by_time_and_letter(tmp_path: Path, clock: FrozenClock) -> None:
    outbox = Outbox(tmp_path / "new" / "outbox", SENDER, clock)
    where = Path(outbox.send(LETTER))
    assert where.name == "20261117T074100Z-weekly-2026-46.alma@shop.example.eml"
    assert where.parent == tmp_path / "new" / "outbox"
    assert where.stat().st_mode & 0o777 == 0o600
    clock.advance(1)
    assert Path(outbox.send(LETTER)).name.startswith("20261117T074101Z-")
    assert len(list(where.parent.iterdir())) == 2, "no draft stays behind"


def test_a_message_id_stays_inside_the_folder(tmp_path: Path, clock: FrozenClock) -> None:
    where = Outbox(tmp_path / "outbox", SENDER, clock).send(
        replace(LETTER, message_id="../../" + "x" * 300 + "/@b.example")
    )
    assert Path(where).parent == tmp_path / "outbox"
    assert Path(where).is_file()


def test_a_folder_that_cannot_be_written(tmp_path: Path, clock: FrozenClock) -> None:
    (tmp_path / "outbox").write_text("a file")
    outbox = Outbox(tmp_path / "outbox", SENDER, clock)
    for action in (lambda: outbox.send(LETTER), outbox.ping):
        with pytest.raises(Unavailable, match=r"^The outbox '.*outbox' cannot be written: ") as no:
            action()
        assert not no.value.permanent
