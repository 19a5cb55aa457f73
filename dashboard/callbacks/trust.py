"""Data health: whether our figures are the shop's, what the checks found, and the work on the
warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from agent.metrics.catalogue import METRICS
from agent.ports import Shop
from agent.quality import CHECKS, rhythm, structure, sums
from agent.records.checks import FAILED, PASSED, WARNED, Agreement, Check
from agent.records.connections import Connection
from agent.records.roles import Role
from agent.services import Services
from agent.sources.connectors import Link
from agent.sources.shopify import agreement as agreeing
from agent.sources.shopify import identity
from agent.words import mark, n, t
from dashboard import components, moments, operating
from dashboard.components import deeds, html
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.routes.people import who

START = "/api/analytics/jobs"
MOST_DAYS = 100
ALSO = "data-health.verdict data-health.running"
REASONS: Mapping[str, str] = {
    agreeing.WINDOW: mark("The day, or an order behind it, lies before what was read."),
    agreeing.GIFT_CARD: mark("Gift cards, which Shopify counts as sales here and we do not."),
    agreeing.REFUND: mark("A refund that Shopify counts on another day."),
    agreeing.LATE: mark("An order was edited or deleted late; it agrees now."),
    agreeing.UNKNOWN: mark("Nothing explains it yet."),
}
OUTCOMES: Mapping[str, tuple[str, str]] = {
    PASSED: ("circle-check", mark("Passed")),
    WARNED: ("triangle-alert", mark("Watch")),
    FAILED: ("circle-x", mark("Failed")),
}
HELP: Mapping[str, str] = {
    structure.KEYS: mark("Rebuild the shop below."),
    structure.ORPHANS: mark("Bring its days again on Sources."),
    structure.VALUES: mark("Correct it where it comes from, and bring the days again."),
    sums.DAILY: mark("Rebuild the shop below."),
    sums.CUSTOMERS: mark("Rebuild the shop below."),
    rhythm.FRESH: mark("Look at its source on Sources, or bring a newer file."),
    rhythm.DROP: mark("Look at its source on Sources; bring the day again if rows are missing."),
    rhythm.DAYS: mark("Bring the day again on Sources."),
}
"""What helps where a check did not pass."""
LABELS: Mapping[str, str] = {rule.name: rule.label for rule in CHECKS}


def agreement(services: Services) -> Any:
    """Per Shopify connection: on how many days our ledger and its own report say the same."""
    found = [one for one in services.records.connections.all() if one.kind == "shopify"]
    if not found:
        nothing = components.empty(
            t("No shop to compare with"),
            t("A connected Shopify shop is compared with its own sales report every night."),
            (t("Sources"), "/sources"),
            sign="store",
        )
        return _band(nothing)
    return [_band(_agreement(services, one)) for one in found]


def _agreement(services: Services, one: Connection) -> Any:
    kept = services.records.agreements.all(one.connection_id)
    summary = agreeing.summary(kept)
    acts = []
    if who().role.allows(Role.ADMIN) and one.enabled:
        said = t("{name} is being compared.", name=one.name)
        asked = {"connection": one.connection_id}
        button = deeds.Deed(
            t("Compare now"),
            f"{START}/agreement",
            said,
            f"data-health.agreement {ALSO}",
            asked,
            sign="refresh-cw",
        )
        acts = [deeds.deed_button(button)]
    measure = t("Every day and component beside Shopify's own sales report")
    verdict = html.P(summary.text, className=f"verdict{_tone(summary)}")
    running = operating.at_work_on(services, "agreement", one.connection_id)
    return [
        components.heading(t("Agreement with {shop}", shop=one.name), measure, acts),
        verdict,
        html.P(_compared(services, one, summary), className="foot"),
        *([_running(running)] if running else []),
        *_differing(kept),
    ]


def _tone(summary: agreeing.Summary) -> str:
    if not summary.days:
        return " mut"
    return "" if summary.equal == summary.days else " near"


def _compared(services: Services, one: Connection, summary: agreeing.Summary) -> str:
    scopes = identity.granted(Link(services, one))
    if scopes and agreeing.SCOPE not in scopes:
        return t(
            "The app may not read the report: give it the scope {scope}.", scope=agreeing.SCOPE
        )
    if summary.at is None:
        return t("It is compared every night, or now.")
    zone, now = moments.house_zone(services), services.clock.now()
    last = t("Compared last: {time}.", time=moments.moment(summary.at, zone, now))
    if not summary.outside:
        return last
    outside = n(
        "{count} day does not count: not all of it was read.",
        "{count} days do not count: not all of them was read.",
        summary.outside,
        count=summary.outside,
    )
    return f"{last} {outside}"


def _differing(kept: Sequence[Agreement]) -> list[Any]:
    odd = [one for one in kept if Decimal(one.ours) != Decimal(one.theirs)]
    if not odd:
        return []
    headings = (
        Heading(t("Day"), number=False),
        Heading(t("Component"), number=False),
        Heading(t("Here"), priority=2),
        Heading(t("Shopify"), priority=2),
        Heading(t("Difference")),
        Heading(t("Reason"), number=False, priority=2),
    )
    rows = tuple(_difference(one) for one in odd[:MOST_DAYS])
    more = len(odd) - len(rows)
    footer = t("{count} older differences are not shown.", count=more) if more else ""
    table = Table(t("Days that differ"), "", headings, rows, footer=footer)
    return [components.table_section(table, "data-health.agreement-days", files=False)]


def _difference(one: Agreement) -> Row:
    ours, theirs = Decimal(one.ours), Decimal(one.theirs)
    name = agreeing.OURS.get(one.component, one.component)
    label = t(METRICS[name].label) if name in METRICS else one.component
    reason = t(REASONS.get(one.reason, one.reason))
    cells = (
        Cell(label),
        Cell(_money(ours)),
        Cell(_money(theirs)),
        Cell(_money(ours - theirs)),
        Cell(reason),
    )
    return Row(one.local_date, cells, brief=reason)


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace("-", "−")


def checks(services: Services) -> Any:
    """Per shop what the checks found, the worst first."""
    shops = services.warehouse.shops()
    found = services.records.checks.all(tuple(shop.shop_id for shop in shops))
    worst = {one.shop_id for one in found if one.outcome == FAILED}
    bands = [
        _band(_checked(services, shop, [c for c in found if c.shop_id == shop.shop_id]))
        for shop in sorted(shops, key=lambda shop: shop.shop_id not in worst)
    ]
    return bands or _band(_no_checks())


def _no_checks() -> Any:
    return components.empty(
        t("Nothing to check yet"),
        t("Rows are checked after every load, and all of them every night."),
        (t("Sources"), "/sources"),
        sign="circle-check",
    )


def _checked(services: Services, shop: Shop, found: Sequence[Check]) -> Any:
    acts = None
    if who().role.allows(Role.ADMIN):
        said = t("The rows of {shop} are being checked.", shop=shop.name)
        body = {"shop": shop.shop_id}
        acts = deeds.deed_button(
            deeds.Deed(
                t("Check now"),
                f"{START}/quality",
                said,
                f"data-health.checks {ALSO}",
                body,
                sign="refresh-cw",
            )
        )
    running = operating.at_work_on(services, "quality", shop.shop_id)
    beside = [_running(running)] if running else []
    title = t("Checks of {shop}", shop=shop.name)
    if not found:
        text = t("They are checked after the next load, tonight, or now.")
        nothing = components.empty(t("Not checked yet"), text, acts, sign="circle-check")
        return [components.heading(title), *beside, nothing]
    section = components.table_section(
        _check_table(services, title, found),
        f"data-health.checks-{shop.shop_id}",
        acts,
        files=False,
    )
    return [section, *beside]


def _check_table(services: Services, title: str, found: Sequence[Check]) -> Table:
    zone, now = moments.house_zone(services), services.clock.now()
    headings = (
        Heading(t("Check"), number=False),
        Heading(t("What it says"), number=False, priority=2),
        Heading(t("Since"), number=False, priority=3),
        Heading(t("Outcome"), number=False),
    )
    rows = []
    for several in _gathered(found):
        one = several[0]
        sign, word = OUTCOMES[one.outcome]
        said = one.message
        if len(several) > 1:
            said = t("All {count} are as they should be.", count=len(several))
        cells = (
            Cell(said),
            Cell(moments.moment(min(each.since for each in several), zone, now)),
            Cell(t(word), sign=sign, tone="neg" if one.outcome == FAILED else ""),
        )
        label = t(LABELS.get(one.check_name, one.check_name))
        brief = said
        if one.outcome != PASSED and one.check_name in HELP:
            said = f"{said} {t(HELP[one.check_name])}"
            cells, brief = (Cell(said), *cells[1:]), said
        rows.append(Row(label, cells, note=", ".join(map(_place, several)), brief=brief))
    last = moments.moment(max(one.at for one in found), zone, now)
    return Table(title, t("Checked last: {time}", time=last), headings, tuple(rows))


def _gathered(found: Sequence[Check]) -> list[list[Check]]:
    """What did not pass, each by itself; what passed, by check."""
    bad = [[one] for one in found if one.outcome != PASSED]
    good: dict[str, list[Check]] = {}
    for one in found:
        if one.outcome == PASSED:
            good.setdefault(one.check_name, []).append(one)
    return [*bad, *good.values()]


def _place(one: Check) -> str:
    return (
        one.subject
        if one.subject.startswith(one.table_name)
        else " ".join(part for part in (one.table_name, one.subject) if part)
    )


def upkeep(services: Services) -> Any:
    """What can be done to the warehouse, by whom may."""
    heading = components.heading(
        t("Work on the warehouse"), t("Each runs in the background; what runs is shown below")
    )
    if not who().role.allows(Role.ADMIN):
        text = t("This needs the role admin. An administrator can change your role.")
        content = components.empty(t("You can look, not operate"), text, sign="lock")
    else:
        content = deeds.fragment("/data-health/upkeep")
    return _band([heading, content])


def running(services: Services) -> Any:
    """What of it runs now, and how what somebody began lately has ended."""
    zone, now = moments.house_zone(services), services.clock.now()
    at_work = [_running(run) for run in operating.upkeep(services)]
    over = []
    for one in operating.ended(services):
        sign, tone = ("check", "pos") if one.well else ("circle-x", "neg")
        mark_ = deeds.state_mark(sign, moments.moment(one.at, zone, now), tone)
        over.append(html.P([mark_, f" {one.label}: {one.message}"], className="foot"))
    nothing = html.P(t("Nothing runs now."), className="foot")
    return html.Div([*(at_work or [nothing]), *over], className="cell running")


def _running(run: operating.Doing) -> Any:
    """One job at work: what it does and how far it is."""
    said = f"{run.label}: {run.step}" if run.step else run.label
    part = f", {run.share:.0%}" if run.share is not None else ""
    bar = deeds.progress(said, run.share)
    return html.Div(
        [html.P(said + part, className="foot"), bar], className="work", **{"data-look": "2000"}
    )


def _band(content: Any) -> Any:
    return html.Section(html.Div(content, className="cell w12"), className="band")
