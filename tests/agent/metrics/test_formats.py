"""How numbers are written, by the table of the drawing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from agent import words
from agent.metrics import formats
from agent.metrics.formats import change, difference, number


@pytest.mark.parametrize(
    ("value", "short", "full"),
    [
        (Decimal("412640.00"), "$412.6k", "$412,640"),
        (Decimal("1240000"), "$1.24m", "$1,240,000"),
        (Decimal("85.75"), "$85.75", "$85.75"),
        (Decimal("85"), "$85", "$85"),
        (Decimal("519.18"), "$519.18", "$519"),
        (Decimal("999.999"), "$1.0k", "$1,000"),
        (999_949, "$999.9k", "$999,949"),
        (999_950, "$1.00m", "$999,950"),
        (Decimal("9999999999"), "$10.00bn", "$9,999,999,999"),
        (Decimal("-4260"), "−$4.3k", "−$4,260"),
        (0, "$0", "$0"),
        (None, "–", "–"),
        (float("nan"), "–", "–"),
    ],
)
def test_money(value: Decimal | float | None, short: str, full: str) -> None:
    assert number(value, "money") == short
    assert number(value, "money", style="full") == full


def test_exact_money_has_the_currencys_own_digits() -> None:
    assert number(Decimal("412640.1234"), "money", "USD", "exact") == "$412,640.12"
    assert number(Decimal("6500"), "money", "JPY", "exact") == "¥6,500"
    assert number(Decimal("1.5"), "money", "KWD", "exact") == "KWD\N{NO-BREAK SPACE}1.500"
    assert number(Decimal("-12.5"), "money", "EUR", "exact", "de_DE") == "−12,50\N{NO-BREAK SPACE}€"


def test_counts_and_rates() -> None:
    assert number(4812, "count") == "4,812"
    assert number(2_345_678, "count") == "2.35m"
    assert number(2_345_678, "count", style="full") == "2,345,678"
    assert number(0.3846, "percent") == "38.5%"
    assert number(-0.051, "percent") == "−5.1%"


def test_a_change_says_up_or_down_and_better_or_worse() -> None:
    up = change(Decimal("412640"), Decimal("381700"), "money")
    assert (up.text, up.arrow, up.tone, up.words) == ("+8.1%", "↑", "pos", "better")
    cost = change(32.05, 30.40, "money", good_up=False)
    assert (cost.text, cost.arrow, cost.tone, cost.words) == ("+5.4%", "↑", "neg", "worse")
    rate = change(0.0233, 0.0213, "percent")
    assert (rate.text, rate.arrow) == ("+0.20 pp", "↑")
    flat = change(100, 100.01, "money")
    assert (flat.text, flat.arrow, flat.tone) == ("0.0%", "–", "mut")


def test_a_change_from_a_loss_keeps_its_direction() -> None:
    better = change(Decimal("50"), Decimal("-100"), "money")
    assert (better.text, better.arrow) == ("+150.0%", "↑")


@pytest.mark.parametrize(("now", "before"), [(None, 1), (1, None), (5, 0)])
def test_a_change_that_cannot_be_told_is_a_dash(now: float | None, before: float | None) -> None:
    assert str(change(now, before, "money")) == "–"


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [(1099.9, 100, "+999.9%"), (1100, 100, "×11"), (60_200, 100, "×602"), (5, -100, "+105.0%")],
)
def test_many_times_as_much_is_said_as_times(now: float, before: float, text: str) -> None:
    grown = change(now, before, "money")
    assert (grown.text, grown.arrow, grown.tone) == (text, "↑", "pos")
    assert change(0.5, 0.001, "percent").text == "+49.90 pp"


def test_a_day_leaves_its_year_out_when_asked() -> None:
    assert formats.bucket(date(2026, 11, 8), "day", year=False) == "Sun 8 Nov"
    assert formats.bucket(date(2026, 11, 8), "day") == "Sun 8 Nov 2026"


def test_differences() -> None:
    assert difference(Decimal("12900"), 0) == "+$12,900"
    assert difference(0, Decimal("510")) == "−$510"
    assert difference(None, 1) == "–"


def test_a_length_of_days_says_so() -> None:
    assert formats.number(41.4, "days") == "41 days"
    assert formats.number(3.54, "days") == "3.5 days"
    assert formats.number(1, "days") == "1 day"
    assert formats.number(9.96, "days") == "10 days"
    assert formats.number(1234.5, "days", style="exact") == "1,234.50 days"
    assert formats.number(None, "days") == "–"
    with words.speaking("de_DE"):
        assert formats.number(3.5, "days") == "3,5 Tage"


def test_days() -> None:
    assert formats.date_range(date(2026, 10, 20), date(2026, 11, 16)) == "20 Oct – 16 Nov"
    assert formats.date_range(date(2026, 11, 1), date(2026, 11, 16)) == "1 – 16 Nov"
    assert formats.date_range(date(2025, 12, 20), date(2026, 1, 2)) == "20 Dec 2025 – 2 Jan 2026"
    assert formats.day(date(2026, 9, 1), weekday=True, year=True) == "Tue 1 Sep 2026"
    assert formats.bucket(date(2026, 11, 1), "month") == "Nov 2026"


def test_values_read_as_a_person_reads_them() -> None:
    assert formats.value_label("country", "DE") == "Germany"
    assert formats.value_label("country", "DE", "de_DE") == "Deutschland"
    assert formats.value_label("country", "EIRE") == "EIRE"
    assert formats.value_label("country", "ZZ9") == "ZZ9"
    assert formats.value_label("weekday", "1") == "Monday"
    assert formats.value_label("channel", None) == "(none)"
    assert formats.value_label("customer_kind", None) == "Guests"
    assert formats.value_label("customer_kind", "new") == "New"


def test_german_has_its_own_numbers() -> None:
    with words.speaking("de_DE"):
        assert number(Decimal("412640"), "money", "EUR") == "412,6\xa0Tsd.\xa0€"
        assert number(Decimal("412640"), "money", "EUR", "full") == "412.640\xa0€"
        assert number(2_345_678, "count") == "2,35\xa0Mio."
        assert number(0.3846, "percent") == "38,5\xa0%"
        assert change(0.0233, 0.0213, "percent").text == "+0,20\xa0Pp."
        assert change(5, 4, "money").text == "+25,0\xa0%"


def test_german_has_its_own_days() -> None:
    with words.speaking("de_DE"):
        assert formats.day(date(2026, 10, 20)) == "20. Okt."
        assert formats.day(date(2026, 10, 20), year=True, weekday=True) == "Di., 20. Okt. 2026"
        assert formats.full_day(date(2026, 11, 17)) == "Dienstag, 17. November"
        assert formats.date_range(date(2026, 10, 20), date(2026, 11, 16)) == "20. Okt. – 16. Nov."
        assert formats.bucket(date(2026, 11, 1), "month") == "Nov. 2026"
        assert formats.bucket(date(2026, 11, 1), "quarter") == "Q4 2026"


def test_german_has_its_own_names() -> None:
    with words.speaking("de_DE"):
        assert formats.value_label("country", "DE") == "Deutschland"
        assert formats.value_label("weekday", "1") == "Montag"
        assert formats.value_label("customer_kind", "new") == "Neu"
        assert formats.value_label("customer_kind", None) == "Gäste"
        assert formats.value_label("channel", None) == "(keine Angabe)"
    assert formats.value_label("channel", None) == "(none)"


def test_a_locale_that_is_named_wins_over_the_one_spoken() -> None:
    with words.speaking("de_DE"):
        assert number(0.3846, "percent", locale="en_US") == "38.5%"
        assert formats.day(date(2026, 10, 20), locale="en_US") == "20 Oct"
    assert formats.full_day(date(2026, 11, 17)) == "Tuesday 17 November"
