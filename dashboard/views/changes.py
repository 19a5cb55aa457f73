"""Why a figure changed, as the list of its parts: it adds up as it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from agent.metrics.questions import Scope
from agent.services import Services
from agent.why import telling
from agent.why.changes import Segment
from agent.why.explanation import Explanation
from agent.words import inner, t
from dashboard.explained import explain
from dashboard.panels import Cell, Heading, Listed, Row, Table
from dashboard.views.change_sheets import others_name, rest_words, sheet_of

Leads = Callable[[Segment], str]


def reasoned(services: Services, scope: Scope, metric: str) -> Listed:
    """For paper and files, with what was found of each segment beside it. Raises Refused where
    there is nothing to compare with."""
    found = explain(services, scope, metric)
    table = table_of(found)
    heads = (table.headings[0], Heading(t("What we found"), number=False), table.headings[1])
    rows = [replace(row, cells=(Cell(row.note), *row.cells)) for row in table.rows]
    return Listed(replace(table, headings=heads, rows=tuple(rows)), sheet_of(found))


def table_of(found: Explanation, leads: Leads | None = None, all_of: str = "") -> Table:
    """The segments, largest first, all others, and the change of the key figure. `leads` says where
    a segment's row goes, `all_of` where that of the others does."""
    printed = telling.amounts(found)
    segments = telling.ranked(found)
    rows = [
        Row(
            telling.title(found, segment),
            (_cell(found, value),),
            note=telling.reason(found, segment),
            href=leads(segment) if leads else "",
        )
        for segment, value in zip(segments, printed.segments, strict=True)
    ]
    label = inner(t(found.metric.label))
    rest = Row(
        others_name(found),
        (_cell(found, printed.others),),
        kind="rest",
        note=rest_words(found),
        href=all_of,
    )
    total = Row(t("Change in {metric}", metric=label), (_cell(found, printed.total),), kind="total")
    return Table(
        title=t("What changed"),
        measure=t("Parts of the change in {metric}, largest first", metric=label),
        headings=(Heading(t("Segment"), number=False), Heading(t("Change"), sorted=True)),
        rows=(*rows, rest, total),
    )


def _cell(found: Explanation, value: Decimal) -> Cell:
    tone = "mut" if not value else "pos" if (value > 0) == found.metric.good_up else "neg"
    return Cell(telling.signed(found, value), float(value), tone)  # type: ignore[arg-type]
