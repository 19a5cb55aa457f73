"""A breakdown by what no order of the shop says: not one full bar of "(none)", but what would bring
it.
"""

from __future__ import annotations

from typing import Any

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE
from agent.metrics.questions import Ask
from dashboard import components
from dashboard.callbacks.menus import cleared
from dashboard.callbacks.showing import Showing
from dashboard.panels import Table

BRINGS = {
    "channel": "They appear with a file that has the channel of each order.",
    "country": "They appear with a file that has the country of each order.",
    "product_type": "They appear with a file that has the type of each product.",
    "vendor": "They appear with a file that has the vendor of each product.",
}
IMPORT = ("Import a file", "/sources")


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
    plural = DIMENSIONS[table.dimension].plural
    title = f"No {plural} in this shop's data."
    return components.empty(title, BRINGS[table.dimension], IMPORT)
