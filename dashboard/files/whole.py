"""All rows of a question: what the screen cuts to the largest few, a file has in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from agent.errors import Refused
from agent.metrics import formats, periods
from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.frames import Frame
from agent.metrics.questions import MAX_TOP, Ask, Question, Scope
from agent.words import t
from dashboard.files.sheets import LIMIT, cut

Answer = Callable[[Question], Frame]


@dataclass(frozen=True)
class Whole:
    """`notice` says what is not in the frame; empty where all is."""

    frame: Frame
    notice: str = ""


def whole(answer: Answer, ask: Ask, scope: Scope, limit: int = LIMIT) -> Whole:
    """The question's answer without its cut. Beyond the limit the largest groups, and the others
    in rows of their own where they can be told apart by time. Raises as `answer` does.
    """
    every = replace(ask, top=0)
    try:
        frame = answer(every.within(scope))
    except Refused:
        groups = _groups_that_fit(ask, scope, limit)
        if not groups:
            raise
        frame = answer(replace(ask, top=groups).within(scope))
        return Whole(frame, _gathered(ask, groups, limit)) if frame.rest else Whole(frame)
    if len(frame) <= limit:
        return Whole(frame)
    return Whole(_first(frame, limit), cut(len(frame), limit))


def rows_of(frame: Frame) -> int:
    """How many rows its question has where nothing is gathered in a rest."""
    buckets = frame.rest_rows or 1
    return len(frame) - frame.rest_rows + frame.rest * buckets


def _groups_that_fit(ask: Ask, scope: Scope, limit: int) -> int:
    """How many groups over time make no more rows than a file holds; 0 for another question."""
    if not ask.grain or len(ask.by) == 1:
        return 0
    end: date = max(scope.start, scope.end)
    buckets = periods.bucket_count(scope.start, end, ask.grain)
    return min(limit // max(buckets, 1) - 1, MAX_TOP) if buckets < limit else 0


def _gathered(ask: Ask, groups: int, limit: int) -> str:
    by = next(name for name in ask.by if name not in GRAINS)
    return t(
        "More than {limit} rows: this file has the {count} largest {groups} and the others "
        "together. Choose a shorter period or a filter for the others.",
        limit=formats.number(limit, "count", style="full"),
        count=formats.number(groups, "count", style="full"),
        groups=t(DIMENSIONS[by].plural),
    )


def _first(frame: Frame, limit: int) -> Frame:
    former = frame.previous
    kept = None if former is None else replace(former, data=former.data.slice(0, limit), rest=0)
    return replace(frame, data=frame.data.slice(0, limit), previous=kept, rest_rows=0)
