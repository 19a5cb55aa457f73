"""Whether a shop's rows can be trusted: checked after every load, and all of them every night."""

from __future__ import annotations

from agent.quality.checking import affected, after_load, check
from agent.quality.rules import CHECKS

__all__ = ["CHECKS", "affected", "after_load", "check"]
