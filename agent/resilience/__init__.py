"""Everything outside, asked within limits: rates, breakers, retries, deadlines, in one place."""

from __future__ import annotations

from agent.resilience.redis_server import RedisServer, Subscription, connect

__all__ = ["RedisServer", "Subscription", "connect"]
