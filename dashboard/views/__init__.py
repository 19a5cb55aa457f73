"""Frames as charts and tables: pure, without I/O, the same for the screen, the paper and the
workbook.
"""

from __future__ import annotations

from dashboard.panels import Shape
from dashboard.views.tables import breakdown, parts, ranking
from dashboard.views.trends import trend

__all__ = ["Shape", "breakdown", "parts", "ranking", "trend"]
