"""Sessions of a shop's site, a line for each day (or hour), channel and country, as Google
Analytics and others export them, in English or German.

A file states its days whole: whatever was known of those days is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources.base import Built, Lines, Setting, TextFormat
from agent.sources.daily import COUNTS, sessions_table
from agent.sources.draft import Draft, runs
from agent.sources.headers import CHANNEL, COUNTRY, DATE, UNTIL, Found, find, need
from agent.sources.values import codes, texts
from agent.words import mark, t

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "hourly": ("date hour", "date hour yyyymmddhh", "datum stunde", "hour of visit"),
    "date": DATE,
    "until": UNTIL,
    "hour": ("hour", "hour of day", "stunde", "uhrzeit"),
    "channel": CHANNEL,
    "country": ("country id", "country code", *COUNTRY),
    "sessions": ("sessions", "visits", "online store sessions", "sitzungen", "besuche"),
    "users": (
        *("users", "total users", "active users", "visitors", "online store visitors", "nutzer"),
        *("nutzer insgesamt", "aktive nutzer", "besucher"),
    ),
    "product_views": (
        *("product views", "product detail views", "items viewed", "item views", "view item"),
        *("product page views", "sessions with product views", "produktaufrufe"),
        *("artikelaufrufe", "aufgerufene artikel", "produktansichten"),
    ),
    "add_to_cart": (
        *("add to carts", "add to cart", "adds to cart", "added to cart", "items added to cart"),
        *("sessions with cart additions", "in den einkaufswagen", "in den warenkorb"),
        *("in den warenkorb gelegt", "artikel in den einkaufswagen gelegt", "warenkorb"),
    ),
    "reached_checkout": (
        *("checkouts", "reached checkout", "begin checkout", "checkouts initiated"),
        *("items checked out", "sessions that reached checkout", "checkouts started", "checkout"),
        *("kaufvorgang begonnen", "bezahlvorgänge", "kasse erreicht", "kasse"),
    ),
    "purchases": (
        *("purchases", "ecommerce purchases", "transactions", "sessions that completed checkout"),
        *("sessions converted", "orders", "key events", "käufe", "e commerce käufe"),
        *("transaktionen", "bestellungen"),
    ),
}
NO_COUNT = mark("The file has no column of {names}; they count as none.")
USERS = mark("The file counts users, not sessions: a person who came twice counts once.")


@dataclass(frozen=True)
class Visits:
    name: str = "sessions"
    label: str = mark("Sessions of the site")
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        _columns(names)

    def build(self, lines: Lines, setting: Setting) -> Built:
        """A `sessions` table, and the days that it states."""
        draft = Draft(lines, setting, _columns(lines.names))
        draft.decimal_comma(counts=COUNTS)
        draft.columns |= {
            "date": draft.day(),
            "hour": _hour(draft.text("hour")),
            "channel": _given(draft, "channel"),
            "country": _given(draft, "country"),
            **{name: draft.number(name) for name in COUNTS},
        }
        _missing(draft)
        return draft.built("sessions", sessions_table, lambda made: runs(made, "sessions"))


SOURCE = Visits()


def _columns(names: tuple[str, ...]) -> Found:
    """The columns, a moment's as the day's, users where there are no sessions."""
    found = dict(find(names, COLUMNS).columns)
    if "hourly" in found:
        found["date"] = found.pop("hourly")
    users = found.pop("users", "")
    if "sessions" not in found and users:
        found["sessions"] = users
    need(names, Found(found), ("date", "sessions"), t("sessions"))
    return Found(found)


def _given(draft: Draft, field: str) -> pa.Array:
    """Without the words that Google Analytics has for nothing."""
    column = draft.text(field)
    gone = pc.is_in(column, value_set=pa.array(["(not set)", "(none)"]))
    return pc.if_else(gone, pa.scalar(None, pa.string()), column)


def _hour(column: pa.Array) -> pa.Array:
    """ "9", "09" and "09:00" as an hour; others as they are."""
    index, words = codes(column)
    bare = pc.replace_substring_regex(words, r"^(\d{1,2}):\d{2}(:\d{2})?( ?Uhr)?$", r"\1")
    known = pa.concat_arrays([bare.cast(pa.string()), pa.nulls(1, pa.string())])
    return texts(known.take(pa.array(np.where(index < 0, len(bare), index))))


def _missing(draft: Draft) -> None:
    none = [name.replace("_", " ") for name in COUNTS if name not in draft.found]
    if none:
        draft.warnings.append(t(NO_COUNT, names=", ".join(none)))
    if "sessions" not in find(draft.lines.names, COLUMNS):
        draft.warnings.append(t(USERS))
