"""Whether a told text says the facts and nothing else.

What stands outside of quotation marks is made of our labels, figures of the facts and a list of
plain words; within them stands exactly a name that the facts have. Whatever a name says, and
whatever a model was talked into, a text with anything else in it is not shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from agent.metrics.dimensions import DIMENSIONS
from agent.narrating import figures
from agent.narrating.facts import Fact, Facts
from agent.narrating.figures import Known, Written
from agent.narrating.vocabulary import VOCABULARIES, Vocabulary
from agent.records.events import KINDS
from agent.words import locale, t

LONGEST = 400
MOST_SENTENCES = 2
FIRST_MARK = 0xE000
"""Where private letters begin: one stands for each thing that was found and is good."""
_QUOTED = re.compile(r'[“„"«]([^“”„"«»]{1,100})[”“"»]')
_PLAIN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SIGNS = frozenset(" .,;:()'’-–—")
_MARKUP = re.compile(r"[<>\[\]{}`*_#|\\~^@]|://|www\.", re.IGNORECASE)


@dataclass(frozen=True)
class Wrong:
    """Why a text is not used: a word for the count, and what of the text it is about."""

    reason: str
    what: str = ""


@dataclass(frozen=True)
class _Mark:
    """What one private letter stands for: a figure, or the facts that a label, or (`named`) the
    name of a part, is of."""

    figure: Written | None = None
    facts: tuple[Fact, ...] = ()
    named: bool = False


class _Text:
    """A text in which what is known to be good has become private letters."""

    def __init__(self, text: str) -> None:
        self.text, self.marks = text, list[_Mark]()

    def put(self, start: int, end: int, mark: _Mark) -> None:
        letter = chr(FIRST_MARK + len(self.marks))
        self.marks.append(mark)
        self.text = self.text[:start] + letter + self.text[end:]

    def mark(self, letter: str) -> _Mark | None:
        place = ord(letter) - FIRST_MARK
        return self.marks[place] if 0 <= place < len(self.marks) else None

    def within(self, part: str) -> list[_Mark]:
        return [mark for letter in part if (mark := self.mark(letter)) is not None]


def wrong_with(text: str, facts: Facts) -> Wrong | None:
    """Why a text may not be shown; None where it says the facts and nothing else."""
    vocabulary = VOCABULARIES.get(locale().partition("_")[0])
    if vocabulary is None:
        return Wrong("language", locale())
    if not text or len(text) > LONGEST:
        return Wrong("length", str(len(text)))
    if strange := next((sign for sign in text if _is_strange(sign)), ""):
        return Wrong("signs", strange)
    made = _Text(text)
    if wrong := _names(made, facts):
        return wrong
    _labels(made, facts)
    _figures(made, facts.currency)
    return _words(made, vocabulary.known(facts.against)) or _claims(made, facts, vocabulary)


def _is_strange(sign: str) -> bool:
    """Control and private letters, and figures that are no ASCII digits: ½, ², Ⅻ, ٣."""
    kind = unicodedata.category(sign)
    if kind[0] == "C" or kind in ("Zl", "Zp", "Nl", "No") or kind[0] == "M":
        return True
    return kind == "Nd" and sign not in "0123456789"


def _names(made: _Text, facts: Facts) -> Wrong | None:
    """What stands in quotation marks is a name, letter by letter, and carries no markup."""
    foreign: dict[str, _Mark] = {}
    for row in facts.rows:
        if not row.ours:
            _add(foreign, t(row.metric.label), row)
        if row.part is not None and not row.part.ours:
            _add(foreign, row.part.name, row, named=True)
    while found := _QUOTED.search(made.text):
        name = found[1].strip()
        name = name if name in foreign else name.rstrip(",.")
        if name not in foreign:
            return Wrong("name", name)
        if _MARKUP.search(name):
            return Wrong("markup", name)
        made.put(*found.span(), foreign[name])
    return None


def _labels(made: _Text, facts: Facts) -> None:
    """Our own words: labels of metrics and dimensions, names that we gave, days, kinds of event."""
    known = {facts.period: _Mark()} | {t(KINDS[one.kind]): _Mark() for one in facts.matches}
    for row in facts.rows:
        if row.ours:
            _add(known, t(row.metric.label), row)
        if row.part is not None:
            known.setdefault(t(DIMENSIONS[row.part.dimension].label), _Mark())
            if row.part.ours:
                _add(known, row.part.name, row, named=True)
    for label in sorted(known, key=len, reverse=True):
        shape = re.compile(rf"(?<!\w){re.escape(label)}(?!\w)", re.IGNORECASE)
        while found := shape.search(made.text):
            made.put(*found.span(), known[label])


def _add(marks: dict[str, _Mark], label: str, row: Fact, *, named: bool = False) -> None:
    had = marks.get(label, _Mark())
    marks[label] = _Mark(facts=(*had.facts, row), named=named)


def _figures(made: _Text, currency: str) -> None:
    """From the end, so that the places before stay as they were."""
    for (start, end), written in reversed(figures.read(made.text, currency)):
        made.put(start, end, _Mark(figure=written))


def _words(made: _Text, plain: frozenset[str]) -> Wrong | None:
    """Everything else is plain: words of the list, and signs of a sentence."""
    rest = "".join(" " if made.mark(sign) else sign for sign in made.text)
    if digit := re.search(r"\S*\d\S*", rest):
        return Wrong("number", digit[0])
    for word in _PLAIN.findall(rest):
        if word.lower() not in plain:
            return Wrong("word", word)
    left = next((sign for sign in _PLAIN.sub("", rest) if sign not in _SIGNS), "")
    return Wrong("signs", left) if left else None


def _claims(made: _Text, facts: Facts, vocabulary: Vocabulary) -> Wrong | None:
    """Each figure is one of a fact that its sentence speaks of, and moved as the clause says."""
    sentences = [part for part in re.split(r"[.!?](?:\s+|$)", made.text) if part.strip()]
    if len(sentences) > MOST_SENTENCES:
        return Wrong("length", f"{len(sentences)} sentences")
    if not any(mark.figure for mark in made.within(made.text)):
        return Wrong("empty")
    known = figures.known(facts)
    for sentence in sentences:
        for clause in _clauses(sentence, vocabulary):
            about = _about(made.within(clause), made.within(sentence), facts)
            wrong = _clause(made, clause, [one for one in known if one.fact in about], vocabulary)
            if wrong is not None:
                return wrong
    return None


def _clauses(sentence: str, vocabulary: Vocabulary) -> list[str]:
    words = "|".join(sorted(vocabulary.parts))
    return re.split(rf"[,;:()–—]|\b(?:{words})\b", sentence, flags=re.IGNORECASE)


def _about(clause: Sequence[_Mark], sentence: Sequence[_Mark], facts: Facts) -> tuple[Fact, ...]:
    """The facts that a clause speaks of: those of the part that it names, else those of the whole
    whose label it has; where it has neither, all that its sentence speaks of."""
    if named := _named(clause):
        return named
    if labelled := _labelled(clause):
        return labelled
    return (*_named(sentence), *_labelled(sentence)) or facts.rows


def _named(marks: Sequence[_Mark]) -> tuple[Fact, ...]:
    """Of the parts that are named; of the metrics that are, where any is."""
    rows = [row for mark in marks if mark.named for row in mark.facts]
    metrics = {row.metric.name for mark in marks if not mark.named for row in mark.facts}
    return tuple(row for row in rows if row.metric.name in metrics) or tuple(rows)


def _labelled(marks: Sequence[_Mark]) -> tuple[Fact, ...]:
    rows = [row for mark in marks if not mark.named for row in mark.facts]
    return tuple(row for row in rows if row.part is None) or tuple(rows)


def _clause(
    made: _Text, clause: str, known: Sequence[Known], vocabulary: Vocabulary
) -> Wrong | None:
    words = {word.lower() for word in _PLAIN.findall(clause)}
    said = {direction for direction, moves in vocabulary.moves.items() if words & moves}
    written = [mark.figure for mark in made.within(clause) if mark.figure]
    for one in written:
        role = vocabulary.roles.get(one.before)
        fits = [
            fact
            for fact in known
            if figures.matches(one, fact) and (role is None or fact.role == role)
        ]
        if not fits:
            return Wrong("number", one.text)
        if said and not any(fact.fact.direction in said for fact in fits):
            return Wrong("direction", one.text)
    if said and not written and not any(one.fact.direction in said for one in known):
        return Wrong("direction", " ".join(sorted(said)))
    return None
