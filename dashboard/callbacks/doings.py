"""System: what runs by itself and how it went, what is kept and limited, and who did what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from agent import kinds
from agent.metrics import formats
from agent.records.audit import Entry
from agent.records.roles import Role
from agent.resilience import Standing, rate_of
from agent.services import Services
from agent.words import mark, n, t
from dashboard import audited, components, moments, operating
from dashboard.callbacks import narrators
from dashboard.components import deeds, html
from dashboard.components.deeds import Ran
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.routes.people import who
from dashboard.routes.times import next_of
from dashboard.working import Schedulings, schedulings

ENTRIES = 50
DAY = timedelta(hours=24)
STATES = {
    "running": ("circle-dashed", "near"),
    "ok": ("check", "pos"),
    "failed": ("circle-x", "neg"),
    "paused": ("minus", "mut"),
    "new": ("clock", "mut"),
}
LIMITED = (
    ("questions", mark("Questions worked out anew, each person")),
    ("charts", mark("Pictures and PDF files")),
    ("fits", mark("Forecasts")),
)
PROVIDERS = {
    "environment": mark("Environment"),
    "files": mark("Files"),
    "vault": mark("HashiCorp Vault"),
    "cloudflare": mark("Cloudflare"),
    "aws": mark("AWS Secrets Manager"),
    "records": mark("Typed by a person"),
}


def facts(services: Services) -> Any:
    """A row of figures, of what is measured."""
    figures = [_freshness(services), _hits(services), _jobs_done(services), _flowing(services)]
    return html.Dl([_fact(*figure) for figure in figures], className="hero doings")


def _fact(label: str, value: str, note: str) -> Any:
    parts = [html.Dt(label), html.Dd(value, className="value"), html.Dd(note, className="from")]
    return html.Div(parts)


def _freshness(services: Services) -> tuple[str, str, str]:
    shops = tuple(shop.shop_id for shop in services.warehouse.shops())
    since = services.warehouse.last_sync(shops) if shops else None
    label = t("Data freshness")
    if since is None:
        return label, formats.UNKNOWN, t("Nothing has arrived yet")
    return label, moments.ago(services.clock.now() - since), t("the last rows arrived")


def _hits(services: Services) -> tuple[str, str, str]:
    counts = services.cache.counts()
    asked = counts["hits"] + counts["misses"]
    label = t("Cache hits")
    if not asked:
        return label, formats.UNKNOWN, t("Nothing was asked yet")
    rate = formats.number(counts["hits"] / asked, "percent")
    return label, rate, n("of {count:,} question", "of {count:,} questions", asked, count=asked)


def _jobs_done(services: Services) -> tuple[str, str, str]:
    counts = services.records.runs.counts(services.clock.now() - DAY)
    retried = counts.pop("retried")
    failed = sum(count for name, count in counts.items() if name not in ("ok", "started"))
    words = t(
        "{ok} clean, {again} retried, {failed} failed",
        ok=f"{counts.get('ok', 0):,}",
        again=retried,
        failed=failed,
    )
    return t("Jobs in 24 h"), f"{sum(counts.values()):,}", words


def _flowing(services: Services) -> tuple[str, str, str]:
    lines = operating.lines(services)
    label = t("Sources that flow")
    if not lines:
        return label, formats.UNKNOWN, t("Nothing is connected yet")
    well = sum(line.flows for line in lines)
    return label, t("{well} of {all}", well=well, all=len(lines)), t("circuit breaker closed")


def jobs(services: Services) -> Any:
    """What runs at its times, beside what may be asked how often."""
    table = html.Div(_jobs(services), className="cell w8")
    return html.Section([table, html.Div(_limits(services), className="cell w4")], className="band")


def _jobs(services: Services) -> list[Any]:
    found = schedulings(services, next_of)
    heading = components.heading(
        t("Agent jobs"),
        t("Latest run of each. Bars: last 12 runs, height and colour mark retries and failures."),
    )
    if not found:
        text = t("They appear here once the clock of the app has struck.")
        return [heading, components.empty(t("No job has a time yet"), text, sign="calendar-clock")]
    zone, now = moments.house_zone(services), services.clock.now()
    names = (t("Job"), t("State"), t("Last 12"), t("Took"), t("Next"))
    classes = (None, None, "p2", "n p3", "n")
    heads = [
        html.Th(name, scope="col", className=c) for name, c in zip(names, classes, strict=True)
    ]
    rows = [html.Tr(_job(one, zone, now)) for one in found]
    look = {"data-look": "5000"} if any(one.state == "running" for one in found) else {}
    made = html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="dt", **look)
    return [heading, html.Div(made, className="scroll-x")]


def _job(one: Schedulings, zone: Any, now: Any) -> list[Any]:
    sign, tone = STATES[one.state]
    at = f" {moments.moment(one.at, zone, now)}" if one.at else ""
    state = deeds.state_mark(sign, f"{t(one.word)}{at}", tone)
    why = (
        [html.Span(one.message, className="note")] if one.state == "failed" and one.message else []
    )
    name = [t(one.label), *([html.Span(one.subject, className="note")] if one.subject else [])]
    bars = deeds.run_bars([Ran(kind) for kind in one.kinds], one.told)
    took = moments.took(one.seconds) if one.seconds is not None else formats.UNKNOWN
    after = moments.moment(one.next_at, zone, now) if one.next_at else formats.UNKNOWN
    return [
        html.Th(name, scope="row"),
        html.Td([state, *why]),
        html.Td(bars, className="p2"),
        html.Td(took, className="n p3"),
        html.Td(after, className="n"),
    ]


def _limits(services: Services) -> list[Any]:
    heading = components.heading(t("Rate limits"), t("Calls used in the current window"))
    waiting = services.limits.waiting()
    own = []
    for name, label in LIMITED:
        rate = getattr(services.settings, f"rate_{name}")
        words = rate_of(rate)
        held = waiting.get(name, 0)
        note = n("{count} waits", "{count} wait", held, count=held) if held else ""
        own.append(_plain(t(label), words, note))
    outside = [_upstream(services, one) for one in operating.asked(services)]
    return [heading, html.Div([*own, *outside], className="limits")]


def _plain(name: str, words: str, note: str) -> Any:
    foot = [html.Span(note, className="foot")] if note else []
    parts = [html.Span(name, className="k"), html.Span(words, className="num"), *foot]
    return html.Div(parts, className="used")


def _upstream(services: Services, one: Standing) -> Any:
    name = operating.title(services, one)
    allowed = one.rate.partition("/")[0]
    held = n("{count} call waits", "{count} calls wait", one.waiting, count=one.waiting)
    note = held if one.waiting else ""
    if not allowed.isdigit():
        calls = n(
            "{count:,} call, no limit", "{count:,} calls, no limit", one.calls, count=one.calls
        )
        return _plain(name, calls, note)
    rate = rate_of(kinds.rate(one.rate))
    words = t("{used} of {rate}", used=f"{one.used:,}", rate=rate)
    return deeds.track(name, words, one.used / int(allowed), note)


def stores(services: Services) -> Any:
    """What is kept in memory, and where secrets come from."""
    cells = [html.Div(_cache(services), className="cell w6")]
    cells.append(html.Div(_secrets(services), className="cell w6"))
    bands = [html.Section(cells, className="band")]
    told = narrators.told(services)
    return [*bands, html.Section(told, className="band")] if told else bands[0]


def _cache(services: Services) -> list[Any]:
    headings = (
        Heading(t("Level"), number=False),
        Heading(t("Hit rate")),
        Heading(t("Hits"), priority=3),
        Heading(t("Misses"), priority=3),
        Heading(t("Entries")),
        Heading(t("Size"), priority=2),
    )
    rows = []
    for level in services.cache.levels():
        counted = (level.hits, level.misses, level.entries)
        hits, misses, entries = (_count(number) for number in counted)
        rate = formats.number(level.rate, "percent") if level.rate is not None else formats.UNKNOWN
        size = _size(level.size)
        cells = (Cell(rate), Cell(hits), Cell(misses), Cell(entries), Cell(size))
        rows.append(Row(level.name, cells, note=level.trouble or _failures(level.failures)))
    table = Table(t("Cache"), t("Since the start of this process"), headings, tuple(rows))
    section = components.table_section(table, "system.cache", files=False)
    clear = [deeds.fragment("/system/clear")] if who().role.allows(Role.ADMIN) else []
    return [section, *clear]


def _size(size: int) -> str:
    if size < 100_000:
        return t("{count} kB", count=f"{size / 1e3:,.1f}")
    return t("{count} MB", count=f"{size / 1e6:,.1f}")


def _failures(number: int) -> str:
    return n("{count:,} failure", "{count:,} failures", number, count=number) if number else ""


def _secrets(services: Services) -> list[Any]:
    headings = (
        Heading(t("Provider"), number=False),
        Heading(t("Found")),
        Heading(t("Not found"), priority=3),
        Heading(t("Failures")),
        Heading(t("Oldest value"), priority=3),
    )
    rows = []
    for one in services.secrets.standings():
        age = moments.ago(timedelta(seconds=one.age)) if one.age is not None else formats.UNKNOWN
        counted = (one.hits, one.misses, one.failures)
        hits, misses, failures = (Cell(_count(number)) for number in counted)
        label = t(PROVIDERS.get(one.provider, one.provider))
        rows.append(Row(label, (hits, misses, failures, Cell(age)), note=one.error))
    title, measure = t("Secrets"), t("Providers in the order in which they are asked; never values")
    return [
        components.table_section(
            Table(title, measure, headings, tuple(rows)), "system.secrets", files=False
        )
    ]


def audit(services: Services) -> Any:
    """Who did what, newest first."""
    found = services.records.audit.recent(ENTRIES)
    zone, now = moments.house_zone(services), services.clock.now()
    headings = (
        Heading(t("Time"), number=False),
        Heading(t("Who"), number=False),
        Heading(t("What"), number=False),
        Heading(t("On"), number=False, priority=2),
        Heading(t("Detail"), number=False, priority=3),
    )
    names = audited.names_of(services)
    rows: Sequence[Row] = [
        _entry(entry, names, moments.moment(entry.at, zone, now)) for entry in found
    ]
    title, measure = t("Audit log"), t("Who did what; times are those of {zone}", zone=zone.key)
    if not rows:
        text = t("What people do here is written down, and listed here.")
        content: list[Any] = [
            components.heading(title, measure),
            components.empty(t("Nothing was done yet"), text, sign="history"),
        ]
    else:
        table = Table(title, measure, headings, tuple(rows))
        content = [components.table_section(table, "system.audit", _csv(), files=False)]
    return html.Section(html.Div(content, className="cell w12"), className="band")


def _entry(entry: Entry, names: Mapping[str, str], at: str) -> Row:
    what, subject, detail = audited.told(entry, names)
    return Row(at, (Cell(entry.who), Cell(what), Cell(subject), Cell(detail)), brief=subject)


def _csv() -> Any:
    if not who().role.allows(Role.ADMIN):
        return None
    words = [components.icon("download", 14), t("CSV")]
    address = "/api/analytics/audit.csv"
    return html.A(words, href=address, className="btn btn-sm btn-line", download="audit.csv")


def _count(number: int) -> str:
    return formats.number(number, "count", style="full")
