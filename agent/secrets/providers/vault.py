"""Secrets of HashiCorp Vault: its key-value engine, version 2, by a token or an AppRole."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import hvac
import requests
from hvac import exceptions as said

from agent.errors import Failure, NotConfigured, Unavailable
from agent.secrets.references import Name
from agent.words import t

if TYPE_CHECKING:
    from agent.settings import Settings

ANSWER_SECONDS = 3
RENEWED = 0.5
"""Of a lease: later than this, the token is renewed, or the AppRole signs in again."""


class Vault:
    """NAME is a key of the secret VAULT_PATH; NAME#key is the key of the secret VAULT_PATH/NAME."""

    name = "vault"

    def __init__(self, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings, self._monotonic = settings, monotonic
        # An empty token keeps hvac from looking for one in the environment and the home folder. A
        # redirect would take the token to another server.
        self._client = hvac.Client(
            url=settings.vault_addr,
            token="" if settings.vault_role_id else settings.vault_token,
            namespace=settings.vault_namespace or None,
            timeout=ANSWER_SECONDS,
            allow_redirects=False,
        )
        self._renew_at: float | None = None
        self._lock = threading.Lock()

    def find(self, name: Name) -> str | None:
        try:
            try:
                return self._read(name)
            except (said.Forbidden, said.Unauthorized):
                if not self._settings.vault_role_id:
                    raise
            # The token may have been revoked, or have ended while this machine slept.
            self._renew_at = None
            return self._read(name)
        except (said.VaultError, requests.RequestException) as error:
            # Without the library's error: it repeats what was sent.
            raise _failure(error) from None

    def _read(self, name: Name) -> str | None:
        self._sign_in()
        place = self._settings.vault_path
        path, key = (f"{place}/{name.name}", name.key) if name.key else (place, name.name)
        try:
            answer = self._client.secrets.kv.v2.read_secret_version(
                path=path, mount_point=self._settings.vault_mount, raise_on_deleted_version=True
            )
        except said.InvalidPath:
            return None
        found = _inner(answer, "data", "data").get(key)
        return found if found is None or isinstance(found, str) else json.dumps(found)

    def _sign_in(self) -> None:
        with self._lock:
            now = self._monotonic()
            if self._renew_at is not None and now < self._renew_at:
                return
            seconds = self._by_role() if self._settings.vault_role_id else self._by_token()
            # A lease of 0 seconds has no end.
            self._renew_at = now + seconds * RENEWED if seconds else float("inf")

    def _by_role(self) -> float:
        """The seconds of the new token's lease."""
        answer = self._client.auth.approle.login(
            role_id=self._settings.vault_role_id, secret_id=self._settings.vault_secret_id
        )
        return float(_inner(answer, "auth").get("lease_duration") or 0)

    def _by_token(self) -> float:
        """The seconds that the token of the settings has, after it was renewed where it can be."""
        try:
            about = _inner(self._client.auth.token.lookup_self(), "data")
            if about.get("renewable") and about.get("ttl"):
                about = _inner(self._client.auth.token.renew_self(), "auth")
        except said.Forbidden:
            # A token may be good for reading and not for looking at itself; if it is good for
            # nothing, the reading says so.
            return 0.0
        return float(about.get("lease_duration") or about.get("ttl") or 0)


def provider(settings: Settings) -> Vault:
    return Vault(settings)


def _inner(answer: Any, *keys: str) -> dict[str, Any]:
    """A part of an answer. Raises UnexpectedError where it has another shape, as that of a proxy
    before Vault has."""
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(answer, dict):
        raise said.UnexpectedError
    return answer


def _failure(error: Exception) -> Failure:
    if isinstance(error, said.Forbidden | said.Unauthorized):
        return NotConfigured(
            t("Vault refuses: its token or policy does not allow to read this."),
            hint=t("Check VAULT_TOKEN or the AppRole, and that its policy may read VAULT_PATH."),
        )
    if isinstance(error, said.InvalidRequest | said.ParamValidationError):
        return NotConfigured(
            t("Vault does not understand: the AppRole is wrong, or the mount is no kv version 2."),
            hint=t("Check VAULT_ROLE_ID, VAULT_SECRET_ID and VAULT_MOUNT."),
        )
    if isinstance(error, said.VaultDown):
        return Unavailable(t("Vault is sealed or starting."))
    if isinstance(error, requests.RequestException):
        return Unavailable(t("Vault does not answer."))
    return Unavailable(t("Vault reports an error: {kind}.", kind=type(error).__name__))
