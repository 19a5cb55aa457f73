"""What the narrator may know of an explanation: the whole, the segments of one dimension, and the
kinds and days of what happened then."""

from __future__ import annotations

from agent.narrating import Fact, Facts, Match, part_of
from agent.records.events import KINDS
from agent.why import telling
from agent.why.explanation import Explanation

ROWS = 4
MATCHES = 3


def facts_of(found: Explanation) -> Facts:
    """A segment of several dimensions has no name that could be held to the facts: it is left out,
    and so is what is noise."""
    why = found.why
    rows = [Fact(found.metric, why.after, why.before)]
    for segment in telling.telling(found):
        where = segment.part.where
        if len(where) != 1:
            continue
        part = part_of(next(iter(where)), telling.names(found, segment)[0])
        if part is not None:
            rows.append(Fact(found.metric, segment.part.actual, segment.part.expected, part))
    scope = why.scope
    matches = tuple(
        Match(match.kind, match.first, match.last)
        for match in why.matches
        if match.now and match.kind in KINDS
    )
    return Facts(
        tuple(rows[:ROWS]), scope.start, scope.end, found.currency, why.against, matches[:MATCHES]
    )
