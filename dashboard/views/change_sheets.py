"""Why a figure changed, as rows of a file: every digit, both periods, what is said of each part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agent.metrics import formats
from agent.why import telling
from agent.why.changes import SEGMENTS, Segment
from agent.why.explanation import Explanation
from agent.words import inner, mark, n, t
from dashboard.files.parts import floats, sheet_from, text
from dashboard.files.sheets import Heading, Sheet

OVERLAP = Decimal("0.001")
"""Of the change; less is rounding."""
VERDICTS = {
    "signal": mark("Stands out"),
    "unclear": mark("Not sure"),
    "noise": mark("Within its usual variation"),
}


def sheet_of(found: Explanation) -> Sheet:
    """The segments with both periods, their change, their share of it and what is said of it."""
    segments = telling.ranked(found)
    parts = [one.part for one in segments] + [found.why.others]
    changes = [one.part.change for one in segments] + [found.others]
    unit, moved = found.metric.unit, found.moved
    points = unit == "percent"
    said = [telling.reason(found, one) for one in segments] + [rest_words(found)]
    columns = [
        text(t("Segment"), [*(telling.title(found, one) for one in segments), others_name(found)]),
        floats(Heading(_before(found), unit, name="before"), [part.expected for part in parts]),
        floats(Heading(t("This period"), unit, name="now"), [part.actual for part in parts]),
        floats(
            Heading(
                t("Change"),
                "points" if points else unit,
                total=_hundred(moved, points),
                formula="sum",
                name="change",
            ),
            [_hundred(change, points) for change in changes],
        ),
        floats(
            Heading(t("Share of the change"), "percent"),
            [float(change / moved) if moved else None for change in changes],
        ),
        text(t("What we found"), said),
        text(t("Verdict"), _verdicts(segments)),
    ]
    made = sheet_from(columns, t("Why"), found.currency)
    return replace(made, about=((t("What we found"), _about(found)),))


def _before(found: Explanation) -> str:
    return t("Expected") if found.why.against == "expected" else t("Before")


def _hundred(value: Decimal, points: bool) -> Decimal:
    return value * 100 if points else value


def _verdicts(segments: Sequence[Segment]) -> list[str]:
    return [*(t(VERDICTS[one.part.verdict]) for one in segments), ""]


def _about(found: Explanation) -> str:
    label = inner(t(found.metric.label))
    return t(
        "Parts of the change in {metric}. What happened in the same days is a match, not proof.",
        metric=label,
    )


def others_name(found: Explanation) -> str:
    if not found.why.segments:
        return t("All segments")
    count = found.why.others.count
    said = formats.number(count, "count")
    return n("{count} other segment", "{count} other segments", count, count=said)


def rest_words(found: Explanation) -> str:
    """What is said of all others; what stands in several of them makes the whole less than their
    sum."""
    gap = abs(found.others - found.why.others.change)
    if found.why.segments and gap > OVERLAP * max(abs(found.moved), OVERLAP):
        return t("Who stands in several segments counts once")
    if not found.why.segments:
        return t("None stands out from the others")
    if len(found.why.segments) < SEGMENTS:
        return t("None of them stands out")
    return t("Each of them is smaller or less clear")
