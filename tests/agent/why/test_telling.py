"""What is said of a change: exact, ranked by money, and never that noise made it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from agent.ports import Shop
from agent.why import codec, telling
from agent.why.explanation import Explanation
from agent.why.facts import facts_of
from tests.agent.why.made import (
    FEAST,
    LIGHTING,
    NOISY,
    SCOPE,
    SIDEBOARD,
    explanation,
    part,
    segment,
)

SHOP = Shop("hearth", "Hearth & Alder", "USD", "Europe/Berlin", "test")


def expected(found: Explanation) -> Explanation:
    return replace(found, why=replace(found.why, against="expected"))


def test_the_lead_is_the_headline_then_the_largest_then_what_happened() -> None:
    found = explanation(SIDEBOARD, NOISY, LIGHTING)
    assert " ".join(one.text for one in telling.sentences(found, SHOP)) == (
        "Net sales rose 8.1% to $412.6k. "
        "Lighting in Germany made $17.6k of the gain, more than half of it. "
        "Campaign in the same days: Magazine feature, 5 – 7 Nov. "
        "Walnut sideboard lost $4.8k."
    )


def test_noise_is_never_named_as_a_cause() -> None:
    found = explanation(NOISY)
    said = " ".join(one.text for one in telling.sentences(found, SHOP))
    assert said == "Net sales rose 8.1% to $412.6k."
    assert telling.reason(found, NOISY) == "Within its usual variation"
    assert "United States" not in facts_of(found).to_json()


@pytest.mark.parametrize(
    ("change", "after", "says"),
    [
        ("10000", "412640.25", "Austria made $10.0k of the gain."),
        ("40000", "412640.25", "Austria added $40.0k, more than the whole gain."),
        ("-40000", "352640.25", "Austria lost $40.0k, more than the whole fall."),
        ("-20000", "352640.25", "Austria made $20.0k of the fall, more than half of it."),
        ("10000", "352640.25", "Austria added $10.0k."),
        ("10000", "381700.00", "Austria added $10.0k."),
    ],
)
def test_a_sentence_says_what_part_it_was(change: str, after: str, says: str) -> None:
    one = segment(part("50000", str(50000 + Decimal(change)), country="AT"))
    found = explanation(one, after=Decimal(after))
    assert telling.sentence(found, one).text == says


def test_the_list_adds_up_as_it_is_read() -> None:
    found = explanation(LIGHTING, SIDEBOARD, NOISY)
    told = telling.amounts(found)
    assert sum(told.segments, told.others) == told.total == Decimal(30940)
    assert [telling.signed(found, one) for one in told.segments] == [
        "+$17,641",
        "+$6,180",
        "−$4,800",
    ]
    assert found.others + sum(one.part.change for one in found.why.segments) == found.moved


def test_a_rate_moves_in_points_that_add_up() -> None:
    one = segment(part("0.0210", "0.023333", country="DE"))
    found = explanation(one, metric="conversion_rate", before=0.0226, after=0.0233)
    told = telling.amounts(found)
    assert sum(told.segments, told.others) == told.total == Decimal("0.0007")
    assert telling.signed(found, told.total) == "+0.07 pp"
    assert telling.signed(found, told.others).startswith("−0.1")


def test_a_reason_is_a_match_of_its_own_or_how_it_moved() -> None:
    found = explanation(LIGHTING, SIDEBOARD)
    assert telling.reason(found, SIDEBOARD) == "Out of stock: Walnut sideboard, 9 – 16 Nov"
    shops_own = segment(part("50000", "55000", country="AT"), FEAST)
    assert telling.reason(found, shops_own) == "+10.0% from $50.0k"
    assert telling.reason(found, segment(part("0", "5", country="AT"))) == "New in this period"
    gone = segment(part("5", "0", country="AT"))
    assert telling.reason(found, gone) == "Nothing in this period"
    assert telling.beside(found) == [FEAST]


def test_an_explanation_comes_back_as_it_was() -> None:
    found = explanation(LIGHTING, segment(part("1.10", "2.25", vendor=None)))
    assert codec.load(codec.dump(found), found.metric, SCOPE) == found


def test_facts_hold_what_can_be_held_to_them() -> None:
    named = segment(part("50000", "60000", country="AT"))
    facts = facts_of(explanation(LIGHTING, named))
    assert [(row.part.name if row.part else "") for row in facts.rows] == ["", "Austria"]
    assert [match.kind for match in facts.matches] == ["holiday", "campaign"]
    assert "Magazine" not in facts.to_json()


@pytest.mark.parametrize(
    ("after", "says"),
    [
        ("412640.25", "Net sales came to $412.6k, 8.1% more than expected."),
        ("343530.00", "Net sales came to $343.5k, 10.0% less than expected."),
        ("381700.00", "Net sales came to $381.7k; expected: $381.7k."),
        ("9000000.00", "Net sales came to $9.00m; expected: $381.7k."),
    ],
)
def test_against_what_was_expected(after: str, says: str) -> None:
    found = expected(explanation(after=Decimal(after)))
    assert " ".join(one.text for one in telling.sentences(found, SHOP)) == says


def test_parts_against_what_was_expected() -> None:
    found = expected(explanation(LIGHTING, SIDEBOARD))
    said = [telling.sentence(found, one).text for one in (LIGHTING, SIDEBOARD)]
    assert said == [
        "Lighting in Germany came to $17.6k more than expected, more than half of the difference.",
        "Walnut sideboard came to $4.8k less than expected.",
    ]
    fell = expected(explanation(SIDEBOARD, after=Decimal("376000.00")))
    assert telling.sentence(fell, SIDEBOARD).text == (
        "Walnut sideboard came to $4.8k less than expected, more than half of the difference."
    )
    one = segment(part("50000", "55000", country="AT"))
    assert telling.reason(found, one) == "+10.0% against $50.0k expected"
    assert telling.reason(found, segment(part("0", "5", country="AT"))) == "Nothing expected"
    assert facts_of(found).against == "expected"
    assert codec.load(codec.dump(found), found.metric, SCOPE) == found
