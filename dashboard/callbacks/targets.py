"""The page Targets: the form that says what is wanted, and what its buttons do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc

from agent import targets
from agent.errors import NotFound, Refused
from agent.metrics import formats
from agent.metrics.metric import Metric
from agent.records.targets import Plan, Target
from agent.services import Services
from agent.words import t
from dashboard import address, components
from dashboard.callbacks import entering, events, kpis
from dashboard.callbacks.goals import EVERY, cell, month_of, next_month, writer
from dashboard.callbacks.showing import Showing
from dashboard.components import forms, html
from dashboard.pages import PAGES
from dashboard.routes.people import Person

FORM = "target"
FIRST = "net_sales"
AHEAD = 12
LEVELS = ("target", "warning", "critical")


def form(showing: Showing) -> Any:
    """The form to set a target; for a viewer, who can."""
    stores = [dcc.Store(id="told"), dcc.Store(id="undo")]
    if not entering.may():
        text = t("Setting targets needs the role analyst. An administrator can change your role.")
        return cell([forms.no_access(t("You can look, not change targets"), text), *stores])
    catalogue = showing.services.catalogue()
    metrics = tuple((name, t(row.label)) for name, row in catalogue.items())
    levels = _levels(showing, catalogue[FIRST], None)
    fields = (
        forms.Field("metric", t("Metric"), "select", FIRST, metrics),
        forms.Field("month", t("Month"), "select", EVERY, _month_options(showing)),
        forms.Field("target", t("Target"), "figure", levels["target"]),
        forms.Field("warning", t("Warning"), "figure", levels["warning"], placeholder=t("None")),
        forms.Field("critical", t("Critical"), "figure", levels["critical"], placeholder=t("None")),
    )
    heading = components.heading(
        t("Set a target"), t("A sum is a month's; a rate holds as it is, however long the period")
    )
    words = hint_of(catalogue[FIRST], showing.shop.currency)
    hint = html.Div(words, id="target-hint", className="form-hint")
    drop = html.Button(t("Remove"), id="target-drop", type="button", className="btn btn-line")
    return cell([heading, forms.form(FORM, fields, t("Save target"), drop), hint, *stores])


def bind(app: Dash, services: Services) -> None:
    values = State({"type": "target-field", "name": ALL}, "value")
    keys = State({"type": "target-field", "name": ALL}, "id")
    here = State("address", "search")

    @app.callback(Input(FORM, "n_submit"), values, keys, here, prevent_initial_call=True)
    def save(_: Any, given: list[Any], ids: list[Any], search: str | None) -> None:
        _save(_showing(services, search), entering.typed(given, ids))

    # Outputs of their own: Dash then drops what was answered late to an earlier choice.
    @app.callback(
        Output("target-hint", "children"),
        *(Output(forms.field_id(FORM, level), "value") for level in LEVELS),
        Input(forms.field_id(FORM, "metric"), "value"),
        Input(forms.field_id(FORM, "month"), "value"),
        here,
        prevent_initial_call=True,
    )
    def prefill(metric: str, month: str, search: str | None) -> tuple[str, ...]:
        return _prefilled(_showing(services, search), metric, month)

    @app.callback(
        Input({"type": "target-edit", "metric": ALL, "month": ALL}, "n_clicks"),
        prevent_initial_call=True,
    )
    def edit(_: Any) -> None:
        if (row := entering.clicked()) is not None:
            entering.fill(FORM, {"metric": row["metric"], "month": row["month"]})

    @app.callback(
        Input({"type": "target-remove", "metric": ALL, "month": ALL}, "n_clicks"),
        here,
        prevent_initial_call=True,
    )
    def remove(_: Any, search: str | None) -> None:
        if (row := entering.clicked()) is not None:
            _remove(_showing(services, search), row["metric"], row["month"])

    @app.callback(Input("target-drop", "n_clicks"), values, keys, here, prevent_initial_call=True)
    def drop(_: Any, given: list[Any], ids: list[Any], search: str | None) -> None:
        asked = entering.typed(given, ids)
        _remove(_showing(services, search), asked["metric"], asked["month"])

    @app.callback(Input("undo", "data"), prevent_initial_call=True)
    def undo(news: Mapping[str, Any] | None) -> None:
        if news and news.get("what") == "target":
            _undo(services, news)
        elif news and news.get("what") == "kpi":
            kpis.restore(services, news)
        elif news and news.get("what") == "event":
            events.restore(services, news)

    app.clientside_callback(
        ClientsideFunction("royal", "told"),
        Output("told", "data"),
        Input("told", "data"),
        prevent_initial_call=True,
    )


def _showing(services: Services, search: str | None) -> Showing:
    page = PAGES["/targets"]
    return Showing(services, page, address.read(services, page.path, search))


def _month_options(showing: Showing) -> tuple[tuple[str, str], ...]:
    """Every month, then the shown one and a year ahead."""
    first, rows = month_of(showing.scope, showing.today).first, [(EVERY, t("Every month"))]
    for _ in range(AHEAD + 1):
        rows.append((f"{first:%Y-%m}", formats.bucket(first, "month")))
        first = next_month(first)
    return tuple(rows)


def _save(showing: Showing, given: entering.Typed) -> None:
    def save(person: Person) -> None:
        metric, month = _metric(showing, given["metric"]), _month(given["month"])
        levels = [entering.figure(given[level], metric.unit) for level in LEVELS]
        wanted, warning, critical = levels
        if wanted is None:
            raise Refused(t("The target is empty."), hint=t("Write a figure, or remove the row."))
        targets.check(metric, wanted, warning, critical)
        shop_id, kept = showing.shop.shop_id, showing.services.records.targets
        old = _own(kept.of(shop_id), metric.name, month)
        kept.put(shop_id, metric.name, wanted, warning, critical, month=month)
        said = writer(showing, metric)(wanted)
        subject = _subject(shop_id, metric.name, month)
        entering.note(showing.services, person, "set a target", subject, said)
        words = t("The target of {metric} is {target}.", metric=t(metric.label), target=said)
        entering.tell(words, _back(shop_id, metric.name, given["month"], old))

    if entering.attempt(FORM, save):
        entering.redraw("goals")


def _remove(showing: Showing, name: str, month: str) -> None:
    def remove(person: Person) -> None:
        metric, when = _metric(showing, name), _month(month)
        shop_id, kept = showing.shop.shop_id, showing.services.records.targets
        old = _own(kept.of(shop_id), name, when)
        if old is None:
            raise NotFound(t("This target is not there any more."))
        kept.remove(shop_id, name, month=when)
        subject = _subject(shop_id, name, when)
        entering.note(showing.services, person, "removed a target", subject, f"{old.target:g}")
        words = t("The target of {metric} is removed.", metric=t(metric.label))
        entering.tell(words, _back(shop_id, name, month, old))

    if entering.attempt(FORM, remove):
        entering.redraw("goals")


def _own(plan: Plan, name: str, month: date | None) -> Target | None:
    """What is kept for a month itself, or as the usual target."""
    return plan.months.get((name, month)) if month else plan.usual.get(name)


def _back(shop_id: str, name: str, month: str, old: Target | None) -> dict[str, Any]:
    """What Undo is handed: the target as it was; only its metric where there was none."""
    was = asdict(old) if old else {"metric": name}
    return {"what": "target", "shop": shop_id, "month": month, **was}


def _undo(services: Services, news: Mapping[str, Any]) -> None:
    """Put back what was there before. What the browser sends is checked as if it were typed."""

    def undo(person: Person) -> None:
        shop_id, name = services.shop(str(news.get("shop", ""))).shop_id, str(news["metric"])
        month, kept = _month(str(news.get("month", EVERY))), services.records.targets
        if name not in services.catalogue():
            raise NotFound(t("There is no metric called {name}.", name=name[:60]))
        wanted, warning, critical = (_level(news.get(level)) for level in LEVELS)
        if news.get("shipped"):
            kept.reset(shop_id, name)
        elif wanted is None:
            kept.remove(shop_id, name, month=month)
        else:
            kept.put(shop_id, name, wanted, warning, critical, month=month)
        deed = "took back a target" if wanted is None else "put back a target"
        entering.note(services, person, deed, _subject(shop_id, name, month))

    if entering.attempt(FORM, undo):
        entering.redraw("goals")


def _prefilled(showing: Showing, name: str, month: str) -> tuple[str, ...]:
    """In which unit levels are typed, and those that hold now."""
    metric, when = _metric(showing, name), _month(month)
    levels = _levels(showing, metric, when)
    return hint_of(metric, showing.shop.currency), *(levels[level] for level in LEVELS)


def _levels(showing: Showing, metric: Metric, month: date | None) -> dict[str, str]:
    """A target's levels as their fields show them; a month without its own has the usual one's."""
    plan = showing.services.records.targets.of(showing.shop.shop_id)
    found = plan.of_month(metric.name, month) if month else plan.usual.get(metric.name)
    levels = {level: getattr(found, level) if found else None for level in LEVELS}
    return {level: entering.as_typed(value, metric.unit) for level, value in levels.items()}


def hint_of(metric: Metric, currency: str) -> str:
    """In what a metric's levels are typed, and which side of the target is the worse one."""
    units = {
        "money": t("In {currency}", currency=currency),
        "percent": t("In percent"),
        "days": t("In days"),
    }
    unit = units.get(metric.unit, t("A number"))
    scale = t("at any time") if metric.ratio else t("in a whole month")
    side = t("higher is better") if metric.good_up else t("lower is better")
    return f"{t(metric.label)}. {unit}, {scale}; {side}."


def _metric(showing: Showing, name: str) -> Metric:
    found = showing.services.catalogue().get(name)
    if found is None:
        raise NotFound(t("There is no metric called {name}.", name=name[:60]))
    return found


def _month(text: str) -> date | None:
    if text == EVERY:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Refused(t("{text} is not a month.", text=text[:40])) from error


def _level(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _subject(shop_id: str, name: str, month: date | None) -> str:
    return f"{shop_id}: {name}" + (f", {month:%Y-%m}" if month else "")
