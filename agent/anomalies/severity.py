"""How grave a finding is, by how much of the expected is gone and what that is to the shop.

good      better than expected
critical  the whole shop is 30 % or more below, or nothing arrives of it, or a usual day's sales
          of the shop are lost in all (of weeks, a usual week's)
warning   the whole shop is 15 % below, or a quarter of a usual day's sales is lost, or nothing
          arrives of a part
notice    less than that; and what merely swings, or is odd as a mixture
"""

from __future__ import annotations

from agent.anomalies.choosing import Group, better
from agent.anomalies.judged import Incident
from agent.anomalies.worth import Worth

CRITICAL, WARNING = 0.30, 0.15
"""The share of what was expected of the whole shop."""
LOST_CRITICAL, LOST_WARNING = 1.0, 0.25
"""Usual days of the shop's sales."""
PLAIN = ("variance", "together")
ORDER = ("critical", "warning", "notice", "good")


def gravest(worth: Worth, group: Group) -> str:
    """Of a finding: as its lead, or as a figure of the whole shop that is part of it, which has a
    price: a part may speak for a broken checkout."""
    rows = worth.seen.rows
    whole = [one for one in group.also if not rows[one.row].dimension and worth.of(one) is not None]
    return min((severity(worth, one) for one in (group.lead, *whole)), key=ORDER.index)


def severity(worth: Worth, one: Incident) -> str:
    """Of agent.records.findings.SEVERITIES."""
    part = bool(worth.seen.rows[one.row].dimension)
    if one.kind == "missing":
        return "warning" if part else "critical"
    if one.kind in PLAIN:
        return "notice"
    if better(worth, one):
        return "good"
    share = 0.0 if part else abs(worth.share(one))
    lost = abs(worth.days(one) or 0.0)
    if share >= CRITICAL or lost >= LOST_CRITICAL:
        return "critical"
    return "warning" if share >= WARNING or lost >= LOST_WARNING else "notice"
