"""The mailer twins: a folder of .eml files, and an SMTP server. Both send the very same message."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP as WIRE
from email.utils import format_datetime, getaddresses
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.errors import BadSetting, Refused, Unavailable
from agent.files import write_whole
from agent.ports import Attachment, Clock, Letter, Mailer

if TYPE_CHECKING:
    from agent.resilience import Upstream

TIMEOUT_SECONDS = 15.0
PING_SECONDS = 3.0
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")
Tls = Literal["tls", "starttls", "none"]
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


class Outbox:
    """Puts each letter into a folder as a file that any mail program opens."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder, self._sender, self._clock = folder, sender, clock

    def send(self, letter: Letter) -> str:
        now = self._clock.now()
        name = re.sub(r"[^\w.@-]+", "_", letter.message_id.strip("<>"), flags=re.ASCII)[:120]
        path = self._folder / f"{now:%Y%m%dT%H%M%SZ}-{name}.eml"
        content = build(letter, self._sender, format_datetime(now)).as_bytes()
        try:
            write_whole(path, content)
        except OSError as error:
            raise self._unwritable(error) from error
        return str(path)

    def ping(self) -> None:
        probe = self._folder / ".ping"
        try:
            write_whole(probe, b"")
            probe.unlink(missing_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> Unavailable:
        return Unavailable(f"The outbox '{self._folder}' cannot be written: {error.strerror}.")


@dataclass(frozen=True)
class MailServer:
    """Where mail goes. `tls`: from the first byte, after STARTTLS, or none."""

    host: str
    port: int
    tls: Tls = "none"
    user: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        # smtplib signs in with ASCII only, and would fail at the first letter with the password in
        # its traceback.
        if not (self.user + self.password).isascii():
            raise BadSetting("The user and password for the mail server must be plain ASCII.")

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class SmtpMailer:
    """Hands each letter to a mail server."""

    def __init__(
        self, server: MailServer, sender: str, clock: Clock, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self._server, self._sender, self._clock = server, sender, clock
        self._timeout = timeout

    def send(self, letter: Letter) -> str:
        message = build(letter, self._sender, format_datetime(self._clock.now()))
        with self._failures(), self._connected(self._timeout) as line:
            refused = line.send_message(message)
        return str(self._server) + self._beside(refused)

    def ping(self) -> None:
        """Sign in as for a letter, and leave."""
        with self._failures(), self._connected(min(PING_SECONDS, self._timeout)) as line:
            line.noop()

    @contextmanager
    def _connected(self, timeout: float) -> Iterator[smtplib.SMTP]:
        to = self._server
        secure = ssl.create_default_context()
        line: smtplib.SMTP = (
            smtplib.SMTP_SSL(to.host, to.port, timeout=timeout, context=secure)
            if to.tls == "tls"
            else smtplib.SMTP(to.host, to.port, timeout=timeout)
        )
        try:
            if to.tls == "starttls":
                line.starttls(context=secure)
            if to.user:
                line.login(to.user, to.password)
            yield line
            # An accepted letter is sent even when the goodbye fails: else it would go twice.
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
        finally:
            line.close()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except smtplib.SMTPRecipientsRefused as error:
            raise self._answered(*_gravest(error.recipients)) from error
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(
                f"The mail server {self._server} cannot do what is asked: {error}"
            ) from error
        except ssl.SSLCertVerificationError as error:
            raise Refused(
                f"The certificate of the mail server {self._server} is not trusted:"
                f" {error.verify_message}."
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(
                f"The mail server {self._server} does not answer.", hint="The letter waits."
            ) from error

    def _answered(self, code: int, words: bytes | str) -> Refused | Unavailable:
        said = f"The mail server {self._server} says: {code} {self._clean(words)}"
        return Refused(said) if 500 <= code < 600 else Unavailable(said)

    def _beside(self, refused: dict[str, tuple[int, bytes]]) -> str:
        """The recipients that the server left out while it took the letter for others."""
        said = "; ".join(
            f"{to}: {code} {self._clean(words)}" for to, (code, words) in refused.items()
        )
        return f", without {said}" if said else ""

    def _clean(self, words: bytes | str) -> str:
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        text = " ".join(text.split())[:300]
        return text.replace(self._server.password, "•••") if self._server.password else text


class PacedMailer:
    """Hands letters on within what the mail server is given: a rate, and a breaker that knows when
    nobody is there."""

    def __init__(self, mailer: Mailer, upstream: Upstream) -> None:
        self._mailer, self._upstream = mailer, upstream

    def send(self, letter: Letter) -> str:
        return self._upstream.call(lambda: self._mailer.send(letter))

    def ping(self) -> None:
        self._mailer.ping()


def build(letter: Letter, sender: str, date: str) -> EmailMessage:
    """The letter as a message: text, HTML with its images, attachments.

    Raises Refused for a line break or a wrong address in what becomes a header.
    """
    message = EmailMessage(policy=WIRE)
    try:
        _write_headers(message, letter, sender, date)
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        page = message.get_body(("html",))
        assert page is not None
        for content_id, image in letter.inline.items():
            _attach(page, image, f"<{_one_line('Content-ID', content_id.strip('<>'))}>")
        for attachment in letter.attachments:
            _attach(message, attachment)
    except (ValueError, MessageError) as error:
        raise Refused(
            f"The letter '{_shown(letter.subject)}' cannot be written as a mail."
        ) from error
    return message


def _write_headers(message: EmailMessage, letter: Letter, sender: str, date: str) -> None:
    if not letter.to:
        raise Refused(f"The letter '{_shown(letter.subject)}' has no recipient.")
    message["From"] = _address(sender)
    message["To"] = ", ".join(_address(to) for to in letter.to)
    message["Subject"] = _one_line("subject", letter.subject)
    message["Date"] = date
    message["Message-ID"] = f"<{_one_line('Message-ID', letter.message_id.strip('<>'))}>"
    # Keeps out-of-office replies away (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"


def _attach(to: MIMEPart, file: Attachment, content_id: str = "") -> None:
    if not _MEDIA_TYPE.fullmatch(file.media_type):
        raise Refused(f"'{_shown(file.media_type)}' is not a media type.")
    main, sub = file.media_type.split("/")
    name = _one_line("file name", file.name)
    if content_id:
        to.add_related(file.content, main, sub, cid=content_id, filename=name, disposition="inline")
    else:
        to.add_attachment(file.content, main, sub, filename=name)


def _address(text: str) -> str:
    found = getaddresses([_one_line("address", text)])
    if len(found) != 1 or not _ADDRESS.fullmatch(found[0][1]):
        raise Refused(f"'{_shown(text)}' is not one mail address.")
    return text


def _one_line(what: str, text: str) -> str:
    """A line break would let the text write headers of its own."""
    if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", text):
        raise Refused(f"The {what} '{_shown(text)}' has a line break or control character in it.")
    return text


def _shown(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:80]


def _gravest(recipients: dict[str, tuple[int, bytes]]) -> tuple[int, bytes | str]:
    """One answer for a letter that nobody got: trying again helps if it helps for one of them."""
    return min(recipients.values())
