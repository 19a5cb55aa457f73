"""Values of filters that a shop does not have: refused, with the nearest that it has; everything
that the shop ever knew is no mistake, wherever it stands."""

from __future__ import annotations

from typing import Any

import pytest

from agent.metrics.grammar import Filter
from agent.metrics.values import UnknownValue, Values, nearest
from tests import almas_tea
from tests.agent.metrics.test_bad_input import INJECTIONS, OPEN, counts

SHOPS = (almas_tea.SHOP.shop_id,)


class Counting:
    """A warehouse that counts what is read of it."""

    def __init__(self, warehouse: Any) -> None:
        self.warehouse, self.reads = warehouse, 0

    def read(self, statement: Any) -> Any:
        self.reads += 1
        return self.warehouse.read(statement)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.warehouse, name)


def refusal(values: Values, dimension: str, *wanted: str) -> UnknownValue:
    with pytest.raises(UnknownValue) as refused:
        values.check(SHOPS, (Filter(dimension, wanted),))
    return refused.value


@pytest.mark.parametrize(
    ("dimension", "value"),
    [
        ("country", "DE"),
        ("country", "(none)"),
        ("channel", "email"),
        ("channel", "social"),  # Visits only.
        ("campaign", "Teatime"),
        ("product", "X1"),
        ("product_type", "Tea"),
        ("vendor", "Kiln"),
        ("cohort", "2026-10"),
        ("cohort_week", "2026-W41"),
        ("cohort_quarter", "2026-Q4"),
        ("rfm", "Lost"),
        ("value_tier", "High value"),
        ("weekday", "6"),
    ],
)
def test_what_the_shop_knows_anywhere_is_known(tea: Any, dimension: str, value: str) -> None:
    Values(tea).check(SHOPS, (Filter(dimension, (value,)), Filter(dimension, (value,), True)))


@pytest.mark.parametrize(
    ("dimension", "value", "near"),
    [
        ("country", "de", "DE (Germany)"),
        ("country", "Germany", "DE (Germany)"),
        ("country", "germny", "DE (Germany)"),
        ("product", "assam", "T1 (Assam)"),
        ("channel", "e-mail", "email"),
        ("campaign", "autum", "Autumn"),
        ("cohort", "2026-1", "2026-11"),
        ("rfm", "champion", "Champions"),
    ],
)
def test_the_nearest_is_named_by_value_and_name(
    tea: Any, dimension: str, value: str, near: str
) -> None:
    assert refusal(Values(tea), dimension, value).hint == f"Did you mean {near}?"


def test_without_a_near_one_the_known_are_named(tea: Any) -> None:
    refused = refusal(Values(tea), "country", "DE", "Atlantis", "Mu")
    assert refused.message == (
        "There is no country called 'Atlantis' in this shop. "
        "1 more value of the filter is not there."
    )
    assert refused.hint == "Known: AT (Austria), DE (Germany)."
    assert refused.asked == Filter("country", ("Atlantis", "Mu"))
    assert refusal(Values(tea), "region", "Hills").hint == "Known: Bavaria, Berlin, Tyrol."


@pytest.mark.parametrize("dimension", [name for name in OPEN if name != "shop"])
def test_values_that_would_be_sql_are_refused_and_reach_nothing(tea: Any, dimension: str) -> None:
    before = counts(tea)
    refused = refusal(Values(tea), dimension, *INJECTIONS)
    assert refused.asked.values == INJECTIONS
    assert len(refused.message) < 200
    assert counts(tea) == before


def test_what_is_known_is_read_once_and_what_arrives_is_known(fresh: Any) -> None:
    counting = Counting(fresh)
    values = Values(counting)
    for _ in range(3):
        values.check(SHOPS, (Filter("country", ("DE", "AT")),))
    assert counting.reads == 1
    refusal(values, "product", "N1")
    reads = counting.reads
    refusal(values, "product", "N1")
    assert counting.reads == reads, "asked again only when a table has changed"
    row = ("N1", "New tea", "Tea", "Hill")
    table = almas_tea.table(almas_tea.schema.PRODUCTS, [almas_tea.product(row, almas_tea.SHOP)])
    fresh.merge(almas_tea.Batch(almas_tea.SHOP, "test", "new", {"products": table}))
    values.check(SHOPS, (Filter("product", ("N1",)),))


def test_the_nearest_of_several() -> None:
    there = [("DE", "Germany"), ("US", "United States"), ("GB", "United Kingdom")]
    assert nearest("united", there) == ("US", "United States")
    assert nearest("gb", there) == ("GB", "United Kingdom")
    assert nearest("Atlantis", there) == ("", "")
