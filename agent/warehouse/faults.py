"""What is said when the warehouse's file cannot be used."""

from __future__ import annotations

from pathlib import Path

from agent.errors import Busy, Unavailable
from agent.words import t


def held(path: Path) -> Busy:
    return Busy(
        t("Another process holds the warehouse {path}.", path=path),
        hint=t("Stop it first, or use WAREHOUSE_URL=postgresql://... to share a warehouse."),
    )


def too_large(memory: str) -> Busy:
    return Busy(
        t("This needs more than the {memory} of memory that the warehouse may use.", memory=memory),
        hint=t("Ask for a shorter period or fewer groups."),
    )


def busy(error: Exception) -> Busy:
    return Busy(t("The warehouse is busy with another write: {error}", error=error))


def unreadable(path: object, error: Exception) -> Unavailable:
    return Unavailable(
        t("The warehouse {path} cannot be read or written: {error}", path=path, error=error),
        hint=t("Check the disk, then start again."),
    )


def closed() -> Unavailable:
    return Unavailable(t("The warehouse is closed."), hint=t("Start again."))
