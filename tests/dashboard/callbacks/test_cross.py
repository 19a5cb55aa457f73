"""Shaded cells lead where rows lead: a click chooses, shift adds, a chosen one is taken away."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from dash.development.base_component import Component

from dashboard.components.heat import heat_section
from dashboard.panels import Cell, Heading, Row, Table
from tests.dashboard.callbacks.test_drill import drawn
from tests.dashboard.callbacks.test_parts import NOVEMBER
from tests.dashboard.test_components import of_class, tags, text

__all__ = ["drawn"]


def chosen(href: str, dimension: str) -> list[str]:
    return parse_qs(urlsplit(href).query).get(dimension, [])


def blocks(content: Any) -> dict[str, Component]:
    """One block of the grid for each group that has any."""
    return {text(of_class(block, "over")[0]): block for block in of_class(content, "block")}


def test_a_block_of_the_grid_chooses_its_group_and_shift_adds_it(drawn: Any) -> None:
    found = blocks(drawn("/customers", "rfm"))
    one, two = sorted(found)[:2]
    assert chosen(found[one].href, "rfm") == [one]
    assert chosen(getattr(found[one], "data-adds"), "rfm") == [one]
    among = blocks(drawn("/customers", "rfm", f"{NOVEMBER}&rfm={one.replace(' ', '+')}"))
    assert chosen(among[two].href, "rfm") == [two]
    assert chosen(getattr(among[two], "data-adds"), "rfm") == [one, two]
    assert chosen(among[one].href, "rfm") == []
    assert getattr(among[one], "aria-current") == "true"
    assert getattr(among[two], "aria-current", None) is None


def test_a_cohort_filters_the_page_and_shift_adds_another(drawn: Any) -> None:
    search = f"{NOVEMBER}&cohort=2026-11"
    links = tags(drawn("/customers", "cohorts", search), "A")
    rows = {text(link): link for link in links if getattr(link, "data-adds", "")}
    assert chosen(rows["Nov 2026"].href, "cohort") == []
    other = next(name for name in rows if name != "Nov 2026")
    assert len(chosen(rows[other].href, "cohort")) == 1
    added = chosen(getattr(rows[other], "data-adds"), "cohort")
    assert added[0] == "2026-11" and len(added) == 2


@pytest.mark.parametrize("adds", ["", "/?rfm=A&rfm=B"])
def test_a_cell_without_a_choice_is_no_link(adds: str) -> None:
    cells = (Cell("3", 3.0, heat=0.5), Cell("4", 4.0, heat=1.0, href="/?rfm=B", adds=adds))
    table = Table("Grid", "", (Heading("a"), Heading("b")), (Row("r", cells),))
    (link,) = of_class(heat_section(table, "x.y"), "block")
    assert getattr(link, "data-adds", "") == adds
