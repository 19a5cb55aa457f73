"""The page Alerts: the inbox of what is out of the ordinary, and how often it was right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.anomalies import said
from agent.anomalies.handling import TABS, verdicts
from agent.anomalies.looking import NEED
from agent.errors import Unavailable
from agent.metrics import formats
from agent.records.findings import Finding
from agent.words import n, t
from dashboard import alerts as gathered
from dashboard import components, figures, moments
from dashboard.alerts import Alert
from dashboard.callbacks import entering, unexpected
from dashboard.callbacks.showing import AWAY, Showing
from dashboard.components import html, inbox
from dashboard.components.exports import files
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views.findings import chart_of

RECENT = 3
SIGNS = {"outage": "circle-x", "deploy": "upload", "expected": "circle-check"}
MONTHS = 6
PANEL = {"data-panel": "alerts.findings", "data-name": "alerts"}


def listed(showing: Showing) -> Any:
    """Tabs, the list of the one that is shown, and the chosen finding beside it."""
    found = _found(showing)
    tab = showing.here.own.get("tab", "open")
    shown = gathered.in_tab(found, tab)
    recent = gathered.in_tab(found, "handled")[:RECENT] if tab == "open" else ()
    chosen = _chosen(showing, found, (*shown, *recent))
    rows = [_line(showing, alert, chosen) for alert in shown]
    lists = [inbox.listed(rows, t(TABS[tab])) if rows else _nothing(showing, tab)]
    if recent:
        label = t("Recently handled")
        others = [_line(showing, alert, chosen) for alert in recent]
        lists += [inbox.group(label), inbox.listed(others, label)]
    if chosen is None:
        return [_tabs(showing, found, tab), inbox.inbox(lists, None)]
    beside = inbox.inbox(lists, _detail(showing, chosen), chosen.finding.finding_id)
    return [_tabs(showing, found, tab), beside]


def counted(showing: Showing) -> str:
    """3 open, 14 handled in the last 28 days."""
    found = _found(showing)
    opened, handled = (len(gathered.in_tab(found, tab)) for tab in ("open", "handled"))
    return t("{open} open, {handled} handled in the last 28 days", open=opened, handled=handled)


def note(showing: Showing) -> None:
    """What is drawn now is drawn anew when a finding changes; what the records do not say while
    they are away, nobody waits for."""
    away = showing.services.warehouse.away is not None
    try:
        version, _ = showing.once(
            "findings", lambda: gathered.version(showing.services, showing.shop)
        )
    except Unavailable:
        return
    showing.tables["findings"] = AWAY if away else version


def _found(showing: Showing) -> tuple[Alert, ...]:
    note(showing)
    return gathered.alerts(showing.services, showing.shop)


def _chosen(showing: Showing, found: Sequence[Alert], shown: Sequence[Alert]) -> Alert | None:
    """The one that the address names, wherever it is listed; else the first of the list."""
    wanted = showing.here.own.get("id", "")
    named = next((alert for alert in found if alert.finding.finding_id == wanted), None)
    return named or next(iter(shown), None)


def _tabs(showing: Showing, found: tuple[Alert, ...], tab: str) -> Any:
    rows = [
        (
            t(label),
            len(gathered.in_tab(found, name)),
            showing.here.href(tab="" if name == "open" else name, id=""),
            name == tab,
        )
        for name, label in TABS.items()
    ]
    return inbox.tabs(rows)


def _line(showing: Showing, alert: Alert, chosen: Alert | None) -> Any:
    one, around = alert.finding, alert.around
    done = alert.tab == "handled"
    spark = (around.values.tolist(), around.low.tolist(), around.high.tolist(), around.peak(one))
    line = inbox.Line(
        key=one.finding_id,
        title=alert.title,
        facts=alert.facts,
        sign=alert.sign,
        severity=alert.severity,
        notes=(alert.when, alert.found if alert.tab == "open" else "", alert.handled),
        href=showing.here.href(id=one.finding_id),
        chosen=chosen is not None and chosen.finding.finding_id == one.finding_id,
        done=done,
        spark=spark,
        acts=_acts(alert),
    )
    return inbox.row(line)


def _acts(alert: Alert) -> Any:
    if not entering.may():
        return None
    key = alert.finding.finding_id
    if alert.tab == "open":
        return inbox.quick(key)
    # What has handled itself was never closed by anybody.
    return [inbox.reopen(key)] if alert.finding.state != "open" else None


def _detail(showing: Showing, alert: Alert) -> list[Any]:
    chart = chart_of(alert)
    head = components.heading(chart.title, chart.measure)
    picture = _picture(showing, alert) if chart.x.size else None
    known = inbox.evidence(_evidence(showing, alert))
    parts = [picture or head, known, _answers(alert), unexpected.place(showing, alert)]
    return [part for part in parts if part is not None]


def _picture(showing: Showing, alert: Alert) -> Any:
    chart = chart_of(alert)
    drawn = figures.draw(chart, showing.theme)
    return components.chart_section(chart, drawn, "alerts.findings")


def _evidence(showing: Showing, alert: Alert) -> list[tuple[str, Any]]:
    """Actual against expected, what it is worth, when it was and was found, what the calendar
    says."""
    rows: list[tuple[str, Any]] = []
    if alert.facts:
        gap = [" ", html.B(alert.gap), "."] if alert.gap else []
        rows.append(("target", [alert.facts, *gap]))
    if alert.money is not None and "money" in alert.finding.content:
        worth = formats.difference(alert.money, 0, alert.shop.currency)
        rows.append(("tag", [t("Worth about"), " ", html.B(worth), "."]))
    also = said.also(alert.finding, showing.services.catalogue())
    rows += [("link", also)] if also else []
    told = filter(None, (alert.when, alert.found, alert.handled))
    rows.append(("clock", " ".join(f"{words}." for words in told)))
    open_still = gathered.unsettled(showing.services, alert)
    rows += [("undo-2", open_still)] if open_still else []
    events = gathered.matched(showing.services, alert)
    rows += [(SIGNS.get(one.kind, "calendar"), gathered.event_words(one)) for one in events]
    if events:
        rows.append(("info", t("These are matches of days, not proof of a cause.")))
    way = components.link(t("Open in Explore"), _explore(showing, alert))
    return [*rows, ("chart-no-axes-column", way)]


def _explore(showing: Showing, alert: Alert) -> str:
    """The metric over the days around the finding, of the same part of the shop."""
    one, around = alert.finding, alert.around
    scope = showing.scope
    if around.dates.size:
        first, last = (around.dates[at].astype("datetime64[D]").item() for at in (0, -1))
        scope = scope.during(first, last)
    scope = scope.where(one.dimension, one.member) if one.dimension else scope
    return showing.here.href(scope, path="/explore", metrics=one.metric)


def _answers(alert: Alert) -> Any:
    if not entering.may():
        words = t("Answering alerts needs the role analyst. An administrator can change your role.")
        return html.P(words, className="foot")
    key = alert.finding.finding_id
    closed = alert.finding.state == "acknowledged"
    rows = [inbox.reopen(key, small=False)] if closed else inbox.answers(key)
    return html.Div(rows, className="answers")


def _nothing(showing: Showing, tab: str) -> Any:
    if tab == "snoozed":
        words = t("What you put off for a day or a week waits here.")
        return components.empty(t("Nothing is snoozed"), words, sign="clock")
    if tab == "handled":
        words = t("What was acknowledged or went by itself in the last 28 days is here.")
        return components.empty(t("Nothing was handled lately"), words, sign="check")
    return _unjudged(showing) or components.empty(
        t("Nothing is out of the ordinary"), _watched(showing), sign="circle-check"
    )


def _unjudged(showing: Showing) -> Any:
    """Why nobody can say whether anything is out of the ordinary; None where somebody can."""
    if showing.ended:
        day = formats.day(showing.ended, year=True)
        title = t("Nothing has come since {day}", day=day)
        words = t("What is out of the ordinary is looked for in new figures.")
        return components.empty(title, words, sign="clock")
    try:
        since = showing.first_day
    except Unavailable:
        return None
    days = (showing.services.today(showing.shop) - since).days if since else NEED
    if days >= NEED:
        return None
    words = n(
        "It takes {need} days to learn what is usual; there is {count}.",
        "It takes {need} days to learn what is usual; there are {count}.",
        days,
        need=NEED,
        count=days,
    )
    return components.empty(t("Too little history yet"), words, sign="clock")


def _watched(showing: Showing) -> str:
    """24 series are watched; the last look was 10 minutes ago."""
    look = gathered.last_look(showing.services, showing.shop)
    if look.at is None:
        return t("The first look at the shop's series comes within minutes.")
    since = moments.ago(showing.services.clock.now() - look.at)
    return n(
        "{count} series is watched; the last look was {ago}.",
        "{count} series are watched; the last look was {ago}.",
        look.series,
        count=look.series,
        ago=since,
    )


def precision(showing: Showing) -> Any:
    """How many of the findings that people judged were real, and how that has gone by month."""
    kept = showing.services.records.findings.briefly(showing.shop.shop_id)
    judged = verdicts(showing.services, showing.shop.shop_id)
    rows = _by_month(kept)
    measure = t("What people said of the findings, by the month in which they said it")
    table = Table(judged.sentence(), measure, _headings(), rows, footer=_watched(showing))
    if not rows:
        words = t("Acknowledge what is real and dismiss what is not: the record begins with that.")
        head = components.heading(judged.sentence(), actions=files())
        content = html.Div([head, html.P(words, className="foot")], **PANEL)
        return components.band(components.cell(content))
    section = components.table_section(table, "alerts.findings", files(), files=False)
    return components.band(components.cell(section))


def _headings() -> tuple[Heading, ...]:
    return (
        Heading(t("Month"), number=False),
        Heading(t("Judged")),
        Heading(t("Real")),
        Heading(t("Expected"), priority=2),
        Heading(t("Not an anomaly"), priority=2),
        Heading(t("Right")),
    )


def _by_month(kept: Sequence[Finding]) -> tuple[Row, ...]:
    """The last months with a verdict, the newest first."""
    said = [(one.handled_at, one.verdict) for one in kept if one.handled_at and one.verdict]
    months = sorted({at.strftime("%Y-%m") for at, _ in said}, reverse=True)[:MONTHS]
    rows = []
    for month in months:
        counts = [verdict for at, verdict in said if at.strftime("%Y-%m") == month]
        figures_of = [counts.count(name) for name in ("real", "expected", "wrong")]
        right = figures_of[0] / len(counts)
        cells = [Cell(f"{count:,}", float(count)) for count in (len(counts), *figures_of)]
        name = formats.bucket(next(at for at, _ in said if f"{at:%Y-%m}" == month), "month")
        rows.append(Row(name, (*cells, Cell(formats.number(right, "percent"), right))))
    return tuple(rows)


DRAWN: Mapping[str, Callable[[Showing], Any]] = {
    "inbox": listed,
    "precision": precision,
    unexpected.PART: unexpected.draw,
}
