"""What if: a form that moves a lever on days to come, and by how much the forecast would differ."""

from __future__ import annotations

from datetime import date
from typing import Any

from dash import ALL, Dash, Input, Output, State

from agent.errors import Refused
from agent.forecasting.outlook import Outlook
from agent.forecasting.scenarios import ASSOCIATED, LEVERS, Change, Scenario, scenario
from agent.metrics import formats
from agent.services import Services
from agent.words import mark, t
from dashboard import address, components
from dashboard.callbacks import entering
from dashboard.callbacks.showing import Showing
from dashboard.components import foreseen, forms, html
from dashboard.faults import Fault, guarded
from dashboard.foretold import Asked, kept
from dashboard.pages import PAGES
from dashboard.pages.forecasts import PATH

FORM = "scenario"
RESULT = f"{FORM}-result"
MOST = 500.0


def form(outlook: Outlook, steps: int) -> Any:
    """The levers and their days, behind a button; what comes of it stands below."""
    days = outlook.dates[:steps].astype("datetime64[D]")
    levers = tuple((name, t(lever.label)) for name, lever in LEVERS.items())
    fields = (
        forms.Field("lever", t("Change"), "select", levers[0][0], levers),
        forms.Field("amount", t("By, in percent"), "figure", "10", hint=t(HINT)),
        forms.Field("first", t("From"), "day", str(days[0])),
        forms.Field("last", t("Until"), "day", str(days[min(6, days.size - 1)])),
    )
    label = html.Summary(
        [components.icon("settings-2"), t("Change assumptions")], className="btn btn-line"
    )
    content = [forms.form(FORM, fields, t("Show the difference")), html.Div(id=RESULT)]
    return html.Details([label, html.Div(content, className="scenario")])


HINT = mark(
    "Points for a discount, a share for spend and price. Leave empty for a promotion or stock."
)


def bind(app: Dash, services: Services) -> None:
    values = State({"type": f"{FORM}-field", "name": ALL}, "value")
    keys = State({"type": f"{FORM}-field", "name": ALL}, "id")

    @app.callback(
        Output(RESULT, "children"),
        Input(FORM, "n_submit"),
        values,
        keys,
        State("address", "search"),
        prevent_initial_call=True,
    )
    def show(_: Any, given: list[Any], ids: list[Any], search: str | None) -> Any:
        here = address.read(services, PATH, search)
        showing = Showing(services, PAGES[PATH], here)
        return result(showing, entering.typed(given, ids))


def result(showing: Showing, given: entering.Typed) -> Any:
    """The difference with its range, or why there is none."""
    return guarded(lambda: _drawn(showing, _asked(showing, given)), _failed, t("The scenario"))


def _failed(fault: Fault) -> Any:
    return forms.problem(fault.message, fault.hint)


def _asked(showing: Showing, given: entering.Typed) -> Scenario:
    asked = Asked.of(showing.here.own)
    change = change_of(given)
    # Nothing is fitted here: the page's own forecast is there, or on its way.
    if kept(showing.services, asked.wanted(showing.shop, showing.scope), asked.horizon) is None:
        raise Refused(t("The forecast is still being made."), hint=t("Try again when it is there."))
    return scenario(showing.services, showing.shop, asked.metric, change, horizon=asked.horizon)


def change_of(given: entering.Typed) -> Change:
    """What was typed, as a change. Raises Refused."""
    lever = LEVERS.get(given["lever"])
    if lever is None:
        raise Refused(t("Choose what to change."))
    amount = entering.figure(given["amount"], "percent")
    if lever.event:
        amount = 1.0 if amount is None else amount
    if amount is None or not amount:
        raise Refused(t("Say by how much."), hint=t("Write 10 for ten percent more."))
    most = MOST if lever.scale == "share" else 100.0
    if not -1 < amount <= most / 100:
        raise Refused(t("Write more than −100 and at most {most} percent.", most=int(most)))
    first, last = _day(given["first"]), _day(given["last"])
    if last < first:
        raise Refused(t("The last day lies before the first."))
    return Change(given["lever"], amount, first, last)


def _day(text: str) -> date:
    if not text.strip():
        raise Refused(t("Say from which day to which."), hint=t("Write it as 2026-11-27."))
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(
            t("“{text}” is no day.", text=text[:20]), hint=t("Write it as 2026-11-27.")
        ) from error


def _drawn(showing: Showing, found: Scenario) -> Any:
    currency, unit = showing.shop.currency, found.outlook.metric.unit

    def said(value: float, signed: bool = False) -> str:
        text = formats.number(value, unit, currency)
        return f"+{text}" if signed and value > 0 else text

    days = formats.date_range(found.change.first, found.change.last)
    figures = (
        (said(found.middle, True), t("difference, {days}", days=days)),
        (said(found.base), t("as forecast for these days")),
    )
    between = t(
        "80% likely between {low} and {high}.",
        low=said(found.low, True),
        high=said(found.high, True),
    )
    unclear = [] if found.clear else [t("That range holds zero: no clear difference.")]
    beyond = [t("It was never so far from usual.")] if found.beyond else []
    text = " ".join([between, *unclear, *beyond])
    return html.Div(
        [foreseen.scores(figures), html.P(text), components.note(t(ASSOCIATED), "near")],
        className="outcome",
        role="status",
    )
