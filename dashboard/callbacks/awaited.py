"""What stands in a part's place while its forecast is on its way, or where there can be none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from agent.forecasting.asking import Wanted
from agent.forecasting.outlook import Outlook
from agent.words import t
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.components import foreseen
from dashboard.foretold import Asked, Making
from dashboard.routes.people import known

Draw = Callable[[Outlook, Asked], Any]
BEFORE_S = 20.0
"""A part that cannot be drawn yet looks again after so long."""


def main(showing: Showing) -> Making:
    """The forecast that the address asks for, or how far it is."""
    asked = Asked.of(showing.here.own)
    return look_up(showing, asked.wanted(showing.shop, showing.scope), asked.horizon)


def look_up(showing: Showing, wanted: Wanted, horizon: int) -> Making:
    """A series for whoever looks at the page."""
    person = known()
    who = (person.user_id or person.name) if person else ""
    return showing.outlook(wanted, horizon, who)


def of(showing: Showing, draw: Draw) -> Any:
    """A part of the main forecast; its place while that is on its way."""
    found = main(showing)
    if found.outlook is None:
        return beside(found)
    return draw(found.outlook, Asked.of(showing.here.own))


def beside(found: Making) -> Any:
    if found.state == "running":
        return foreseen.waits()
    text = t("This appears with the first forecast.")
    return [components.empty(t("No forecast yet"), text, sign="trending-up"), *look(found)]


def look(found: Making) -> list[Any]:
    """Asks again while something is on its way, or once a pause is over."""
    if found.state == "running":
        return [foreseen.again(1.2)]
    return [foreseen.again(BEFORE_S)] if found.throttled else []


def instead(showing: Showing, found: Making) -> Any:
    """How far a forecast is, when it is tried again, or why there can be none."""
    fault = found.fault
    if fault is None:
        text = t("Its models are tried on the past first. You can leave the page meanwhile.")
        return foreseen.making(t("The forecast is being made"), found.share, text)
    if found.throttled and found.until is not None:
        left = (found.until - showing.services.clock.now()).total_seconds()
        local = found.until.astimezone(ZoneInfo(showing.shop.timezone))
        at = t("It is tried again by itself at {time}.", time=f"{local:%H:%M:%S}")
        content = components.empty(fault.message, at, sign="clock")
        return [content, foreseen.again(left + 1)]
    if fault.permanent and not fault.reference:
        return components.empty(fault.message, fault.hint, sign="info")
    return components.failed(fault.message, fault.hint, fault.reference)
