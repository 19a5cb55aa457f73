"""How the month stands to its targets, on Overview."""

from __future__ import annotations

from typing import Any

from agent.words import t
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.goals import goals_of, month_of
from dashboard.views.goals import landing_words, standing_of


def draw(showing: Showing) -> Any:
    """The targets of the month so far, each with its figure and its status."""
    month = month_of(showing.scope, showing.today)
    goals = goals_of(showing.services, showing.answer, showing.shop.shop_id, month)
    if not goals or month.until is None:
        return _nothing(showing, bool(goals))
    table = standing_of(goals, month, showing.shop.currency)
    key, menu = f"{showing.page.name}.standing", components.exports.files()
    section = components.table_section(table, key, menu, files=False)
    lands = landing_words(showing.services, showing.scope, goals, month)
    words = [lands, " "] if lands else []
    return [section, components.foot([*words, _way(showing)])]


def _way(showing: Showing) -> Any:
    return components.link(t("All targets"), showing.here.href(path="/targets"))


def _nothing(showing: Showing, some: bool) -> Any:
    words = (
        t("They are judged from the month's second day on.")
        if some
        else t("A target for a metric and a month appears here with how it stands.")
    )
    way = (t("Targets"), showing.here.href(path="/targets"))
    title = t("The month has just begun") if some else t("No targets yet")
    return components.empty(title, words, way, sign="target")
