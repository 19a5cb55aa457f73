"""The shop's own events: what one may be about, how strong it may be, and how both are said.

A form, a file and the API ask here, so that an event means the same whichever way it came.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from babel.numbers import format_percent

from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.grammar import Filter
from agent.metrics.metric import Unit
from agent.metrics.values import UnknownValue, Values
from agent.records.events import KINDS, Event
from agent.words import locale, mark, t

YEARLY = "year"
LONGEST_NOTE = 500
LONGEST_VALUE = 200
FIRST_YEAR, LAST_YEAR = 1990, 2100
LEVELS = ("order", "line", "product", "spend")
PARTS: Mapping[str, str] = {
    name: row.label
    for name, row in DIMENSIONS.items()
    if row.level in LEVELS and name != "customer_kind"
}
"""Dimension -> its label, of those that a part of the shop can be named by."""


TO_COME = ("channel", "campaign")
"""Dimensions whose values an event may name before the shop has any rows of them."""


@dataclass(frozen=True)
class Effect:
    """What an event changes: its figure lies within `least` and `most`."""

    label: str
    unit: Unit
    least: float
    most: float


EFFECTS: Mapping[str, Effect] = {
    "discount": Effect(mark("Discount"), "percent", 0.0, 1.0),
    "price": Effect(mark("Price change"), "percent", -1.0, 10.0),
    "spend": Effect(mark("Spend"), "money", 0.0, 1e12),
    "share": Effect(mark("Share affected"), "percent", 0.0, 1.0),
}


def checked(event: Event) -> Event:
    """The event with its texts tidied. Raises Refused for a part, an effect, a day or a note that
    cannot be; what else it needs, the records say."""
    for day in (event.first, event.last):
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise Refused(t("{day} is no day of a shop's calendar.", day=day.isoformat()))
    note = " ".join(event.note.split())
    if len(note) > LONGEST_NOTE:
        raise Refused(t("A note has at most {count} characters.", count=LONGEST_NOTE))
    return replace(event, note=note, part=_part(event.part), effect=_effects(event.effect))


def part_of(dimension: str, value: str) -> dict[str, str]:
    """What a form or a line says of the part; all of the shop where both are empty. Raises
    Refused."""
    dimension, value = dimension.strip(), " ".join(value.split())
    if not dimension and not value:
        return {}
    if not dimension:
        raise Refused(t("Say what {value} is: a country, a channel, a product.", value=value[:60]))
    if not value:
        raise Refused(t("The part of the shop is empty."), hint=t("Or choose all of the shop."))
    return _part({dimension: value})


def known_part(values: Values, shop_id: str, part: Mapping[str, str]) -> dict[str, str]:
    """The part by the shop's own values: DE for Germany, a product's id for its title. What the
    shop never had is refused, but a channel or a campaign may be yet to come. Raises Refused."""
    found = dict(part)
    for dimension, value in part.items():
        try:
            values.check((shop_id,), [Filter(dimension, (value,))])
        except UnknownValue as unknown:
            near, title = unknown.near
            if value.casefold() in (near.casefold(), title.casefold()) and near:
                found[dimension] = near
            elif dimension not in TO_COME:
                raise
    return found


def _part(part: Mapping[str, str]) -> dict[str, str]:
    for dimension, value in part.items():
        if dimension not in PARTS:
            raise Refused(
                t("An event cannot be about {name!r}.", name=dimension[:60]),
                hint=t("Known: {names}.", names=", ".join(PARTS)),
            )
        if not value or len(value) > LONGEST_VALUE:
            raise Refused(
                t(
                    "A part of the shop has a name of at most {count} letters.",
                    count=LONGEST_VALUE,
                )
            )
    return dict(part)


def _effects(given: Mapping[str, float]) -> dict[str, float]:
    for name, value in given.items():
        effect = EFFECTS.get(name)
        if effect is None:
            raise Refused(
                t("An event does not change {name!r}.", name=name[:60]),
                hint=t("Known: {names}.", names=", ".join(EFFECTS)),
            )
        if not effect.least <= value <= effect.most:
            raise Refused(
                t(
                    "{effect} lies between {least} and {most}.",
                    effect=t(effect.label),
                    least=figure(name, effect.least),
                    most=figure(name, effect.most),
                )
            )
    return dict(given)


def figure(name: str, value: float, currency: str = "") -> str:
    """An effect's figure as a person reads it: 15%, −5%, €5,000."""
    unit = EFFECTS[name].unit
    if unit == "percent":
        said = format_percent(abs(value), locale=locale(), decimal_quantization=False)
        return f"{formats.MINUS}{said}" if value < 0 else str(said)
    return formats.number(value, unit if currency else "number", currency or "USD", "full")


def effects_said(event: Event, currency: str) -> str:
    """Discount 15%, Spend €5,000; a dash where nothing is known of it."""
    said = (
        f"{t(row.label)} {figure(name, event.effect[name], currency)}"
        for name, row in EFFECTS.items()
        if name in event.effect
    )
    return ", ".join(said) or formats.UNKNOWN


def part_said(event: Event) -> str:
    """Germany, or all of the shop."""
    if not event.part:
        return t("All of the shop")
    return ", ".join(formats.value_label(name, value) for name, value in event.part.items())


def days_said(first: date, last: date) -> str:
    """24 – 27 Nov 2026."""
    return formats.date_range(first, last, year=True)


def kind_said(event: Event) -> str:
    return t(KINDS[event.kind])
