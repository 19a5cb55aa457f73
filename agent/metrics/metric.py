"""What a measure and a metric are: a measure is what SQL adds up, a metric is arithmetic over
measures."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agent.metrics.formulas import Formula, parse

Unit = Literal["text", "date", "datetime", "money", "count", "percent", "number", "days"]


@dataclass(frozen=True)
class Measure:
    """What SQL adds up or counts; `fact` names the table of FACTS that reads it.

    A sum over the ledger names its columns: `goods` count on product lines only, `every` on all
    lines. Additive measures may be summed over any split; the others are counted at every level.
    One that may be `unknown` is NULL, not zero, where nothing at all is known of it; with `gaps`,
    a group or bucket without rows is unknown too. A `fraction` has more digits than money. `about`
    says what it is where no metric of its name does.
    """

    name: str
    fact: str
    goods: tuple[str, ...] = ()
    every: tuple[str, ...] = ()
    money: bool = False
    additive: bool = True
    unknown: bool = False
    gaps: bool = False
    fraction: bool = False
    about: str = ""


@dataclass(frozen=True)
class Metric:
    """`formula` is arithmetic over measures; `source` says what it is read from, in words.

    `own` marks one that people defined themselves; `claim` says whose word it is where it is not
    ours.
    """

    name: str
    label: str
    unit: Unit
    definition: str
    formula: str
    good_up: bool = True
    shown_negative: bool = False
    source: str = "Sales ledger"
    own: bool = False
    claim: str = ""

    @property
    def measures(self) -> tuple[str, ...]:
        return self.parsed.names

    @property
    def ratio(self) -> bool:
        """Whether it is a rate: unknown where its divisor is zero, and no more in a longer
        period."""
        return self.parsed.ratio

    @property
    def below(self) -> str:
        """What it is divided by, empty where it is not."""
        return self.parsed.below

    @property
    def parsed(self) -> Formula:
        return _parsed(self.formula)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Formula:
    return parse(text)
