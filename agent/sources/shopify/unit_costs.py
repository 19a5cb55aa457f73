"""What a piece of a variant costs, and since when that is known.

Shopify keeps no history of costs, but says when an inventory item was last changed: its cost is
the same since then. A change seen later starts a new entry, so that old sales keep their cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from agent.sources.ledger import Flags, Ints
from agent.sources.values import codes

History = Sequence[Sequence[int | None]]
MOST = 40
"""Changes of one variant that are kept: the oldest go first."""


@dataclass(frozen=True)
class UnitCosts:
    """Variant -> (since, cost) entries, oldest first: UTC seconds, and ten-thousandths or None for
    a cost that was taken away."""

    known: Mapping[str, History] = field(default_factory=dict)

    def at(self, variants: pa.Array, moments: Ints) -> tuple[Ints, Flags]:
        """The cost of each variant at its moment, and where it is known."""
        index, words = codes(variants)
        rows = [
            (place, int(since or 0), cost)
            for place, word in enumerate(words.to_pylist())
            for since, cost in self.known.get(word, ())
        ]
        if not rows:
            return np.zeros(len(index), np.int64), np.zeros(len(index), np.bool_)
        rows.sort(key=lambda row: row[:2])
        owner = np.array([row[0] for row in rows], np.int64)
        since = np.array([row[1] for row in rows], np.int64)
        cost = np.array([row[2] or 0 for row in rows], np.int64)
        given = np.array([row[2] is not None for row in rows], np.bool_)
        # Both keys in one number: moments of this era take 36 bits.
        place = np.searchsorted((owner << 36) + since, (index << 36) + _bounded(moments), "right")
        place = np.maximum(place - 1, 0)
        return cost[place], (owner[place] == index) & (since[place] <= moments) & given[place]

    def with_seen(self, seen: Iterable[tuple[str, int, int | None]]) -> UnitCosts:
        """With what was seen now: (variant, since when its item is unchanged, cost or None)."""
        found: dict[str, Any] = dict(self.known)
        for variant, since, cost in seen:
            history = [list(entry) for entry in found.get(variant, ())]
            if not history and cost is None:
                continue
            if history and history[-1][1] == cost:
                continue
            if history and since <= int(history[-1][0] or 0):
                since = int(history[-1][0] or 0) + 1
            found[variant] = [*history, [since, cost]][-MOST:]
        return UnitCosts(found)


def _bounded(moments: Ints) -> Ints:
    return np.clip(moments, 0, (1 << 36) - 1)
