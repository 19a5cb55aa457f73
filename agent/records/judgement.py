"""The nouns of judgement: forecasts and their scores, findings and verdicts, the shop's events."""

from __future__ import annotations

from agent.records.events import Events
from agent.records.findings import Findings
from agent.records.forecasts import Forecasts

__all__ = ["Events", "Findings", "Forecasts"]
