"""How numbers and days are written, and that they are read all the same way."""

from __future__ import annotations

import pyarrow as pa
import pytest

from agent.sources import looks


def words(*texts: str | None) -> pa.Array:
    return pa.array(texts, pa.string())


@pytest.mark.parametrize(
    ("amounts", "counts", "comma"),
    [
        (["12,34"], [], True),
        (["1.234,5", "12.50"], [], False),
        (["1,234.50"], [], False),
        (["1.234.567"], [], True),
        (["€ 4,90"], [], True),
        (["5"], ["1.200"], True),
        (["5"], ["1,200"], False),
    ],
)
def test_what_shows_the_decimal_sign(amounts: list[str], counts: list[str], comma: bool) -> None:
    found, example = looks.decimal_comma([words(*amounts)], [words(*counts)])
    assert found is comma
    assert example


@pytest.mark.parametrize("text", ["5", "1,234", "1.234", "x", "12/13"])
def test_what_does_not_show_it(text: str) -> None:
    assert looks.decimal_comma([words(text)]) == (False, "")


@pytest.mark.parametrize(
    ("text", "comma", "plain"),
    [
        ("1,234.50", False, "1234.50"),
        ("1.234,50", True, "1234.50"),
        ("12 345,6 €", True, "12345.6"),
        ("€-12.00", False, "-12.00"),
        ("-€12.00", False, "-12.00"),
        ("\u22124.5", False, "-4.5"),
        ("USD 7", False, "7"),
        ("1'000.00", False, "1000.00"),
        ("--", False, None),
        ("n/a", False, None),
        ("(not set)", False, None),
        ("(12.00)", False, "(12.00)"),
        ("1e9", False, "1e9"),
        ("12%", False, "12%"),
        ("1,23,4", False, "1,23,4"),
        ("abc", False, "abc"),
    ],
)
def test_numbers_lose_what_stands_around_them(text: str, comma: bool, plain: str | None) -> None:
    assert looks.numbers(words(text, None), comma=comma).to_pylist() == [plain, None]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("20261101", "2026-11-01"),
        ("2026110113", "2026-11-01 13:00"),
        ("Nov 1, 2026", "2026-11-01"),
        ("November 01, 2026", "2026-11-01"),
        ("1. November 2026", "2026-11-01"),
        ("3 März 2026", "2026-03-03"),
        ("1 Zork 2026", "1 Zork 2026"),
        ("01.11.2026", "01.11.2026"),
    ],
)
def test_days_are_read_as_they_are_written_out(text: str, day: str) -> None:
    assert looks.dates(words(text, None)).to_pylist() == [day, None]


def test_amounts_are_rounded_to_four_decimals_and_counted() -> None:
    found, count = looks.in_fours(words("1.429999948", "2.5", None, "x", "1.429999948"))
    assert found.to_pylist() == ["1.43", "2.5", None, "x", "1.43"]
    assert count == 2


def test_totals() -> None:
    column = words("Total", "Gesamt: 5", "Grand total", "Totally", "2026-11-01", None)
    assert looks.is_total(column).tolist() == [True, True, True, False, False, False]
