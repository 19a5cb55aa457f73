"""The frame: menus that cost nothing while closed, and what phones have for the navigation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dash.development.base_component import Component

from agent import words
from agent.records.roles import Role
from dashboard import shell
from dashboard.pages import PAGES
from dashboard.routes.people import Person
from tests.dashboard.conftest import OURS

ANN = Person("Ann", Role.ANALYST, "cookie", 1)


def found(content: Any) -> Iterator[Component]:
    if isinstance(content, list | tuple):
        for item in content:
            yield from found(item)
    elif isinstance(content, Component):
        yield content
        yield from found(getattr(content, "children", None))


def by_class(content: Any, name: str) -> list[Component]:
    return [x for x in found(content) if name in str(getattr(x, "className", "")).split()]


def ids(content: Any, kind: str) -> set[str]:
    marked = [x.id for x in found(content) if isinstance(getattr(x, "id", None), dict)]
    return {i["id"] for i in marked if i.get("type") == kind}


def test_a_menu_is_no_part_that_an_address_draws_anew() -> None:
    bones = shell.bones(PAGES["/"])
    menus = {f"overview.menu-{name}" for name in shell.FILTERS}
    assert ids(bones, "choices") == ids(bones, "open") == menus
    assert not menus & ids(bones, "part")
    assert {f"overview.chip-{name}" for name in shell.FILTERS} <= ids(bones, "part")


def test_a_menu_hears_only_of_being_opened(ann: Any) -> None:
    listed = ann.get("/_dash-dependencies", headers=OURS).get_json()
    menus = [row for row in listed if '"type":"choices"' in row["output"].replace(" ", "")]
    assert len(menus) == 1
    assert [json.loads(i["id"])["type"] for i in menus[0]["inputs"]] == ["open"]
    assert menus[0]["prevent_initial_call"] is True


def test_an_opened_menu_is_filled_for_the_address_it_was_opened_at(ann: Any) -> None:
    key = {"id": "overview.menu-country", "type": "choices"}
    asked = {"id": "overview.menu-country", "type": "open"}

    def answer(path: str, data: Any) -> Any:
        body = {
            "output": '{"id":["MATCH"],"type":"choices"}.children',
            "outputs": {"id": key, "property": "children"},
            "inputs": [{"id": asked, "property": "data", "value": data}],
            "changedPropIds": [f"{said(asked)}.data"],
            "state": [
                {"id": "address", "property": "pathname", "value": path},
                {"id": key, "property": "id", "value": key},
            ],
        }
        return ann.post("/_dash-update-component", json=body, headers=OURS)

    search = "?from=2026-11-01&to=2026-11-16&country=DE"
    filled = answer("/", {"search": search, "at": 1})
    assert filled.status_code == 200, filled.text
    assert "Germany" in filled.text
    assert "country=DE&amp;country=AT" in str(filled.json["response"][said(key)]["children"])
    assert "Germany" not in answer("/explore", {"search": search, "at": 1}).text, "it has left"
    assert "Germany" not in answer("/", None).text


def said(key: dict[str, str]) -> str:
    return json.dumps(key, separators=(",", ":"), sort_keys=True)


def acts(content: Any) -> set[str]:
    return {getattr(x, "data-act", None) for x in found(content)} - {None}


def pages(content: Any) -> list[str]:
    return [path for x in found(content) if (path := getattr(x, "data-page", None))]


def test_phones_can_find_share_change_the_looks_and_leave() -> None:
    frame = shell.layout(ANN, "Alma's Tea", "light")
    (bar,) = by_class(frame, "top-bar")
    assert acts(bar) == {"palette", "share"}
    (more,) = by_class(frame, "bottom-sheet")
    assert acts(more) == {"theme", "language", "keys"}
    assert {getattr(x, "data-language", None) for x in found(more)} - {None} == {"en_US", "de_DE"}
    leave = [x for x in found(more) if getattr(x, "type", "") == "submit"]
    forms = [x for x in found(frame) if type(x).__name__ == "Form"]
    assert [(x.form) for x in leave] == ["leave"]
    assert [(x.id, x.action, x.method) for x in forms] == [("leave", "/signout", "POST")]


def test_a_phone_reaches_every_page_with_five_tabs_at_most() -> None:
    frame = shell.layout(ANN, "Alma's Tea", "light")
    (bar,) = by_class(frame, "tab-bar")
    (more,) = by_class(frame, "bottom-sheet")
    assert len(bar.children) <= 5
    assert pages(bar) == ["/", "/explore", "/forecasts", "/alerts"]
    assert acts(bar) == {"more"}
    assert sorted([*pages(bar), *pages(more)]) == sorted(PAGES)


def test_the_navigation_has_every_page_in_order_under_its_group() -> None:
    (side,) = by_class(shell.layout(ANN, "Alma's Tea", "light"), "side")
    assert pages(side) == list(PAGES)
    heads = [x.children for x in by_class(side, "nav-group")]
    assert heads == list(dict.fromkeys(page.group for page in PAGES.values() if page.group))


def test_every_page_has_a_key_of_its_own_and_the_list_of_keys_names_it() -> None:
    keys = [page.key for page in PAGES.values()]
    assert all(len(key) == 1 and key.islower() for key in keys)
    assert len(set(keys)) == len(keys)
    (listed,) = by_class(shell.layout(ANN, "Alma's Tea", "light"), "key-groups")
    said = [x.children for x in found(listed) if type(x).__name__ == "Dd"]
    assert {page.title for page in PAGES.values()} <= set(said)


def test_the_frame_speaks_the_language() -> None:
    with words.speaking("de_DE"):
        frame = str(shell.layout(ANN, "Alma's Tea", "light"))
    assert "Springen zu" in frame and "Tastenkürzel" in frame
    assert "Jump to" not in frame and "Keyboard shortcuts" not in frame
