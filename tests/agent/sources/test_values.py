"""Texts to exact numbers and moments, amounts to parts that add up, wall clocks to UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import Refused
from agent.sources.ids import occurrence, slug
from agent.sources.shares import portion, smallest_unit, spread
from agent.sources.values import decimals, moments, money, whole
from agent.sources.waterfall import PRODUCT, Basket, Bill, Given, charge, reverse
from agent.sources.zones import zone_of

LATEST = datetime(2026, 11, 19, tzinfo=UTC)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@pytest.mark.parametrize(
    ("text", "scaled"),
    [
        ("2.55", 25_500),
        ("-0.001", -10),
        ("+3", 30_000),
        ("6.", 60_000),
        (".5", 5_000),
        ("10.989999999999998", 109_900),
        ("99999999999.9999", 999_999_999_999_999),
        ("0.12345", None),
        ("1e400", None),
        ("abc", None),
        ("1,50", None),
        ("100000000000", None),
        ("NaN", None),
        ("", None),
        ("--1", None),
        ("£3", None),
    ],
)
def test_money(text: str, scaled: int | None) -> None:
    parsed = money(pa.array([text, "1.00"]))
    assert parsed.valid.tolist() == [scaled is not None, True]
    assert parsed.value.tolist() == [scaled or 0 if scaled is not None else parsed.value[0], 10_000]


def test_money_with_a_comma() -> None:
    parsed = money(pa.array(["1.190,00", "-11,9", None]), comma=True)
    assert parsed.value[:2].tolist() == [11_900_000, -119_000]
    assert parsed.present.tolist() == [True, True, False]


@given(st.lists(st.decimals(-(10**9), 10**9, places=4)))
def test_money_there_and_back(amounts: list[Decimal]) -> None:
    parsed = money(pa.array([str(a) for a in amounts], pa.string()))
    assert decimals(parsed.value).to_pylist() == amounts


def test_whole_numbers() -> None:
    parsed = whole(pa.array(["6", "-3", "6.0", "6.5", "3000000000", "x"]))
    assert parsed.valid.tolist() == [True, True, True, False, False, False]
    assert parsed.value[:3].tolist() == [6, -3, 6]


@pytest.mark.parametrize(
    ("text", "wall", "offset"),
    [
        ("2025-01-15 17:41:00 -0500", "2025-01-15T17:41:00", -18_000),
        ("2025-01-15T17:41:00.250Z", "2025-01-15T17:41:00", 0),
        ("2025-01-15T17:41:00+05:30", "2025-01-15T17:41:00", 19_800),
        ("2025-01-15 17:41:00 UTC", "2025-01-15T17:41:00", 0),
        ("2025-01-15", "2025-01-15T00:00:00", None),
        ("15.1.2025 17:41", "2025-01-15T17:41:00", None),
        ("15/01/25 5:41 pm", "2025-01-15T17:41:00", None),
    ],
)
def test_moments(text: str, wall: str, offset: int | None) -> None:
    found = moments(pa.array([text]), order="dmy", latest=LATEST)
    assert found.wall.valid.tolist() == [True]
    assert found.wall.value.astype("datetime64[s]")[0] == np.datetime64(wall)
    assert found.has_offset.tolist() == [offset is not None]
    assert found.offset.tolist() == [offset or 0]


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "1989-12-31",
        "2026-11-20",
        "2025-02-29",
        "2025-13-01",
        "2025-01-01 25:00",
        "20250101",
    ],
)
def test_moments_that_are_none(text: str) -> None:
    assert moments(pa.array([text]), latest=LATEST).wall.wrong.tolist() == [True]


@given(
    st.sampled_from(
        ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
    ),
    st.lists(st.integers(631_152_000, 1_893_456_000), min_size=1),
)
@settings(deadline=None)
def test_zones_agree_with_the_standard_library(name: str, seconds: list[int]) -> None:
    zone, own = zone_of(name), ZoneInfo(name)
    utc = ints(*seconds)
    walls = zone.to_wall(utc).astype("datetime64[s]").tolist()
    assert walls == [datetime.fromtimestamp(s, own).replace(tzinfo=None) for s in seconds]
    wall = utc
    expected = [
        int(datetime.fromtimestamp(s, UTC).replace(tzinfo=own).timestamp()) for s in seconds
    ]
    assert zone.to_utc(wall).tolist() == expected


def test_clocks_that_change() -> None:
    zone = zone_of("Europe/London")
    wall = np.array(["2011-03-27T01:30", "2011-10-30T01:30"], "datetime64[s]").astype(np.int64)
    utc = zone.to_utc(wall)
    assert utc.astype("datetime64[s]").astype(str).tolist() == [
        "2011-03-27T01:30:00",
        "2011-10-30T00:30:00",
    ]
    assert str(zone.to_wall(utc).astype("datetime64[s]")[0]) == "2011-03-27T02:30:00"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_that_does_not_exist(name: str) -> None:
    with pytest.raises(Refused, match="no time zone"):
        zone_of(name)


def test_spread_is_the_largest_remainder() -> None:
    assert spread(ints(10_000), ints(1, 1, 1), ints(0, 0, 0), 100).tolist() == [3_400, 3_300, 3_300]
    # 5 cents over 1 : 2 : 4 are 0.71, 1.43 and 2.86 cents.
    assert spread(ints(500), ints(1, 2, 4), ints(0, 0, 0), 100).tolist() == [100, 100, 300]
    assert spread(ints(500, 700), ints(0, 0, 3), ints(0, 0, 1), 100).tolist() == [0, 0, 700]


@given(
    st.lists(st.integers(-(10**13), 10**13), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**12)), max_size=20),
    st.sampled_from([1, 10, 100, 10_000]),
)
def test_parts_add_up(totals: list[int], rows: list[tuple[int, int]], unit: int) -> None:
    rows = sorted((group % len(totals), weight) for group, weight in rows)
    group = np.array([g for g, _ in rows], dtype=np.int64)
    weight = np.array([w for _, w in rows], dtype=np.int64)
    share = spread(ints(*totals), weight, group, unit)
    for index, total in enumerate(totals):
        own = share[group == index].tolist()
        heavy = any(w > 0 for g, w in rows if g == index)
        assert sum(own) == (total if heavy else 0)
        assert all(part * total >= 0 for part in own)


def test_portion() -> None:
    assert portion(ints(13_200), ints(1), ints(6), 100).tolist() == [2_200]
    assert portion(ints(-250), ints(1), ints(2), 100).tolist() == [-100]
    assert portion(ints(10**14), ints(10**14 - 1), ints(10**14), 1).tolist() == [10**14 - 1]
    assert portion(ints(5), ints(1), ints(0), 1).tolist() == [0]


CENTS = st.integers(0, 10**7).map(lambda n: n * 100)


@given(
    st.lists(st.tuples(st.integers(0, 5), CENTS), min_size=1, max_size=6),
    st.tuples(CENTS, CENTS, CENTS, CENTS),
    st.booleans(),
    CENTS,
)
def test_an_order_adds_up_and_comes_back(
    lines: list[tuple[int, int]], sums: tuple[int, int, int, int], included: bool, refund: int
) -> None:
    """net + tax + shipping + duties = total, and a refund takes back neither more nor less than was
    given.
    """
    off, shipping, tax, duty = sums
    amount = np.array([quantity * price for quantity, price in lines], dtype=np.int64)
    goods = int(amount.sum())
    off = min(off, goods)
    tax = min(tax, (goods - off + shipping) // 3 // 100 * 100)
    total = goods - off + shipping + duty + (0 if included else tax)
    zero = np.zeros(len(lines), dtype=np.int64)
    basket = Basket(
        zero, zero + PRODUCT, np.array([q for q, _ in lines], np.int64), amount, zero, zero == 0
    )
    yes = np.array([included])
    bill = Bill(ints(off), ints(shipping), ints(tax), ints(duty), ints(total), yes, yes)
    charged = charge(basket, bill, 100)
    assert charged.difference.tolist() == [0]
    parts = charged.shipping + charged.shipping_tax + charged.loose_tax + charged.duty
    assert int((charged.net + charged.tax).sum() + parts[0]) == total
    assert int(charged.tax.sum() + charged.shipping_tax[0] + charged.loose_tax[0]) == tax
    back = reverse(basket, charged, Given(ints(refund), np.array([False])), 100)
    given_back = back.net.sum() + back.tax.sum()
    given_back += (back.shipping + back.shipping_tax + back.duty + back.beyond)[0]
    assert int(given_back) == refund


def test_coins() -> None:
    assert [smallest_unit(code) for code in ("EUR", "JPY", "KWD")] == [100, 10_000, 10]


def test_names_and_places() -> None:
    assert slug("  Hearth & Alder ") == "hearth-alder"
    assert slug("Café Übergröße") == "cafe-ubergrosse"
    assert slug("茶の店") == "茶の店"
    assert slug("!!!") == ""
    assert occurrence(ints(5, 7, 5, 5)).tolist() == [0, 0, 1, 2]
    assert occurrence(ints(0, 0, 1, 1), ints(5, 5, 5, 5)).tolist() == [0, 1, 0, 1]
