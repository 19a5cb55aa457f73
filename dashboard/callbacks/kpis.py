"""Custom KPIs: the list, and the form with a live preview of what is being defined."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from dash import ALL, Dash, Input, Output, State, set_props

from agent import targets
from agent.metrics import kpis as formulas
from agent.metrics.catalogue import METRICS
from agent.records.kpis import Kpi, Rows
from agent.services import Services
from agent.words import t
from dashboard import address, components
from dashboard.callbacks import entering, previews
from dashboard.callbacks.goals import cell
from dashboard.callbacks.showing import Showing
from dashboard.components import forms, html
from dashboard.pages import PAGES
from dashboard.routes.people import Person
from dashboard.views.goals import UNITS

FORM = "kpi"
PAGE = "/targets"
LEVELS = ("target", "warning", "critical")
UP, DOWN = "up", "down"
EXAMPLE = "net_sales / orders"
EMPTY: Mapping[str, str] = {
    **dict.fromkeys(("editing", "label", "name", "formula", "definition", *LEVELS), ""),
    "unit": "number",
    "direction": UP,
}
# What of a KPI comes back with Undo.
KEPT = tuple(name for name in Kpi.__dataclass_fields__ if not name.startswith("created"))


def listed(showing: Showing) -> Any:
    """Every KPI with its formula and its figure in the shown period."""
    rows = showing.services.records.kpis.all()
    found = formulas.read(rows, METRICS)
    may = entering.may()
    measure = t("A KPI is a formula over metrics; it stands wherever a metric does")
    menu = [components.exports.files()] if rows else None
    heading = components.heading(t("Custom KPIs"), measure, menu)
    if not rows:
        text = t("Define one below: a formula over metrics, such as {like}.", like=EXAMPLE)
        return cell([heading, components.empty(t("No KPIs yet"), text, sign="target")])
    lines = [previews.line(showing, row, found, _acts(row) if may else ()) for row in rows]
    return cell([heading, previews.table(lines, may)], "targets.kpis")


def form(showing: Showing) -> Any:
    """The form to define or change a KPI, its preview beside it; nothing for a viewer, whom the
    form for targets tells why."""
    if not entering.may():
        return html.Div()
    known = ", ".join(showing.services.catalogue())
    fields = (
        forms.Field("editing", "", "hidden"),
        forms.Field("label", t("Label"), live=True, placeholder=t("Value of a visit")),
        forms.Field(
            "name",
            t("Name"),
            live=True,
            hint=t("For formulas and addresses; made of the label where empty"),
        ),
        forms.Field(
            "unit", t("Unit"), "select", "number", tuple((k, t(v)) for k, v in UNITS.items())
        ),
        forms.Field("direction", t("Direction"), "select", UP, _directions()),
        forms.Field("formula", t("Formula"), "area", live=True, wide=True, placeholder=EXAMPLE),
        forms.Field(
            "definition", t("Description"), wide=True, placeholder=t("What it tells, in a sentence")
        ),
        forms.Field("target", t("Target"), "figure", placeholder=t("None")),
        forms.Field("warning", t("Warning"), "figure", placeholder=t("None")),
        forms.Field("critical", t("Critical"), "figure", placeholder=t("None")),
    )
    fresh = html.Button(t("Clear"), id="kpi-clear", type="button", className="btn btn-line")
    left = [
        components.heading(t("Define a KPI"), t("Names of metrics with + - * / and parentheses")),
        forms.form(FORM, fields, t("Save KPI"), fresh),
        html.Details(
            [html.Summary(t("Names of metrics")), html.P(known, className="small")],
            className="names",
        ),
    ]
    right = [
        components.heading(t("Preview")),
        html.Div(
            previews.waiting(), id="kpi-preview", className="preview", **{"aria-live": "polite"}
        ),
    ]
    return html.Section(
        [html.Div(left, className="cell w8"), html.Div(right, className="cell w4")],
        className="band",
    )


def bind(app: Dash, services: Services) -> None:
    values, keys = (
        {"type": "kpi-field", "name": ALL},
        State({"type": "kpi-field", "name": ALL}, "id"),
    )
    here = State("address", "search")

    # An output of its own: Dash then drops what was answered late to an earlier keystroke.
    @app.callback(
        Output("kpi-preview", "children"),
        Input(values, "value"),
        keys,
        here,
        prevent_initial_call=True,
    )
    def preview(given: list[Any], ids: list[Any], search: str | None) -> Any:
        return previews.preview(_showing(services, search), entering.typed(given, ids), made)

    @app.callback(Input(FORM, "n_submit"), State(values, "value"), keys, prevent_initial_call=True)
    def save(_: Any, given: list[Any], ids: list[Any]) -> None:
        _save(services, entering.typed(given, ids))

    @app.callback(Input("kpi-clear", "n_clicks"), prevent_initial_call=True)
    def clear(_: Any) -> None:
        _write(EMPTY)

    @app.callback(Input({"type": "kpi-edit", "name": ALL}, "n_clicks"), prevent_initial_call=True)
    def edit(_: Any) -> None:
        if (row := entering.clicked()) is not None:
            entering.attempt(FORM, lambda _: _fill(services.records.kpis.get(row["name"])))

    @app.callback(Input({"type": "kpi-remove", "name": ALL}, "n_clicks"), prevent_initial_call=True)
    def remove(_: Any) -> None:
        if (row := entering.clicked()) is not None:
            _remove(services, row["name"])


def made(given: entering.Typed) -> Kpi:
    """The KPI that the fields describe. Raises Refused for a level that is no number."""
    unit: Any = given["unit"]
    levels = {level: entering.figure(given[level], unit) for level in LEVELS}
    name = given["editing"] or given["name"] or slug(given["label"])
    return Kpi(
        name=name,
        label=given["label"],
        unit=unit,
        formula=given["formula"],
        good_up=given["direction"] != DOWN,
        definition=given["definition"],
        **levels,
    )


def slug(label: str) -> str:
    """A name made of a label: "Value of a visit" is value_of_a_visit."""
    return re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")[:60]


def restore(services: Services, news: Mapping[str, Any]) -> None:
    """Put back a KPI that was removed or changed, or take one back that was new. What the browser
    sends is checked as if it were typed."""
    kept, name = services.records.kpis, str(news.get("name", ""))

    def undo(person: Person) -> None:
        row: dict[str, Any] = {name: news[name] for name in KEPT if name in news}
        kpi = Kpi(**row, created_by=person.name)
        write = kept.change if any(old.name == name for old in kept.all()) else kept.add
        write(kpi, _allowed(kpi))
        entering.note(services, person, "put back a KPI", kpi.name, kpi.formula)

    def take_back(person: Person) -> None:
        old = kept.remove(name, lambda rows: formulas.check_removed(rows, name))
        entering.note(services, person, "took back a KPI", name, old.formula)

    _then_redraw(undo if "formula" in news else take_back)


def _save(services: Services, given: entering.Typed) -> None:
    def save(person: Person) -> None:
        kpi, kept = replace(made(given), created_by=person.name), services.records.kpis
        old = kept.get(kpi.name) if given["editing"] else None
        write = kept.change if old else kept.add
        new = write(kpi, _allowed(kpi))
        deed = "changed a KPI" if old else "defined a KPI"
        entering.note(services, person, deed, kpi.name, kpi.formula)
        entering.tell(t("{label} is saved.", label=kpi.label), _back(new.name, old))
        _write(EMPTY)

    _then_redraw(save)


def _back(name: str, old: Kpi | None) -> dict[str, Any]:
    """What Undo is handed: the KPI as it was; only its name where there was none."""
    was = asdict(old) if old else {"name": name}
    return {"what": "kpi", **{key: value for key, value in was.items() if key in KEPT}}


def _remove(services: Services, name: str) -> None:
    def remove(person: Person) -> None:
        kept = services.records.kpis
        old = kept.remove(name, lambda rows: formulas.check_removed(rows, name))
        entering.note(services, person, "removed a KPI", name, old.formula)
        entering.tell(t("{label} is removed.", label=old.label), _back(name, old))

    _then_redraw(remove)


def _then_redraw(deed: Callable[[Person], None]) -> None:
    if entering.attempt(FORM, deed):
        entering.redraw("kpis", "goals", "goal-form")


def _allowed(kpi: Kpi) -> Callable[[Rows], None]:
    """What the rows are held to before they are written. Raises Refused."""

    def check(rows: Rows) -> None:
        metric = formulas.check(rows, METRICS, kpi.name)
        if kpi.target is not None:
            targets.check(metric, kpi.target, kpi.warning, kpi.critical)

    return check


def _fill(kpi: Kpi) -> None:
    levels = {level: entering.as_typed(getattr(kpi, level), kpi.unit) for level in LEVELS}
    words = {key: getattr(kpi, key) for key in ("name", "label", "unit", "formula", "definition")}
    direction = UP if kpi.good_up else DOWN
    _write({"editing": kpi.name, "direction": direction, **words, **levels})


def _write(fields: Mapping[str, Any]) -> None:
    """Fill the form. A KPI keeps its name: other formulas and addresses know it by that."""
    entering.fill(FORM, fields)
    set_props(forms.field_id(FORM, "name"), {"readonly": bool(fields["editing"])})


def _acts(kpi: Kpi) -> tuple[Any, ...]:
    label = {"label": kpi.label}
    edit = {"type": "kpi-edit", "name": kpi.name}
    remove = {"type": "kpi-remove", "name": kpi.name}
    return (
        forms.small_button(edit, "pencil", t("Change {label}", **label)),
        forms.small_button(remove, "trash-2", t("Remove {label}", **label)),
    )


def _directions() -> tuple[tuple[str, str], ...]:
    return (UP, t("Higher is better")), (DOWN, t("Lower is better"))


def _showing(services: Services, search: str | None) -> Showing:
    page = PAGES[PAGE]
    return Showing(services, page, address.read(services, page.path, search))
