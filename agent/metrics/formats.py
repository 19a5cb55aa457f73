"""How numbers, changes, days and values are written: once, for screen, paper, mail and shell.

`locale` is the one being spoken where it is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, get_day_names
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_precision,
    get_currency_symbol,
)

from agent import words
from agent.metrics.dimensions import DIMENSIONS, KINDS, WEEKDAYS
from agent.metrics.frames import NONE, Number, Unit
from agent.words import mark

Style = Literal["short", "full", "exact"]
UNKNOWN = "–"
MINUS = "−"
# From which value on, divided by what, with which letter and places: 999,950 is $1.00m already.
SHORT = (
    (999_995_000, 1e9, mark("{number}bn"), 2),
    (999_950, 1e6, mark("{number}m"), 2),
    (999.995, 1e3, mark("{number}k"), 1),
)
GUESTS = mark("Guests")
_SAID = (mark("(none)"), mark("better"), mark("worse"))
# Where nothing is a thing of its own: what is sold in one form only.
NAMELESS = {"variant": mark("Without variants")}
# From this change on a percentage says less than how many times as much it is.
_TIMES = 9.9995
_SMALL_RATE = 0.05


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
    value: Number, unit: Unit, currency: str = "USD", style: Style = "short", locale: str = ""
) -> str:
    """A value in its unit: short for text and tiles ($412.6k), full where a reader may add up
    ($412,640), exact to the currency's last digit ($412,640.12)."""
    if value is None or value != value:
        return UNKNOWN
    locale = locale or words.locale()
    if unit == "percent":
        # A conversion rate of 2.33% moves in the second place.
        places = 2 if 0 < abs(float(value)) < _SMALL_RATE else 1
        return _signed(float(value) * 100, lambda v: _percent(v, places, locale))
    if unit == "money":
        return _signed(value, lambda v: _money(v, currency, style, locale))
    if unit in ("count", "days"):
        write = _count if unit == "count" else _days
        return _signed(value, lambda v: write(v, style, locale))
    return _signed(value, lambda v: _decimal(v, 2, locale))


def _signed(value: Any, write: Any) -> str:
    return MINUS + write(-value) if value < 0 else str(write(value))


def _money(value: Any, currency: str, style: Style, locale: str) -> str:
    digits = get_currency_precision(currency)
    if style == "exact":
        return _around(currency, _decimal(value, digits, locale), locale)
    if style == "short":
        for start, size, pattern, places in SHORT:
            if value >= start:
                amount = _shortened(pattern, float(value) / size, places, locale)
                return _around(currency, amount, locale)
    # Where a reader adds up a column, cents are noise; a price of an order needs them.
    small = 99.995 if style == "full" else 999.995
    places = digits if value < small and value != int(value) else 0
    return _around(currency, _decimal(value, places, locale), locale)


def _around(currency: str, amount: str, locale: str) -> str:
    symbol, before, gap = currency_place(currency, locale)
    return f"{symbol}{gap}{amount}" if before else f"{amount}{gap}{symbol}"


@lru_cache(maxsize=256)
def currency_place(currency: str, locale: str) -> tuple[str, bool, str]:
    """A currency's sign, whether it stands before the amount, and what lies between."""
    symbol = get_currency_symbol(currency, locale=locale)
    sample = format_currency(1, currency, locale=locale, format_type="standard")
    before = sample.startswith(symbol)
    return symbol, before, "\N{NO-BREAK SPACE}" if "\xa0" in sample or symbol.isalpha() else ""


def _count(value: Any, style: Style, locale: str) -> str:
    if style == "short" and value >= 999_950:
        return _shortened(SHORT[1][2], float(value) / 1e6, 2, locale)
    return _decimal(value, 0, locale)


def _days(value: Any, style: Style, locale: str) -> str:
    """41 days; 3.5 days, where half a day says something."""
    places = 2 if style == "exact" else 1 if float(value) < 9.95 else 0
    text = _decimal(value, places, locale).removesuffix(_decimal(0, places, locale)[1:])
    return words.n("{count} day", "{count} days", 1 if text == "1" else 2, count=text)


def _shortened(pattern: str, value: float, places: int, locale: str) -> str:
    """412.6k, 412,6 Tsd."""
    return words.said(locale, pattern).format(number=_decimal(value, places, locale))


def share(value: float, locale: str = "") -> str:
    """A share as a percentage without its sign, for tables whose head says %: 18.0."""
    return _decimal(value * 100, 1, locale or words.locale())


def _percent(value: Any, places: int, locale: str) -> str:
    before, after = _percent_signs(locale)
    return f"{before}{_decimal(value, places, locale)}{after}"


@lru_cache(maxsize=16_384)
def _decimal(value: Any, places: int, locale: str) -> str:
    pattern = "#,##0." + "0" * places if places else "#,##0"
    return str(format_decimal(value, format=pattern, locale=locale))


@lru_cache(maxsize=64)
def _percent_signs(locale: str) -> tuple[str, str]:
    """What stands before and after a percentage: nothing and "%", or a space before it."""
    pattern = Locale.parse(locale).percent_formats[None]
    return str(pattern.prefix[0]), str(pattern.suffix[0])


def change(
    now: Number, before: Number, unit: Unit, good_up: bool = True, locale: str = ""
) -> Change:
    """How a value moved: a percentage of the former value (×12 from ten times more on), or points
    where the value is a rate itself."""
    if now is None or before is None:
        return NO_CHANGE
    locale = locale or words.locale()
    if unit == "percent":
        moved = (float(now) - float(before)) * 100
        rounded = round(moved, 2)
        text = _points(abs(rounded), locale)
    elif not before:
        return NO_CHANGE
    else:
        moved = (float(now) - float(before)) / abs(float(before)) * 100
        rounded = round(moved, 1)
        text = _percent(abs(rounded), 1, locale)
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


def _points(value: float, locale: str) -> str:
    """Percentage points: 0.20 pp."""
    return words.said(locale, mark("{number} pp")).format(number=_decimal(value, 2, locale))


def difference(now: Number, before: Number, currency: str = "USD", locale: str = "") -> str:
    """A change in money, signed: +$12,900."""
    if now is None or before is None:
        return UNKNOWN
    moved = Decimal(str(now)) - Decimal(str(before))
    sign = "+" if moved > 0 else ""
    return sign + number(moved, "money", currency, "full", locale)


def day(when: date, *, year: bool = False, weekday: bool = False, locale: str = "") -> str:
    """20 Oct; with its year or its weekday where asked."""
    return _day(when, f"{'y' * year}MMM{'E' * weekday}d", locale or words.locale())


def full_day(when: date, locale: str = "") -> str:
    """Tuesday 17 November."""
    locale = locale or words.locale()
    if locale.startswith("en"):
        return format_date(when, "EEEE d MMMM", locale=locale)
    pattern = Locale.parse(locale).datetime_skeletons["MMMMEd"].pattern
    return format_date(when, pattern.replace("E", "EEEE"), locale=locale)


def long_day(when: date, skeleton: str) -> str:
    """20 October 2026 for yMMMMd, October 2026 for yMMMM, 20 October for MMMMd."""
    locale = words.locale()
    if locale.startswith("en"):
        pattern = {"yMMMMd": "d MMMM y", "yMMMM": "MMMM y", "MMMMd": "d MMMM"}[skeleton]
        return format_date(when, pattern, locale=locale)
    if skeleton == "yMMMMd":
        return format_date(when, "long", locale=locale)
    pattern = Locale.parse(locale).datetime_skeletons[skeleton].pattern
    return format_date(when, pattern, locale=locale)


def date_range(start: date, end: date, *, year: bool = False, locale: str = "") -> str:
    """20 Oct – 16 Nov; one day as itself; years where they differ or are asked for."""
    locale, both = locale or words.locale(), start.year != end.year
    if start == end:
        return day(start, year=year, locale=locale)
    if not locale.startswith("en"):
        skeleton = "yMMMd" if year or both else "MMMd"
        return str(format_interval(start, end, skeleton, locale=locale)).replace("\u2009", " ")
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} – {day(end, year=year, locale=locale)}"
    return f"{day(start, year=both, locale=locale)} – {day(end, year=year or both, locale=locale)}"


def bucket(when: datetime | date, grain: str, locale: str = "", *, year: bool = True) -> str:
    """A time bucket as a person reads it; without `year` a day leaves its year out."""
    skeletons = {"month": "yMMM", "quarter": "yQQQ", "year": "y", "hour": "MMMd"}
    days = "yMMMEd" if year else "MMMEd"
    text = _day(when, skeletons.get(grain, days), locale or words.locale())
    return f"{text}, {when:%H:%M}" if grain == "hour" and isinstance(when, datetime) else text


def weekday_name(number: str, locale: str = "") -> str:
    """Monday for "1", by ISO."""
    return str(get_day_names(locale=locale or words.locale())[int(number) - 1])


# Days are written day-month in all English; only en_US shortens September to three letters.
_ENGLISH = {
    "y": "y",
    "yQQQ": "QQQ y",
    "yMMM": "MMM y",
    "MMMd": "d MMM",
    "yMMMd": "d MMM y",
    "MMMEd": "EEE d MMM",
    "yMMMEd": "EEE d MMM y",
}


@lru_cache(maxsize=8192)
def _day(when: date, skeleton: str, locale: str) -> str:
    if locale.startswith("en"):
        return format_date(when, _ENGLISH[skeleton], locale="en_US")
    pattern = Locale.parse(locale).datetime_skeletons[skeleton].pattern
    return format_date(when, pattern, locale=locale)


def value_label(dimension: str, value: str | None, locale: str = "") -> str:
    """What a person reads for a dimension's value: DE is Germany, 1 is Monday, an order without a
    customer is a guest's, nothing else is (none)."""
    return _value_label(dimension, value, locale or words.locale())


# The dimensions whose values we named ourselves.
_OWN = {row.name: row.values for row in DIMENSIONS.values() if row.values}


@lru_cache(maxsize=4096)
def _value_label(dimension: str, value: str | None, locale: str) -> str:
    if dimension == "customer_kind":
        return words.said(locale, GUESTS if value is None else KINDS.get(value, value))
    if value is None:
        return words.said(locale, NAMELESS.get(dimension, NONE))
    if dimension == "country" and len(value) == 2 and value.isupper():
        try:
            return str(Locale.parse(locale).territories.get(value, value))
        except UnknownLocaleError:
            return value
    if dimension == "weekday" and value in WEEKDAYS:
        return weekday_name(value, locale)
    return words.said(locale, _OWN.get(dimension, {}).get(value, value))
