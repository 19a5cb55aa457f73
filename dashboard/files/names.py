"""Names of files that every system and every header can hold."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
# Windows keeps these for devices, whatever the ending.
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")


def file_name(*words: str, ending: str) -> str:
    """Words joined by hyphens, in plain letters: almas-tea-overview-countries-2026-11-01.csv."""
    text = unicodedata.normalize("NFKD", "-".join(words)).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9_]+", "-", text).strip("-_")[:LONGEST].strip("-_") or "export"
    return _DEVICES.sub(r"\1-file", stem) + f".{ending}"
