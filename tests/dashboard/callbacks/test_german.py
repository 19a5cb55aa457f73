"""A page in another language: nothing that a person reads on it is still English."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dash.development.base_component import Component

from agent import words
from agent.services import Services
from dashboard import shell
from dashboard.callbacks import parts
from dashboard.pages import PAGES
from tests.dashboard.callbacks.test_parts import NOVEMBER, person
from tests.german import english

READ = ("title", "alt", "placeholder", "aria-label", "data-label", "data-say")
"""Attributes that a person reads or hears."""
DRAWN = ("text", "ticktext", "hovertemplate", "hovertext", "labels", "name", "customdata")
"""What of a figure is written into the picture."""
CODE = ("Code", "Pre", "Kbd", "Datalist", "Option")
PAGES_SEEN = ("/", "/explore", "/products", "/customers", "/marketing", "/targets")
SEARCHES = (
    NOVEMBER,
    f"{NOVEMBER}&by=month&metrics=net_sales,orders&split=country&cmp=year",
    f"{NOVEMBER}&country=DE&cmp=target&refunds=order_day",
    "?from=2026-02-30&to=2026-03-01&by=nonsense&kpi=nothing&cmp=sideways",
    f"{NOVEMBER}&country=ZZ&colour=rot",
    f"{NOVEMBER}&value_tier=High+value",
    f"{NOVEMBER}&receipt=net_sales&of=country:DE",
    f"{NOVEMBER}&receipt=average_order_value",
)


def read(content: Any) -> Iterator[str]:
    """Everything that a person reads of a part: its text, its labels, its pictures."""
    if isinstance(content, list | tuple):
        for item in content:
            yield from read(item)
    elif isinstance(content, Component):
        if type(content).__name__ in CODE:
            return
        yield from (str(v) for k, v in _attributes(content) if k in READ and v)
        yield from drawn_words(getattr(content, "figure", None))
        yield from read(getattr(content, "children", None))
    elif isinstance(content, str):
        yield content


def _attributes(content: Component) -> Iterator[tuple[str, Any]]:
    yield from ((k, v) for k, v in content.to_plotly_json()["props"].items())


def drawn_words(found: Any, key: str = "") -> Iterator[str]:
    if isinstance(found, dict):
        for name, value in found.items():
            yield from drawn_words(value, name if name in DRAWN or key != "text" else key)
    elif isinstance(found, list | tuple):
        for value in found:
            yield from drawn_words(value, key)
    elif isinstance(found, str) and key in DRAWN:
        yield found


def names_of(path: str) -> list[str]:
    bones = list(_components(shell.bones(PAGES[path])))
    ids = [x.id["id"] for x in bones if isinstance(getattr(x, "id", None), dict)]
    names = {i.partition(".")[2] for i in ids if i.startswith(f"{PAGES[path].name}.")}
    names -= {n for n in names if n in shell.FILTERS}
    menus = {n.replace("chip-", "menu-") for n in names if n.startswith("chip-")}
    return sorted({*names, *menus, "receipt"})


def _components(content: Any) -> Iterator[Component]:
    if isinstance(content, list | tuple):
        for item in content:
            yield from _components(item)
    elif isinstance(content, Component):
        yield content
        yield from _components(getattr(content, "children", None))


@pytest.mark.parametrize("path", PAGES_SEEN)
def test_a_german_page_has_no_english_left(server: Any, services: Services, path: str) -> None:
    left: dict[str, set[str]] = {}
    with server.test_request_context("/"), words.speaking("de_DE"):
        person(services)
        for name in names_of(path):
            for search in SEARCHES:
                content, _ = parts.drawn(services, PAGES[path], name, search)
                for text in read(content):
                    if english(text):
                        left.setdefault(text, set()).add(name)
    assert not left


def test_an_english_sentence_would_be_found() -> None:
    assert english("Net sales rose 8.1% to €108.10.")
    assert english("<b>Highest</b>: 12 Nov")
    assert not english("Nettoumsatz um 8,1 % auf 108,10 € gestiegen.")
    figure = {"layout": {"annotations": [{"text": "Target by day"}], "template": {"name": "the"}}}
    assert "Target by day" in list(drawn_words(figure))
