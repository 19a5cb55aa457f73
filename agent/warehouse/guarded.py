"""A warehouse that may be away: asked no more than helps, and its short lists are remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

import pyarrow as pa
import sqlalchemy as sa

from agent.errors import Busy, Throttled, Unavailable
from agent.ports import Away, Clock, Shop, Warehouse
from agent.warehouse.reading import Statement

T = TypeVar("T")
Shops = tuple[str, ...]
REMEMBERED = 256


class Asking(Protocol):
    """How something outside is asked: through a breaker, that raises Unavailable without asking
    while it is open."""

    def __call__(self, action: Callable[[], T], /) -> T: ...


class Guarded:
    """Reads through a breaker, and knows since when and why nothing is answered.

    What was not asked because the breaker is open is refused with the reason of the last failure.
    A part that answers, but is busy or gives up on one question, is not away. Everything else, such
    as merging, goes to the warehouse as it is: whoever writes tries again in a way of its own.
    """

    def __init__(self, warehouse: Warehouse, ask: Asking, clock: Clock) -> None:
        self._warehouse, self._through, self._clock = warehouse, ask, clock
        self.dialect = warehouse.dialect
        self.away: Away | None = None
        self._seen = clock.now()
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._warehouse, name)

    @property
    def kept(self) -> Callable[[sa.CTE], sa.FromClause | None] | None:
        return None if self._warehouse.kept is None else self._rows_of

    def read(self, statement: Statement) -> pa.Table:
        return self._ask(lambda: self._warehouse.read(statement))

    def versions(self, shops: Shops) -> dict[str, int]:
        return self._ask(lambda: self._warehouse.versions(shops))

    def shops(self) -> tuple[Shop, ...]:
        return self._ask(self._warehouse.shops)

    def last_sync(self, shops: Shops) -> datetime | None:
        return self._ask(lambda: self._warehouse.last_sync(shops))

    def batches(self, shop_id: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        return self._ask(lambda: self._warehouse.batches(shop_id, limit))

    def _rows_of(self, rows: sa.CTE) -> sa.FromClause | None:
        keep = self._warehouse.kept
        return None if keep is None else self._ask(lambda: keep(rows))

    def _ask(self, action: Callable[[], T]) -> T:
        try:
            return self._through(lambda: self._noted(action))
        except Unavailable as failure:
            away = self.away
            if away is None or failure.message == away.reason or _answers(failure):
                raise
            raise Unavailable(away.reason, hint=failure.hint) from failure

    def _noted(self, action: Callable[[], T]) -> T:
        try:
            found = action()
        except Unavailable as failure:
            if not _answers(failure):
                with self._lock:
                    self.away = Away(self._seen, failure.message)
            raise
        with self._lock:
            self._seen, self.away = self._clock.now(), None
        return found


class Remembering:
    """Whoever draws a page asks which shops there are and what was read of them: while the
    warehouse is away, what it said last. Raises Unavailable where it never said it."""

    def __init__(self, warehouse: Guarded) -> None:
        self._guarded = warehouse
        self.dialect = warehouse.dialect
        self._said: OrderedDict[object, Any] = OrderedDict()
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._guarded, name)

    def shops(self) -> tuple[Shop, ...]:
        return self._remembered("shops", self._guarded.shops)

    def versions(self, shops: Shops) -> dict[str, int]:
        return dict(self._remembered(("versions", shops), lambda: self._guarded.versions(shops)))

    def last_sync(self, shops: Shops) -> datetime | None:
        return self._remembered(("synced", shops), lambda: self._guarded.last_sync(shops))

    def batches(self, shop_id: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        asked = ("batches", shop_id, limit)
        return list(self._remembered(asked, lambda: self._guarded.batches(shop_id, limit)))

    def _remembered(self, what: object, ask: Callable[[], T]) -> T:
        try:
            found = ask()
        except Unavailable:
            with self._lock:
                if what not in self._said:
                    raise
                known: T = self._said[what]
                return known
        with self._lock:
            self._said[what] = found
            self._said.move_to_end(what)
            if len(self._said) > REMEMBERED:
                self._said.popitem(last=False)
        return found


def _answers(failure: Unavailable) -> bool:
    return isinstance(failure, Busy | Throttled)
