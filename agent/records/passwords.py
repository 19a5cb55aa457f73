"""Passwords and addresses: what is accepted, and a check that does not tell who exists."""

from __future__ import annotations

import base64
import os
import re
import threading
import unicodedata
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from agent.errors import Refused
from agent.words import t

MINIMUM_LENGTH = 10
MAXIMUM_LENGTH = 1000
_ADDRESS = re.compile(r"[^@\s,;<>()\"\\]{1,64}@[^@\s,;<>()\"\\.]+(\.[^@\s,;<>()\"\\.]+)+")


def folded(email: str) -> str:
    """The one form in which an address is stored and compared."""
    return unicodedata.normalize("NFC", email).strip().casefold()


def checked_email(email: str) -> str:
    """The folded address; raises Refused when it cannot be one."""
    address = folded(email)
    if len(address) > 254 or not address.isprintable() or not _ADDRESS.fullmatch(address):
        raise Refused(
            t("{email!r} is not an e-mail address.", email=email.strip()),
            hint=t("It looks like name@example.com."),
        )
    return address


def checked_password(password: str, email: str) -> str:
    """The password as given; raises Refused when it is too short, too long or the address."""
    if len(password) < MINIMUM_LENGTH:
        raise Refused(
            t(
                "A password needs at least {count} characters.",
                count=MINIMUM_LENGTH,
            )
        )
    if len(password) > MAXIMUM_LENGTH:
        raise Refused(
            t(
                "A password has at most {count:,} characters.",
                count=MAXIMUM_LENGTH,
            )
        )
    if folded(password) in (email, email.partition("@")[0]):
        raise Refused(
            t("The e-mail address cannot be the password."), hint=t("Choose another one.")
        )
    return password


@dataclass(frozen=True)
class Passwords:
    """argon2id. Each check takes 64 MB for a tenth of a second, so only two run side by side."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    _room: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(2), repr=False
    )

    def hash(self, password: str) -> str:
        with self._room:
            return self.hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether the password made this hash. No hash is False, and takes the same time."""
        with self._room:
            try:
                return self.hasher.verify(stored or self._nobodys(), password)
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False

    def outdated(self, stored: str) -> bool:
        return self.hasher.check_needs_rehash(stored)

    def _nobodys(self) -> str:
        """A hash of today's cost that no password made."""
        h = self.hasher
        salt, result = (
            base64.b64encode(os.urandom(size)).rstrip(b"=").decode()
            for size in (h.salt_len, h.hash_len)
        )
        cost = f"m={h.memory_cost},t={h.time_cost},p={h.parallelism}"
        return f"$argon2id$v=19${cost}${salt}${result}"
