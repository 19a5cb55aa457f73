"""The page's head: whose figures, of which days, how fresh; and the menus that change or carry them
away.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc

from agent.metrics import aging, formats, periods
from agent.sources import histories
from agent.words import mark, t
from dashboard import components
from dashboard.callbacks import alerts, copying, counting, drill, picker
from dashboard.callbacks.menus import value_name
from dashboard.callbacks.showing import AWAY, Showing
from dashboard.components import html
from dashboard.shell import menu

STILL_TO_COME = mark(
    "These days are still to come, so there are no orders yet. Choose earlier ones."
)
LATE = timedelta(hours=30)
"""A file a day is on time."""
COMPARISONS = (
    ("prev", mark("Previous period")),
    ("year", mark("Year before")),
    ("target", mark("Target")),
    ("none", mark("None")),
)


def draw(showing: Showing) -> Any:
    home = showing.page.path == "/"
    title = showing.shop.name if home else t(showing.page.title)
    title = drill.place_name(showing) if showing.page.name == "explore" else title
    first = formats.full_day(showing.today) if home else showing.shop.name
    badge = components.live_badge(away=showing.services.warehouse.away is not None)
    words = [html.Span(first), *_unmeasured(showing), *_ended(showing), *_shops(showing), badge]
    words += counting.counted(showing.services) if home else []
    words += [html.Span(alerts.counted(showing))] if showing.page.name == "alerts" else []
    head = html.Header(
        [
            html.Div([html.H1(title), html.Div(words, className="sub")]),
            html.Div(_acts(showing), className="act"),
        ],
        className="head home" if home else "head" if showing.page.panels else "head bare",
    )
    return [head, *note(showing)]


def note(showing: Showing) -> list[Any]:
    """What of the address could not be used, if anything, and what may be meant; that a period is
    still to come."""
    here = showing.here
    words = [here.note] if here.note else []
    # Where there is a lead, the lead says it.
    if showing.page.panels and "lead" not in showing.page.above and showing.ahead:
        words.append(t(STILL_TO_COME))
    lines = [components.note(" ".join(words), "near", _meant(showing))] if words else []
    lines += [components.note(here.aside)] if here.aside else []
    over = _away(showing) or [*_stopped(showing), *_cut(showing)]
    return [*([components.notes(*lines)] if lines else []), *over]


def _away(showing: Showing) -> list[Any]:
    """That the figures are the last good ones, once for the whole page."""
    away = showing.services.warehouse.away
    # The head is drawn anew when the warehouse goes or comes: assets/live.js knows the word.
    showing.tables["away"] = AWAY if away else 0
    if away is None:
        return []
    now = showing.services.clock.now()
    text = t(
        "{reason} These are the last good figures; the warehouse was last reached at {time}. New "
        "ones come by themselves when it answers.",
        reason=t(away.reason),
        time=aging.moment(away.since, showing.shop.timezone, now),
    )
    return [components.stale_note(text, dcc.Link(t("Sources"), href="/sources"))]


def _stopped(showing: Showing) -> list[Any]:
    """That the page's last days are missing, where nothing has arrived since."""
    shop, now = showing.shop, showing.services.clock.now()
    since = showing.services.warehouse.last_sync((shop.shop_id,))
    if not showing.page.panels or since is None or showing.ahead or now - since < LATE:
        return []
    then = since.astimezone(ZoneInfo(shop.timezone))
    if min(showing.scope.end, showing.today) < then.date():
        return []
    when = f"{formats.day(then.date(), year=True)}, {then:%H:%M}"
    effect = t("What was sold since then is missing here.")
    return [components.stale(t("Sales"), when, effect, way=(t("Sources"), "/sources"))]


def _cut(showing: Showing) -> list[Any]:
    """That the platform shows no older orders, where the page's days or those they are compared
    with go further back."""
    if not showing.page.panels or not showing.page.dated:
        return []
    said = histories.said(showing.begins, showing.scope)
    if not said:
        return []
    return [components.stale_note(said, dcc.Link(t("Sources"), href="/sources"))]


def _meant(showing: Showing) -> Any:
    """The way to the filter that was meant, where one is near."""
    near = showing.here.near
    if near is None:
        return None
    name = value_name(showing, near.dimension, near.values[-1])
    words = t("Without {name}", name=name) if near.exclude else t("Show {name}", name=name)
    scope = showing.scope.where(near.dimension, *near.values, exclude=near.exclude)
    return components.link(words, showing.here.href(scope))


def _unmeasured(showing: Showing) -> list[Any]:
    """Why nothing is compared, where the shop had no sales yet in the days to compare with."""
    undated = not showing.page.panels or not showing.page.dated
    if undated or showing.measured == showing.scope or not showing.first_day:
        return []
    first = formats.day(showing.first_day, year=True)
    return [html.Span(t("No figures before {day}", day=first))]


def _ended(showing: Showing) -> list[Any]:
    """That nothing has come for weeks: the newest days are not these."""
    last = showing.ended
    if last is None or not (showing.page.panels or showing.page.name == "alerts"):
        return []
    return [html.Span(t("No figures after {day}", day=formats.day(last, year=True)))]


def _acts(showing: Showing) -> list[Any]:
    if not showing.page.panels:
        return [copying.plain(showing), _export(showing)] if showing.page.lists else []
    chosen = [picker.metric_menu(showing)] if showing.page.name == "explore" else []
    dates = [_dates(showing)] if showing.page.dated else []
    return [*chosen, *dates, _views(showing), copying.share(showing), _export(showing)]


def _dates(showing: Showing) -> Any:
    scope, span = showing.scope, showing.measured.previous()
    this_year = scope.start.year == scope.end.year == showing.today.year
    words: list[Any] = [
        components.icon("calendar"),
        formats.date_range(scope.start, scope.end, year=not this_year),
    ]
    if span is not None:
        versus = formats.date_range(*span, year=span[0].year != scope.start.year)
        words.append(html.Span(t("vs {days}", days=versus), className="vs phone-not"))
    words.append(components.icon("chevron-down", 14))
    label = html.Summary(words, className="btn btn-line dater", title=t("Date range (D)"))
    return menu(f"{showing.page.name}-dates", label, _picker(showing), side="right")


def _picker(showing: Showing) -> Any:
    scope, here = showing.scope, showing.here
    presets = [
        html.A(
            t(preset.label),
            href=_preset_href(showing, name),
            role="button",
            **{"aria-pressed": str(scope.preset == name).lower()},
        )
        for name, preset in periods.PRESETS.items()
    ]
    compare = [
        html.A(
            t(label),
            href=here.href(_compared(showing, name)),
            **({"aria-current": "true"} if scope.compare == name else {}),
        )
        for name, label in COMPARISONS
    ]
    foot = [
        html.Span(t("Compare with")),
        html.Div(compare, className="seg"),
        html.Div(
            [
                _button("cancel", t("Cancel"), "btn"),
                _button("apply", t("Apply"), "btn btn-primary"),
            ],
            className="r",
        ),
    ]
    return html.Div(
        [
            html.Div(presets, className="pre"),
            html.Div(id="calendar", className="cal", **_calendar(showing)),
            html.Div(foot, className="ft"),
        ],
        className="pop dp",
    )


def _calendar(showing: Showing) -> dict[str, str]:
    """What assets/dates.js draws the two months from."""
    scope, span = showing.scope, showing.scope.previous()
    days = {"start": scope.start, "end": scope.end, "today": showing.today}
    if span is not None:
        days |= {"was": span[0], "until": span[1]}
    return {f"data-{name}": day.isoformat() for name, day in days.items()}


def _preset_href(showing: Showing, name: str) -> str:
    start, end = periods.PRESETS[name].span(showing.today)
    scope = replace(showing.scope, start=start, end=end, preset=name)
    return showing.here.href(scope, grain="")


def _compared(showing: Showing, name: Any) -> Any:
    return replace(showing.scope, compare=name)


def _views(showing: Showing) -> Any:
    """Saved views: assets/views.js fetches the list when the menu opens."""
    label = html.Summary(
        [components.icon("eye"), html.Span(t("Views"))],
        className="btn brief hide-s",
        title=t("Saved views"),
        style={"display": "inline-flex"},
    )
    place = html.Div(className="pop menu views-menu", **{"data-views": "1"})
    return menu(f"{showing.page.name}-views", label, place, side="right")


def _export(showing: Showing) -> Any:
    """The page as it stands, and the report that stands for it; each panel has its own files."""
    name, report = showing.page.name, showing.page.report
    query = showing.here.href(path="", **showing.here.own).lstrip("?")
    files = [
        ("file-text", t("This page (PDF)"), f"/download/{name}.pdf"),
        ("file-spreadsheet", t("This page (XLSX)"), f"/download/{name}.xlsx"),
        *([("mail", t("Weekly brief (PDF)"), f"/download/{report}.pdf")] if report else []),
    ]
    rows = [components.exports.link(sign, words, f"{path}?{query}") for sign, words, path in files]
    words = [components.icon("download"), html.Span(t("Export"))]
    # Phones keep it, as an icon: there is no other way to the files.
    label = html.Summary(
        words, className="btn brief hide-s", title=t("Export"), style={"display": "inline-flex"}
    )
    content = html.Div(rows, className="pop menu")
    return menu(f"{name}-export", label, content, side="right")


def _shops(showing: Showing) -> list[Any]:
    """The way to another shop, where there is one."""
    shops = showing.services.warehouse.shops()
    if len(shops) < 2:
        return []
    mine = showing.shop.shop_id
    rows = [
        html.A(
            [shop.name, html.Span(shop.currency, className="worth")],
            href=f"{showing.page.path}?shop={shop.shop_id}",
            **({"aria-current": "true"} if shop.shop_id == mine else {}),
        )
        for shop in shops
    ]
    words = [components.icon("store", 14), t("Change shop"), components.icon("chevron-down", 14)]
    label = html.Summary(words, className="btn btn-small")
    return [menu("shops", label, html.Div(rows, className="pop menu"))]


def _button(name: str, words: str, classes: str) -> Any:
    return html.Button(words, className=classes, type="button", **{"data-act": name})
