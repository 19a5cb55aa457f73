"""Everything outside, asked within limits: rates, breakers, retries, deadlines, in one place."""

from __future__ import annotations

from agent.resilience.policies import POLICIES, Policy, pace_of, policies_of, rate_of
from agent.resilience.quotas import Limits, rates_of
from agent.resilience.redis_server import RedisServer, Subscription, connect
from agent.resilience.upstreams import Standing, Upstream, Upstreams
from agent.resilience.waiting import TOPIC, Time

__all__ = [
    "POLICIES",
    "TOPIC",
    "Limits",
    "Policy",
    "RedisServer",
    "Standing",
    "Subscription",
    "Time",
    "Upstream",
    "Upstreams",
    "connect",
    "pace_of",
    "policies_of",
    "rate_of",
    "rates_of",
]
