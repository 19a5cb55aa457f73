"""The frame around every page: navigation, sheet, tab bar, and each page's bones before it has
figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dash import dcc

from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import DIMENSIONS
from agent.words import mark, t
from dashboard import components as parts
from dashboard.components import html, navigation
from dashboard.components.shortcuts import shortcuts
from dashboard.pages import PAGES
from dashboard.pages.overview import KEY_FIGURES
from dashboard.panels import Page, Panel
from dashboard.routes.people import Person
from dashboard.views import wording

Content = Any
# A page's path and its bones; empty where no page is named.
Opened = tuple[str, Content]
FILTERS = ("country", "product_type", "channel")
PULSE_MS = 30_000
NO_SHOP = (
    mark("No sales to show yet"),
    mark(
        "Import a file with orders, and the key figures, charts and products of your shop appear "
        "here."
    ),
    (mark("Import a file"), "/sources"),
)
# What a page will show, where it is not what the overview will.
LATER = {
    "explore": mark(
        "Import a file with orders, and every metric by every dimension appears here, down to the "
        "rows behind it."
    ),
    "products": mark("Import a file with orders, and what sells, earns and runs out appears here."),
    "customers": mark(
        "Import a file with orders, and who buys again, by segment and cohort, appears here."
    ),
    "marketing": mark(
        "Import a file with orders, and what customers cost and what spend brings appears here."
    ),
    "forecasts": mark(
        "Import a file with orders. With some weeks of them, what comes next appears here, with "
        "how sure it is."
    ),
    "alerts": mark("Import a file with orders, and what is out of the ordinary appears here."),
    "targets": mark(
        "Import a file with orders. Then set targets, and how much of them is reached appears here."
    ),
}


def layout(
    person: Person,
    shop_name: str,
    theme: str,
    opened: Opened = ("", None),
    counts: Mapping[str, int] | None = None,
) -> Content:
    """Everything that stays while pages change, around the page that is opened. `counts` are what
    waits behind a page's name in the navigation, by its path."""
    path, page = opened
    pages, name = tuple(PAGES.values()), person.name
    waiting = counts or {}
    side = navigation.side(pages, name, person.initials, t(str(person.role)), waiting)
    return html.Div(
        [
            html.A(t("Skip to content"), href="#page", className="skip"),
            dcc.Location(id="address", refresh="callback-nav"),
            dcc.Interval(id="pulse", interval=PULSE_MS),
            dcc.Store(id="theme", data=theme),
            dcc.Store(id="path", data=path or None),
            dcc.Store(id="here"),
            dcc.Store(id="again"),
            dcc.Store(id="redraw"),
            dcc.Store(id="beat"),
            dcc.Store(id="heard"),
            html.Div([side, _sheet(shop_name, page)], className="app"),
            navigation.tab_bar(pages, waiting),
            navigation.more_sheet(pages, name),
            html.Div(id="news", className="unseen", **{"aria-live": "polite", "role": "status"}),
            html.Div(id="toasts", className="toasts", **{"aria-live": "polite"}),
            shortcuts(pages),
        ]
    )


def _sheet(shop_name: str, page: Content) -> Content:
    main = html.Main(page, id="page", className="page", tabIndex=-1)
    return html.Div([navigation.top_bar(shop_name), main], className="sheet")


def nobody() -> Content:
    return html.Div(id="page")


def part(page: Page, name: str, waiting: Content, **attributes: Any) -> Content:
    """A place that a callback fills."""
    key = f"{page.name}.{name}"
    return html.Div(html.Div(waiting, id={"type": "part", "id": key}), **attributes)


def bones(page: Page) -> list[Content]:
    """The page before its figures: geometry and labels are final, the rest are skeletons."""
    # What each part was drawn at and from, as parts.batch tells it.
    reads = dcc.Store(id={"type": "reads", "id": page.name})
    head = [reads, part(page, "head", _plain_head(page))]
    if not page.panels:
        shapes = ("lead" if name == "verdict" else "table" for name in page.above)
        bones = map(parts.skeleton, shapes)
        return [*head, *(part(page, name, b) for name, b in zip(page.above, bones, strict=True))]
    return [
        *head,
        *([_filters(page)] if page.filters else []),
        *(part(page, name, _waiting(name)) for name in page.above),
        *(_band(page, row) for row in in_rows(page.panels)),
        part(page, "receipt", ""),
    ]


def nothing_here() -> Content:
    """The page for an address that leads nowhere."""
    message = t("There is no page at this address. The pages are in the navigation.")
    return parts.empty(t("Not found"), message, (t("Go to the overview"), "/"))


def no_shop(page: Page) -> list[Content]:
    """What to do first, where there is nothing to show yet."""
    title, text, (label, href) = NO_SHOP
    start = dcc.Link(t(label), href=href, className="btn btn-primary")
    said = t(LATER.get(page.name, text))
    return [_plain_head(page), parts.empty(t(title), said, start)]


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
        kind = "bars" if panel.bars else "chart" if panel.fill else "table"
        waiting = parts.skeleton(kind, rows=panel.rows)
        fill = " fill" if panel.fill else ""
        cells.append(part(page, panel.id, waiting, className=f"cell w{panel.width}{fill}"))
    return html.Section(cells, className="band")


def _waiting(name: str) -> Content:
    if name == "figures":
        return parts.skeleton(
            "kpis", *(wording.spelled(t(METRICS[key].label)) for key in KEY_FIGURES)
        )
    return parts.skeleton(name if name in ("lead", "hero") else "lead")


def _plain_head(page: Page) -> Content:
    kind = " home" if page.path == "/" else "" if page.panels else " bare"
    return html.Header(html.Div(html.H1(t(page.title))), className=f"head{kind}")


def _filters(page: Page) -> Content:
    """The chips' places stay while their content changes, so that an open menu stays open."""
    holders = [
        menu(
            f"{page.name}.{name}",
            html.Summary(
                part(page, f"chip-{name}", parts.chip(t(DIMENSIONS[name].label), t("All"))),
                className="bare",
            ),
            html.Div(_choices(page, name), className="pop menu"),
        )
        for name in FILTERS
    ]
    first = [part(page, name, "", className="more-chips") for name in page.choices]
    more = part(page, "chips", "", className="more-chips")
    return html.Div(
        [*first, *holders, more], className="filters", role="group", **{"aria-label": t("Filters")}
    )


def _choices(page: Page, name: str) -> list[Content]:
    """A menu's place. It is filled when the browser asks, never because the address changes."""
    key = f"{page.name}.menu-{name}"
    return [
        html.Div(id={"type": "choices", "id": key}),
        dcc.Store(id={"type": "open", "id": key}),
    ]
