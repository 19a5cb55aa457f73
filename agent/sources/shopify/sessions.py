"""Visits by day from Shopify's own reports, where the app may read them. Shopify restates them, so
four weeks are stated anew each time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pyarrow as pa

from agent.errors import Refused
from agent.metrics.frames import NONE
from agent.sources import daily, restating
from agent.sources.shopify import texts
from agent.sources.shopify.bulk import moment
from agent.sources.shopify.client import Client, mapping
from agent.sources.shopify.load import SOURCE, Loaded
from agent.words import t

STREAM = "sessions"
TRAILING = timedelta(days=28)
FIRST_DAYS = timedelta(days=365)
OLDEST = date(2022, 10, 1)
OFTEN = timedelta(hours=1)
STATEMENT = (
    "FROM sessions SHOW sessions, sessions_with_cart_additions, sessions_that_reached_checkout,"
    " sessions_that_completed_checkout WHERE human_or_bot_session = 'human' TIMESERIES day"
    " SINCE {first} UNTIL {last} ORDER BY day ASC"
)
COLUMNS = {
    "day": "date",
    "sessions": "sessions",
    "sessions_with_cart_additions": "add_to_cart",
    "sessions_that_reached_checkout": "reached_checkout",
    "sessions_that_completed_checkout": "purchases",
}


def sync(client: Client, begun: datetime) -> Loaded:
    """The last four weeks, the first time a year. Raises Failure."""
    link = client.link
    state, today = link.state(STREAM), link.services.today(link.shop)
    if state.get("at") and begun - moment(state["at"]) < OFTEN:
        return Loaded()
    back = TRAILING if state.get("at") else FIRST_DAYS
    first = max(OLDEST, today - back)
    rows = table(client, STATEMENT.format(first=first, last=today))
    found, refused = daily.sessions_table(link.shop, _renamed(rows))
    batch = restating.restated(
        link.shop, SOURCE, "sessions", found, first=first, last=today,
        where={"channel": NONE, "country": NONE}, revision=int(begun.timestamp() * 1000),
    )  # fmt: skip
    changed = len(found) if restating.changes(link.services.warehouse, batch) else 0
    if changed:
        link.merge(batch)
    given = daily.refused(_renamed(rows), refused)
    rejected = link.reject(STREAM, given) if given else 0
    link.save(STREAM, {"at": f"{begun.isoformat()}"})
    return Loaded(len(rows), changed, rejected)


def table(client: Client, statement: str) -> list[dict[str, str]]:
    """Rows of a ShopifyQL statement by column name, every value a text. Raises Refused where
    Shopify cannot read the statement, Denied where the app may not ask."""
    data = client.ask(texts.text("shopifyql"), {"statement": statement})
    answer = mapping(data.get("shopifyqlQuery"))
    if answer.get("parseErrors"):
        raise Refused(
            t(
                "Shopify cannot read a question to its reports: {reason}",
                reason=str(answer["parseErrors"])[:300],
            )
        )
    found = mapping(answer.get("tableData"))
    rows, columns = found.get("rows"), found.get("columns")
    if not isinstance(rows, list) or not isinstance(columns, list):
        raise Refused(t("Shopify's report came without a table."))
    return [{str(k): str(v) for k, v in row.items()} for row in rows if isinstance(row, dict)]


def _renamed(rows: list[dict[str, str]]) -> pa.Table:
    return pa.table(
        {
            ours: pa.array([row.get(theirs) for row in rows], pa.string())
            for theirs, ours in COLUMNS.items()
        }
    )
