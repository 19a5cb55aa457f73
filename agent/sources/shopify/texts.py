"""The connector's queries: one file each in queries/, read once."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "queries"
_FIELD = re.compile(r"\s*([A-Za-z_]\w*)")


@lru_cache(maxsize=64)
def text(name: str) -> str:
    """The query of a file in queries/."""
    return (FOLDER / f"{name}.graphql").read_text(encoding="utf-8")


def export(window: str, by: str, hidden: Collection[str] = ()) -> str:
    """The bulk query for orders of a window, sorted by `by` (UPDATED_AT, CREATED_AT), without the
    fields that the app may not see: one of them would fail the whole export."""
    lines = text("bulk_orders").splitlines()
    kept = [line for line in lines if not (found := _FIELD.match(line)) or found[1] not in hidden]
    return "\n".join(kept).replace("WINDOW", window).replace("SORTED", by)
