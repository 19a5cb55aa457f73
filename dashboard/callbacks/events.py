"""The page Events: what comes, what was, the given days, and the form that adds and changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from dash import ALL, Dash, Input, State, dcc

from agent import events
from agent.metrics import formats
from agent.records.events import KINDS, Event
from agent.services import Services
from agent.words import n, t
from dashboard import components, scheduled
from dashboard.callbacks import entering
from dashboard.callbacks.goals import cell
from dashboard.callbacks.showing import Showing
from dashboard.components import forms, html
from dashboard.components.events import Line, event_table
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.routes.people import Person
from dashboard.views.events import days, part, titles_of

FORM = "event"
PAGE = "events"
LISTS = ("dimension", "repeats")
AHEAD = timedelta(days=92)
SHOWN = 50
WHOLE, ONCE = "all", "once"
"""What a list has chosen where the event says nothing."""
EMPTY: Mapping[str, str] = {
    **dict.fromkeys(scheduled.FIELDS, ""),
    "kind": "promotion",
    "dimension": WHOLE,
    "repeats": ONCE,
    "editing": "",
}


def coming(showing: Showing) -> Any:
    """What is on or ahead, the nearest first; what a year brings again at its next days."""
    today = showing.today
    found = showing.services.records.events
    ahead = found.between(showing.shop.shop_id, today, today + timedelta(days=366))
    nearest: dict[str, Event] = {}
    for one in ahead:
        nearest.setdefault(one.event_id, one)
    files = [components.exports.files()] if found.all(showing.shop.shop_id) else None
    heading = components.heading(
        t("Coming events"), t("Forecasts know of them; findings and “why” name them"), files
    )
    if not nearest:
        text = t(
            "Write down promotions, campaigns, closures and the like: forecasts know of promotions "
            "ahead; findings and “why” name them as matches."
        )
        return cell([heading, components.empty(t("No event is ahead"), text, sign="calendar")])
    return cell(
        [heading, _table(showing, tuple(nearest.values()), t("Coming events"))], "events.events"
    )


def past(showing: Showing) -> Any:
    """What is over, the latest first."""
    every = showing.services.records.events.all(showing.shop.shop_id)
    over = [one for one in every if one.last < showing.today and not one.repeats]
    heading = components.heading(t("Past events"), t("The latest first"))
    if not over:
        text = t("An event stands here when its last day is over; findings of its days name it.")
        return cell([heading, components.empty(t("No past events"), text, sign="calendar")])
    rest = len(over) - SHOWN
    more = n(
        "{count} older event is in the file.",
        "{count} older events are in the file.",
        rest,
        count=rest,
    )
    foot = [html.Div(more, className="foot")] if rest > 0 else []
    return cell([heading, _table(showing, over[:SHOWN], t("Past events")), *foot])


def _table(showing: Showing, rows: Sequence[Event], caption: str) -> Any:
    names = titles_of(showing.services, rows)
    return event_table([_line(showing, one, names) for one in rows], caption)


def _line(showing: Showing, one: Event, names: Mapping[str, str]) -> Line:
    return Line(
        one.name,
        events.kind_said(one),
        days(one),
        part(one, names),
        events.effects_said(one, showing.shop.currency),
        when=_when(one, showing.today),
        note=one.note,
        acts=_acts(one) if entering.may() else (),
    )


def _when(one: Event, today: date) -> str:
    if one.last < today:
        return ""
    away = (one.first - today).days
    if away <= 0:
        return t("On now")
    return n("Tomorrow", "In {count} days", away, count=away)


def _acts(one: Event) -> tuple[Any, ...]:
    row = {"event": one.event_id}
    return (
        forms.small_button(
            {"type": "event-edit", **row}, "pencil", t("Change {name}", name=one.name)
        ),
        forms.small_button(
            {"type": "event-remove", **row}, "trash-2", t("Remove {name}", name=one.name)
        ),
    )


def given(showing: Showing) -> Any:
    """Public holidays and feasts of the next three months, one row a day."""
    from agent.forecasting.given import given as read

    today = showing.today
    found = read(showing.services, showing.shop, today, today + AHEAD)
    by_day: dict[date, list[Any]] = {}
    for one in found.days:
        by_day.setdefault(one.day, []).append(one)
    rows = tuple(_feasts(day, ones, found.countries) for day, ones in by_day.items())
    heading = (
        Heading(t("Given day"), number=False),
        Heading(t("Day"), number=False),
        Heading(t("Where"), number=False, priority=2),
    )
    foot = "" if found.complete else t("Public holidays cannot be read now; feasts are complete.")
    table = Table(t("Given days"), _where(found.countries), heading, rows, footer=foot)
    return cell(components.table_section(table, "events.given", files=False))


def _where(codes: Sequence[str]) -> str:
    if not codes:
        return t("Feasts of every shop, for the next three months; nothing to write down")
    names = ", ".join(formats.value_label("country", code) for code in codes)
    return t(
        "Feasts, and public holidays of {countries}: every forecast knows them", countries=names
    )


def _feasts(day: date, found: Sequence[Any], codes: Sequence[str]) -> Row:
    known = {one.name for one in found}
    # Christmas is said by Christmas Day already, whatever both are called.
    names = dict.fromkeys(
        one.said()
        for one in found
        if not any(name != one.name and name.startswith(one.name) for name in known)
    )
    where = sorted({one.country for one in found if one.country})
    everywhere = not where or len(where) == len(codes)
    said = [formats.value_label("country", code) for code in where]
    place = t("Everywhere") if everywhere else ", ".join(said)
    return Row(", ".join(names), (Cell(formats.day(day, year=True, weekday=True)), Cell(place)))


def form(showing: Showing) -> Any:
    """The form to add or change an event; for a viewer, who can."""
    stores = [dcc.Store(id="told"), dcc.Store(id="undo")]
    if not entering.may():
        text = t("Adding events needs the role analyst. An administrator can change your role.")
        return cell([forms.no_access(t("You can look, not change events"), text), *stores])
    kinds = tuple((name, t(label)) for name, label in KINDS.items())
    parts = ((WHOLE, t("All of the shop")), *((k, t(v)) for k, v in events.PARTS.items()))
    again = ((ONCE, t("No")), (events.YEARLY, t("Every year")))
    fields = (
        forms.Field("editing", "", "hidden"),
        forms.Field("name", t("Name"), placeholder=t("Black Week")),
        forms.Field("kind", t("Kind"), "select", EMPTY["kind"], kinds),
        forms.Field("first", t("First day"), "day"),
        forms.Field("last", t("Last day"), "day", hint=t("The first day where empty")),
        forms.Field("dimension", t("Part of the shop"), "select", WHOLE, parts),
        forms.Field("value", t("Which one"), placeholder=t("Germany")),
        *(_effect(name, showing.shop.currency) for name in events.EFFECTS),
        forms.Field("repeats", t("Repeats"), "select", ONCE, again),
        forms.Field("note", t("Note"), wide=True, placeholder=t("What to know of it later")),
    )
    clear = html.Button(t("Clear"), id="event-clear", type="button", className="btn btn-line")
    bring = html.A(t("Import a file"), href="/sources", className="btn btn-line")
    measure = t("The more it says, the more a forecast can use; only name, kind and day are needed")
    heading = components.heading(t("Add an event"), measure)
    return cell([heading, forms.form(FORM, fields, t("Save event"), [clear, bring]), *stores])


def _effect(name: str, currency: str) -> forms.Field:
    row = events.EFFECTS[name]
    unit = t("In {currency}", currency=currency) if row.unit == "money" else t("In percent")
    return forms.Field(name, t(row.label), "figure", hint=unit, placeholder=t("Unknown"))


def bind(app: Dash, services: Services) -> None:
    values = State({"type": "event-field", "name": ALL}, "value")
    keys = State({"type": "event-field", "name": ALL}, "id")
    here = State("address", "search")

    @app.callback(Input(FORM, "n_submit"), values, keys, here, prevent_initial_call=True)
    def save(_: Any, given: list[Any], ids: list[Any], search: str | None) -> None:
        _save(services, search, entering.typed(given, ids))

    @app.callback(Input("event-clear", "n_clicks"), prevent_initial_call=True)
    def clear(_: Any) -> None:
        entering.fill(FORM, EMPTY)

    edit_key, remove_key = ({"type": f"event-{deed}", "event": ALL} for deed in ("edit", "remove"))

    @app.callback(Input(edit_key, "n_clicks"), prevent_initial_call=True)
    def edit(_: Any) -> None:
        if (row := entering.clicked()) is not None:
            entering.attempt(FORM, lambda _: _fill(services, row["event"]))

    @app.callback(Input(remove_key, "n_clicks"), prevent_initial_call=True)
    def remove(_: Any) -> None:
        if (row := entering.clicked()) is not None:
            _remove(services, row["event"])


def restore(services: Services, news: Mapping[str, Any]) -> None:
    """Put back an event that was removed or changed, or take one back that was new. What the
    browser sends is checked as if it were typed."""

    def undo(person: Person) -> None:
        if "name" in news:
            scheduled.put_back(services, person.name, news)
        else:
            scheduled.remove(
                services, person.name, str(news.get("event_id", "")), "took back an event"
            )

    _then_redraw(undo)


def _save(services: Services, search: str | None, given: entering.Typed) -> None:
    def save(person: Person) -> None:
        shop = services.shop(services.scope(search or "").shops[0])
        figures = {
            name: entering.figure(given[name], row.unit) for name, row in events.EFFECTS.items()
        }
        words = {
            name: "" if text in (WHOLE, ONCE) and name in LISTS else text
            for name, text in given.items()
        }
        wanted = scheduled.typed(shop.shop_id, words, figures)
        new, old = scheduled.save(services, person.name, wanted, given["editing"])
        entering.tell(t("{name} is saved.", name=new.name), _back(new, old))
        entering.fill(FORM, EMPTY)

    _then_redraw(save)


def _remove(services: Services, event_id: str) -> None:
    def remove(person: Person) -> None:
        gone = scheduled.remove(services, person.name, event_id)
        entering.tell(t("{name} is removed.", name=gone.name), _back(gone, gone))

    _then_redraw(remove)


def _back(new: Event, old: Event | None) -> dict[str, Any]:
    """What Undo is handed: the event as it was; only its id where there was none."""
    return {"what": "event", **(scheduled.to_json(old) if old else {"event_id": new.event_id})}


def _fill(services: Services, event_id: str) -> None:
    one = services.records.events.get(event_id)
    effects = {
        name: entering.as_typed(one.effect.get(name), row.unit)
        for name, row in events.EFFECTS.items()
    }
    words = {name: text or EMPTY[name] for name, text in scheduled.fields_of(one).items()}
    entering.fill(FORM, {**EMPTY, **words, **effects, "editing": event_id})


def _then_redraw(deed: Any) -> None:
    if entering.attempt(FORM, deed):
        entering.redraw("events", "past-events", page=PAGE)
