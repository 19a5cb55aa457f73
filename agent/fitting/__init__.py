"""A process beside this one that fits models: its memory and its minutes are not the app's."""

from __future__ import annotations

from agent.fitting.process import Fitting

__all__ = ["Fitting"]
