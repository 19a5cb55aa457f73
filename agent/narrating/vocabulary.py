"""The plain words that a told sentence may use, by language: what is in no list is in no sentence.

There is no name among them, no number in words, no request and no "not"; nothing that names a
cause, a rank, a degree or another time, for none of these could be held to the facts. Metrics are
named by their labels alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.narrating.facts import Direction
from agent.narrating.figures import Role


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True)
class Vocabulary:
    """`moves` says a direction, `against` only what is compared that way, `parts` begin another
    clause, `roles` say which figure of a fact follows; `plain` are all others."""

    plain: frozenset[str]
    moves: Mapping[Direction, frozenset[str]]
    against: Mapping[str, frozenset[str]]
    parts: frozenset[str]
    roles: Mapping[str, Role]

    def known(self, against: str) -> frozenset[str]:
        """Every word that a text may use."""
        return self.plain.union(*self.moves.values(), self.against[against], self.parts)


ENGLISH = Vocabulary(
    plain=_words(
        """
        a an the this that these those it its they their there which is are was were has have had
        or as also about around roughly than with for from to of in on at by into per out within
        across during then now so
        came come comes stood stands made makes make making brought brings bringing contributed
        contributes contributing accounted accounts accounting followed follows moved moves moving
        changed changes changing showed shows showing reached reaches reaching amounted amounts
        match matches matched compared against versus
        change difference contribution contributions share shares part parts portion result
        results figure figures value values total overall period range current
        product products country countries channel channels segment segments shop store metric
        metrics event events day days
        """
    ),
    moves={
        "up": _words(
            """
            rose rise rises risen rising grew grow grows growing grown growth up gain gains gained
            gaining increase increases increased increasing higher climbed climb climbs climbing
            added adds adding
            """
        ),
        "down": _words(
            """
            fell fall falls fallen falling dropped drop drops dropping declined decline declines
            declining decreased decrease decreases decreasing lower lowered down lost lose loses
            losing loss losses shrank shrink shrinks shrinking slipped
            """
        ),
        "same": _words("held holds holding unchanged flat remained remains stayed stays steady"),
    },
    against={
        "before": _words("before previous former earlier prior"),
        "expected": _words("expected expectation forecast"),
    },
    parts=_words("while whereas but and"),
    roles={"from": "before", "to": "now", "by": "moved"},
)
GERMAN = Vocabulary(
    plain=_words(
        """
        der die das den dem des ein eine einen einem einer eines dieser diese dieses diesem diesen
        es er sie ihr ihre ihren ihrem sich welche welcher welches damit dabei davon dazu so wie als
        auch etwa rund ungefähr innerhalb nach dann nun mit für von vom zu zum zur in im an am auf
        aus bei beim um pro je oder gegenüber über
        ist sind war waren wird werden wurde wurden hat haben hatte hatten kam kamen kommt kommen
        steht stehen stand standen liegt liegen lag lagen machte machten macht machen brachte
        brachten bringt trug trugen trägt bei beigetragen folgte folgten bewegte veränderte
        verändert zeigte zeigt erreichte erreichten erreicht betrug betrugen beträgt entfiel
        entfielen entfällt entfallen passt passen dazu verglichen
        veränderung unterschied differenz beitrag beiträge anteil anteile teil teile ergebnis wert
        werte figur zahl insgesamt zeitraum
        produkt produkte produkten land länder ländern kanal kanäle kanälen segment segmente shop
        laden kennzahl ereignis ereignisse tag tage tagen
        """
    ),
    moves={
        "up": _words(
            """
            stieg stiegen steigt steigen gestiegen steigend wuchs wuchsen wächst wachsen gewachsen
            wachstum zuwachs zuwächse anstieg anstiegs zunahme zugenommen mehr höher erhöhte
            erhöhten erhöht plus
            """
        ),
        "down": _words(
            """
            fiel fielen fällt fallen gefallen sank sanken sinkt sinken gesunken rückgang rückgangs
            verlor verloren verlust verluste abnahme abgenommen weniger niedriger verringerte
            verringerten verringert minus
            """
        ),
        "same": _words("unverändert gleich blieb blieben bleibt bleiben hielt hielten stabil"),
    },
    against={
        "before": _words("vorher vorherigen vorigen davor vorzeitraum vorperiode"),
        "expected": _words("erwartet erwartete erwarteten erwartung prognose"),
    },
    parts=_words("während aber hingegen dagegen und"),
    roles={"auf": "now", "um": "moved"},
)
VOCABULARIES: Mapping[str, Vocabulary] = {"en": ENGLISH, "de": GERMAN}
