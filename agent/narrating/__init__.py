"""Facts told by somebody else's model, and held to the facts: it may only repeat them."""

from __future__ import annotations

from agent.narrating.facts import Fact, Facts, Match, Part, part_of
from agent.narrating.narrator import Told, kept, key_of, narrate
from agent.narrating.tally import Tally

__all__ = [
    "Fact",
    "Facts",
    "Match",
    "Part",
    "Tally",
    "Told",
    "kept",
    "key_of",
    "narrate",
    "part_of",
]
