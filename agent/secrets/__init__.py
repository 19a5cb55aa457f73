"""What others must not read: where secrets come from, how they are kept and how hidden."""

from __future__ import annotations

from agent.secrets.sealing import (
    KEY_FILE,
    SHORTEST_KEY,
    Seal,
    derived,
    kept_key,
    masked,
    read_secret,
)

__all__ = ["KEY_FILE", "SHORTEST_KEY", "Seal", "derived", "kept_key", "masked", "read_secret"]
