"""What may leave the house: there is no way to put a customer into it."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date

import pytest

from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import DIMENSIONS
from agent.narrating.facts import DIMENSIONS_TOLD, Fact, Facts, Match, Part, part_of
from agent.words import speaking
from tests.agent.narrating.conftest import FACTS, INJECTED


def test_rows_are_labels_figures_and_directions() -> None:
    told = json.loads(FACTS.to_json())
    assert told["period"] == "20 Oct – 16 Nov"
    assert told["facts"][0] == {
        "metric": "Net sales", "now": "$412.6k", "before": "$381.7k", "difference": "$30.9k",
        "change": "8.1%", "direction": "up",
    }  # fmt: skip
    assert told["facts"][2]["change"] == "0.20 pp"
    assert told["facts"][3]["of"] == "Country"
    assert told["facts"][3]["name"] == "Germany"
    assert told["matches, not causes"] == [{"kind": "Promotion", "days": "9 – 15 Nov"}]


def test_a_segment_that_gives_orders_is_data_within_json() -> None:
    odd = f'{INJECTED}", "now": "$1'
    row = Fact(METRICS["net_sales"], 1, 2, Part("product", odd))
    assert json.loads(replace(FACTS, rows=(row,)).to_json())["facts"][0]["name"] == odd


def test_the_same_facts_are_the_same_text_in_each_language() -> None:
    assert FACTS.to_json() == replace(FACTS).to_json()
    with speaking("de_DE"):
        assert '"8,1\u00a0%"' in FACTS.to_json()


def test_no_dimension_of_customers_and_no_small_place_is_told() -> None:
    customers = {row.name for row in DIMENSIONS.values() if row.level in ("customer", "age")}
    assert not {*customers, "city", "region", "shop"} & {*DIMENSIONS_TOLD}
    for dimension in (*customers, "city", "region", "nonsense"):
        assert part_of(dimension, "x") is None
        with pytest.raises(ValueError, match="may leave the house"):
            Part(dimension, "x")


@pytest.mark.parametrize(
    "name",
    ["For ann@tea.example", "Call +49 170 1234567", "0151-23456789", "", "  ", "x" * 81],
)
def test_names_that_may_hold_a_customer_are_left_out(name: str) -> None:
    assert part_of("variant", name) is None
    with pytest.raises(ValueError, match="may leave the house"):
        Part("variant", name)


def test_there_is_no_field_for_text() -> None:
    kinds = {row.name: str(row.type) for one in (Facts, Fact, Match) for row in fields(one)}
    texts = {name for name, kind in kinds.items() if kind == "str"}
    assert texts == {"currency", "kind"}
    with pytest.raises(ValueError, match="no kind of event"):
        Match("Ann's birthday", date(2026, 1, 1), date(2026, 1, 1))


def test_facts_are_few_and_never_none() -> None:
    for rows in ((), FACTS.rows * 3):
        with pytest.raises(ValueError, match="1 to 12 rows"):
            replace(FACTS, rows=rows)
