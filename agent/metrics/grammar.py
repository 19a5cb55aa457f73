"""How an address is read: its pairs, its filters, and what is said of what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import parse_qsl

from babel.numbers import list_currencies

from agent.errors import Refused
from agent.metrics.dimensions import DIMENSIONS, FILTERS
from agent.metrics.frames import NONE
from agent.words import mark, t

MAX_VALUES = 1000
LISTED = 12
ONCE = ("metrics", "by", "top", "sort", "from", "to", "period", "cmp", "refunds", "currency")
Pairs = Iterable[tuple[str, str]]
_INSTEAD = {
    "time": mark("Set the period with from and to."),
    "age": mark("Filter by the cohort: cohort=2026-03, for example."),
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
                t("The address has too many parts."),
                hint=t("At most {count:,} filter values.", count=MAX_VALUES),
            ) from error
    return list(args.items() if isinstance(args, Mapping) else args)


def filters_of(pairs: Pairs) -> tuple[Filter, ...]:
    grouped: dict[tuple[str, bool], list[str]] = {}
    for key, value in pairs:
        exclude = key.startswith("not_")
        name = key.removeprefix("not_")
        if name in DIMENSIONS and name != "shop" and value:
            if not DIMENSIONS[name].filters:
                raise Refused(
                    t("{name} cannot be a filter.", name=name),
                    hint=t(_INSTEAD[DIMENSIONS[name].level]),
                )
            if "\x00" in value:
                raise Refused(
                    t("The filter {name} holds a character that no value can have.", name=name)
                )
            grouped.setdefault((name, exclude), []).append(_value(name, value))
    if sum(map(len, grouped.values())) > MAX_VALUES:
        raise Refused(
            t("More than {count:,} filter values.", count=MAX_VALUES),
            hint=t("Ask for fewer, or filter by a wider dimension."),
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
    found = next(
        (k for k, said in values.items() if value.casefold() in (k, said.casefold())), more
    )
    if found is None:
        raise Refused(
            t("{name}={value} is not known.", name=name, value=value[:40]),
            hint=t("Known: {names}.", names=", ".join(values)),
        )
    return found


def only_known(keys: Sequence[str]) -> None:
    """Raises Refused for a word that no question has, or that stands twice where it may stand
    once."""
    for key in dict.fromkeys(keys):
        if refused := unknown_word(key):
            raise refused
    if refused := given_twice(keys):
        raise refused


def unknown_word(key: str, more: Iterable[str] = (), words: Sequence[str] = ()) -> Refused | None:
    """What is said of a word that no question has; None where it has it, or `more` do. `words` are
    what is known in place of a question's own."""
    filters = [name for name in FILTERS if name != "shop"]
    own = words or (*ONCE, "shop")
    known = [*own, *filters, *(f"not_{name}" for name in filters), *more]
    if key in known or key in DIMENSIONS:
        return None
    near = get_close_matches(key[:40], known, 1, 0.7)
    hint = (
        t("Did you mean {name}?", name=near[0])
        if near
        else t(
            "Known: {names} and dimensions, such as {like}.",
            names=", ".join(words or (*ONCE, "shop")),
            like="country",
        )
    )
    return Refused(t("A question has no word {key!r}.", key=key[:40]), hint=hint)


def given_twice(keys: Sequence[str]) -> Refused | None:
    """What is said where a word stands twice that may stand once."""
    twice = next((key for key in ONCE if keys.count(key) > 1), "")
    if not twice:
        return None
    return Refused(t("{name} is given twice.", name=twice), hint=t("Keep one; lists take commas."))


def one_of(key: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise Refused(
            t("{key}={value} is not known.", key=key, value=value[:40]),
            hint=t("Use {known}.", known=t(" or ").join(known)),
        )
    return value


def currency_of(text: str) -> str:
    """A currency by its code, in capitals; empty stays empty. Raises Refused."""
    code = text.strip().upper()
    if code and code not in list_currencies():
        raise Refused(
            t("currency={text} is not a currency.", text=text[:40]),
            hint=t("Write EUR, for example."),
        )
    return code


def words_of(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def check_known(name: str, table: Mapping[str, object], noun: str) -> None:
    if name not in table:
        near = get_close_matches(name, table, 1)
        names, more = ", ".join(list(table)[:LISTED]), len(table) - LISTED
        if more > 0:
            names = t("{first} and {count} more", first=names, count=more)
        hint = (
            t("Did you mean {name}?", name=near[0]) if near else t("Known: {names}.", names=names)
        )
        raise Refused(
            t("There is no {noun} called {name!r}.", noun=t(noun), name=name[:60]), hint=hint
        )
