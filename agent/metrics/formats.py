"""How numbers, changes, days and values are written: once, for screen, paper, mail and shell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_currency_symbol,
)

from agent.metrics.dimensions import KINDS, WEEKDAYS
from agent.metrics.frames import NONE, Number, Unit

Style = Literal["short", "full", "exact"]
UNKNOWN = "–"
MINUS = "−"
# From which value on, divided by what, with which letter and places: 999,950 is $1.00m already.
_SHORT = ((999_995_000, 1e9, "bn", 2), (999_950, 1e6, "m", 2), (999.995, 1e3, "k", 1))
GUESTS = "Guests"
# From this change on a percentage says less than how many times as much it is.
_TIMES = 9.9995


@dataclass(frozen=True)
class Change:
    """A change as it is written: `tone` follows better or worse, `arrow` follows up or down."""

    text: str
    arrow: Literal["↑", "↓", "–"]
    tone: Literal["pos", "neg", "mut"]
    words: Literal["better", "worse", ""]
    ratio: float | None

    def __str__(self) -> str:
        return f"{self.arrow} {self.text}" if self.ratio is not None else self.text


NO_CHANGE = Change(UNKNOWN, "–", "mut", "", None)


def number(
    value: Number,
    unit: Unit,
    currency: str = "USD",
    style: Style = "short",
    locale: str = "en_US",
) -> str:
    """A value in its unit: short for text and tiles ($412.6k), full where a reader may add up
    ($412,640), exact to the currency's last digit ($412,640.12)."""
    if value is None or value != value:
        return UNKNOWN
    if unit == "percent":
        return _signed(float(value) * 100, lambda v: f"{_decimal(v, 1, locale)}%")
    if unit == "money":
        return _signed(value, lambda v: _money(v, currency, style, locale))
    if unit == "count":
        return _signed(value, lambda v: _count(v, style, locale))
    return _signed(value, lambda v: _decimal(v, 2, locale))


def _signed(value: Any, write: Any) -> str:
    return MINUS + write(-value) if value < 0 else str(write(value))


def _money(value: Any, currency: str, style: Style, locale: str) -> str:
    digits = get_currency_precision(currency)
    if style == "exact":
        return _around(currency, _decimal(value, digits, locale), locale)
    if style == "short":
        for start, size, letter, places in _SHORT:
            if value >= start:
                short = _decimal(float(value) / size, places, locale)
                return _around(currency, f"{short}{letter}", locale)
    # Where a reader adds up a column, cents are noise; a price of an order needs them.
    small = 99.995 if style == "full" else 999.995
    places = digits if value < small and value != int(value) else 0
    return _around(currency, _decimal(value, places, locale), locale)


def _around(currency: str, amount: str, locale: str) -> str:
    symbol, before, gap = _place(currency, locale)
    return f"{symbol}{gap}{amount}" if before else f"{amount}{gap}{symbol}"


@lru_cache(maxsize=256)
def _place(currency: str, locale: str) -> tuple[str, bool, str]:
    symbol = get_currency_symbol(currency, locale=locale)
    sample = format_currency(1, currency, locale=locale, format_type="standard")
    before = sample.startswith(symbol)
    return symbol, before, "\N{NO-BREAK SPACE}" if "\xa0" in sample or symbol.isalpha() else ""


def _count(value: Any, style: Style, locale: str) -> str:
    if style == "short" and value >= 999_950:
        return f"{_decimal(float(value) / 1e6, 2, locale)}m"
    return _decimal(value, 0, locale)


@lru_cache(maxsize=16_384)
def _decimal(value: Any, places: int, locale: str) -> str:
    pattern = "#,##0." + "0" * places if places else "#,##0"
    return str(format_decimal(value, format=pattern, locale=locale))


def change(
    now: Number, before: Number, unit: Unit, good_up: bool = True, locale: str = "en_US"
) -> Change:
    """How a value moved: a percentage of the former value (×12 from ten times more on), or points
    where the value is a rate itself."""
    if now is None or before is None:
        return NO_CHANGE
    if unit == "percent":
        moved, ending, places = (float(now) - float(before)) * 100, " pp", 2
    elif not before:
        return NO_CHANGE
    else:
        moved, ending, places = (float(now) - float(before)) / abs(float(before)) * 100, "%", 1
    rounded = round(moved, places)
    text = f"{_decimal(abs(rounded), places, locale)}{ending}"
    if rounded == 0:
        return Change(text, "–", "mut", "", 0.0)
    up = rounded > 0
    better = up == good_up
    sign = "+" if up else MINUS
    many = unit != "percent" and before > 0 and moved / 100 >= _TIMES
    times = f"×{_decimal(float(now) / float(before), 0, locale)}" if many else ""
    return Change(
        times or f"{sign}{text}",
        "↑" if up else "↓",
        "pos" if better else "neg",
        "better" if better else "worse",
        moved / 100,
    )


def difference(now: Number, before: Number, currency: str = "USD", locale: str = "en_US") -> str:
    """A change in money, signed: +$12,900."""
    if now is None or before is None:
        return UNKNOWN
    moved = Decimal(str(now)) - Decimal(str(before))
    sign = "+" if moved > 0 else ""
    return sign + number(moved, "money", currency, "full", locale)


@lru_cache(maxsize=4096)
def day(when: date, *, year: bool = False, weekday: bool = False, locale: str = "en_GB") -> str:
    """20 Oct; with its year or its weekday where asked."""
    pattern = ("EEE " if weekday else "") + "d MMM" + (" y" if year else "")
    return format_date(when, pattern, locale=_day_locale(locale))


def date_range(start: date, end: date, *, year: bool = False, locale: str = "en_GB") -> str:
    """20 Oct – 16 Nov; one day as itself; years where they differ or are asked for."""
    both = start.year != end.year
    if start == end:
        return day(start, year=year, locale=locale)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} – {day(end, year=year, locale=locale)}"
    return f"{day(start, year=both, locale=locale)} – {day(end, year=year or both, locale=locale)}"


def bucket(when: datetime | date, grain: str, locale: str = "en_GB", *, year: bool = True) -> str:
    """A time bucket as a person reads it; without `year` a day leaves its year out."""
    patterns = {"month": "MMM y", "quarter": "QQQ y", "year": "y", "hour": "d MMM"}
    days = "EEE d MMM y" if year else "EEE d MMM"
    text = format_date(when, patterns.get(grain, days), locale=_day_locale(locale))
    return f"{text}, {when:%H:%M}" if grain == "hour" and isinstance(when, datetime) else text


def _day_locale(locale: str) -> str:
    # Days are written day-month in all English; only en_US shortens September to three letters.
    return "en_US" if locale.startswith("en") else locale


@lru_cache(maxsize=4096)
def value_label(dimension: str, value: str | None, locale: str = "en_US") -> str:
    """What a person reads for a dimension's value: DE is Germany, 1 is Monday, an order without a
    customer is a guest's, nothing else is (none)."""
    if dimension == "customer_kind":
        return GUESTS if value is None else KINDS.get(value, value)
    if value is None:
        return NONE
    if dimension == "country" and len(value) == 2 and value.isupper():
        try:
            return str(Locale.parse(locale).territories.get(value, value))
        except UnknownLocaleError:
            return value
    if dimension == "weekday" and value in set("1234567"):
        return WEEKDAYS[value]
    return value
