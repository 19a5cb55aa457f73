"""Any service that answers in JSON, asked as a recipe says."""

from __future__ import annotations

from agent.sources.http.connector import CONNECTOR

__all__ = ["CONNECTOR"]
