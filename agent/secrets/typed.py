"""Secrets that people typed: sealed with the installation's key, kept in the records."""

from __future__ import annotations

import base64
import binascii
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.errors import NotConfigured, Refused
from agent.secrets.references import LARGEST
from agent.words import t

if TYPE_CHECKING:
    from agent.records import Records
    from agent.secrets.sealing import Seals

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Typed:
    """`name` of a text is what its seal is bound to: moved to another name, it does not open."""

    records: Records
    seals: Seals

    def put(self, name: str, value: str, who: str) -> None:
        """Raises Refused for an empty value, and for one that is longer than any secret."""
        if not value or len(value) > LARGEST:
            raise Refused(t("A secret has from 1 to {most} characters.", most=LARGEST))
        self.records.sealed.put(name, self._closed(name, value), who)
        self.records.audit.note(who, "kept a secret", name)

    def get(self, name: str) -> str:
        """Raises NotConfigured where there is none, or where no key of the settings opens it."""
        text = self.records.sealed.get(name)
        if text is None:
            raise NotConfigured(
                t("No secret {name} was typed.", name=name),
                hint=t("Type it in the form, or: python app.py secrets set {name}", name=name),
            )
        value = self._opened(name, text)
        if value is None:
            raise NotConfigured(
                t("The secret {name} was sealed with another SECRET_KEY.", name=name),
                hint=t("Name the old key in SECRET_KEY_PREVIOUS, or type the secret again."),
            )
        return value

    def names(self) -> tuple[str, ...]:
        return self.records.sealed.names()

    def remove(self, name: str, who: str) -> None:
        """Raises NotConfigured where there is none."""
        if self.records.sealed.get(name) is None:
            raise NotConfigured(t("No secret {name} was typed.", name=name))
        self.records.sealed.remove(name)
        self.records.audit.note(who, "removed a secret", name)

    def _closed(self, name: str, value: str) -> str:
        return base64.b64encode(self.seals.close(value.encode(), name)).decode()

    def _opened(self, name: str, text: str) -> str | None:
        try:
            sealed = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None
        value = self.seals.open(sealed, name)
        if value is None:
            return None
        if self.seals.is_old(sealed, name):
            self._seal_again(name, text, value.decode())
        return value.decode()

    def _seal_again(self, name: str, text: str, value: str) -> None:
        """Under the newest key, unless somebody typed another meanwhile."""
        if self.records.sealed.swap(name, text, self._closed(name, value)):
            self.records.audit.note("royal", "sealed a secret with the new key", name)
            LOG.info("A secret is sealed with the new key.", extra={"secret": name})
