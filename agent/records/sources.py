"""The nouns of what comes in: connections and streams, calls, sealed texts, checks."""

from __future__ import annotations

from agent.records.checks import Agreements, Checks, Rejects
from agent.records.connections import Connections
from agent.records.hooks import Hooks
from agent.records.sealed import SealedTexts

__all__ = ["Agreements", "Checks", "Connections", "Hooks", "Rejects", "SealedTexts"]
