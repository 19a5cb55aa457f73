"""Where no order is left: why, and the shortest way back to some."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.questions import Ask, Filter
from agent.words import t
from dashboard import components
from dashboard.callbacks.menus import cleared, value_words
from dashboard.callbacks.showing import Showing

TRIED = 5


def no_orders(showing: Showing) -> Any:
    """Nothing matches: the filters to drop, else that the period is empty."""
    if showing.scope.filters:
        return components.nothing_fits(showing.here.href(cleared(showing.scope)), _nearest(showing))
    words = t("There are no orders in this period. Choose another one.")
    return components.empty(t("No orders"), words)


def _nearest(showing: Showing) -> tuple[str, str] | None:
    """The one filter without which there are orders again, the last one added first."""
    filters = showing.scope.filters
    if len(filters) < 2:
        return None
    for chosen in tuple(reversed(filters))[:TRIED]:
        less = replace(showing.scope, filters=tuple(f for f in filters if f != chosen))
        if showing.ask(Ask(("orders",)), less.alone()).total("orders"):
            return t("Drop {filter}", filter=_words(showing, chosen)), showing.here.href(less)
    return None


def _words(showing: Showing, chosen: Filter) -> str:
    label = t(DIMENSIONS[chosen.dimension].label)
    return f"{label}: {value_words(showing, chosen)}"
