"""Exchange rates: a line for each day and currency, or a column for each currency, as the European
Central Bank writes them (how many of it one euro buys).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import is_currency

from agent.errors import BadFile
from agent.sources.base import Built, Flags, Ints, Lines, Setting, TextFormat
from agent.sources.rejects import Checks
from agent.sources.values import EARLIEST, Parsed, codes, decimals, flags, moments, texts, unscaled
from agent.warehouse import schema
from agent.words import t

DAY = 86_400
RATE_SCALE = 10**10
WIDE_BASE = "EUR"
GAPS = ("N/A", "NA", "n/a", "-", "")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "day", "rate date", "time period"),
    "base": ("base", "base currency", "from", "from currency", "currency denom"),
    "currency": ("currency", "currency code", "code", "to", "to currency", "quote currency"),
    "rate": ("rate", "exchange rate", "value", "obs value"),
}
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_WRITTEN_OUT = re.compile(r"(\d{1,2}) ([A-Za-z]+) (\d{4})")
_POWER = r"^\d(\.\d+)?[eE][+-]?\d{1,2}$"
_PLAIN = r"^\+?(\d{1,8}(\.\d{0,18})?|\.\d{1,18})$"
WRONG = "The {}rate is not a number above 0 and below 100 million."
NO_CURRENCY = "The {} is no currency of ISO 4217."


@dataclass(frozen=True)
class _Quotes:
    """What lines say, one entry a rate: the line's index, days since 1970, codes, and how many of
    the currency one base buys, times RATE_SCALE."""

    line: Ints
    day: Ints
    base: pa.Array
    currency: pa.Array
    rate: Ints

    def where(self, keep: Flags) -> _Quotes:
        mask = pa.array(keep)
        return _Quotes(
            self.line[keep],
            self.day[keep],
            self.base.filter(mask),
            self.currency.filter(mask),
            self.rate[keep],
        )


@dataclass(frozen=True)
class Rates:
    name: str = "rates"
    label: str = "Exchange rates"
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        if not _wide(names):
            _long(names)

    def build(self, lines: Lines, setting: Setting) -> Built:
        """A `rates` table of the quotes alone: the days between them are for carrying.py."""
        checks = Checks(len(lines.table))
        wide = _wide(lines.names)
        day = _days(lines.table[_first(lines.names, "date")], setting, checks)
        read = _read_wide if wide else _read_long
        quotes = _once(read(lines, day, checks), checks)
        quotes = quotes.where(flags(pc.not_equal(quotes.currency, quotes.base)))
        return Built({"rates": _table(setting, quotes)}, checks, {}, _said(quotes))


SOURCE = Rates()


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name.strip().lower())


def _first(names: tuple[str, ...], field: str) -> str:
    """The column that holds a field, "" where none does."""
    known = {_plain(name): name for name in reversed(names)}
    return next((known[word] for word in COLUMNS[field] if word in known), "")


def _long(names: tuple[str, ...]) -> dict[str, str]:
    """Our field -> the file's column. Raises BadFile."""
    found = {field: _first(names, field) for field in COLUMNS}
    missing = [field for field, name in found.items() if not name]
    if missing:
        raise BadFile(
            t(
                "This is no file of exchange rates: no column {missing}.",
                missing=", ".join(missing),
            ),
            hint=t("Found: {names}.", names=", ".join(names[:20]) or t("nothing")),
        )
    return found


def _wide(names: tuple[str, ...]) -> dict[str, str]:
    """Currency -> its column, where each column but the date is one. Raises BadFile where only some
    are."""
    date = _first(names, "date")
    others = [name for name in names if name.strip() and name != date]
    found = {name.strip().upper(): name for name in others if is_currency(name.strip().upper())}
    strange = [name for name in others if name not in found.values()]
    if not date or not found or any(_first(tuple(strange), field) for field in COLUMNS):
        return {}
    if strange:
        raise BadFile(t("The column {strange} is no currency of ISO 4217.", strange=strange[0]))
    return found


def _days(column: pa.ChunkedArray, setting: Setting, checks: Checks) -> Ints:
    index, words = codes(texts(column))
    plain = pa.array([*map(_iso, words.to_pylist()), None], pa.string())
    found = moments(plain.take(pa.array(index % len(plain))), latest=setting.latest).wall
    last = f"{setting.latest - timedelta(days=2):%Y-%m-%d}"
    checks.reject(found.missing, "The date is missing.")
    checks.reject(found.wrong, f"The date is not a day from {EARLIEST.year} to {last}.")
    return found.or_zero // DAY


def _iso(word: str) -> str:
    """ "20 November 2026", as the Bank's daily file has it, as 2026-11-20; other texts as they
    are."""
    parts = _WRITTEN_OUT.fullmatch(word)
    if parts is None or parts[2].lower() not in _MONTHS:
        return word
    return f"{parts[3]}-{_MONTHS.index(parts[2].lower()) + 1:02}-{int(parts[1]):02}"


def _number(column: pa.Array, lines: Lines) -> Parsed:
    """Numbers above 0, times RATE_SCALE; digits from the eleventh place on are rounded away."""
    index, words = codes(column)
    if lines.delimiter == ";":
        words = pc.replace_substring(pc.replace_substring(words, ".", ""), ",", ".")
    powers = flags(pc.match_substring_regex(words, _POWER))
    if powers.any():
        listed = words.to_pylist()
        words = pa.array(
            [f"{Decimal(w):f}" if power else w for w, power in zip(listed, powers, strict=True)],
            pa.string(),
        )
    shaped = pc.match_substring_regex(words, _PLAIN)
    words = pc.if_else(shaped, words, pa.scalar(None, pa.string()))
    value = unscaled(pc.round(words.cast(pa.decimal128(38, 18)), 10).cast(pa.decimal128(20, 10)))
    valid = np.append(value > 0, False)
    return Parsed(np.append(value, 0)[index], index >= 0, valid[index])


def _code(column: pa.ChunkedArray, field: str, checks: Checks) -> pa.Array:
    index, words = codes(texts(column))
    known = [code if is_currency(code) else None for code in pc.utf8_upper(words).to_pylist()]
    found = pa.array([*known, None], pa.string()).take(pa.array(index % (len(known) + 1)))
    checks.reject(index < 0, f"The {field} is missing.")
    checks.reject(flags(pc.is_null(found)), NO_CURRENCY.format(field))
    return found


def _read_long(lines: Lines, day: Ints, checks: Checks) -> _Quotes:
    columns = _long(lines.names)
    base, currency = (_code(lines.table[columns[f]], f, checks) for f in ("base", "currency"))
    rate = _number(_filled(lines, columns["rate"]), lines)
    checks.reject(rate.missing, "The rate is missing.")
    checks.reject(rate.wrong, WRONG.format(""))
    line = np.arange(len(lines.table), dtype=np.int64)
    return _Quotes(line, day, base, currency, rate.or_zero)


def _read_wide(lines: Lines, day: Ints, checks: Checks) -> _Quotes:
    line, parts = np.arange(len(lines.table), dtype=np.int64), []
    for code, column in _wide(lines.names).items():
        rate = _number(_filled(lines, column), lines)
        checks.reject(rate.wrong, WRONG.format(f"{code} "))
        currency = pa.repeat(pa.scalar(code), len(line))
        base = pa.repeat(pa.scalar(WIDE_BASE), len(line))
        parts.append(_Quotes(line, day, base, currency, rate.or_zero).where(rate.present))
    return _Quotes(
        np.concatenate([part.line for part in parts]),
        np.concatenate([part.day for part in parts]),
        pa.concat_arrays([part.base for part in parts]),
        pa.concat_arrays([part.currency for part in parts]),
        np.concatenate([part.rate for part in parts]),
    )


def _filled(lines: Lines, column: str) -> pa.Array:
    """A column's texts, NULL where it says that there is no rate."""
    found = texts(lines.table[column])
    gap = pc.is_in(found, value_set=pa.array(GAPS))
    return pc.if_else(gap, pa.scalar(None, pa.string()), found)


def _once(quotes: _Quotes, checks: Checks) -> _Quotes:
    """The usable quotes, each day's and currency's first; lines that contradict it are
    rejected."""
    one = flags(pc.equal(quotes.base, quotes.currency)) & (quotes.rate != RATE_SCALE)
    _reject(quotes, one & (quotes.rate > 0), checks, "A currency is worth one of itself.")
    good = quotes.where(checks.good[quotes.line])
    index, _ = codes(good.currency)
    turn = np.lexsort((good.line, good.day, index))
    key = index[turn] * 2**20 + good.day[turn]
    first = np.flatnonzero(np.diff(key, prepend=-1) != 0)
    rate = good.rate[turn]
    lead = rate[first[np.cumsum(np.diff(key, prepend=-1) != 0) - 1]] if len(key) else rate
    other = np.zeros(len(key), dtype=np.bool_)
    other[turn] = rate != lead
    _reject(good, other, checks, "An earlier line has another rate for this day and currency.")
    keep = np.zeros(len(key), dtype=np.bool_)
    keep[turn[first]] = True
    return good.where(keep & checks.good[good.line])


def _reject(quotes: _Quotes, where: Flags, checks: Checks, reason: str) -> None:
    marked = np.zeros(len(checks.good), dtype=np.bool_)
    marked[quotes.line[where]] = True
    checks.reject(marked, reason)


def _table(setting: Setting, quotes: _Quotes) -> pa.Table:
    wanted, count = schema.arrow_schema(schema.RATES), len(quotes.day)
    day = pa.array(quotes.day.astype(np.int32)).cast(pa.date32())
    columns = {
        "shop_id": pa.repeat(pa.scalar(setting.shop.shop_id), count),
        "local_date": day,
        "currency": quotes.currency,
        "base": quotes.base,
        "rate": decimals(quotes.rate, wanted.field("rate").type),
        "quoted_on": day,
        "revision": pa.array(np.zeros(count, dtype=np.int64)),
    }
    return pa.table([columns[name] for name in wanted.names], schema=wanted)


def _said(quotes: _Quotes) -> tuple[str, ...]:
    if not len(quotes.day):
        return ()
    first, last = (np.datetime64(int(day), "D") for day in (quotes.day.min(), quotes.day.max()))
    bases = " or ".join(sorted(set(quotes.base.to_pylist())))
    many = len(codes(quotes.currency)[1])
    return (
        f"{len(quotes.day):,} rates of {many} currencies from {first} to {last}: how many of each"
        f" one {bases} buys. A day without a rate has the last one before it.",
    )
