"""How Shopify writes ids and moments."""

from __future__ import annotations

from datetime import UTC, datetime


def gid(sort: str, number: int | None) -> str:
    return f"gid://shopify/{sort}/{number}"


def moment(at: datetime | None) -> str | None:
    """DateTime: UTC to the second, with Z."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
