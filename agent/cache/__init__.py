"""The cache: one level in this process and, where there is a Redis, a second one shared by all.

Both are for bytes alone: nothing here unpickles.
"""

from __future__ import annotations

from agent.cache.front import Front
from agent.cache.memory import MemoryCache, only_bytes
from agent.cache.shared import CLEARED, RedisCache

__all__ = ["CLEARED", "Front", "MemoryCache", "RedisCache", "only_bytes"]
