"""The lines of somebody's daily figures, cleaned: days as ISO, numbers with a point, money in the
shop's currency. What cannot be used is marked, and the rest is for daily.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from babel.numbers import is_currency

from agent.ports import Shop, Span
from agent.sources import looks
from agent.sources.base import Built, Flags, Lines, Setting
from agent.sources.converting import Till
from agent.sources.daily import Written
from agent.sources.headers import Found
from agent.sources.ledger import amount
from agent.sources.rejects import Checks
from agent.sources.values import codes, flags, moments, money, one, texts, unscaled
from agent.words import mark, t

DAY = 86_400
ROUNDED = mark("{count:,} amounts have more than four decimals; they were rounded to four.")
CHANGED = mark("Amounts in {one} were turned into {other} at the rate of each line's day.")
Table = Callable[[Shop, pa.Table, Written], tuple[pa.Table, Checks]]


class Draft:
    """Columns of the fields found, each the length of the file."""

    def __init__(self, lines: Lines, setting: Setting, found: Found) -> None:
        self.lines, self.setting, self.found = lines, setting, found
        self.checks = Checks(len(lines.table))
        self.warnings: list[str] = []
        self.columns: dict[str, pa.Array] = {}
        self.comma = False

    def text(self, field: str) -> pa.Array:
        """Trimmed text; NULL throughout where the file has no such column."""
        if field not in self.found:
            return pa.nulls(len(self.lines.table), pa.string())
        return texts(self.lines.table[self.found[field]])

    def decimal_comma(self, *fields: str, counts: Sequence[str] = ()) -> None:
        """Decide by these columns of amounts and of whole numbers how the file writes numbers."""
        amounts, whole = ([self.text(name) for name in names] for names in (fields, counts))
        comma, example = looks.decimal_comma(amounts, whole)
        self.comma = comma if example else self.lines.delimiter == ";"

    def number(self, field: str) -> pa.Array:
        return looks.numbers(self.text(field), comma=self.comma)

    def day(self) -> pa.Array:
        """The text of each line's day; lines of totals, and of several days, are rejected."""
        given, until = looks.dates(self.text("date")), looks.dates(self.text("until"))
        total = looks.is_total(given)
        self.checks.reject(total, "The line is a total of others.")
        longer = flags(pc.not_equal(given, until))
        self.checks.reject(longer, "The line covers several days; export the file by day.")
        return given

    def money(self, field: str, day: pa.Array) -> pa.Array:
        """Amounts in the shop's currency, at four decimals."""
        words, many = looks.in_fours(self.number(field))
        if many:
            self.warnings.append(t(ROUNDED, count=many))
        currency = self._currency(field)
        own = self.setting.shop.currency
        foreign = flags(pc.and_(pc.not_equal(currency, own), words.is_valid()))
        return self._changed(words, currency, (foreign, day)) if foreign.any() else words

    def _currency(self, field: str) -> pa.Array:
        """Each line's own currency, else the one in the column's header, else the shop's."""
        otherwise = self.found.currency(field) or self.setting.shop.currency
        return pc.fill_null(pc.utf8_upper(self.text("currency")), otherwise)

    def _changed(
        self, words: pa.Array, currency: pa.Array, where: tuple[Flags, pa.Array]
    ) -> pa.Array:
        foreign, day = where
        own = self.setting.shop.currency
        names = codes(currency.filter(pa.array(foreign)))[1].to_pylist()
        till = Till(self.setting.warehouse, [own, *names])
        wall = moments(day, latest=self.setting.latest).wall
        read = money(words)
        result = words
        for name in names:
            mine = foreign & flags(pc.equal(currency, name))
            self._known(name, mine)
            value, known = till.exchange((read.or_zero, wall.or_zero // DAY), (name, own))
            self.checks.reject(mine & read.valid & wall.valid & ~known, _no_rate(name, own))
            done = mine & known & read.valid
            text = pa.array([f"{amount(v):f}" for v in value[done].tolist()], pa.string())
            result = pc.replace_with_mask(result, pa.array(done), text)
            if done.any():
                self.warnings.append(t(CHANGED, one=name, other=own))
        return result

    def _known(self, name: str, mine: Flags) -> None:
        if not is_currency(name):
            self.checks.reject(mine, "The currency is none of ISO 4217.")

    def built(
        self, name: str, table: Table, spans: Callable[[pa.Table], tuple[Span, ...]]
    ) -> Built:
        """The warehouse's table of the good lines, and of all lines why they are not."""
        keep = self.checks.good
        rows = pa.table(self.columns).filter(pa.array(keep))
        made, checks = table(self.setting.shop, rows, Written(latest=self.setting.latest))
        place = np.flatnonzero(keep)
        by_reason: dict[str, list[int]] = {}
        for at, reason in checks.rows():
            by_reason.setdefault(reason, []).append(int(place[at]))
        for reason, lines in by_reason.items():
            marked = np.zeros(len(keep), dtype=np.bool_)
            marked[lines] = True
            self.checks.reject(marked, reason)
        kinds = {name: (len(made), _sum(made))} if len(made) else {}
        return Built(
            {name: made}, self.checks, kinds, tuple(dict.fromkeys(self.warnings)), spans(made)
        )


def _no_rate(name: str, own: str) -> str:
    return (
        f"The line is in {name}, the shop in {own}, and no exchange rate of its day is kept:"
        " import a file of rates first."
    )


def _sum(made: pa.Table) -> Decimal:
    """All money of the rows, else nothing: sessions carry none."""
    total = int(unscaled(one(made["amount"])).sum()) if "amount" in made.column_names else 0
    return amount(total)


def runs(table: pa.Table, name: str, by: str = "") -> tuple[Span, ...]:
    """The days that rows state, as spans without a gap: of each value of `by`, or of all rows."""
    groups = codes(one(table[by]))[1].to_pylist() if by else [""]
    found = []
    for value in groups:
        own = table.filter(pc.equal(table[by], value)) if by else table
        days = np.unique(np.asarray(one(own["local_date"]).cast(pa.int32()), dtype=np.int64))
        where = {by: value} if by else {}
        for run in np.split(days, np.flatnonzero(np.diff(days) > 1) + 1):
            if len(run):
                first, last = (np.datetime64(int(day), "D").item() for day in (run[0], run[-1]))
                found.append(Span(name, first, last, where))
    return tuple(found)
