"""Secrets in files: the one that NAME_FILE names, or NAME in the folder that Docker or Kubernetes
mounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.errors import NotConfigured
from agent.secrets.providers import Environ
from agent.secrets.references import LARGEST, Name
from agent.words import t


@dataclass(frozen=True)
class Files:
    environ: Environ
    folder: Path
    name: str = "files"

    def find(self, name: Name) -> str | None:
        """The file's text without the line end behind it; read anew each time, so that a mounted
        secret may change."""
        for path in self._places(name.name):
            text = _read(name.name, path)
            if text:
                return name.part(text)
        return None

    def _places(self, name: str) -> Iterator[Path]:
        named = self.environ().get(f"{name}_FILE", "").strip()
        if named:
            yield Path(named)
            return
        # Compose files write names in small letters. A name with / is no file of the folder.
        if "/" not in name:
            yield from (
                path for one in (name, name.lower()) if (path := self.folder / one).exists()
            )


def _read(name: str, path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or t("it is no text")
        raise NotConfigured(
            t("The file of the secret {name} cannot be read: {reason}.", name=name, reason=reason),
            hint=t("Its path is {path}.", path=path),
        ) from None
    if len(text) > LARGEST:
        raise NotConfigured(t("The file of the secret {name} is too long for one.", name=name))
    return text.rstrip("\r\n")
