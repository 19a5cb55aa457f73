"""Secrets in Cloudflare: the values of Workers KV, the names of the secrets store.

The secrets store never gives a value to its API, only to Workers that are bound to it: what is kept
there alone cannot be read from here, and the sentence says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from agent.errors import Failure, NotConfigured, Unavailable
from agent.secrets.references import LARGEST, Name
from agent.words import t

if TYPE_CHECKING:
    from agent.settings import Settings

ANSWER_SECONDS = (2, 3)
"""To connect, and between two pieces of an answer."""
NO_NAMESPACE = 10013
PAGES = 20


class Cloudflare:
    name = "cloudflare"

    def __init__(self, settings: Settings) -> None:
        self._account = f"{settings.cloudflare_api}/accounts/{settings.cloudflare_account_id}"
        self._namespace = settings.cloudflare_kv_namespace
        self._store = settings.cloudflare_secrets_store
        self._token = settings.cloudflare_api_token

    def find(self, name: Name) -> str | None:
        """Raises NotConfigured too where the secrets store has the name: its values cannot be
        read."""
        values = f"{self._account}/storage/kv/namespaces/{self._namespace}/values"
        try:
            status, content = self._get(f"{values}/{quote(name.name, safe='')}")
            if status == 200:
                return name.part(_text(content))
            if status != 404 or NO_NAMESPACE in _codes(content):
                raise _failure(status)
            if self._store and name.name in self._stored():
                raise _write_only(name)
        except requests.RequestException:
            # Without the library's error: it repeats the address.
            raise Unavailable(t("Cloudflare does not answer.")) from None
        return None

    def _stored(self) -> Iterator[str]:
        """Names in the secrets store."""
        for page in range(1, PAGES + 1):
            place = f"{self._account}/secrets_store/stores/{self._store}/secrets"
            status, content = self._get(f"{place}?page={page}&per_page=100")
            if status != 200:
                raise _failure(status)
            rows = _json(content).get("result") or []
            yield from (str(row.get("name")) for row in rows if isinstance(row, dict))
            if len(rows) < 100:
                return

    def _get(self, address: str) -> tuple[int, bytes]:
        head = {"Authorization": f"Bearer {self._token}"}
        with requests.get(
            address, headers=head, timeout=ANSWER_SECONDS, allow_redirects=False, stream=True
        ) as answer:
            content = b""
            for piece in answer.iter_content(LARGEST):
                content += piece
                # A value of Workers KV may have 25 MB; a secret of ours cannot.
                if len(content) > 4 * LARGEST:
                    break
            return answer.status_code, content


def provider(settings: Settings) -> Cloudflare:
    return Cloudflare(settings)


def _text(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or len(text) > LARGEST:
        raise NotConfigured(t("The value in Workers KV is empty, too long, or no text."))
    return text


def _json(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}


def _codes(content: bytes) -> set[Any]:
    errors = _json(content).get("errors")
    rows = errors if isinstance(errors, list) else []
    return {row.get("code") for row in rows if isinstance(row, dict)}


def _failure(status: int) -> Failure:
    if status in (401, 403):
        return NotConfigured(
            t("Cloudflare refuses the token ({status}).", status=status),
            hint=t("CLOUDFLARE_API_TOKEN needs the permission Workers KV Storage Read."),
        )
    if status == 404:
        return NotConfigured(
            t("Cloudflare does not know this account, namespace or store."),
            hint=t("Check CLOUDFLARE_ACCOUNT_ID and CLOUDFLARE_KV_NAMESPACE."),
        )
    if status == 429:
        return Unavailable(t("Cloudflare is asked too often."))
    return Unavailable(t("Cloudflare reports an error ({status}).", status=status))


def _write_only(name: Name) -> NotConfigured:
    return NotConfigured(
        t(
            "{name} is in Cloudflare's secrets store, which gives values to Workers only.",
            name=name,
        ),
        hint=t("Put it into Workers KV, or into another provider."),
    )
