"""What a report opens with is what pages say; the block adds up on paper and in the workbook."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agent.narrating import Told
from agent.services import Services
from agent.words import t
from dashboard.files.parts import whole
from reports import leads
from reports.compose import compose, period_scope
from reports.documents import Document
from tests.agent.why.made import LIGHTING, SIDEBOARD, explanation
from tests.reports import shop


def test_the_block_ends_in_the_change_of_the_first_figure(document: Document) -> None:
    part = next(part for part in document.parts if part.id == "why")
    assert part.table is not None
    figure = document.figures[0]
    change = float(Decimal(str(figure.value)) - Decimal(str(figure.before)))
    *rows, total = (row.cells[-1].value or 0.0 for row in part.table.rows)
    assert total == pytest.approx(change)
    assert sum(rows) == pytest.approx(total)
    sheet = part.rows().sheet
    at = [heading.label for heading in sheet.headings].index(t("Change"))
    assert sum(whole(sheet).column(at).to_pylist()) == pytest.approx(change)


def test_the_lead_names_what_made_the_change(
    reading: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = explanation(LIGHTING, SIDEBOARD)
    monkeypatch.setattr(leads, "explain", lambda *given: made)
    scope = period_scope(reading, shop.TEA, "last_28_days")
    document = compose(reading, "weekly-executive", scope)
    assert document.lead[0] == "Net sales rose 8.1% to $412.6k."
    assert document.lead[1].startswith("Lighting in Germany made $17.6k of the gain")

    def narrate(*given: Any) -> Told:
        return Told("Net sales rose 8.1%.", "narrator")

    monkeypatch.setattr(leads, "narrate", narrate)
    told = compose(reading, "weekly-executive", scope)
    assert told.lead[0] == document.lead[0]
    assert told.lead[1] == (
        "Net sales rose 8.1%. (In the words of the narrator, held to the figures.)"
    )
