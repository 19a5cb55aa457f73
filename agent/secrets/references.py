"""How a secret is named: secret:NAME and secret:NAME#key by the providers, sealed:NAME as typed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from agent.errors import NotConfigured, Refused
from agent.words import t

PROVIDED, SEALED = "secret", "sealed"
LARGEST = 65_536
"""Characters of the longest secret: keys and certificates are shorter."""
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}){0,5}")
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,100}")
# Keys that the program itself, or a library within it, signs in with.
_OWN = re.compile(r"AWS_(SECRET_ACCESS_KEY|SESSION_TOKEN|ACCESS_KEY_ID)(_FILE)?", re.IGNORECASE)


@dataclass(frozen=True)
class Name:
    """`key` is the part after #: one value of a secret that is a JSON object, "" for all of it."""

    name: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.name}#{self.key}" if self.key else self.name

    def part(self, text: str) -> str:
        """The value of the key, or the whole text. Raises NotConfigured where there is none."""
        if not self.key:
            return text
        try:
            found = json.loads(text)[self.key]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise NotConfigured(
                t("The secret {name} has no key {key!r}.", name=self.name, key=self.key),
                hint=t("It must be a JSON object with that key."),
            ) from None
        return found if isinstance(found, str) else json.dumps(found)


@dataclass(frozen=True)
class Reference:
    kind: str
    name: str


def read_reference(text: str) -> Reference:
    """Raises Refused for what is no reference, without repeating it: it may be a secret itself."""
    kind, colon, name = text.partition(":")
    if not colon or kind not in (PROVIDED, SEALED) or not name:
        raise Refused(
            t("This names no secret."),
            hint=t("Write secret:NAME for one that the providers keep, or type it in the form."),
        )
    return Reference(kind, name)


def read_name(text: str, is_own: Callable[[str], bool]) -> Name:
    """NAME or NAME#key. Raises Refused for what cannot be a name, and for the program's own
    settings: whoever may add a source must not have them sent to a server of his."""
    name, mark, key = text.partition("#")
    if not _NAME.fullmatch(name) or (mark and not _KEY.fullmatch(key)):
        raise Refused(
            t("This cannot be the name of a secret."),
            hint=t("Letters, digits, _ . - and / make one; #key names a part of a JSON secret."),
        )
    if is_own(name) or _OWN.fullmatch(name):
        raise Refused(
            t("{name} belongs to the program itself, not to a source.", name=name),
            hint=t("Keep the source's secret under a name of its own."),
        )
    return Name(name, key)
