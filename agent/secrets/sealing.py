"""What others must not read: the secret key, settings in files, sealed values, masked addresses."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agent.errors import BadSetting

SHORTEST_KEY = 32
KEY_FILE = "secret_key"
NONCE_BYTES = 12
# A user may be a mail address and a password may hold anything: all up to the last @ is hidden.
_PASSWORD = re.compile(r"(://[^:\s]*:)\S*(@)")
_PARAMETER = re.compile(r"([?&][^=&\s]*(?:pass|secret|token|key)[^=&\s]*=)[^&\s]*", re.IGNORECASE)


def masked(text: str) -> str:
    """A text without the passwords of the addresses in it: smtp://anna:•••@mail.example."""
    return _PARAMETER.sub(r"\1•••", _PASSWORD.sub(r"\1•••\2", text))


def read_secret(name: str, path: Path) -> str:
    """The text of the file that NAME_FILE points at, without its line end. Raises BadSetting."""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{name}_FILE='{path}' cannot be read: {_reason(error)}.") from error
    if not text:
        raise BadSetting(f"{name}_FILE='{path}' is empty.")
    return text


def kept_key(folder: Path) -> str:
    """This installation's key, made once, in a file for its owner alone. Raises BadSetting."""
    path = folder / KEY_FILE
    try:
        if not path.exists():
            _make_key(path)
        # A copied or restored folder often arrives readable by everybody.
        path.chmod(0o600)
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(
            f"The secret key '{path}' cannot be kept: {_reason(error)}.",
            hint="Give this user the folder of DATA_DIR, or set SECRET_KEY.",
        ) from error
    if len(key) < SHORTEST_KEY:
        raise BadSetting(
            f"The secret key in '{path}' is damaged.",
            hint="Delete the file: a new one is made, and everybody signs in again.",
        )
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{KEY_FILE}.{secrets.token_hex(8)}")
    try:
        line = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(line, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link never overwrites: of two processes that start together both read one key.
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)


def derived(secret: str, label: str, length: int = 32) -> bytes:
    """A key of its own for each use of the secret: a leak through one use opens no other."""
    return HKDF(SHA256(), length, salt=None, info=label.encode()).derive(secret.encode())


class Seal:
    """Encrypts values: this installation alone reads them, and only where they were written.

    A sealed value is a byte that names the key, a nonce, and AES-256-GCM's text; `place` is
    authenticated, not stored.
    """

    def __init__(self, secret: str, label: str) -> None:
        self._cipher = AESGCM(derived(secret, label))
        self._key_id = derived(secret, f"{label} id", 1)

    def close(self, value: bytes, place: str) -> bytes:
        once = nonce()
        return self._key_id + once + self._cipher.encrypt(once, value, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes | None:
        """The value, or None where anybody else wrote, changed or moved it."""
        once, text = sealed[1 : NONCE_BYTES + 1], sealed[NONCE_BYTES + 1 :]
        if sealed[:1] != self._key_id or len(once) < NONCE_BYTES:
            return None
        try:
            return self._cipher.decrypt(once, text, place.encode())
        except InvalidTag:
            return None


class Seals:
    """Several keys of one installation: the first closes, each opens. So a key is changed without
    losing what was sealed with the one before."""

    def __init__(self, keys: Sequence[str], label: str) -> None:
        """`keys` are secrets of 32 characters or more, the newest first."""
        self._newest, *self._older = (Seal(key, label) for key in keys)

    def close(self, value: bytes, place: str) -> bytes:
        return self._newest.close(value, place)

    def open(self, sealed: bytes, place: str) -> bytes | None:
        """The value, or None where no key of ours sealed it for this place."""
        # Key ids have one byte, so that two keys may share one: each that fits is tried.
        opened = (seal.open(sealed, place) for seal in (self._newest, *self._older))
        return next((value for value in opened if value is not None), None)

    def is_old(self, sealed: bytes, place: str) -> bool:
        """Whether an older key opens what the newest does not: it should be sealed again."""
        newest = self._newest.open(sealed, place)
        return newest is None and self.open(sealed, place) is not None


def nonce() -> bytes:
    """96 random bits, new for every value that is encrypted."""
    return secrets.token_bytes(NONCE_BYTES)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is no text"
