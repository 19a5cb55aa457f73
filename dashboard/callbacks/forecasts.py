"""The page Forecasts on the screen: each part from what is kept, or how far it is on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from agent.errors import Refused
from agent.forecasting.outlook import Outlook
from agent.forecasting.series import Step
from agent.metrics import formats
from agent.words import mark, n, t
from dashboard import components, figures
from dashboard.callbacks import awaited, scenarios, unsaid
from dashboard.callbacks.horizons import choices, splits
from dashboard.callbacks.leads import told
from dashboard.callbacks.showing import Showing
from dashboard.charts import Chart
from dashboard.components import foreseen, html
from dashboard.foretold import Asked, sold
from dashboard.panels import Panel, Table
from dashboard.rings import rings
from dashboard.views import fans, forecasts, foretelling, matured, outlooks, shortages, wording


def lead(showing: Showing) -> Any:
    """What is expected, and within which range."""
    found = awaited.main(showing)
    if found.outlook is None:
        text = (
            t("What comes next is being worked out.")
            if found.state == "running"
            else t("What comes next cannot be said yet.")
        )
        return [components.lead(((text, False),)), *awaited.look(found)]
    asked = Asked.of(showing.here.own)
    return components.lead(tuple(told(foretelling.lead(found.outlook, asked.horizon))))


def fan(showing: Showing) -> Any:
    """The chart; while there is none, how far it is or why there can be none."""
    found, asked = awaited.main(showing), Asked.of(showing.here.own)
    if found.outlook is None:
        return awaited.instead(showing, found)
    target = outlooks.target_of(showing.services, showing.scope, asked)
    chart = fans.fan(found.outlook, asked.horizon, target)
    marks = rings(showing.services, (asked.metric, showing.scope), chart, named=0)
    return _chart(showing, replace(chart, marks=(*marks, *chart.marks)), "fan")


def _chart(showing: Showing, chart: Chart, name: str) -> Any:
    chart = replace(chart, locale=showing.locale)
    drawn = figures.draw(chart, showing.theme)
    return components.chart_section(chart, drawn, f"forecasts.{name}")


def record(showing: Showing) -> Any:
    """How good the last ones were, and what a plain guess would have done."""

    def draw(outlook: Outlook, asked: Asked) -> Any:
        table = forecasts.record(outlook)
        track = outlook.track
        if not track.made:
            return [components.heading(table.title), components.foot(table.footer)]
        inside, every = track.inside_80
        share = wording.share(inside / every) if every else formats.UNKNOWN
        words = t(
            "of {steps} inside the 80% band ({count} of {all})",
            steps=t(forecasts.UNITS[outlook.wanted.step.value]),
            count=inside,
            all=every,
        )
        miss = formats.number(track.miss, "percent")
        large = foreseen.scores(((miss, t("off on average")), (share, words)))
        drifts = [components.note(t(DRIFT), "near")] if track.drifting else []
        # Trials on the past are one row: the figures above say it all.
        body = [] if track.tested else [components.data_table(table)]
        foot = components.foot(foretelling.beside(outlook))
        head = components.heading(table.title, table.measure, components.exports.files())
        content = [head, *drifts, large, *body, *([foot] if foot else [])]
        return html.Div(content, className="section record", **{"data-panel": "forecasts.record"})

    return awaited.of(showing, draw)


DRIFT = mark("The latest forecasts did worse than before.")


def assumes(showing: Showing) -> Any:
    """Feasts, events and left-out days, and the way to change them."""

    def draw(outlook: Outlook, asked: Asked) -> Any:
        table = forecasts.assumes(outlook, asked.horizon)
        found = [
            foreseen.Assumed(one.kind, t(one.name), forecasts.days_of(one), one.note)
            for one in forecasts.known(outlook, asked.horizon)
        ]
        more = len(found) - forecasts.MOST
        text = t("No feast, promotion or other event is known in these days.")
        shown = [foreseen.assumptions(found[: forecasts.MOST])]
        if more > 0:
            rest = n("{count} more later.", "{count} more later.", more, count=more)
            shown.append(html.P(rest, className="foot"))
        listed = html.Div(shown) if found else html.P(text, className="mut")
        way = html.A(
            [components.icon("calendar"), t("Events calendar")],
            href=showing.here.href(path="/events"),
            className="btn btn-line",
        )
        whole = asked.step is Step.DAY and not showing.scope.filters
        change = [scenarios.form(outlook, asked.horizon)] if whole else []
        foot = components.foot(forecasts.made(outlook))
        acts = html.Div([*change, way], className="act-row")
        return [components.heading(table.title), listed, acts, foot]

    return awaited.of(showing, draw)


def members(showing: Showing) -> Any:
    """What each part of a dimension is expected to bring."""
    asked = Asked.of(showing.here.own)
    group = splits(showing, asked)
    if not asked.by:
        text = t("Choose a dimension: what each part of it is expected to bring appears here.")
        return [components.heading(t(forecasts.MEMBERS), text, group)]
    found = awaited.look_up(showing, asked.split(showing.shop, showing.scope), asked.horizon)
    if found.outlook is None:
        head = components.heading(t(forecasts.MEMBERS), actions=group)
        return [head, awaited.instead(showing, found)]
    table = forecasts.members(found.outlook, asked.horizon, forecasts.names_of(found.outlook))
    return components.table_section(table, "forecasts.members", group)


def stock(showing: Showing) -> Any:
    """Which products run short in the next four weeks."""
    if not showing.has("inventory"):
        return unsaid.lacking(replace(panel_of(showing), needs="inventory"))
    found = awaited.look_up(showing, sold(showing.shop, showing.scope), outlooks.SOON)
    if found.outlook is None:
        return awaited.instead(showing, found)
    at_hand = outlooks.at_hand(showing.services, showing.scope)
    every = shortages.shortages(found.outlook, outlooks.SOON, at_hand)
    if not every:
        text = t("No product with a known stock sells often enough to be forecast.")
        return components.empty(t("Nothing to compare"), text, sign="package")
    table = shortages.table(every, found.outlook, outlooks.SOON)
    return components.table_section(replace(table, dimension=""), "forecasts.shortages")


def panel_of(showing: Showing) -> Panel:
    return showing.page.panel("shortages", showing.here.own)


def over_time(showing: Showing) -> Any:
    """The miss of each whole forecast beside the plain guess's."""
    return _kept(showing, "over-time", outlooks.over_time)


def accuracy(showing: Showing) -> Any:
    """Every metric's record, and its methods'."""
    return _kept(showing, "accuracy", outlooks.by_metric)


def settling(showing: Showing) -> Any:
    """What recent months settle at."""
    showing.note_all()
    try:
        table = outlooks.settling(showing.services, showing.scope).view
    except Refused as refused:
        head = components.heading(t(matured.TITLE))
        return [head, components.empty(refused.message, refused.hint, sign="clock")]
    return components.table_section(cast(Table, table), "forecasts.settling")


def _kept(showing: Showing, name: str, lists: Callable[[Asked], outlooks.Lists]) -> Any:
    """A part of what was scored; a sentence where too little was."""
    asked = Asked.of(showing.here.own)
    showing.note_all()
    panel = showing.page.panel(name, showing.here.own)
    try:
        view = lists(asked)(showing.services, showing.scope).view
    except Refused as refused:
        text = t("Every forecast is kept and scored once its days are over.")
        head = components.heading(t(panel.title))
        return [head, components.empty(refused.message, text, sign="target")]
    if isinstance(view, Chart):
        return _chart(showing, view, name)
    return components.table_section(view, f"forecasts.{name}")


DRAWN: Mapping[str, Callable[[Showing], Any]] = {
    "ahead": choices,
    "lead": lead,
    "fan": fan,
    "record": record,
    "assumes": assumes,
    "members": members,
    "shortages": stock,
    "settling": settling,
    "over-time": over_time,
    "accuracy": accuracy,
}
