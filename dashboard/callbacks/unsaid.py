"""What a shop's data does not say: not one full bar of "(none)", not a row of zeros, but what would
bring it.
"""

from __future__ import annotations

from typing import Any

from agent.errors import Refused
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE
from agent.metrics.questions import Ask
from agent.words import mark, t
from dashboard import components
from dashboard.callbacks.menus import cleared
from dashboard.callbacks.showing import Showing
from dashboard.charts import Chart
from dashboard.panels import Panel, Table

BRINGS = {
    "channel": mark("They appear with a file that has the channel of each order."),
    "country": mark("They appear with a file that has the country of each order."),
    "product_type": mark("They appear with a file that has the type of each product."),
    "vendor": mark("They appear with a file that has the vendor of each product."),
    "variant": mark("They appear with a file that has the variant of each line."),
}
# What is missing without a table of the warehouse, and what would bring it.
NEEDS = {
    "sessions": (
        mark("No visits in this shop's data"),
        mark(
            "The steps from visit to order need the shop's sessions. Orders alone do not say them."
        ),
    ),
    "spend": (
        mark("No marketing spend in this shop's data"),
        mark("This needs what was spent, by day, channel and campaign."),
    ),
    "inventory": (
        mark("No stock in this shop's data"),
        mark("This needs what was in stock, by day and product."),
    ),
}


def unsaid(showing: Showing, table: Table) -> bool:
    """Whether the table's only group is the unnamed one, and the shop has never had another."""
    keys = [row.key for row in table.rows if row.kind != "total"]
    if table.dimension not in BRINGS or keys != [NONE]:
        return False
    ever = cleared(showing.scope).alone()
    ever = ever.during(showing.first_day or ever.start, max(ever.end, showing.today))
    frame = showing.ask(Ask(("units",), (table.dimension,), top=2), ever)
    return all(value is None for value in frame.values(table.dimension))


def nothing_said(table: Table) -> Any:
    plural = t(DIMENSIONS[table.dimension].plural)
    title = t("No {noun} in this shop's data", noun=plural)
    return components.empty(title, t(BRINGS[table.dimension]), _import())


def uncosted(chart: Chart) -> bool:
    """Whether the plane of margins has no product in it."""
    return chart.kind == "scatter" and chart.dimension == "product" and not chart.x.size


def no_margins() -> Any:
    words = t("This needs what the products cost, and sales in this period.")
    return components.empty(t("No product's margin is known"), words, _import())


def lacking(asked: Panel) -> Any:
    """Instead of a panel whose table the shop does not have."""
    title, words = NEEDS[asked.needs]
    return components.empty(t(title), t(words), _import())


def refused(showing: Showing, error: Refused) -> Any:
    """Instead of a panel that cannot be asked under the page's filters."""
    action = (t("Clear filters"), showing.here.href(cleared(showing.scope)))
    return components.empty(t("Not known with these filters"), str(error), action)


def _import() -> tuple[str, str]:
    return (t("Import a file"), "/sources")
