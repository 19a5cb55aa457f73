"""Why the first number changed, as it is printed: in every form the lists add up as they are
read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from agent.errors import Refused
from agent.records.events import Event
from agent.services import Services
from dashboard.files.parts import whole
from dashboard.panels import Listed, Row
from dashboard.views import changes
from reports import matches, reasons
from reports.compose import compose, period_scope
from reports.documents import Document
from reports.mail import lines, to_letter
from tests.agent.why.made import FUNNEL, LIGHTING, NOISY, SIDEBOARD, explanation
from tests.reports import shop


def amount_of(text: str) -> Decimal:
    """A printed amount as a number."""
    digits = re.sub(r"[^0-9.\-]", "", text.replace("−", "-"))
    return Decimal(digits)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Any:
    made = explanation(LIGHTING, SIDEBOARD, NOISY)
    monkeypatch.setattr(reasons, "explain", lambda *asked: made)
    monkeypatch.setattr(matches, "explain", lambda *asked: made)
    monkeypatch.setattr(changes, "explain", lambda *asked: made)
    return made


def listed(told: Any, make: Any) -> Listed:
    return make(None, told.why.scope, "net_sales")  # type: ignore[no-any-return]


def test_the_steps_add_up_as_they_are_read(told: Any) -> None:
    found = listed(told, reasons.bridged)
    table: Any = found.view
    before, *steps, after = (amount_of(row.cells[-1].text) for row in table.rows)
    assert before == Decimal("381700.00")
    assert before + sum(steps) == after == Decimal("412640.25")
    # What did not change is no step; each is coloured by what it does to the figure.
    assert [row.name for row in table.rows[1:-1]] == ["Sessions", "Conversion", "Order value"]
    assert [row.cells[0].tone for row in table.rows[1:-1]] == ["pos", "neg", "pos"]
    rows = whole(found.sheet)
    assert sum(rows.column(4).to_pylist()) == pytest.approx(float(FUNNEL.change))


def test_other_bridges_are_a_line_each_and_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    made = explanation(LIGHTING)
    both = replace(made, why=replace(made.why, bridges=(FUNNEL, replace(FUNNEL, name="goods"))))
    monkeypatch.setattr(reasons, "explain", lambda *asked: both)
    table: Any = listed(both, reasons.bridged).view
    assert table.footer.startswith("Goods: Sessions +$20,000")
    amounts = [amount_of(one) for one in re.findall(r"[+−]\$[\d,.]*\d", table.footer)]
    assert sum(amounts) == Decimal(412640) - Decimal(381700)


def test_a_figure_without_factors_has_no_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    made = explanation(LIGHTING, metric="orders")
    monkeypatch.setattr(reasons, "explain", lambda *asked: made)
    with pytest.raises(Refused, match="Orders"):
        listed(made, reasons.bridged)


def test_matches_are_named_once_the_periods_own_first(told: Any) -> None:
    found = listed(told, matches.matched)
    table: Any = found.view
    assert [row.name for row in table.rows] == [
        "Campaign: Magazine feature (Germany)",
        "Out of stock: Walnut sideboard",
        "Holiday: All Saints",
    ]
    assert table.measure == "In the same days: matches, not proof"
    assert whole(found.sheet).num_rows == 3


def test_where_nothing_happened_the_report_says_that(monkeypatch: pytest.MonkeyPatch) -> None:
    made = explanation()
    quiet = replace(made, why=replace(made.why, matches=()))
    monkeypatch.setattr(matches, "explain", lambda *asked: quiet)
    with pytest.raises(Refused, match="Nothing is known of these days"):
        listed(quiet, matches.matched)


def test_an_event_of_the_calendar_reaches_the_letter(services: Services) -> None:
    event = Event(
        shop.TEA.shop_id, "Autumn sale", "promotion", date(2026, 11, 3), date(2026, 11, 9)
    )
    services.records.events.put(event)
    scope = period_scope(services, shop.TEA, "last_28_days")
    letter = to_letter(compose(services, "weekly-executive", scope), ("a@b.example",), "<1@b>")
    for text in (letter.html, letter.text):
        assert "Promotion: Autumn sale" in text
        assert "How the change came about" in letter.text


def test_a_letter_has_reasons_under_the_first_three(told: Any) -> None:
    found: Any = listed(told, changes.reasoned)
    rows: list[Row] = lines(found.view)
    assert [row.note for row in rows] == [
        "Campaign: Magazine feature, 5 – 7 Nov",
        "Within its usual variation",
        "Out of stock: Walnut sideboard, 9 – 16 Nov",
        "",
        "",
    ]
    *parts, total = (amount_of(row.cells[0].text) for row in rows)
    assert sum(parts) == total
    assert all(len(row.cells) == 1 for row in rows)


def test_the_printed_block_is_the_pages(document: Document) -> None:
    ids = [part.id for part in document.parts]
    assert ids[:4] == ["series", "why", "bridge", "steps"]
    part = next(part for part in document.parts if part.id == "bridge")
    assert part.table is not None
    before, *steps, after = (amount_of(row.cells[-1].text) for row in part.table.rows)
    assert before + sum(steps) == after
    figure = document.figures[0]
    assert (before, after) == (Decimal(str(figure.before)), Decimal(str(figure.value)))
