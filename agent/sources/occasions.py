"""Events from a file: promotions, campaigns, closures, with their days, part and effect.

They are kept with the records, not in the warehouse. An event is known by its name, kind, first
day and part: a line that says the same again changes nothing, another one replaces it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent import events
from agent.errors import Refused
from agent.metrics.values import Values
from agent.ports import Merged
from agent.records.events import KINDS, Event, Events, checked
from agent.sources import looks
from agent.sources.base import Built, Lines, Setting, TextFormat
from agent.sources.draft import DAY, Draft
from agent.sources.headers import find, need, plain
from agent.sources.values import day_order, moments, texts
from agent.words import mark, t

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "event", "title", "ereignis", "titel", "bezeichnung"),
    "kind": ("kind", "type", "event type", "art", "typ"),
    "first": ("first", "first day", "from", "start", "start date", "von", "erster tag", "beginn"),
    "last": ("last", "last day", "until", "to", "end", "end date", "bis", "letzter tag", "ende"),
    "dimension": ("dimension", "part of", "merkmal"),
    "value": ("value", "part", "wert", "teil"),
    "discount": ("discount", "rabatt"),
    "price": ("price", "price change", "preis", "preisänderung"),
    "spend": ("spend", "budget", "ausgaben", "kosten"),
    "share": ("share", "share affected", "anteil", "betroffener anteil"),
    "repeats": ("repeats", "every year", "wiederholt", "jedes jahr"),
    "note": ("note", "notes", "notiz", "bemerkung", "hinweis"),
}
LABELS: Mapping[str, str] = {
    "name": mark("Name"),
    "kind": mark("Kind"),
    "first": mark("First day"),
    "last": mark("Last day"),
    "dimension": mark("Dimension"),
    "value": mark("Value"),
    **{name: row.label for name, row in events.EFFECTS.items()},
    "repeats": mark("Repeats"),
    "note": mark("Note"),
}
"""What the columns of a downloaded file are called: it is imported as it is."""
YEARLY = frozenset({"year", "yearly", "every year", "yes", "jahr", "jährlich", "jedes jahr", "ja"})
ONCE = frozenset({"", "no", "once", "never", "nein", "einmal"})
LATEST = datetime(events.LAST_YEAR, 12, 31, tzinfo=UTC)
TABLE = "events"
EPOCH = date(1970, 1, 1)
RECORDS = mark("Events are kept with the records: an event that a file leaves out stays.")
Key = tuple[str, str, date, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Occasions:
    name: str = "events"
    label: str = mark("Events")
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        need(names, find(names, _columns()), ("name", "kind", "first"), t("events"))

    def build(self, lines: Lines, setting: Setting) -> Built:
        """No tables: the events of the good lines, of those that are the same the last."""
        draft = Draft(lines, setting, find(lines.names, _columns()))
        known = _values(setting)
        found: dict[Key, Event] = {}
        for at, row in enumerate(_rows(draft)):
            try:
                one = _read(row, setting.shop.shop_id)
                if known is not None:
                    part = events.known_part(known, one.shop_id, one.part)
                    one = replace(one, part=part)
            except Refused as refused:
                draft.checks.reject(np.arange(len(lines.table)) == at, refused.message)
            else:
                found[_key(one)] = one
        return Built({}, draft.checks, {}, (t(RECORDS),), events=tuple(found.values()))


SOURCE = Occasions()


def _columns() -> dict[str, tuple[str, ...]]:
    """With the headings of a file that was downloaded in the language spoken."""
    return {name: (*words, plain(t(LABELS[name]))) for name, words in COLUMNS.items()}


def keep(records: Events, shop_id: str, wanted: Sequence[Event]) -> Merged:
    """Keep the events of a file, all or none, and say how many were new, changed and as before."""
    known = {_key(one): one for one in records.all(shop_id)}
    changed = []
    for one in wanted:
        old = known.get(_key(one))
        same = one if old is None else _as(one, old)
        if same != old:
            changed.append(same)
    records.put_all(changed)
    replaced = sum(bool(one.event_id) for one in changed)
    return Merged(
        "",
        inserted={TABLE: len(changed) - replaced},
        replaced={TABLE: replaced},
        unchanged={TABLE: len(wanted) - len(changed)},
    )


def _as(event: Event, old: Event) -> Event:
    """The line's event as the one that is kept already."""
    return replace(
        event, name=old.name, event_id=old.event_id, made_by=old.made_by, made_at=old.made_at
    )


def _key(event: Event) -> Key:
    return event.name.casefold(), event.kind, event.first, tuple(sorted(event.part.items()))


def _values(setting: Setting) -> Values | None:
    """What the shop's parts are called; None where the shop is not there yet."""
    warehouse, shop_id = setting.warehouse, setting.shop.shop_id
    if warehouse is None or all(shop.shop_id != shop_id for shop in warehouse.shops()):
        return None
    return Values(warehouse)


def _rows(draft: Draft) -> list[dict[str, str]]:
    """Each line's words, its days as ISO ("?" for what is none) and its figures with a point."""
    columns = {name: _bare(draft.text(name)) for name in COLUMNS}
    columns |= _figures({name: columns[name] for name in events.EFFECTS}, draft.lines.delimiter)
    order, _ = day_order(pa.concat_arrays([looks.dates(columns[n]) for n in ("first", "last")]))
    columns |= {name: _days(columns[name], order) for name in ("first", "last")}
    listed = {name: column.to_pylist() for name, column in columns.items()}
    return [
        {name: listed[name][at] or "" for name in listed} for at in range(len(draft.lines.table))
    ]


def _bare(words: pa.Array) -> pa.Array:
    """Without the apostrophe that our own files set before what a spreadsheet would run."""
    return pc.replace_substring_regex(words, r"^'([=+\-@|%])", r"\1")


def _figures(columns: Mapping[str, pa.Array], delimiter: str) -> dict[str, pa.Array]:
    """With a point, a percent sign behind those that have one; "?" for what is no number."""
    bare = {name: texts(pc.utf8_rtrim(words, "% \u00a0")) for name, words in columns.items()}
    comma, example = looks.decimal_comma(list(bare.values()))
    comma = comma if example else delimiter == ";"
    read = {name: looks.numbers(words, comma=comma) for name, words in bare.items()}
    return {name: _written(words, read[name]) for name, words in columns.items()}


def _written(words: pa.Array, figures: pa.Array) -> pa.Array:
    pairs = zip(words.to_pylist(), figures.to_pylist(), strict=True)
    said = [w and f"{figure or '?'}{'%' if w.endswith('%') else ''}" for w, figure in pairs]
    return pa.array(said, pa.string())


def _days(column: pa.Array, order: str) -> pa.Array:
    read = moments(looks.dates(column), order=order, latest=LATEST).wall
    days = read.or_zero // DAY
    return pa.array(
        [
            (EPOCH + timedelta(days=int(day))).isoformat() if sound else "?" if word else ""
            for word, day, sound in zip(column.to_pylist(), days, read.valid, strict=True)
        ],
        pa.string(),
    )


def _read(row: Mapping[str, str], shop_id: str) -> Event:
    """A line as an event. Raises Refused, saying what is wrong with it."""
    first = _day(row["first"], "first")
    last = _day(row["last"], "last") if row["last"] else first
    effect = {name: _effect(row[name], name) for name in events.EFFECTS if row[name]}
    return events.checked(
        checked(
            Event(
                shop_id,
                row["name"],
                _kind(row["kind"]),
                first,
                last,
                part=events.part_of(_dimension(row["dimension"]), row["value"]),
                effect=effect,
                repeats=_repeats(row["repeats"]),
                note=row["note"],
            )
        )
    )


def _kind(word: str) -> str:
    """By its name or its label, in English or in the language spoken."""
    for name, label in KINDS.items():
        if plain(word) in (name, plain(label), plain(t(label))):
            return name
    raise Refused("There is no kind of event of this name." if word else "The kind is missing.")


def _dimension(word: str) -> str:
    for name, label in events.PARTS.items():
        if word and plain(word) in (plain(name), plain(label), plain(t(label))):
            return name
    return word


def _day(word: str, name: str) -> date:
    if not word:
        raise Refused(f"The {name} day is missing.")
    if word == "?":
        raise Refused(f"The {name} day is not one like 2026-11-27.")
    return date.fromisoformat(word)


def _effect(word: str, name: str) -> float:
    bare, unit = word.removesuffix("%"), events.EFFECTS[name].unit
    try:
        value = float(bare)
    except ValueError:
        raise Refused(f"The {name} is not a number.") from None
    if bare != word:
        if unit != "percent":
            raise Refused(f"The {name} is an amount, and has a percent sign.")
        return round(value / 100, 9)
    if unit == "percent" and abs(value) > 1:
        raise Refused(f"The {name} is written with a percent sign, or as 0.15.")
    return value


def _repeats(word: str) -> str:
    said = plain(word)
    if said in YEARLY or said in ONCE:
        return events.YEARLY if said in YEARLY else ""
    raise Refused("An event repeats every year or not at all.")
