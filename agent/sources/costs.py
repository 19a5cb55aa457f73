"""What orders cost beside their goods: shipping and payment, by the day or by the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources import ids
from agent.sources.base import Built, Lines, Setting, TextFormat
from agent.sources.daily import costs_table
from agent.sources.draft import Draft
from agent.sources.headers import CURRENCY, DATE, UNTIL, Found, find, need
from agent.sources.values import codes
from agent.words import mark, t

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": (*DATE, "invoice date", "rechnungsdatum", "buchungsdatum", "charged on"),
    "until": UNTIL,
    "kind": ("kind", "cost kind", "cost type", "kostenart", "art", "type", "category", "kategorie"),
    "amount": ("amount", "cost", "costs", "fee", "betrag", "kosten", "gebühr", "gebuehr"),
    "order_id": (
        *("order", "order id", "order number", "order name", "bestellung", "bestellnummer"),
        *("auftrag", "auftragsnummer"),
    ),
    "cost_id": ("cost id", "id", "reference", "invoice number", "rechnungsnummer", "referenz"),
    "source": ("carrier", "provider", "source", "spediteur", "versanddienst", "anbieter", "dienst"),
    "currency": CURRENCY,
}
NEEDED = ("date", "kind", "amount")
KINDS: Mapping[str, str] = {
    **dict.fromkeys(("shipping", "versand", "porto", "fracht", "freight", "postage"), "shipping"),
    **dict.fromkeys(("delivery", "carrier", "lieferung", "versandkosten"), "shipping"),
    **dict.fromkeys(("payment", "payments", "payment fee", "payment fees", "zahlung"), "payment"),
    **dict.fromkeys(("transaction fee", "zahlungsgebühr", "zahlungsgebühren"), "payment"),
}


@dataclass(frozen=True)
class Costs:
    name: str = "costs"
    label: str = mark("Shipping and payment costs")
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        _columns(names)

    def build(self, lines: Lines, setting: Setting) -> Built:
        """A `costs` table. A line is known by its own id, else by its day, kind, order and carrier:
        lines that share them are added up, and a later file replaces them."""
        draft = Draft(lines, setting, _columns(lines.names))
        draft.decimal_comma("amount")
        day = draft.day()
        draft.columns |= {
            "date": day,
            "kind": _kind(draft.text("kind")),
            "amount": draft.money("amount", day),
            "order_id": draft.text("order_id"),
            "cost_id": _id(draft, day),
        }
        built = draft.built("costs", costs_table, lambda made: ())
        return replace(built, newest=("costs",))


SOURCE = Costs()


def _columns(names: tuple[str, ...]) -> Found:
    found = find(names, COLUMNS)
    need(names, found, NEEDED, t("costs"))
    return found


def _kind(column: pa.Array) -> pa.Array:
    index, words = codes(pc.utf8_lower(column))
    known = pa.array([*(KINDS.get(word, word) for word in words.to_pylist()), None], pa.string())
    return known.take(pa.array(np.where(index < 0, len(words), index)))


def _id(draft: Draft, day: pa.Array) -> pa.Array:
    """The line's own id; where it has only a carrier, one that keeps two carriers' days apart."""
    if "source" not in draft.found:
        return draft.text("cost_id")
    parts = (_kind(draft.text("kind")), draft.text("order_id"), draft.text("source"))
    made = ids.joined(*(pc.fill_null(part, "") for part in (day, *parts)), by=":")
    return pc.coalesce(draft.text("cost_id"), made)
