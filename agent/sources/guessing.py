"""What a file is: a format that is known, or somebody's own order lines, column by column, with the
reason for each guess. Nothing is written; only the beginning of a long file is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from agent.errors import BadFile
from agent.sources import looks
from agent.sources.base import MAX_INFLATED, Lines
from agent.sources.headers import plain
from agent.sources.matching import Column, Taken, matched, repeats
from agent.sources.order_words import GROSS, TYPES
from agent.sources.registry import OWN, by_columns
from agent.sources.sampling import beginning
from agent.sources.values import day_order, texts
from agent.words import t

NEEDED = ("order_id", "placed_at")
_DIGITS = r"^[^A-Za-z/:]*\d[^A-Za-z/:\d]*$"
_SLASHED = r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b"


@dataclass(frozen=True)
class Guess:
    """`format` is a name of SOURCES, or OWN; `mapping` is then what mapping.parse reads, as far as
    it could be guessed. `evidence` are sentences that say by what the guess was made."""

    format: str
    label: str
    confidence: float
    columns: tuple[Column, ...]
    delimiter: str
    encoding: str
    decimal_comma: bool
    dates: str
    evidence: tuple[str, ...] = ()
    mapping: Mapping[str, Any] = field(default_factory=dict)


def guess(path: Path, max_bytes: int = MAX_INFLATED, *, cut: bool = False) -> Guess:
    """What a file is. `cut`: the file is only the beginning of one. Raises BadFile for what is no
    table at all."""
    sample = beginning(path, max_bytes, cut=cut)
    lines = sample.lines
    taken = [Taken(name, texts(lines.table[name])) for name in lines.names if name]
    if not taken:
        raise BadFile(t("{name} has no columns with a name.", name=path.name))
    how = _written(taken, lines)
    seen = replace(how, encoding=sample.encoding)
    try:
        source = by_columns(lines.names)
    except BadFile:
        return _own(taken, seen)
    words = t("All columns that {label} has are there.", label=t(source.label))
    return replace(
        seen,
        format=source.name,
        label=t(source.label),
        confidence=1.0,
        evidence=(words, *seen.evidence),
    )


def _written(taken: Sequence[Taken], lines: Lines) -> Guess:
    """How the texts of a file are written: numbers and days, with the value that shows it."""
    digits = [one.values for one in taken if one.mostly(_DIGITS) and not one.mostly(_SLASHED)]
    comma, example = looks.decimal_comma(digits)
    columns = tuple(Column(one.name, examples=one.examples) for one in taken)
    dates, day = _days([one for one in taken if one.mostly(_SLASHED)])
    comma = comma if example else lines.delimiter == ";" and bool(digits)
    evidence = tuple(filter(None, (_decimals(comma, example), day)))
    return Guess(OWN, "", 0.0, columns, lines.delimiter, "", comma, dates, evidence)


def _decimals(comma: bool, example: str) -> str:
    if not example:
        return ""
    if comma:
        return t("Decimals have a comma: {example}.", example=example)
    return t("Decimals have a point: {example}.", example=example)


def _days(slashed: Sequence[Taken]) -> tuple[str, str]:
    """How days are written (iso, dmy, mdy), and the sentence that says by what."""
    if not slashed:
        return "iso", ""
    order, doubt = day_order(slashed[0].values)
    example = _telling(slashed[0], order) or slashed[0].examples[0]
    if doubt:
        return order, t("Days like {example} can be read both ways: check them.", example=example)
    if order == "dmy":
        return order, t("The day stands before the month: {example}.", example=example)
    return order, t("The month stands before the day: {example}.", example=example)


def _telling(column: Taken, order: str) -> str:
    """A day that has but one reading, "" where there is none."""
    shape = r"^(1[3-9]|2\d|3[01])[/.-]" if order == "dmy" else r"^\d{1,2}[/.-](1[3-9]|2\d|3[01])"
    found = column.words.filter(pc.match_substring_regex(column.words, shape))
    return str(found[0].as_py()) if len(found) else ""


def _own(taken: Sequence[Taken], how: Guess) -> Guess:
    """Order lines under names of their own."""
    chosen = matched(taken, how.decimal_comma)
    columns = tuple(
        replace(chosen.get(one.name, Column(one.name)), examples=one.examples) for one in taken
    )
    fields = {column.field: column.name for column in columns if column.field}
    types = _types({one.name: one for one in taken}, fields)
    columns = tuple(
        replace(c, field="", confidence=0.0, why="") if c.field == "type" and not types else c
        for c in columns
    )
    fields = {column.field: column.name for column in columns if column.field}
    mapping: dict[str, Any] = {
        "name": "my-orders",
        "delimiter": how.delimiter,
        "dates": how.dates,
        "decimal_comma": how.decimal_comma,
        "columns": fields,
    } | ({"types": types} if types else {})
    evidence = how.evidence
    if shipping := _once({one.name: one for one in taken}, fields):
        mapping["per_order"] = ["shipping"]
        evidence = (*evidence, shipping)
    price = plain(fields.get("unit_price", fields.get("amount", ""))).split()
    if "tax" in fields and any(word in GROSS for word in price):
        mapping["prices_include_tax"] = True
    sure = [column.confidence for column in columns if column.field in NEEDED]
    return replace(
        how,
        confidence=min(sure) if len(sure) == len(NEEDED) else 0.0,
        columns=columns,
        evidence=evidence,
        mapping=mapping,
    )


def _types(taken: Mapping[str, Taken], fields: Mapping[str, str]) -> dict[str, str]:
    """What the lines' own words for their kind mean; empty where any is unknown."""
    if "type" not in fields:
        return {}
    words = taken[fields["type"]].words.to_pylist()
    known = {word: TYPES.get(word.lower(), "") for word in words[:100]}
    return known if all(known.values()) and len(words) <= len(known) else {}


def _once(taken: Mapping[str, Taken], fields: Mapping[str, str]) -> str:
    """The sentence that says that shipping is the order's, "" where it is each line's."""
    if not {"order_id", "shipping"} <= set(fields):
        return ""
    own, orders = (taken[fields[name]].values for name in ("shipping", "order_id"))
    if not repeats(own, orders):
        return ""
    return t("Shipping is the same on all lines of an order: it counts once for each.")
