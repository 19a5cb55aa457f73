"""Where secrets are kept: one file a provider, each read only where the settings name it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from agent.secrets.references import Name

Environ = Callable[[], Mapping[str, str]]
"""The environment as it is now, the file .env behind it."""


class Provider(Protocol):
    """One place that keeps secrets. No message of it holds a value."""

    @property
    def name(self) -> str: ...

    def find(self, name: Name) -> str | None:
        """The value, None where there is none of that name. Raises NotConfigured where it must not
        be read or cannot be one, Unavailable where trying again can help."""
