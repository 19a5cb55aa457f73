"""The frame around every page: navigation, sheet, tab bar, and each page's bones before it has
figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dash import dcc, html

from agent.metrics.dimensions import DIMENSIONS
from dashboard import components as parts
from dashboard.pages import PAGES
from dashboard.panels import Page, Panel
from dashboard.routes.people import Person

Content = Any
FILTERS = ("country", "product_type", "channel")
PULSE_MS = 30_000
NO_SHOP = (
    "No sales to show yet",
    "Import a file with orders, and the key figures, charts and products of your shop appear here.",
    ("Import a file", "/sources"),
)
SHORTCUTS = (
    ("G then O, E or S", "Overview, Explore, Sources"),
    ("D", "Date range"),
    ("F", "First filter"),
    ("C", "Comparison on or off"),
    ("1 to 6", "Key figure in the chart"),
    ("T", "Charts as tables"),
    ("Drag over a chart", "Its days as the period"),
    ("↑ ↓, Enter", "Rows, open one"),
    ("Backspace", "Up a level"),
    ("Shift L", "Light or dark"),
    ("?", "This list"),
)


def layout(person: Person, shop_name: str, theme: str) -> Content:
    """Everything that stays while pages change. The page itself is drawn into #page."""
    return html.Div(
        [
            html.A("Skip to content", href="#page", className="skip"),
            dcc.Location(id="address", refresh="callback-nav"),
            dcc.Interval(id="pulse", interval=PULSE_MS),
            dcc.Store(id="theme", data=theme),
            dcc.Store(id="path"),
            dcc.Store(id="here"),
            dcc.Store(id="beat"),
            html.Div([_side(person), _sheet(person, shop_name)], className="app"),
            _tab_bar(),
            html.Div(id="news", className="unseen", **{"aria-live": "polite", "role": "status"}),
            html.Div(id="toasts", className="toasts"),
            _shortcuts(),
        ]
    )


def nobody() -> Content:
    return html.Div(id="page")


def part(page: Page, name: str, waiting: Content, **attributes: Any) -> Content:
    """A place that a callback fills: its content, the table versions it was made from, a signal to
    ask again.
    """
    key = f"{page.name}.{name}"
    return html.Div(
        [
            html.Div(waiting, id={"type": "part", "id": key}),
            dcc.Store(id={"type": "reads", "id": key}),
            dcc.Store(id={"type": "again", "id": key}),
        ],
        **attributes,
    )


def bones(page: Page) -> list[Content]:
    """The page before its figures: geometry and labels are final, the rest are skeletons."""
    head = [part(page, "head", _plain_head(page))]
    if not page.panels:
        return [*head, *(part(page, name, parts.skeleton("table")) for name in page.above)]
    return [
        *head,
        *([_filters(page)] if page.filters else []),
        *(part(page, name, _waiting(name)) for name in page.above),
        *(_band(page, row) for row in in_rows(page.panels)),
    ]


def nothing_here() -> Content:
    """The page for an address that leads nowhere."""
    message = "There is no page at this address. The pages are in the navigation."
    return parts.empty("Not found", message, ("Go to the overview", "/"))


def in_rows(panels: Iterable[Panel]) -> list[list[Panel]]:
    """Panels side by side until their widths fill twelve columns."""
    rows: list[list[Panel]] = []
    used = 12
    for panel in panels:
        if used + panel.width > 12:
            rows.append([])
            used = 0
        rows[-1].append(panel)
        used += panel.width
    return rows


def menu(key: str, label: Content, content: Content, **holder: str) -> Content:
    """A button that opens a floating panel; closed and opened by the browser alone."""
    return html.Details(
        [label, content],
        className=f"menu-holder {holder.get('side', '')}".strip(),
        id={"type": "holder", "id": key},
        **{"data-menu": key},
    )


def _band(page: Page, row: list[Panel]) -> Content:
    cells = []
    for panel in row:
        waiting = parts.skeleton("bars" if panel.bars else "chart" if panel.fill else "table")
        fill = " fill" if panel.fill else ""
        cells.append(part(page, panel.id, waiting, className=f"cell w{panel.width}{fill}"))
    return html.Section(cells, className="band")


def _waiting(name: str) -> Content:
    return parts.skeleton({"figures": "kpis", "lead": "lead", "hero": "hero"}.get(name, "lead"))


def _plain_head(page: Page) -> Content:
    return html.Header(html.Div(html.H1(page.title)), className="head")


def _filters(page: Page) -> Content:
    """The chips' places stay while their content changes, so that an open menu stays open."""
    holders = [
        menu(
            f"{page.name}.{name}",
            html.Summary(
                part(page, f"chip-{name}", parts.chip(DIMENSIONS[name].label)), className="bare"
            ),
            html.Div(_choices(page, name), className="pop menu"),
        )
        for name in FILTERS
    ]
    more = part(page, "chips", "", className="more-chips")
    return html.Div(
        [*holders, more], className="filters", role="group", **{"aria-label": "Filters"}
    )


def _choices(page: Page, name: str) -> list[Content]:
    """A menu's place. It is filled when the browser asks, never because the address changes."""
    key = f"{page.name}.menu-{name}"
    return [
        html.Div(id={"type": "choices", "id": key}),
        dcc.Store(id={"type": "open", "id": key}),
    ]


def _side(person: Person) -> Content:
    return html.Nav(
        [
            html.A(
                [html.Span(className="logo"), html.Span("Royal Analytics")],
                href="/",
                className="brand",
            ),
            *(_nav_item(page) for page in PAGES.values() if page.panels),
            html.Div("Operate", className="nav-group"),
            *(_nav_item(page) for page in PAGES.values() if not page.panels),
            html.Div(className="space"),
            _act("theme", "sun-moon", "Theme", "Light or dark (Shift L)"),
            _act("keys", "keyboard", "Shortcuts", "Keyboard shortcuts (?)"),
            html.Form(
                html.Button(
                    [parts.icon("log-out"), html.Span("Sign out")],
                    type="submit",
                    className="nav-item",
                    title="Sign out",
                ),
                id="leave",
                action="/signout",
                method="POST",
            ),
            html.Div(
                [
                    html.Span(person.initials, className="avatar"),
                    html.Span(person.name, title=str(person.role)),
                ],
                className="me",
            ),
        ],
        className="side",
        **{"aria-label": "Main"},
    )


def _nav_item(page: Page) -> Content:
    return html.A(
        [parts.icon(page.icon), html.Span(page.title)],
        href=page.path,
        className="nav-item",
        title=page.title,
        **{"data-page": page.path},
    )


def _act(name: str, icon: str, label: str, title: str) -> Content:
    return html.Button(
        [parts.icon(icon), html.Span(label)],
        className="nav-item",
        title=title,
        **{"data-act": name},
    )


def _sheet(person: Person, shop_name: str) -> Content:
    return html.Div(
        [
            html.Header(
                [
                    html.Span(className="logo"),
                    html.Span(shop_name, id="top-name"),
                    html.Div(_bar_acts(person), className="end"),
                ],
                className="top-bar",
            ),
            html.Main(id="page", className="page", tabIndex=-1),
        ],
        className="sheet",
    )


def _bar_acts(person: Person) -> list[Content]:
    """What phones have no navigation for: the address to share, and a menu with the rest."""
    share = html.Button(
        parts.icon("share"),
        className="btn btn-ico",
        type="button",
        **{"data-act": "share", "aria-label": "Share"},
    )
    rows = [
        html.Div(person.name, className="group"),
        _row("sun-moon", "Light or dark", **{"data-act": "theme"}),
        _row("keyboard", "Keyboard shortcuts", **{"data-act": "keys"}),
        html.Hr(),
        _row("log-out", "Sign out", type="submit", form="leave"),
    ]
    label = html.Summary(
        parts.icon("ellipsis"), className="btn btn-ico", title="More", **{"aria-label": "More"}
    )
    return [share, menu("bar", label, html.Div(rows, className="pop menu"), side="right")]


def _row(icon: str, words: str, **attributes: str) -> Content:
    return html.Button([parts.icon(icon), words], **{"type": "button", **attributes})


def _tab_bar() -> Content:
    links = [
        html.A([parts.icon(p.icon), p.title], href=p.path, **{"data-page": p.path})
        for p in PAGES.values()
    ]
    return html.Nav(links, className="tab-bar", **{"aria-label": "Main"})


def _shortcuts() -> Content:
    rows = [html.Tr([html.Td(html.Kbd(keys)), html.Td(what)]) for keys, what in SHORTCUTS]
    content = [
        html.Div(
            [
                html.H2("Keyboard shortcuts"),
                html.Button(
                    parts.icon("x"),
                    className="btn btn-ico",
                    **{"data-act": "keys", "aria-label": "Close"},
                ),
            ],
            className="title",
        ),
        html.Table(html.Tbody(rows), className="dt"),
        html.P("Single keys are off while you type in a field.", className="foot"),
    ]
    return html.Dialog(content, id="shortcuts", className="pop sheet-dialog")
