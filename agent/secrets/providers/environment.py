"""Secrets in the environment, and in the file .env: NAME=value."""

from __future__ import annotations

from dataclasses import dataclass

from agent.secrets.providers import Environ
from agent.secrets.references import Name


@dataclass(frozen=True)
class Environment:
    environ: Environ
    name: str = "environment"

    def find(self, name: Name) -> str | None:
        """An empty value counts as none, as compose files and workflows write it."""
        text = self.environ().get(name.name, "")
        return name.part(text) if text else None
