"""The cache for code that speaks to `flask_caching.Cache`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_caching.backends import BaseCache

from agent.cache.shelf import FOREVER
from agent.ports import Cache


class Front(BaseCache):
    """Either twin as a backend of Flask-Caching.

    Cache(app, config={"CACHE_TYPE": "agent.cache.Front", "CACHE_ARGS": [services.cache]})
    """

    def __init__(self, cache: Cache, default_timeout: int = 300) -> None:
        super().__init__(default_timeout=default_timeout)
        self._cache = cache

    @classmethod
    def factory(
        cls, app: Any, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
    ) -> Front:
        return cls(args[0], kwargs["default_timeout"])

    def get(self, key: str) -> bytes | None:
        return self._cache.get(key)

    def set(self, key: str, value: bytes, timeout: int | timedelta | None = None) -> bool:
        self._cache.set(key, value, self._normalize_timeout(timeout) or FOREVER)
        return True

    def has(self, key: str) -> bool:
        return self._cache.get(key) is not None
