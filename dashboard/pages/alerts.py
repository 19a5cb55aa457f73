"""Alerts: what is out of the ordinary and needs a person?"""

from __future__ import annotations

from agent.words import mark
from dashboard.panels import Page, a_list
from dashboard.views import findings

PAGE = Page(
    "/alerts",
    mark("Alerts"),
    "bell",
    (),
    above=("inbox", "precision"),
    lists=(a_list("findings", mark("Alerts"), findings.listed),),
    key="a",
    tab=True,
)
