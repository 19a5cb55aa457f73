"""Sources: the shops, what arrived last, and the form that brings more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from agent.metrics import formats
from agent.ports import Shop
from agent.records.roles import Role
from agent.services import Services
from agent.sources import operations
from agent.words import n, t
from dashboard import components, moments, operating
from dashboard.arrivals import Arrival, gathered
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.panels import Cell, Heading, Page, Row, Table
from dashboard.routes.people import who

SHOWN, BATCHES = 10, 500
COUNTED = ("orders", "products", "profiles", "inventory", "sessions", "spend")


def listed(showing: Showing) -> Any:
    return without(showing.services)


def form(showing: Showing) -> Any:
    return bring(showing.services)


def head(page: Page) -> Any:
    """Before there is a shop: the page's name alone."""
    style = {"paddingBottom": "18px"}
    return html.Header(html.Div(html.H1(t(page.title))), className="head", style=style)


def without(services: Services) -> Any:
    """Every shop, and the newest batches of all of them."""
    shops = services.warehouse.shops()
    if not shops:
        text = t(
            "Bring a file with orders below: your shop and its batches are listed here afterwards."
        )
        return _cell(components.empty(t("No shop yet"), text, sign="store"))
    arrived = _arrived(services, shops)
    return html.Section(
        [
            html.Div(
                components.table_section(_shops(shops), "sources.shops", files=False),
                className="cell w5",
            ),
            html.Div(
                components.table_section(arrived, "sources.batches", files=False),
                className="cell w7",
            ),
        ],
        className="band",
    )


def _shops(shops: tuple[Shop, ...]) -> Table:
    headings = (
        Heading(t("Shop"), number=False),
        Heading(t("Currency"), number=False),
        Heading(t("Time zone"), number=False, priority=2),
    )
    rows = tuple(
        Row(s.name, (Cell(s.currency), Cell(s.timezone)), href=f"/?shop={s.shop_id}") for s in shops
    )
    return Table(t("Shops"), t("Days are the shop's own days"), headings, rows)


def _arrived(services: Services, shops: tuple[Shop, ...]) -> Table:
    known = {shop.shop_id: shop for shop in shops}
    zones = {shop.shop_id: ZoneInfo(shop.timezone) for shop in shops}
    batches = services.warehouse.batches(None, BATCHES)
    # What was removed did not arrive.
    arrivals = gathered((one for one in batches if one["source"] != operations.SOURCE), zones)[
        :SHOWN
    ]
    names = operating.names(services)
    headings = (
        Heading(t("From"), number=False),
        Heading(t("Lines")),
        Heading(t("Rejected"), priority=2),
        Heading(t("Arrived"), number=False),
    )
    now = services.clock.now()
    rows = tuple(_arrival(one, known.get(one.shop_id), names, now) for one in arrivals)
    return Table(t("Last arrivals"), t("Good rows arrive together or not at all"), headings, rows)


def _arrival(one: Arrival, shop: Shop | None, names: Mapping[str, str], now: datetime) -> Row:
    cells = (
        Cell(_count(one.lines) if one.lines else formats.UNKNOWN),
        Cell(_count(one.rejected), tone="neg" if one.rejected else ""),
        Cell(_moments(one, shop, now)),
    )
    name = one.file or names.get(one.connection) or names.get(one.source) or one.source
    said = [shop.name if shop else "", _brought(one)]
    return Row(name, cells, note=", ".join(filter(None, said)))


def _brought(one: Arrival) -> str:
    """What came, and why it did."""
    counted = [_counted(name, one.rows[name]) for name in COUNTED if one.rows.get(name)]
    what = ", ".join(counted[:2])
    if one.why == "calls":
        return t("{what} by calls", what=what) if what else t("by calls")
    if one.why == "again":
        return t("{what} read again", what=what) if what else t("read again")
    return what


def _counted(table: str, count: int) -> str:
    words = {
        "orders": n("{count:,} order", "{count:,} orders", count, count=count),
        "products": n("{count:,} product", "{count:,} products", count, count=count),
        "profiles": n("{count:,} customer", "{count:,} customers", count, count=count),
        "inventory": n("{count:,} stock level", "{count:,} stock levels", count, count=count),
        "sessions": n("{count:,} row of visits", "{count:,} rows of visits", count, count=count),
        "spend": n("{count:,} row of spend", "{count:,} rows of spend", count, count=count),
    }
    return words[table]


def _count(number: int) -> str:
    return formats.number(number, "count", style="full")


def _moments(one: Arrival, shop: Shop | None, now: datetime) -> str:
    """16:22; of several batches to the minute of the last: 16:22–16:31; of another day with it."""
    zone = ZoneInfo(shop.timezone if shop else "UTC")
    first, until = moments.moment(one.first, zone, now), moments.clock(one.last, zone)
    return first if first.endswith(until) else f"{first}–{until}"


def bring(services: Services) -> Any:
    """The place of the form to bring a file; for a viewer, the reason why there is none."""
    if not who().role.allows(Role.ANALYST):
        text = t("Importing needs the role analyst. An administrator can change your role.")
        return _cell(components.empty(t("You can look, not import"), text, sign="lock"))
    heading = components.heading(t("Import a file"), t("The same file twice changes nothing"))
    # Dash has no file input that streams: assets/upload.js fetches the form from its own route.
    form = html.Div(className="upload", **{"data-fragment": "/imports/form"})
    return _cell([heading, form, html.Div(className="upload-news", **{"data-upload-news": "1"})])


def _cell(content: Any) -> Any:
    return html.Section(html.Div(content, className="cell w12"), className="band")
