"""The address bar: what it says, the nearest thing that can be shown, and the addresses that
controls lead to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from urllib.parse import parse_qsl

from agent.errors import Refused
from agent.metrics.grammar import Filter, given_twice, unknown_word
from agent.metrics.questions import Scope, quoted
from agent.metrics.values import UnknownValue
from agent.services import Services
from agent.words import t
from dashboard.page_words import WORDS, Word, one_of
from dashboard.pages import PAGES
from dashboard.panels import Switch

LONGEST = 32_000
FIELDS = 1_100
MOST_METRICS = 4
SAID = 3
"""How many of the things left out are said; a person corrects one after the other."""
Pairs = list[tuple[str, str]]

# What stands over the page and not in it: no other control carries it on.
PASSING = ("receipt", "of", "at")


@dataclass(frozen=True)
class Address:
    """`own` holds the page's words; `note` says what of the address could not be used, empty when
    all could, and `aside` which of its words mean nothing. `near` is the filter that may be meant
    by one that was left out.
    """

    path: str
    scope: Scope
    own: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    aside: str = ""
    near: Filter | None = None

    def href(self, scope: Scope | None = None, path: str | None = None, **own: str) -> str:
        """The address with another scope, path or word; an empty word is left out."""
        kept = {k: v for k, v in self.own.items() if k not in PASSING}
        words = {**kept, **own} if path in (None, self.path) else own
        rest = "&".join([f"{quoted(k)}={quoted(v)}" for k, v in words.items() if v])
        query = "&".join(part for part in ((scope or self.scope).query_string(), rest) if part)
        return f"{self.path if path is None else path}?{query}"

    @property
    def search(self) -> str:
        return self.href().partition("?")[2]

    @property
    def fixed(self) -> Scope:
        """The scope with its days written out, so that it means the same tomorrow."""
        return replace(self.scope, preset="")


def read(services: Services, path: str, search: str | None) -> Address:
    """The nearest valid address, with a note on what was left out. Raises NotFound where there is
    no shop at all.
    """
    pairs, notes = _pairs(search or "")
    own, left_out = _own(services, path, pairs)
    notes += left_out
    aside = _said([str(refused) for refused in _strange(pairs)])
    try:
        scope, unknown = _scope(services, pairs)
    except Refused as refused:
        notes.append(_without(refused))
        scope, unknown = _scope(services, _nearest(services, pairs))
    notes += map(_without, unknown)
    return Address(path, scope, own, _said(notes), aside, _meant(scope, unknown))


def parse(services: Services, path: str, search: str) -> Address:
    """The address exactly as it is written. Raises Refused."""
    pairs, notes = _pairs(search)
    own, left_out = _own(services, path, pairs)
    if notes or left_out:
        raise Refused(_said(notes + left_out))
    for refused in _strange(pairs):
        raise refused
    return Address(path, services.scope(pairs), own)


@cache
def own_words() -> tuple[str, ...]:
    """Every word that belongs to a page and not to the scope: it stays behind where another page is
    opened."""
    switched = (name for path in PAGES for name in _switched(path))
    return tuple(dict.fromkeys((*WORDS, *switched)))


def _scope(services: Services, pairs: Pairs) -> tuple[Scope, list[UnknownValue]]:
    """The scope without those values of its filters that the shop does not have, and what is said
    of them. Raises Refused for anything else."""
    unknown: list[UnknownValue] = []
    while True:
        try:
            return services.scope(pairs), unknown
        except UnknownValue as refused:
            unknown.append(refused)
            gone = {(refused.asked.key, value) for value in refused.asked.values}
            pairs = [pair for pair in pairs if pair not in gone]


def _meant(scope: Scope, unknown: list[UnknownValue]) -> Filter | None:
    """The filter as the first unknown value was meant, beside what it holds already."""
    found = next((refused for refused in unknown if refused.near[0]), None)
    if found is None:
        return None
    kept = next((f.values for f in scope.filters if f.key == found.asked.key), ())
    near = found.near[0]
    return None if near in kept else replace(found.asked, values=(*kept, near))


def _strange(pairs: Pairs) -> Iterator[Refused]:
    """What is said of words that mean nothing on any page, and of those that stand twice."""
    keys, known = [name for name, _ in pairs], own_words()
    for key in dict.fromkeys(keys):
        if refused := unknown_word(key, known):
            yield refused
    if refused := given_twice(keys):
        yield refused


def _pairs(search: str) -> tuple[Pairs, list[str]]:
    if len(search) > LONGEST:
        return [], [t("The address is too long. Shown without it.")]
    try:
        return parse_qsl(search.lstrip("?"), max_num_fields=FIELDS), []
    except ValueError:
        return [], [t("The address has too many parts. Shown without them.")]


def _said(notes: list[str]) -> str:
    return " ".join(dict.fromkeys(notes[:SAID]))


def _without(refused: Refused) -> str:
    return f"{refused} {t('Shown without it.')}"


def _own(services: Services, path: str, pairs: Pairs) -> tuple[dict[str, str], list[str]]:
    """The page's words, and a sentence for each that could not be used."""
    own: dict[str, str] = {}
    notes: list[str] = []
    known = {**WORDS, **_switched(path)}
    for name, value in pairs:
        if name in known and value:
            parts = [part.strip() for part in value.split(",")] if name == "metrics" else [value]
            kept, said = _usable(services, known[name], parts)
            notes += said
            own |= {name: kept} if kept else {}
    return own, notes


def _usable(services: Services, word: Word, parts: list[str]) -> tuple[str, list[str]]:
    """What of a word's values can be used. A list keeps its order and each of its names once."""
    kept, notes = [], []
    for part in dict.fromkeys(filter(None, parts)):
        try:
            kept.append(word(services, part))
        except Refused as refused:
            notes.append(_without(refused))
    if len(kept) > MOST_METRICS:
        said = t("Up to {count} metrics are shown at once.", count=MOST_METRICS)
        notes.append(f"{said} {t('Shown without the others.')}")
    return ",".join(kept[:MOST_METRICS]), notes


def _switched(path: str) -> dict[str, Word]:
    """The words of the switches that a page's panels have."""
    panels = PAGES[path].panels if path in PAGES else ()
    return {switch.word: partial(_option, switch) for panel in panels for switch in panel.switches}


def _option(switch: Switch, services: Services, value: str) -> str:
    return one_of(switch.word, value, [option for option, _ in switch.options])


def _nearest(services: Services, pairs: Pairs) -> Pairs:
    """Key by key, whatever still makes sense together; from and to stand or fall as one."""
    kept: Pairs = []
    for key in dict.fromkeys("from" if name == "to" else name for name, _ in pairs):
        names = ("from", "to") if key == "from" else (key,)
        more = [pair for pair in pairs if pair[0] in names]
        if _works(services, kept + more):
            kept += more
    return kept


def _works(services: Services, pairs: Pairs) -> bool:
    try:
        services.scope(pairs)
    except UnknownValue:
        return True  # Said later, value by value.
    except Refused:
        return False
    return True
