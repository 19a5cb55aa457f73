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
from agent.words import t
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.panels import Cell, Heading, Page, Row, Table
from dashboard.routes.people import who

BATCHES = 10


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
    names = {shop.shop_id: shop for shop in shops}
    batches = services.warehouse.batches(None, BATCHES)
    return html.Section(
        [
            html.Div(
                components.table_section(_shops(shops), "sources.shops", files=False),
                className="cell w5",
            ),
            html.Div(
                components.table_section(_batches(batches, names), "sources.batches", files=False),
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


def _batches(batches: list[dict[str, Any]], shops: Mapping[str, Shop]) -> Table:
    headings = (
        Heading(t("File"), number=False),
        Heading(t("Lines")),
        Heading(t("Rejected"), priority=2),
        Heading(t("Arrived"), number=False),
    )
    rows = tuple(
        Row(
            str(batch["file_name"] or batch["source"]),
            (
                Cell(_count(batch["lines"]) if batch["lines"] else formats.UNKNOWN),
                Cell(_count(batch["rejected"]), tone="neg" if batch["rejected"] else ""),
                Cell(_moment(batch["merged_at"], shops.get(batch["shop_id"]))),
            ),
            note=shops[batch["shop_id"]].name if batch["shop_id"] in shops else "",
        )
        for batch in batches
    )
    return Table(t("Last batches"), t("Good rows arrive together or not at all"), headings, rows)


def _count(number: int) -> str:
    return formats.number(number, "count", style="full")


def _moment(when: datetime, shop: Shop | None) -> str:
    local = when.astimezone(ZoneInfo(shop.timezone if shop else "UTC"))
    return f"{formats.day(local.date(), weekday=True)}, {local:%H:%M}"


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
