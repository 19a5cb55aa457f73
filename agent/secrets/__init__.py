"""What others must not read: where secrets come from, how they are kept and how hidden."""

from __future__ import annotations

from agent.secrets.chain import Pace, Secrets
from agent.secrets.env_file import read_env_file
from agent.secrets.opening import open_secrets
from agent.secrets.sealing import (
    KEY_FILE,
    SHORTEST_KEY,
    Seal,
    Seals,
    derived,
    kept_key,
    masked,
    read_secret,
)
from agent.secrets.standings import Standing

__all__ = [
    "KEY_FILE",
    "SHORTEST_KEY",
    "Pace",
    "Seal",
    "Seals",
    "Secrets",
    "Standing",
    "derived",
    "kept_key",
    "masked",
    "open_secrets",
    "read_env_file",
    "read_secret",
]
