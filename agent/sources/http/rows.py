"""Records into rows: each of our columns as text, from where the recipe says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import pyarrow as pa

from agent.sources.http.configuration import Column, Recipe
from agent.sources.http.paths import ABSENT, first
from agent.sources.http.templates import Filling
from agent.sources.landing import AMOUNTS, Plain, Reject

LONGEST_DOCUMENT = 2_000
FINEST = Decimal("0.0001")
LARGEST = Decimal(10) ** 15
Cell = str | None


class Unusable(Exception):
    """Why a value cannot be used, as the end of a sentence."""


@dataclass
class Gathered:
    """Rows so far, those that cannot be used, and what the answers say of the account."""

    rows: list[Mapping[str, Cell]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    currency: str = ""
    timezone: str = ""

    @property
    def read(self) -> int:
        return len(self.rows) + len(self.rejects)


@dataclass(frozen=True)
class Reader:
    """Reads records as a recipe says."""

    recipe: Recipe
    filling: Filling

    def read(self, answer: Any, records: Sequence[Mapping[str, Any]], into: Gathered) -> None:
        """The records of one answer, added to what was gathered."""
        account = self.recipe.account
        into.currency = into.currency or self._said(answer, account.currency_path, account.currency)
        into.timezone = into.timezone or self._said(answer, account.timezone_path, account.timezone)
        for record in records:
            try:
                into.rows.append(self._row(record, answer))
            except Unusable as fault:
                into.rejects.append((_document(record), str(fault)))
                into.broken.update(self._order(record, answer))

    def plain(self, gathered: Gathered) -> Plain:
        """The rows as columns of text."""
        columns = {
            name: pa.array([row[name] for row in gathered.rows], pa.string())
            for name in self.recipe.columns
        }
        return Plain(
            self.recipe.target, pa.table(columns), gathered.currency, gathered.timezone,
            self.recipe.options, frozenset(gathered.broken),
        )  # fmt: skip

    def _order(self, record: Mapping[str, Any], answer: Any) -> list[str]:
        """The order that a line belongs to, where one is named."""
        column = self.recipe.columns.get("order_id")
        with suppress(Unusable):
            cell = self._cell("order_id", column, record, answer) if column else None
            return [cell] if cell else []
        return []

    def _said(self, answer: Any, path: str, otherwise: str) -> str:
        found = first(answer, path) if path else ABSENT
        return found if isinstance(found, str) and found else self.filling.text(otherwise)

    def _row(self, record: Mapping[str, Any], answer: Any) -> Mapping[str, Cell]:
        return {
            name: self._cell(name, column, record, answer)
            for name, column in self.recipe.columns.items()
        }

    def _cell(self, name: str, column: Column, record: Mapping[str, Any], answer: Any) -> Cell:
        if column.value:
            return self.filling.text(column.value) or None
        source, path = (answer, column.answer) if column.answer else (record, column.path)
        found = first(source, path)
        if found is ABSENT or found is None or found == "" or _is_unset(found, self.recipe):
            return self.filling.text(column.default) or None
        try:
            text = _FORMS[column.form](found)
        except Unusable as fault:
            raise Unusable(f"The {name} is {fault}.") from None
        if name in AMOUNTS and column.form != "text":
            return _rounded(text)
        return text


def _is_unset(value: Any, recipe: Recipe) -> bool:
    return isinstance(value, str) and value in recipe.answer.unset


def _text(value: Any) -> str:
    if isinstance(value, str):
        # Half a character, which JSON may hold, becomes the sign that rows are refused for.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Unusable(f"{_sort(value)}, not a text")
    return f"{_bounded(Decimal(value)):f}"


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unusable(f"{_sort(value)}, not a number")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise Unusable("too large to be real")
    try:
        return _bounded(Decimal(value.strip() if isinstance(value, str) else value))
    except InvalidOperation:
        raise Unusable("no number") from None


def _bounded(found: Decimal) -> Decimal:
    if not found.is_finite():
        raise Unusable("no number")
    # Not abs(): of 1e999999999 it would be beyond what can be reckoned with.
    if found.copy_abs() > LARGEST:
        raise Unusable("too large to be real")
    if found.adjusted() < -30:
        raise Unusable("too small to be real")
    return found


def _by(divisor: int) -> Callable[[Any], str]:
    return lambda value: f"{_number(value) / divisor:f}"


def _whole(value: Any) -> str:
    found = _number(value)
    if found != found.to_integral_value():
        raise Unusable("not a whole number")
    return str(int(found))


def _moment(divisor: int) -> Callable[[Any], str]:
    def told(value: Any) -> str:
        try:
            return datetime.fromtimestamp(int(_number(value)) // divisor, UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            raise Unusable("no moment since 1970") from None

    return told


def _rounded(text: str) -> str:
    """An amount to the ten-thousandth: platforms divide to the millionth and beyond."""
    return f"{Decimal(text).quantize(FINEST, ROUND_HALF_EVEN):f}"


_FORMS: Mapping[str, Callable[[Any], str]] = {
    "text": _text, "number": _by(1), "micros": _by(10**6), "cents": _by(100), "whole": _whole,
    "date": _text, "seconds": _moment(1), "milliseconds": _moment(1000),
}  # fmt: skip


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "a list" if isinstance(value, list) else "a table"


def _document(record: Mapping[str, Any]) -> str:
    """In ASCII: a NUL or half a character must not stop what keeps it."""
    return json.dumps(record, default=str)[:LONGEST_DOCUMENT]
