"""Events: what people know of the shop's days, beside holidays that nobody has to write down."""

from __future__ import annotations

from agent.words import mark
from dashboard.panels import Page, a_list
from dashboard.views import events

PAGE = Page(
    "/events",
    mark("Events"),
    "calendar",
    (),
    above=("events", "event-form", "given", "past-events"),
    lists=(a_list("events", mark("Events"), events.listed),),
    key="v",
)
