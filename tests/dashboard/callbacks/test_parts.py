from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from dash import no_update
from dash.development.base_component import Component

from agent.services import Services
from dashboard import shell
from dashboard.callbacks import pages, parts
from dashboard.pages import PAGES

NOVEMBER = "?from=2026-11-01&to=2026-11-16"


@pytest.fixture
def drawn(server: Any, services: Services) -> Any:
    """Draws a part as its callback does, inside a request of ann's."""

    def draw(path: str, name: str, search: str = NOVEMBER) -> Any:
        with server.test_request_context("/"):
            person(services)
            return parts.drawn(services, PAGES[path], name, search)

    return draw


def person(services: Services, name: str = "ann") -> None:
    from flask import g

    from dashboard.routes.people import Person

    user = services.records.users.by_email(f"{name}@tea.example")
    assert user is not None
    g.person = Person(user.name, user.role, "cookie", user.user_id)


def everything(content: Any) -> Iterator[Any]:
    if isinstance(content, list | tuple):
        for item in content:
            yield from everything(item)
    elif isinstance(content, Component):
        yield content
        yield from everything(getattr(content, "children", None))
    elif content is not None:
        yield content


def words(content: Any) -> str:
    return " ".join(str(x) for x in everything(content) if not isinstance(x, Component))


def links(content: Any) -> list[str]:
    found = (getattr(x, "href", None) for x in everything(content) if isinstance(x, Component))
    return [href for href in found if href]


def test_every_part_of_every_page_draws_and_says_what_it_read(drawn: Any) -> None:
    for path, page in PAGES.items():
        bones = [x for x in everything(shell.bones(page)) if isinstance(x, Component)]
        ids = [x.id["id"] for x in bones if getattr(x, "id", None) and isinstance(x.id, dict)]
        names = {i.partition(".")[2] for i in ids if i.startswith(f"{page.name}.")}
        names -= {n for n in names if n in shell.FILTERS}
        assert names, path
        for name in names:
            content, read = drawn(path, name)
            assert "could not be drawn" not in words(content), (path, name)
            assert read is not None
            assert read["shop"] == "almas-tea"
    assert drawn("/", "main")[1]["tables"]["sales"] > 0


def test_the_key_figures_are_the_engines(drawn: Any, services: Services) -> None:
    said = words(drawn("/", "figures")[0])
    orders = services.answer(services.question(f"metrics=orders&{NOVEMBER[1:]}")).total("orders")
    assert f"Orders {orders}" in re.sub(r"\s+", " ", said)


def test_the_chosen_figure_is_the_charts(drawn: Any) -> None:
    assert "Net sales per day" in words(drawn("/", "main")[0])
    chosen = drawn("/", "main", f"{NOVEMBER}&kpi=orders")[0]
    assert "Orders per day" in words(chosen)
    assert "Orders per week" in words(drawn("/", "main", f"{NOVEMBER}&kpi=orders&grain=week")[0])


def test_one_read_serves_figures_and_chart(drawn: Any, services: Services) -> None:
    drawn("/", "figures")
    misses = services.cache.counts()["misses"]
    drawn("/", "main")
    drawn("/", "figures")
    assert services.cache.counts()["misses"] == misses


def test_a_row_leads_one_level_deeper(drawn: Any) -> None:
    found = links(drawn("/explore", "breakdown", f"{NOVEMBER}&by=country")[0])
    germany = next(href for href in found if "country=DE" in href)
    assert germany.startswith("/explore?shop=almas-tea&from=2026-11-01&to=2026-11-16")
    assert "by=region" in germany
    by_type = germany.partition("?")[2].replace("by=region", "by=product_type")
    deeper = links(drawn("/explore", "breakdown", by_type)[0])
    tea = next(href for href in deeper if "product_type=Tea" in href)
    assert tea.index("country=DE") < tea.index("product_type=Tea"), "the order is the way"
    assert "by=product" in tea


def test_the_way_back_is_in_the_crumbs(drawn: Any) -> None:
    search = f"{NOVEMBER}&country=DE&product_type=Tea"
    content = drawn("/explore", "crumbs", search)[0]
    assert "Country: Germany" in words(content)
    assert "Product type: Tea" in words(content)
    assert any("country" not in href and "product_type" not in href for href in links(content))
    assert any("product_type=Tea" in href and "country" not in href for href in links(content))
    up = [x for x in everything(content) if getattr(x, "data-up", None)]
    assert len(up) == 1
    assert "country=DE" in up[0].href
    assert "product_type=" not in up[0].href


def test_the_hero_counts_its_share(drawn: Any, services: Services) -> None:
    part = services.answer(services.question(f"metrics=net_sales&country=DE&{NOVEMBER[1:]}"))
    whole = services.answer(services.question(f"metrics=net_sales&{NOVEMBER[1:]}"))
    share = float(part.total("net_sales") or 0) / float(whole.total("net_sales") or 1)
    assert f"{share:.1%}" in words(drawn("/explore", "hero", f"{NOVEMBER}&country=DE")[0])


def test_a_menu_toggles_values_and_keeps_the_others(drawn: Any) -> None:
    content = drawn("/", "menu-country", f"{NOVEMBER}&country=DE&channel=web")[0]
    found = links(content)
    assert "country" not in found[0]
    assert all("channel=web" in href for href in found)
    assert any("country=DE&country=AT" in href for href in found)
    checked = [x for x in everything(content) if getattr(x, "aria-checked", "") == "true"]
    assert len(checked) == 1


def test_a_bad_address_is_a_sentence_and_the_nearest_view(drawn: Any) -> None:
    content = drawn("/", "head", "?from=2026-02-30&country=DE")[0]
    assert "not a day" in words(content)
    assert "failed" not in words(content)


def test_one_broken_part_leaves_the_others_standing(
    drawn: Any, services: Services, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(_: Any) -> Any:
        raise ZeroDivisionError("a secret of the code")

    monkeypatch.setattr(parts, "DRAWN", {**parts.DRAWN, "lead": broken})
    content, _ = drawn("/", "lead")
    said = words(content)
    assert "The summary could not be drawn." in said
    assert "a secret of the code" not in said
    reference = re.search(r"Reference (\w{8})", said)
    assert reference is not None
    assert reference[1] in caplog.text
    assert "Net sales per day" in words(drawn("/", "main")[0])


def test_a_warehouse_that_is_away_says_so_without_a_reference(
    drawn: Any, services: Services
) -> None:
    drawn("/", "main")
    services.warehouse.close()
    said = words(drawn("/", "main", "?period=last_90_days")[0])
    assert "Reference" not in said
    assert len(said) > 10


def test_no_orders_offer_the_way_out(drawn: Any) -> None:
    content = drawn("/explore", "breakdown", f"{NOVEMBER}&value_tier=High+value")[0]
    assert "No orders match" in words(content)
    assert any("value_tier" not in href for href in links(content))


def test_without_a_shop_pages_say_what_to_do(empty_services: Services) -> None:
    content = pages.page(empty_services, "/")
    assert "No sales to show yet" in words(content)
    assert links(content) == ["/sources"]


def test_a_page_that_is_not_there(services: Services) -> None:
    assert "Not found" in words(pages.page(services, "/nowhere"))


def test_viewers_see_why_they_cannot_import(server: Any, services: Services) -> None:
    with server.test_request_context("/"):
        person(services, "vic")
        content, _ = parts.drawn(services, PAGES["/sources"], "upload", "")
        assert "needs the role analyst" in words(content)
        person(services, "ann")
        content, _ = parts.drawn(services, PAGES["/sources"], "upload", "")
        assert "Import a file" in words(content)


def sight(services: Services) -> parts.Sight:
    return parts.Sight(services, PAGES["/"], NOVEMBER)


def drawn_of(told: list[Any]) -> list[bool]:
    return [content is not no_update for content in told]


def test_only_parts_that_are_wanted_are_drawn(
    server: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "READY_S", 60)
    names = ["overview.head", "overview.figures", "overview.main"]
    with server.test_request_context("/"):
        person(services)
        told, read = parts.batch(sight(services), names, parts.Asked("1", {}, {}))
        assert drawn_of(told) == [True, True, True]
        assert read["overview.main"]["tables"]["sales"] > 0
        assert not read["left"]
        told, same = parts.batch(sight(services), names, parts.Asked("1", {}, read))
        assert (drawn_of(told), same) == ([False, False, False], read), "all of it stands already"
        again = parts.Asked("1", {"overview.main": 1}, read)
        told, read = parts.batch(sight(services), names, again)
        assert drawn_of(told) == [False, False, True]
        told, _ = parts.batch(sight(services), names, parts.Asked("1", again.again, read))
        assert drawn_of(told) == [False, False, False], "a wish is met once"
        told, _ = parts.batch(sight(services), names, parts.Asked("2", again.again, read))
        assert drawn_of(told) == [True, True, True], "the address has changed"


def test_what_takes_long_is_left_for_the_next_question(
    server: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "READY_S", -1)
    names = ["overview.head", "overview.figures", "overview.main"]
    read: dict[str, Any] = {}
    with server.test_request_context("/"):
        person(services)
        for place in range(3):
            told, read = parts.batch(sight(services), names, parts.Asked("1", {}, read))
            assert drawn_of(told) == [place == n for n in range(3)]
            assert read["left"] is (place < 2)


def test_a_part_that_fails_leaves_the_others(
    server: Any, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "READY_S", 60)
    names = ["overview.nonsense", "overview.main"]
    with server.test_request_context("/"):
        person(services)
        told, read = parts.batch(sight(services), names, parts.Asked("1", {}, {}))
    assert "has no part called" in str(told[0])
    assert "Net sales per day" in str(told[1])
    assert read["overview.main"]["tables"]["sales"] > 0
