"""The shop's events as a table and as rows of a file, which can be imported as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from agent import events
from agent.errors import Unavailable
from agent.metrics.compiler import titles
from agent.metrics.questions import Scope
from agent.records.events import Event
from agent.services import Services
from agent.sources.occasions import LABELS
from agent.words import t
from dashboard.files.parts import Part, floats, sheet_from, text
from dashboard.files.sheets import Heading as Head
from dashboard.files.sheets import Kind, Sheet
from dashboard.panels import Cell, Heading, Listed, Row, Table


def listed(services: Services, scope: Scope) -> Listed:
    """All events of the shop, the latest first, whatever the period is."""
    shop = services.shop(scope.shops[0])
    found = services.records.events.all(shop.shop_id)
    return Listed(_table(found, services, shop.currency), _sheet(found, shop.currency))


def _table(found: Sequence[Event], services: Services, currency: str) -> Table:
    headings = tuple(
        Heading(label, number=False)
        for label in (t("Event"), t("Kind"), t("Days"), t("Part"), t("Effect"), t("Note"))
    )
    names = titles_of(services, found)
    rows = tuple(
        Row(
            one.name,
            (
                Cell(events.kind_said(one)),
                Cell(days(one)),
                Cell(part(one, names)),
                Cell(events.effects_said(one, currency)),
                Cell(one.note),
            ),
        )
        for one in found
    )
    return Table(t("Events"), t("The latest first"), headings, rows)


def days(event: Event) -> str:
    """With the year; and whether it comes again."""
    said = events.days_said(event.first, event.last)
    return f"{said}, {t('every year')}" if event.repeats else said


def part(event: Event, names: Mapping[str, str]) -> str:
    """A product by its title, as people know it."""
    product = event.part.get("product", "")
    return names.get(product, product) if product else events.part_said(event)


def titles_of(services: Services, found: Sequence[Event]) -> dict[str, str]:
    """Product -> its title, of those that events are about."""
    wanted = {one.part["product"] for one in found if "product" in one.part}
    if not wanted:
        return {}
    shops = tuple({one.shop_id for one in found})
    try:
        rows = services.warehouse.read(titles(shops, tuple(sorted(wanted)))).to_pylist()
    except Unavailable:
        return {}
    return {row["product"]: row["product_label"] for row in rows if row["product_label"]}


def _sheet(found: Sequence[Event], currency: str) -> Sheet:
    parts = [
        _words("name", [one.name for one in found]),
        _words("kind", [events.kind_said(one) for one in found]),
        _days("first", [one.first.isoformat() for one in found]),
        _days("last", [one.last.isoformat() for one in found]),
        _words("dimension", [next(iter(one.part), "") for one in found]),
        _words("value", [next(iter(one.part.values()), "") for one in found]),
        *(_effect(name, found) for name in events.EFFECTS),
        _words("repeats", [one.repeats for one in found]),
        _words("note", [one.note for one in found]),
    ]
    return sheet_from(parts, t("Events"), currency)


def _words(name: str, values: list[str]) -> Part:
    return text(t(LABELS[name]), values)


def _days(name: str, values: list[str]) -> Part:
    column = pa.array(values, pa.string()).cast(pa.date32())
    return Part(Head(t(LABELS[name]), "date"), column)


def _effect(name: str, found: Sequence[Event]) -> Part:
    # A share without a word for it in the heading: the import knows the column by its name.
    unit: Kind = "money" if events.EFFECTS[name].unit == "money" else "number"
    return floats(Head(t(LABELS[name]), unit, name=name), [one.effect.get(name) for one in found])
