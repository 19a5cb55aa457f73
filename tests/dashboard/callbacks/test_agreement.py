"""The figures of one page agree: what its tiles, charts and tables show is one and the same sum."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from dash.development.base_component import Component

from agent.services import Services
from dashboard.callbacks import parts
from dashboard.pages import PAGES
from dashboard.pages.explore import TABS
from tests.dashboard.callbacks.test_parts import NOVEMBER, everything, person, words

# Net sales of Alma's Tea (tests/almas_tea.py) from 1 to 16 November by hand, order by order from #2
# to #10 and the credit note: 8 + 35 + 0 + 20 + 5 + 10 + 10 + 40 + 18 - 4. #4 was cancelled; #6 is
# from nowhere, #7 and #8 are Austrian.
NET = {"": 142.0, "&country=DE": 117.0}
Draw = Callable[..., Any]


@pytest.fixture
def drawn(server: Any, services: Services) -> Draw:
    def draw(path: str, name: str, search: str) -> Any:
        with server.test_request_context("/"):
            person(services)
            return parts.drawn(services, PAGES[path], name, search)[0]

    return draw


def of_class(content: Any, name: str) -> list[Any]:
    found = [x for x in everything(content) if isinstance(x, Component)]
    return [x for x in found if name in str(getattr(x, "className", "") or "").split()]


def money(text: str) -> float:
    found = re.search(r"(−?)€([\d,.]+)", text)
    assert found is not None, text
    return float(found[2].replace(",", "")) * (-1 if found[1] else 1)


def in_chart(content: Any) -> float:
    """The sum of this period's line, as the browser gets it."""
    (graph,) = [x for x in everything(content) if type(x).__name__ == "Graph"]
    (line,) = [t for t in graph.figure["data"] if t.get("meta", {}).get("role") == "now"]
    return float(np.nansum(np.asarray(line["y"], dtype=float)))


def in_table(content: Any, place: int) -> tuple[float, float]:
    """The rows' sum of a column, and what its total row says."""
    rows = [x for x in everything(content) if type(x).__name__ == "Tr"][1:]
    cells = [[c for c in row.children if type(c).__name__ == "Td"][place] for row in rows]
    values = [float(getattr(cell, "data-v")) for cell in cells]
    return sum(values[:-1]), values[-1]


def in_bars(content: Any) -> tuple[float, float]:
    rows = [money(words(of_class(row, "n"))) for row in of_class(content, "lb")]
    return sum(rows), money(words(of_class(content, "foot")))


@pytest.mark.parametrize("within", NET)
def test_overview_agrees_with_itself(drawn: Draw, within: str) -> None:
    search, net = f"{NOVEMBER}{within}", NET[within]
    (tile,) = [
        t for t in of_class(drawn("/", "figures", search), "kpi") if t.id["key"] == "net_sales"
    ]
    assert money(words(of_class(tile, "value"))) == pytest.approx(net)
    assert in_chart(drawn("/", "main", search)) == pytest.approx(net)
    assert in_table(drawn("/", "products", search), 1) == pytest.approx((net, net))
    for name in ("channels", "countries", "kinds"):
        content = drawn("/", name, search)
        # Bars say money from a hundred on without cents.
        assert in_bars(content) == pytest.approx((net, net), abs=0.51), name


@pytest.mark.parametrize("within", NET)
def test_explore_agrees_with_itself(drawn: Draw, within: str) -> None:
    search, net = f"{NOVEMBER}{within}", NET[within]
    hero = of_class(drawn("/explore", "hero", search), "value")
    assert money(words(hero[0])) == pytest.approx(net, abs=0.51)
    assert in_chart(drawn("/explore", "trend", search)) == pytest.approx(net)
    (here,) = [
        x
        for x in everything(drawn("/explore", "crumbs", search))
        if getattr(x, "aria-current", "") == "page"
    ]
    assert money(words(here)) == pytest.approx(net)
    for name in (*TABS, "weekday"):
        content = drawn("/explore", "breakdown", f"{search}&by={name}")
        assert in_table(content, 0) == pytest.approx((net, net)), name
