"""Tables of a merchant's own PostgreSQL, read as a mapping says."""

from __future__ import annotations

from agent.sources.postgres.connector import CONNECTOR

__all__ = ["CONNECTOR"]
