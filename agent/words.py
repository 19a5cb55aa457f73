"""The language that people read: every sentence of the screen goes through `t`, in the language of
whoever asks.

English is the source and needs no file; others are `agent/locales/LANGUAGE.po`, read once when
first spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

SOURCE = "en_US"
FOLDER = Path(__file__).resolve().parent / "locales"
_SPOKEN: ContextVar[str] = ContextVar("locale", default=SOURCE)


def locale() -> str:
    """The locale being spoken, as Babel writes it: en_US, de_DE."""
    return _SPOKEN.get()


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Within this block, words and numbers are those of a locale; an unknown one is English."""
    token = _SPOKEN.set(name if is_known(name) else SOURCE)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def mark(text: str) -> str:
    """A text that a table holds in English, to be said by `t(row.label)` when it is shown."""
    return text


def said(name: str, text: str) -> str:
    """A text in the language of a locale, whatever is spoken; its {names} are left to the
    caller."""
    return _translated(name.partition("_")[0], text)


def inner(text: str) -> str:
    """A label inside a sentence: English writes it small, a language with capital nouns does
    not."""
    if _language() != SOURCE[:2]:
        return text
    # An acronym stays one: RFM group, the average order value.
    words = text.split(" ")
    return " ".join(w if len(w) > 1 and w.strip("()").isupper() else w.lower() for w in words)


def t(text: str, /, **values: object) -> str:
    """The text in the language spoken, its {names} filled in; English where nobody translated
    it."""
    return _filled_in(_translated(_language(), text), values)


def retold(text: str, *patterns: str) -> str:
    """What was made from one of these English patterns, said anew: an answer keeps its words in
    English, whoever asked first. A text of another kind is said as it is."""
    for pattern in patterns:
        found = _read_off(pattern).fullmatch(text)
        if found:
            return t(pattern, **found.groupdict())
    return t(text) if text else ""


def n(one: str, many: str, count: int, /, **values: object) -> str:
    """The form that fits a count: n("{count} order", "{count} orders", 3, count="3")."""
    language = _language()
    forms = _forms(language, one, many)
    return _filled_in(forms[int(count != 1)], values)


def told_in(place: str) -> dict[str, str]:
    """Every text that the files of a folder say, in the language spoken; empty in the source's
    own.

    For those that cannot ask `t`: the scripts of the browser."""
    return dict(_told_in(_language(), place))


def language_name(name: str) -> str:
    """A language as those who speak it call it: Deutsch."""
    spoken = Locale.parse(name)
    return (spoken.get_language_name(name) or name).capitalize()


def tag() -> str:
    """The locale spoken as the web writes it: de-DE."""
    return locale().replace("_", "-")


def languages() -> tuple[str, ...]:
    """Locales that a person may choose, the source first."""
    return (SOURCE, *sorted(path.stem for path in FOLDER.glob("*.po")))


@cache
def is_known(name: str) -> bool:
    try:
        Locale.parse(name)
    except (ValueError, UnknownLocaleError):
        return False
    return True


def _filled_in(said: str, values: Mapping[str, object]) -> str:
    if not values:
        return said
    # Most texts have no figure in them, and Python's own way is the quicker one.
    text = _FIGURES.vformat(said, (), values) if ":," in said else said.format(**values)
    # "1. Nov." at the end of a sentence brings its full stop along.
    return text[:-1] if text.endswith("..") and said.endswith("}.") else text


class _Figures(Formatter):
    """{count:,} and {amount:,.2f} as the locale that is spoken writes them."""

    def format_field(self, value: Any, format_spec: str) -> str:
        places = re.fullmatch(r",(?:\.(\d)f)?", format_spec)
        if places is None:
            return str(super().format_field(value, format_spec))
        pattern = "#,##0" + ("." + "0" * int(places[1]) if int(places[1] or 0) else "")
        return str(format_decimal(value, pattern, locale()))


_FIGURES = _Figures()


def _language() -> str:
    return _SPOKEN.get().partition("_")[0]


@cache
def _read_off(pattern: str) -> re.Pattern[str]:
    """What finds the {names} of a pattern in a text that it made."""
    parts = re.split(r"\{(\w+)\}", pattern)
    found = (f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(found))


@cache
def _translated(language: str, text: str) -> str:
    found = _catalogue(language).get(text)
    said = found.string if found else ""
    said = said[0] if isinstance(said, tuple | list) else said
    return said or text


@cache
def _told_in(language: str, place: str) -> tuple[tuple[str, str], ...]:
    found = [
        (str(message.id), str(message.string))
        for message in _catalogue(language)
        if message.id and any(path.startswith(place) for path, _ in message.locations)
    ]
    return tuple(pair for pair in found if pair[1])


@cache
def _forms(language: str, one: str, many: str) -> tuple[str, ...]:
    found = _catalogue(language).get((one, many))
    forms = tuple(found.string) if found and isinstance(found.string, tuple | list) else ()
    return forms if forms and all(forms) else (one, many)


@cache
def _catalogue(language: str) -> Catalog:
    found = next((p for p in FOLDER.glob("*.po") if p.stem.partition("_")[0] == language), None)
    if found is None:
        return Catalog(locale=language)
    with found.open("rb") as file:
        return read_po(file, locale=found.stem)
