"""The product's own records: people, keys, targets, KPIs, views, schedules, runs, deliveries,
audit."""

from __future__ import annotations

from agent.records.records import Records, open_records
from agent.records.roles import Role

__all__ = ["Records", "Role", "open_records"]
