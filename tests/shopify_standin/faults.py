"""The switchboard: every way in which Shopify, or the way to it, can fail, by name.

A fault is armed for the next n requests that it can happen to, for ever, or with a probability from
a seed. `http` faults take the place of an answer, `body` faults spoil a good one, `bulk` faults
decide how an operation ends, `storage` ones how its file arrives, `hook` ones how a webhook does.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Room = Literal["http", "body", "bulk", "storage", "oauth", "hook"]


@dataclass(frozen=True)
class Fault:
    name: str
    room: Room
    says: str


def _faults(room: Room, **says: str) -> tuple[Fault, ...]:
    return tuple(Fault(name, room, text) for name, text in says.items())


FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for fault in (
        *_faults(
            "http",
            http_401="the token is dead: errors is a string",
            http_402="the shop is frozen",
            http_403="access is refused",
            http_404="there is no such shop",
            http_423="the shop is locked",
            http_429="too many requests, with Retry-After 2.0",
            http_430="security rejection",
            http_500="an error in JSON",
            http_502="a page of a gateway in HTML",
            http_503="another page in HTML",
            http_504="the gateway waited too long",
            timeout="accepts and never answers",
            reset="the connection is cut before an answer",
            truncated="the connection is cut within the answer",
            html="a page in HTML, as if all were well",
            throttled="THROTTLED in HTTP 200",
            internal="INTERNAL_SERVER_ERROR in HTTP 200",
        ),
        *_faults(
            "body",
            partial="data and errors in one answer: the first list is null",
            null_field="a field that must be there is null",
            unknown_enum="words that no schema has",
            huge="amounts beyond every column",
            nul="NUL bytes in texts",
            wrong_types="numbers where texts are due, texts where lists are",
            cyclic="every page says it is followed by itself",
            endless="every page is followed by another one, for ever",
            missing_page_info="lists without pageInfo",
            forward="a retired version: served by the oldest one",
            search_warning="a search field is said to be misspelt",
            empty_object="data is an empty object",
        ),
        *_faults(
            "bulk",
            bulk_failed="ends FAILED with INTERNAL_SERVER_ERROR and partial data",
            bulk_timeout="ends FAILED with TIMEOUT",
            bulk_canceled="ends CANCELED by Shopify itself, with partial data",
            bulk_expired="ends EXPIRED",
            bulk_no_url="ends COMPLETED without an address, though it counted objects",
            bulk_lines_missing="the file has a line less than objectCount",
            bulk_truncated="the file ends within a line",
            bulk_html="the file is a page in HTML",
            bulk_unknown_enum="the file has words that no schema has",
            bulk_huge="the file has amounts beyond every column",
            bulk_nul="the file has NUL bytes in texts",
            bulk_wrong_types="the file has numbers where texts are due",
            bulk_busy="five others are said to run",
        ),
        *_faults(
            "storage",
            storage_500="storage fails",
            storage_403="the address has expired",
            storage_cut="the connection is cut within the file",
        ),
        *_faults(
            "oauth",
            oauth_500="no token: a server error",
            shop_not_permitted="no token: the shop is of another organization",
            app_not_installed="no token: the app is not installed",
        ),
        *_faults(
            "hook",
            hook_lost="never delivered",
            hook_doubled="delivered twice, under one webhook id",
            hook_late="delivered hours later",
            hook_shuffled="delivered after what happened next",
            hook_forged="signed with another secret",
        ),
    )
}


@dataclass
class Armed:
    """What is switched on: `left` is None for ever; with a probability only now and then."""

    left: int | None = 1
    probability: float = 1.0
    # Only requests with this in their text.
    only: str = ""
    dice: random.Random = field(default_factory=random.Random)


class Switchboard:
    """Which faults are on. `seconds` is how long a timeout stays silent, `taken` counts."""

    def __init__(self) -> None:
        self.armed: dict[str, Armed] = {}
        self.taken: dict[str, int] = {}
        self.seconds = 1.0
        self._lock = threading.Lock()

    def on(
        self,
        name: str,
        times: int | None = 1,
        probability: float = 1.0,
        *,
        seed: int = 1,
        only: str = "",
    ) -> None:
        """Switch a fault on for the next `times` chances, None for ever; of requests to the API
        only for those with `only` in their text. Raises KeyError."""
        if name not in FAULTS:
            raise KeyError(f"there is no fault {name!r}: {', '.join(FAULTS)}")
        self.armed[name] = Armed(times, probability, only, random.Random(f"{name} {seed}"))

    def off(self, name: str | None = None) -> None:
        """Switch one fault off, or all."""
        if name is None:
            self.armed.clear()
        else:
            self.armed.pop(name, None)

    def take(self, name: str) -> bool:
        """Whether the fault happens now; it is used up by that."""
        with self._lock:
            armed = self.armed.get(name)
            if armed is None or armed.dice.random() >= armed.probability:
                return False
            if armed.left is not None:
                armed.left -= 1
                if armed.left <= 0:
                    self.armed.pop(name)
            self.taken[name] = self.taken.get(name, 0) + 1
            return True

    def first(self, room: Room, text: str = "") -> str | None:
        """The first fault of a room that happens to a request now."""
        return next((name for name in self._of(room, text) if self.take(name)), None)

    def all_of(self, room: Room, text: str = "") -> list[str]:
        """Every fault of a room that happens to a request now."""
        return [name for name in self._of(room, text) if self.take(name)]

    def _of(self, room: Room, text: str) -> list[str]:
        return [
            name
            for name, armed in list(self.armed.items())
            if FAULTS[name].room == room and armed.only in text
        ]
