"""How an address is read: its pairs, its filters, and what is said of what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import parse_qsl

from babel.numbers import list_currencies

from agent.errors import Refused
from agent.metrics.dimensions import DIMENSIONS, FILTERS
from agent.metrics.frames import NONE

MAX_VALUES = 1000
LISTED = 12
ONCE = ("metrics", "by", "top", "sort", "from", "to", "period", "cmp", "refunds", "currency")
Pairs = Iterable[tuple[str, str]]
_INSTEAD = {
    "time": "Set the period with from and to.",
    "age": "Filter by the cohort: cohort=2026-03, for example.",
}


@dataclass(frozen=True)
class Filter:
    """Rows whose dimension is one of `values` (not one of them when `exclude`); the value
    "(none)" is NULL."""

    dimension: str
    values: tuple[str, ...]
    exclude: bool = False

    @property
    def key(self) -> str:
        return f"not_{self.dimension}" if self.exclude else self.dimension


def pairs_of(args: str | Mapping[str, str] | Pairs) -> list[tuple[str, str]]:
    if isinstance(args, str):
        try:
            return parse_qsl(
                args.lstrip("?"), keep_blank_values=False, max_num_fields=MAX_VALUES + 100
            )
        except ValueError as error:
            raise Refused(
                "The address has too many parts.", hint=f"At most {MAX_VALUES:,} filter values."
            ) from error
    return list(args.items() if isinstance(args, Mapping) else args)


def filters_of(pairs: Pairs) -> tuple[Filter, ...]:
    grouped: dict[tuple[str, bool], list[str]] = {}
    for key, value in pairs:
        exclude = key.startswith("not_")
        name = key.removeprefix("not_")
        if name in DIMENSIONS and name != "shop" and value:
            if not DIMENSIONS[name].filters:
                raise Refused(f"{name} cannot be a filter.", hint=_INSTEAD[DIMENSIONS[name].level])
            if "\x00" in value:
                raise Refused(f"The filter {name} holds a character that no value can have.")
            grouped.setdefault((name, exclude), []).append(_value(name, value))
    if sum(map(len, grouped.values())) > MAX_VALUES:
        raise Refused(
            f"More than {MAX_VALUES:,} filter values.",
            hint="Ask for fewer, or filter by a wider dimension.",
        )
    return tuple(
        Filter(name, tuple(dict.fromkeys(values)), exclude)
        for (name, exclude), values in grouped.items()
    )


def _value(name: str, value: str) -> str:
    """A filter's value as the dimension keeps it. Raises Refused where it has no such value."""
    values = DIMENSIONS[name].values
    if not values or value == NONE:
        return value
    more = value if DIMENSIONS[name].more else None
    found = next((k for k, t in values.items() if value.casefold() in (k, t.casefold())), more)
    if found is None:
        raise Refused(f"{name}={value[:40]} is not known.", hint=f"Known: {', '.join(values)}.")
    return found


def only_known(keys: list[str]) -> None:
    names = [name for name in FILTERS if name != "shop"]
    known = [*ONCE, "shop", *names, *(f"not_{name}" for name in names)]
    for key in keys:
        if key not in known and key not in DIMENSIONS:
            near = get_close_matches(key, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(known)}."
            raise Refused(f"A question has no {key[:40]!r}.", hint=hint)
    twice = [key for key in ONCE if keys.count(key) > 1]
    if twice:
        raise Refused(f"{twice[0]} is given twice.", hint="Keep one; lists take commas.")


def one_of(key: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise Refused(f"{key}={value[:40]} is not known.", hint=f"Use {' or '.join(known)}.")
    return value


def currency_of(text: str) -> str:
    """A currency by its code, in capitals; empty stays empty. Raises Refused."""
    code = text.strip().upper()
    if code and code not in list_currencies():
        raise Refused(f"currency={text[:40]} is not a currency.", hint="Write EUR, for example.")
    return code


def words_of(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def check_known(name: str, table: Mapping[str, object], noun: str) -> None:
    if name not in table:
        near = get_close_matches(name, table, 1)
        names = ", ".join(list(table)[:LISTED]) + (", ..." if len(table) > LISTED else "")
        hint = f"Did you mean {near[0]}?" if near else f"Known: {names}."
        raise Refused(f"There is no {noun} called {name[:60]!r}.", hint=hint)
