"""What several threads ask for at once, made once; what was asked for of late, kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Values by what they depend on, bounded: those least recently used make room for new ones."""

    def __init__(self, size: int, weigh: Callable[[T], int]) -> None:
        """`size` is what all together may weigh; a value that alone weighs more is not kept."""
        self._size, self._weigh = size, weigh
        self._made: OrderedDict[Hashable, Future[T]] = OrderedDict()
        self._weights: dict[Hashable, int] = {}
        self._lock = threading.Lock()

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made where it is not there. Raises what `make` raises; the next one
        who asks makes it again."""
        with self._lock:
            known = self._made.get(key)
            if known is None:
                mine: Future[T] = Future()
                self._made[key] = mine
            else:
                self._made.move_to_end(key)
        if known is not None:
            return known.result()
        try:
            value = make()
        except BaseException as error:
            with self._lock:
                del self._made[key]
            mine.set_exception(error)
            raise
        mine.set_result(value)
        self._keep(key, self._weigh(value))
        return value

    def _keep(self, key: Hashable, weight: int) -> None:
        with self._lock:
            self._weights[key] = weight
            total = sum(self._weights.values())
            # Those without a weight are being made, and their makers will come here.
            while total > self._size:
                oldest = next(key for key in self._made if key in self._weights)
                total -= self._weights.pop(oldest)
                del self._made[oldest]
