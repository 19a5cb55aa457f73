"""What orders cost beside their goods, from files."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from agent.sources.base import ImportOptions
from agent.warehouse import schema
from tests.agent.sources.conftest import Desk

Sheet = Callable[..., Path]
TEA = ImportOptions("", "Tea", "EUR", "Europe/Berlin")


def kept(desk: Desk) -> list[tuple[str, str | None, Decimal]]:
    rows = desk.rows(schema.COSTS, "cost_id")
    return [(row["kind"], row["order_id"], row["amount"]) for row in rows]


def test_costs_of_orders_in_two_languages(desk: Desk, sheet: Sheet) -> None:
    header = ("Datum", "Kostenart", "Betrag", "Bestellnummer")
    rows = [("01.11.2026", "Versand", "4,90", "1001"), ("01.11.2026", "payment", "0,35", "1001")]
    summary = desk.take(sheet(header, rows), TEA)
    assert (summary.format, summary.inserted["costs"]) == ("costs", 2)
    assert kept(desk) == [
        ("payment", "1001", Decimal("0.35")),
        ("shipping", "1001", Decimal("4.90")),
    ]


def test_a_later_file_replaces_and_an_older_one_brings_back(desk: Desk, sheet: Sheet) -> None:
    header = ("date", "kind", "amount", "order")
    old = sheet(header, [("2026-11-01", "shipping", "4.90", "1001")], name="old.csv")
    new = sheet(header, [("2026-11-01", "shipping", "5.90", "1001")], name="new.csv")
    desk.take(old, TEA)
    assert desk.take(old, TEA).already
    assert desk.take(new, TEA).replaced["costs"] == 1
    assert kept(desk) == [("shipping", "1001", Decimal("5.90"))]
    assert desk.take(old, TEA).replaced["costs"] == 1
    assert kept(desk) == [("shipping", "1001", Decimal("4.90"))]


def test_two_carriers_days_stand_beside_each_other(desk: Desk, sheet: Sheet) -> None:
    header = ("date", "kind", "amount", "carrier")
    desk.take(sheet(header, [("2026-11-01", "shipping", "90", "DHL")]), TEA)
    desk.take(sheet(header, [("2026-11-01", "shipping", "70", "UPS")], name="ups.csv"), TEA)
    assert sorted(amount for _, _, amount in kept(desk)) == [Decimal(70), Decimal(90)]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("2026-11-01", "rent", "1"), "The kind is none of shipping, payment."),
        (("2026-11-01", "", "1"), "The kind is missing."),
        (("2026-11-01", "payment", "x"), "The amount is not an amount with at most four decimals."),
        (("x", "payment", "1"), "The date is not a day from 1990 to today."),
    ],
)
def test_lines_that_cannot_be_used(
    desk: Desk, sheet: Sheet, row: tuple[str, ...], reason: str
) -> None:
    good = ("2026-11-01", "payment", "1")
    assert desk.take(sheet(("date", "kind", "amount"), [good, row]), TEA).reasons == {reason: 1}
