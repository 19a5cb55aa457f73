from __future__ import annotations

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadSetting, Refused, Unavailable
from agent.mailer import MailServer, SmtpMailer
from tests import servers
from tests.agent.test_mailer import LETTER, SENDER
from tests.clock import FrozenClock


def smtp_mailer(port: int, clock: FrozenClock, timeout: float = 5.0, **more: Any) -> SmtpMailer:
    return SmtpMailer(MailServer("127.0.0.1", port, **more), SENDER, clock, timeout)


@pytest.mark.server
def test_it_tells_where_the_letter_went(
    smtp_server: servers.SmtpServer, clock: FrozenClock
) -> None:
    where = smtp_mailer(smtp_server.port, clock).send(LETTER)
    assert where == f"127.0.0.1:{smtp_server.port}"
    (envelope,) = smtp_server.envelopes
    assert envelope.mail_from == "reports@shop.example"
    assert envelope.rcpt_tos == ["anna@one.example", "bo@two.example"]


@pytest.mark.server
@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("451 try later", Unavailable),
        ("421 closing", Unavailable),
        ("452 mailbox full", Unavailable),
        ("550 no such user", Refused),
        ("554 looks like spam", Refused),
    ],
)
def test_what_the_server_says_decides(
    smtp_server: servers.SmtpServer, clock: FrozenClock, reply: str, kind: type[Exception]
) -> None:
    smtp_server.reply = reply
    with pytest.raises(kind) as failed:
        smtp_mailer(smtp_server.port, clock).send(LETTER)
    assert type(failed.value) is kind
    assert str(failed.value) == f"The mail server 127.0.0.1:{smtp_server.port} says: {reply}"
    assert smtp_server.letters == []


def test_nobody_there(clock: FrozenClock) -> None:
    mailer = smtp_mailer(servers.free_port(), clock)
    for action in (lambda: mailer.send(LETTER), mailer.ping):
        with pytest.raises(Unavailable, match="does not answer"):
            action()


@contextmanager
def spoken(lines: Callable[[bytes], bytes | None], greeting: bytes = b"220 x\r\n") -> Iterator[int]:
    """A server that answers each line as the function says, and hangs up at None."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_speak, args=(server, lines, greeting), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _speak(server: socket.socket, lines: Callable[[bytes], bytes | None], greeting: bytes) -> None:
    try:
        line, _ = server.accept()
    except OSError:
        return
    with line, line.makefile("rb") as heard:
        line.sendall(greeting)
        in_letter = False
        for said in heard:
            text = said if in_letter else said[:4].upper() + said[4:]
            in_letter = (in_letter and text != b".\r\n") or text.startswith(b"DATA")
            if in_letter and not text.startswith(b"DATA"):
                continue
            answer = lines(text)
            if answer is None:
                return
            line.sendall(answer)


def polite(text: bytes) -> bytes | None:
    if text.startswith(b"DATA"):
        return b"354 go on\r\n"
    return b"250 fine\r\n"


def test_a_letter_taken_is_sent_even_when_the_goodbye_fails(clock: FrozenClock) -> None:
    for goodbye in (None, b"421 too busy\r\n", b"554 bye\r\n"):
        with spoken(lambda t, g=goodbye: g if t.startswith(b"QUIT") else polite(t)) as port:
            assert smtp_mailer(port, clock).send(LETTER) == f"127.0.0.1:{port}"


def test_a_line_cut_before_the_letter_was_taken_is_no_delivery(clock: FrozenClock) -> None:
    with (
        spoken(lambda t: None if t == b".\r\n" else polite(t)) as port,
        pytest.raises(Unavailable),
    ):
        smtp_mailer(port, clock).send(LETTER)


def test_one_refused_recipient_is_told_and_the_letter_still_goes(clock: FrozenClock) -> None:
    def lines(text: bytes) -> bytes | None:
        return b"550 5.1.1 no bo here\r\n" if b"bo@two" in text else polite(text)

    with spoken(lines) as port:
        where = smtp_mailer(port, clock).send(LETTER)
    assert where == f"127.0.0.1:{port}, without bo@two.example: 550 5.1.1 no bo here"


@pytest.mark.parametrize(("second", "kind"), [(b"550 no", Refused), (b"451 later", Unavailable)])
def test_all_recipients_refused(clock: FrozenClock, second: bytes, kind: type[Exception]) -> None:
    def lines(text: bytes) -> bytes | None:
        if text.startswith(b"RCPT"):
            return (second if b"bo@two" in text else b"550 no") + b"\r\n"
        return polite(text)

    with spoken(lines) as port, pytest.raises(kind):
        smtp_mailer(port, clock).send(LETTER)


def test_a_server_that_hangs_is_left(clock: FrozenClock) -> None:
    start = time.monotonic()
    with spoken(polite, greeting=b"") as port, pytest.raises(Unavailable):
        smtp_mailer(port, clock, timeout=0.3).send(LETTER)
    assert time.monotonic() - start < 50


def test_a_password_never_comes_back_in_a_sentence(clock: FrozenClock) -> None:
    def lines(text: bytes) -> bytes | None:
        if text.startswith(b"EHLO"):
            return b"250-x\r\n250 AUTH PLAIN\r\n"
        return b"535 wrong password hunter2 for anna\r\n" if b"AUTH" in text else polite(text)

    with spoken(lines) as port, pytest.raises(Refused) as refused:
        smtp_mailer(port, clock, user="anna", password="hunter2").send(LETTER)
    assert "535 wrong password ••• for anna" in str(refused.value)
    assert "hunter2" not in repr(MailServer("m", 25, "none", "anna", "hunter2"))


def test_a_password_that_smtplib_cannot_send_stops_the_start() -> None:
    with pytest.raises(BadSetting, match="must be plain ASCII") as stopped:
        MailServer("mail.example", 587, "starttls", "anna", "wörd")
    assert "wörd" not in str(stopped.value)


@pytest.mark.server
def test_a_server_that_cannot_do_what_is_asked(
    smtp_server: servers.SmtpServer, clock: FrozenClock
) -> None:
    for more in ({"tls": "starttls"}, {"user": "anna", "password": "pw"}):
        with pytest.raises(Refused, match=r"^The mail server .* cannot do what is asked"):
            smtp_mailer(smtp_server.port, clock, **more).send(LETTER)
    assert smtp_server.letters == []


# TLS and sign-in, against a server that demands both.


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(certificate, key) for 127.0.0.1, signed by itself."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail test")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "crt", folder / "key"


@contextmanager
def secure_server(way: str, certificate: tuple[Path, Path]) -> Iterator[servers.SmtpServer]:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def knows(server: Any, session: Any, envelope: Any, way: str, data: Any) -> AuthResult:
        right = (data.login, data.password) == (b"anna", b"p@ss word")
        return AuthResult(success=right, handled=right)

    box = servers.SmtpServer(servers.free_port())
    starts = way == "starttls"
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        ssl_context=None if starts else context,
        tls_context=context if starts else None,
        require_starttls=starts,
        authenticator=knows,
        auth_required=starts,
        auth_require_tls=starts,
    )
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@pytest.mark.server
@pytest.mark.parametrize("way", ["tls", "starttls"])
def test_mail_goes_over_tls_with_a_password(
    way: str,
    certificate: tuple[Path, Path],
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with secure_server(way, certificate) as box:
        right = {"tls": way, "user": "anna", "password": "p@ss word"}
        with pytest.raises(Refused, match=r"certificate of the mail server .* is not trusted"):
            smtp_mailer(box.port, clock, **right).send(LETTER)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        smtp_mailer(box.port, clock, **right).ping()
        smtp_mailer(box.port, clock, **right).send(LETTER)
        assert [letter["Subject"] for letter in box.letters] == [LETTER.subject]
        with pytest.raises(Refused, match="says: 535"):
            smtp_mailer(box.port, clock, **right | {"password": "other"}).send(LETTER)
        assert len(box.letters) == 1


def test_smtplib_still_says_goodbye_loudly() -> None:
    """Why the mailer does not use smtplib's own `with`: it raises when a letter is already sent."""
    with (
        spoken(lambda t: b"421 busy\r\n" if t.startswith(b"QUIT") else polite(t)) as port,
        pytest.raises(smtplib.SMTPResponseException),
        smtplib.SMTP("127.0.0.1", port, timeout=60) as line,
    ):
        line.noop()
