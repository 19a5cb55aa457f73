"""What customers and products are sorted into: the tables, without how they are computed."""

from __future__ import annotations

from collections.abc import Mapping

Span = tuple[int, int]

# From and to: recency's scores, then those of frequency and monetary value alike. The first group
# that fits is the customer's (docs/decisions says which are never reached by that).
RFM_GRID: Mapping[str, tuple[Span, Span]] = {
    "Champions": ((4, 5), (4, 5)),
    "Loyal": ((2, 5), (3, 5)),
    "Potential loyalist": ((3, 5), (1, 3)),
    "New": ((4, 5), (1, 1)),
    "Promising": ((3, 4), (1, 1)),
    "Needs attention": ((2, 3), (2, 3)),
    "About to sleep": ((2, 3), (1, 2)),
    "At risk": ((1, 2), (2, 5)),
    "Can't lose": ((1, 1), (4, 5)),
    "Lost": ((1, 2), (1, 2)),
}
UNGROUPED = "Others"
RFM = {name: name for name in (*RFM_GRID, UNGROUPED)}
SCORES = {score: score for score in "12345"}

TIERS = {name: name for name in ("High value", "Medium", "Regular", "New")}
"""Highest first; the last has no threshold."""

GRADES = {grade: grade for grade in "ABC"}
A_SHARE, B_SHARE = 80, 95
"""Percent of net sales: a product is A while those before it make up less than the first, then
B."""
GRADE_DAYS = 28
