"""What the columns of other people's exports are called, in English and in German.

A field is found by any of its words. A currency written behind a name ("Amount spent (EUR)") is
no part of the name, and says what the column's money is in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel.numbers import is_currency

from agent.errors import BadFile
from agent.words import t

Synonyms = Mapping[str, tuple[str, ...]]
SIGNS: Mapping[str, str] = {"€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "zł": "PLN"}
"""Signs that stand for one currency; a dollar sign stands for twenty."""
_BEHIND = re.compile(r"[\[(]\s*([A-Z]{3}|€|£|¥|₹|zł)\s*[\])]\s*$|[\s,:]([A-Z]{3}|€|£|¥|₹)\s*$")

DATE = (
    *("date", "day", "local date", "reporting starts", "date start", "start date", "by day"),
    *("stat time day", "time", "event date", "datum", "tag", "berichtsstart"),
    *("startdatum", "beginn der berichterstattung", "auswertungsbeginn"),
)
UNTIL = ("reporting ends", "date stop", "end date", "berichtsende", "enddatum", "auswertungsende")
CHANNEL = (
    *("channel", "session default channel group", "session default channel grouping"),
    *("default channel group", "default channel grouping", "session primary channel group"),
    *("channel group", "utm channel", "platform", "network", "publisher platform", "publisher"),
    *("source", "session source", "session source medium", "source medium", "utm source"),
    *("media source", "referrer source", "traffic source", "kanal", "plattform", "netzwerk"),
    *("quelle", "standard channelgruppe", "sitzung standard channelgruppe", "kanalgruppe"),
    *("sitzung quelle medium", "quelle medium", "medienkanal", "werbekanal", "werbenetzwerk"),
)
COUNTRY = (
    *("country", "country code", "country id", "session country", "land", "ländercode"),
    *("laendercode", "shipping country", "billing country", "lieferland", "region code"),
)
CURRENCY = (
    *("currency", "currency code", "account currency", "währung", "waehrung", "währungscode"),
    *("kontowährung", "waehrungscode"),
)


def plain(name: str) -> str:
    """Lower case, signs as single spaces, without a currency behind it: "Amount spent (EUR)" is
    "amount spent"."""
    bare = _BEHIND.sub("", name) if currency_in(name) else name
    return re.sub(r"[\W_]+", " ", bare.strip().lower().lstrip("\ufeff")).strip()


def currency_in(name: str) -> str:
    """The currency that is written behind a column's name, "" where there is none."""
    found = _BEHIND.search(name.strip())
    if found is None:
        return ""
    word = found[1] or found[2]
    code = SIGNS.get(word, word)
    return code if is_currency(code) else ""


@dataclass(frozen=True)
class Found:
    """Our field -> the file's column, for the fields that the file has."""

    columns: Mapping[str, str]

    def __contains__(self, field: str) -> bool:
        return field in self.columns

    def __getitem__(self, field: str) -> str:
        return self.columns[field]

    def currency(self, field: str) -> str:
        """The currency that the column of a field names in its header."""
        return currency_in(self.columns[field]) if field in self.columns else ""


def find(names: Sequence[str], synonyms: Synonyms) -> Found:
    """The columns that hold the fields. A word earlier in a field's list wins over a later one, and
    no column is used twice."""
    known: dict[str, str] = {}
    for name in names:
        known.setdefault(plain(name), name)
    found: dict[str, str] = {}
    for field, words in synonyms.items():
        free = [word for word in words if word in known and known[word] not in found.values()]
        if free:
            found[field] = known[free[0]]
    return Found(found)


def need(names: Sequence[str], found: Found, fields: Sequence[str], what: str) -> None:
    """Raises BadFile, naming what is missing and what was found, unless all fields are there."""
    missing = [field for field in fields if field not in found]
    if missing:
        raise BadFile(
            t(
                "This is no file of {what}: no column {missing}.",
                what=what,
                missing=", ".join(missing),
            ),
            hint=t("Found: {names}.", names=", ".join(names[:20]) or t("nothing")),
        )
