"""The figures of a text: read as the locale writes them, and found among the facts or not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from babel.numbers import get_decimal_symbol, get_group_symbol

from agent.metrics import formats
from agent.narrating.facts import Fact, Facts
from agent.words import locale

Kind = Literal["plain", "money", "percent", "points", "times"]
Role = Literal["now", "before", "moved"]
LEAST_DIGITS = 2
NEAR = 0.025
"""A figure of one digit may be this far from the fact that it rounds."""
SCALES: Mapping[str, Mapping[str, float]] = {
    "en": {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9},
    "de": {
        **{"tsd": 1e3, "tsd.": 1e3, "tausend": 1e3, "mio": 1e6, "mio.": 1e6, "millionen": 1e6},
        **{"mrd": 1e9, "mrd.": 1e9, "milliarden": 1e9},
    },
}
KINDS: Mapping[str, Mapping[str, Kind]] = {
    "en": {
        **{"percentage points": "points", "percentage point": "points", "points": "points"},
        **{"pp": "points", "%": "percent", "percent": "percent"},
        **{"-fold": "times", "times": "times"},
    },
    "de": {
        **{"prozentpunkte": "points", "prozentpunkten": "points", "pp": "points"},
        **{"%": "percent", "prozent": "percent", "-fache": "times", "mal": "times"},
    },
}


@dataclass(frozen=True)
class Written:
    """A figure of a text: `value` without its sign, `steps` what it may have been rounded to,
    `before` the word that stands before it."""

    text: str
    value: float
    steps: tuple[float, ...]
    digits: int
    kind: Kind
    sign: str
    before: str


@dataclass(frozen=True)
class Known:
    """A figure of the facts, signed, and what it is of its fact."""

    value: float
    kind: Kind
    role: Role
    fact: Fact


def known(facts: Facts) -> tuple[Known, ...]:
    """Every figure that a text may hold."""
    return tuple(one for row in facts.rows for one in _of(row))


def _of(row: Fact) -> Iterator[Known]:
    unit = row.metric.unit
    rate = unit == "percent"
    kind: Kind = "percent" if rate else "money" if unit == "money" else "plain"
    size = 100.0 if rate else 1.0
    for role, value in (("now", row.now), ("before", row.before)):
        if value is not None:
            yield Known(float(value) * size, kind, role, row)  # type: ignore[arg-type]
    if row.moved is None or row.now is None or row.before is None:
        return
    yield Known(float(row.moved) * size, "points" if rate else kind, "moved", row)
    if row.before and not rate:
        share = float(row.moved) / abs(float(row.before)) * 100
        yield Known(share, "percent", "moved", row)
        yield Known(float(row.now) / float(row.before), "times", "moved", row)


def matches(written: Written, one: Known) -> bool:
    """Whether a text's figure is a fact's, as it is or rounded as the text writes it."""
    same = written.kind == one.kind or (written.kind == "plain" and one.kind == "money")
    if not same or (written.sign == "-" and one.value >= 0):
        return False
    if written.sign == "+" and one.value <= 0:
        return False
    size = abs(one.value)
    if not any(_rounds(size, step, written.value) for step in written.steps):
        return False
    exact = math.isclose(size, written.value, rel_tol=1e-9)
    near = abs(size - written.value) <= NEAR * max(size, written.value)
    return exact or near or written.digits >= LEAST_DIGITS


def _rounds(size: float, step: float, value: float) -> bool:
    # Half of the last place either way: nobody says which way a half is rounded.
    return abs(size - value) <= step / 2 * (1 + 1e-9)


def read(text: str, currency: str) -> tuple[tuple[tuple[int, int], Written], ...]:
    """Every figure with its place in the text."""
    language = locale().partition("_")[0]
    found = _pattern(locale(), currency).finditer(text)
    return tuple((one.span(), _written(one, text, language)) for one in found)


def _written(found: re.Match[str], text: str, language: str) -> Written:
    digits = found["number"].replace(get_group_symbol(locale()), "")
    digits = re.sub(r"[\s\u00a0\u202f]", "", digits).replace(get_decimal_symbol(locale()), ".")
    scale = SCALES[language].get((found["scale"] or "").lower(), 1.0)
    words = " ".join((found["unit"] or "").lower().split())
    kind = KINDS[language].get(words, "times" if found["by"] else "plain")
    money = found["ahead"] or found["behind"]
    places = len(digits.partition(".")[2])
    bare = digits.replace(".", "").lstrip("0")
    idle = len(bare) - len(bare.rstrip("0")) if not places else 0
    steps = tuple(scale * 10.0**power for power in range(-places, idle - places + 1))
    return Written(
        found[0].strip(),
        float(Decimal(digits)) * scale,
        steps,
        len(bare.rstrip("0")) if not places else len(bare),
        "money" if money else kind,
        "-" if found["sign"] in ("-", formats.MINUS) else found["sign"] or "",
        _word_before(text[: found.start()]),
    )


def _word_before(text: str) -> str:
    found = re.search(r"([^\W\d_]+)\W*$", text)
    return found[1].lower() if found else ""


@lru_cache(maxsize=16)
def _pattern(spoken: str, currency: str) -> re.Pattern[str]:
    language = spoken.partition("_")[0]
    group, point = re.escape(get_group_symbol(spoken)), re.escape(get_decimal_symbol(spoken))
    gap = r"[ \u00a0\u202f]?"
    symbol = formats.currency_place(currency, spoken)[0]
    money = "|".join(sorted({re.escape(symbol), re.escape(currency)}, key=len, reverse=True))
    scales = "|".join(re.escape(one) for one in sorted(SCALES[language], key=len, reverse=True))
    kinds = "|".join(re.escape(word) for word in sorted(KINDS[language], key=len, reverse=True))
    return re.compile(
        rf"(?P<sign>(?<!\w)[-+{formats.MINUS}])?(?P<by>×)?(?:(?P<ahead>{money}){gap})?"
        rf"(?<![\w.,])(?P<number>\d{{1,3}}(?:{group}\d{{3}})+(?:{point}\d+)?|\d+(?:{point}\d+)?)"
        rf"(?:{gap}(?P<scale>{scales})(?!\w))?"
        rf"(?:{gap}(?P<behind>{money})(?!\w)|{gap}(?P<unit>{kinds})(?![\w]))?",
        re.IGNORECASE,
    )
