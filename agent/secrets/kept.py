"""Resolved secrets in memory: encrypted under a key of this process, and masked where they show."""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from agent.secrets.sealing import NONCE_BYTES, nonce

MASK = "•••"
SHORTEST = 6
"""What is shorter is not masked: it would be found inside ordinary words."""
SHORTEST_LINE = 12
RETIRED = 64
_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")


@dataclass(frozen=True, repr=False)
class Held:
    """A value, who gave it, and when (seconds of the monotonic clock)."""

    value: str
    provider: str
    at: float


class Shelf:
    """Values by name. Those that were replaced are still masked, the newest 64 of them."""

    def __init__(self) -> None:
        self._cipher = AESGCM(AESGCM.generate_key(256))
        self._kept: dict[str, tuple[bytes, str, float]] = {}
        self._retired: OrderedDict[bytes, None] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, name: str, held: Held) -> None:
        sealed = self._closed(held.value)
        before = self.get(name)
        with self._lock:
            if before is not None and before.value != held.value and name in self._kept:
                self._retire(self._kept[name][0])
            self._kept[name] = (sealed, held.provider, held.at)

    def cover(self, value: str) -> None:
        """Have a value masked that has no name."""
        with self._lock:
            self._retire(self._closed(value))

    def get(self, name: str) -> Held | None:
        with self._lock:
            found = self._kept.get(name)
        return None if found is None else Held(self._opened(found[0]), found[1], found[2])

    def drop(self, name: str) -> None:
        with self._lock:
            if name in self._kept:
                self._retire(self._kept.pop(name)[0])

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._retired.clear()

    def oldest(self, provider: str) -> float | None:
        """When the oldest value of a provider was read."""
        with self._lock:
            moments = [at for _, giver, at in self._kept.values() if giver == provider]
        return min(moments, default=None)

    def masked(self, text: str) -> str:
        """A text in which no value that is or was known stands, however it is written."""
        with self._lock:
            sealed = [row[0] for row in self._kept.values()] + list(self._retired)
        # Longest first: a value may stand within another.
        shapes = {shape for one in sealed for shape in _shapes(self._opened(one))}
        for shape in sorted(shapes, key=len, reverse=True):
            text = text.replace(shape, MASK)
        return text

    def _retire(self, sealed: bytes) -> None:
        self._retired[sealed] = None
        while len(self._retired) > RETIRED:
            self._retired.popitem(last=False)

    def _closed(self, value: str) -> bytes:
        place = nonce()
        return place + self._cipher.encrypt(place, value.encode(), None)

    def _opened(self, sealed: bytes) -> str:
        text = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        return text.decode()


def _shapes(value: str) -> Iterator[str]:
    """A value as it may stand in a line: itself, in JSON, in an address, in Python's own quotes;
    of one with several lines, each."""
    if _PLAIN.fullmatch(value):
        # Written the same everywhere, as most tokens are; each line of a log comes here.
        yield from (value,) if len(value) >= SHORTEST else ()
        return
    for line in {value, *(one for one in value.splitlines() if len(one) >= SHORTEST_LINE)}:
        if len(line) >= SHORTEST:
            yield from (line, quote(line, safe=""), quote(line), quote_plus(line))
            yield from (json.dumps(line)[1:-1], json.dumps(line, ensure_ascii=False)[1:-1])
            yield repr(line)[1:-1]
