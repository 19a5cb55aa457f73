"""The page Targets on Alma's Tea: what it shows, and what its forms do and refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
from dash.development.base_component import Component

from agent.records.kpis import Kpi
from agent.records.targets import Target
from agent.services import Services
from agent.words import speaking
from dashboard.callbacks import parts
from dashboard.callbacks.entering import as_typed, figure
from dashboard.callbacks.kpis import slug
from dashboard.pages import PAGES
from tests.dashboard.conftest import OURS

SHOP = "almas-tea"
PARTS = ("goals", "goal-form", "kpis", "kpi-form")
EMPTY = {
    "editing": "",
    "label": "",
    "name": "",
    "unit": "number",
    "direction": "up",
    "formula": "",
    "definition": "",
    "target": "",
    "warning": "",
    "critical": "",
}
VALUE = {**EMPTY, "label": "Value of an order", "unit": "money", "formula": "net_sales / orders"}


def draw(server: Any, services: Services, part: str, search: str = "", name: str = "ann") -> Any:
    from flask import g

    from dashboard.routes.people import Person

    user = services.records.users.by_email(f"{name}@tea.example")
    assert user is not None
    with server.test_request_context("/"):
        g.person = Person(user.name, user.role, "cookie", user.user_id)
        return parts.drawn(services, PAGES["/targets"], part, search)[0]


def words(content: Any) -> str:
    return " ".join(text for text in _texts(content) if text)


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str | int | float):
        yield str(content)
    elif isinstance(content, list | tuple):
        for item in content:
            yield from _texts(item)
    elif isinstance(content, Component):
        yield from _texts(getattr(content, "children", None))


class Form:
    """A signed-in browser's half of the callbacks of one form."""

    def __init__(self, client: Any, name: str) -> None:
        self.client, self.name = client, name
        self.known = client.get("/_dash-dependencies").json

    def fire(self, key: str | dict[str, Any], prop: str, value: Any, /, **fields: str) -> Any:
        """Change one property, the fields filled in; returns what the callback sets."""
        wanted = key if isinstance(key, str) else json.dumps(_wild(key), sort_keys=True)
        found = next(d for d in self.known if _feeds(d, wanted, prop))
        payload = {
            "output": found["output"],
            "outputs": [] if found["no_output"] else _place(found["output"]),
            "inputs": [self._given(spec, key, prop, value, fields) for spec in found["inputs"]],
            "state": [self._given(spec, key, prop, value, fields) for spec in found["state"]],
            "changedPropIds": [f"{_said(key)}.{prop}"],
        }
        answer = self.client.post("/_dash-update-component", json=payload, headers=OURS)
        assert answer.status_code in (200, 204), answer.text
        told = answer.json if answer.status_code == 200 else {}
        return {**told.get("sideUpdate", {}), **told.get("response", {})}

    def _given(self, spec: Any, key: Any, prop: str, value: Any, fields: Mapping[str, str]) -> Any:
        name, wild = spec["id"], spec["id"].startswith("{")
        if not wild:
            mine = name == key and spec["property"] == prop
            return {"id": name, "property": spec["property"], "value": value if mine else ""}
        pattern = json.loads(name)
        if pattern["type"].endswith("-field"):
            rows = [{"type": pattern["type"], "name": one} for one in fields]
            given = list(fields.values()) if spec["property"] == "value" else rows
            return [
                {"id": row, "property": spec["property"], "value": one}
                for row, one in zip(rows, given, strict=True)
            ]
        return [{"id": key, "property": prop, "value": value}]


def _place(output: str) -> dict[str, str]:
    """The one output of a callback."""
    name, _, prop = output.rpartition(".")
    return {"id": name, "property": prop}


def _wild(key: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if name == "type" else ["ALL"] for name, value in key.items()}


def _said(key: Any) -> str:
    return key if isinstance(key, str) else json.dumps(key, sort_keys=True, separators=(",", ":"))


def _feeds(found: Any, wanted: str, prop: str) -> bool:
    specs = [(_normal(spec["id"]), spec["property"]) for spec in found["inputs"]]
    return (wanted, prop) in specs and not found.get("clientside_function")


def _normal(name: str) -> str:
    return json.dumps(json.loads(name), sort_keys=True) if name.startswith("{") else name


@pytest.fixture
def target_form(ann: Any) -> Form:
    return Form(ann, "target")


def send(form: Form, /, **fields: str) -> Any:
    return form.fire(form.name, "n_submit", 1, **fields)


def wrong(told: Any, form: str) -> str:
    return json.dumps(told[f"{form}-said"]["children"], ensure_ascii=False)


TARGET = {"metric": "net_sales", "month": "every", "target": "900", "warning": "", "critical": ""}


def test_the_page_shows_targets_and_how_they_stand(server: Any, services: Services) -> None:
    services.records.targets.put(SHOP, "orders", 15)
    said = words(draw(server, services, "goals"))
    assert "targets are not met" in said or "targets is not met" in said
    assert "1 – 16 Nov, full days" in said
    assert "pro-rated to 16 of 30 days" in said
    assert "Shipped default" in said
    assert "Orders 15 – " in said
    for part in PARTS[1:]:
        assert "could not be drawn" not in words(draw(server, services, part))


def test_a_month_that_is_over_is_judged_whole(server: Any, services: Services) -> None:
    services.records.targets.put(SHOP, "orders", 31)
    services.records.targets.put(SHOP, "orders", 62, month=date(2026, 10, 1))
    said = words(draw(server, services, "goals", "?from=2026-10-03&to=2026-10-20"))
    assert "1 – 20 Oct" not in said
    assert "Oct 2026, the whole month" in said
    assert "Orders 62 This month's own – " in said


def test_on_the_first_day_nothing_is_judged(server: Any, services: Services, clock: Any) -> None:
    clock.advance(days=14)  # 1 December
    said = words(draw(server, services, "goals"))
    assert "Dec 2026 begins today" in said
    assert "Judged from the month's second day on" in said
    assert "Critical" not in said.replace("Warning, critical", "")


def test_a_viewer_sees_targets_but_no_form(server: Any, services: Services) -> None:
    assert "needs the role analyst" in words(draw(server, services, "goal-form", name="vic"))
    assert words(draw(server, services, "kpi-form", name="vic")) == ""
    table = str(draw(server, services, "goals", name="vic"))
    assert "target-remove" not in table
    assert "target-remove" in str(draw(server, services, "goals"))


def test_a_target_is_set_and_noted(target_form: Form, services: Services) -> None:
    told = send(target_form, **TARGET | {"warning": "800", "critical": "700"})
    assert told["target-said"] == {"children": []}
    assert "€900" in told["told"]["data"]["text"]
    assert told["redraw"]["data"]["parts"] == ["targets.goals"]
    assert services.records.targets.all(SHOP)["net_sales"] == Target("net_sales", 900, 800, 700)
    entry = services.records.audit.recent(1)[0]
    assert (entry.who, entry.what, entry.subject) == ("Ann", "set a target", "almas-tea: net_sales")
    send(target_form, **TARGET | {"month": "2026-12", "target": "1,500.5"})
    plan = services.records.targets.of(SHOP)
    assert plan.of_month("net_sales", date(2026, 12, 1)) == Target("net_sales", 1500.5)


def test_percent_is_typed_as_percent(target_form: Form, services: Services) -> None:
    send(target_form, **TARGET | {"metric": "repeat_purchase_rate", "target": "38.5 %"})
    assert services.records.targets.all(SHOP)["repeat_purchase_rate"].target == 0.385


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"target": ""}, "The target is empty."),
        ({"target": "many"}, "is not a number"),
        ({"target": "1,5,0"}, "is not a number"),
        ({"warning": "950"}, "warning and critical lie below"),
        ({"metric": "moods"}, "There is no metric called moods"),
        ({"month": "soon"}, "soon is not a month"),
    ],
)
def test_what_cannot_be_a_target_is_said_under_the_form(
    target_form: Form, services: Services, change: dict[str, str], why: str
) -> None:
    before = services.records.targets.of(SHOP)
    told = send(target_form, **TARGET | change)
    assert why in wrong(told, "target")
    assert "told" not in told
    assert services.records.targets.of(SHOP) == before


def test_a_viewer_changes_nothing(vic: Any, services: Services) -> None:
    before = services.records.targets.of(SHOP)
    told = send(Form(vic, "target"), **TARGET)
    assert "needs the role analyst; you are viewer" in wrong(told, "target")
    told = send(Form(vic, "kpi"), **VALUE)
    assert "needs the role analyst" in wrong(told, "kpi")
    gone = Form(vic, "target").fire(
        {"type": "target-remove", "metric": "cac", "month": "every"}, "n_clicks", 1
    )
    assert "needs the role analyst" in wrong(gone, "target")
    back = Form(vic, "target").fire("undo", "data", {"what": "target", "metric": "cac"})
    assert "needs the role analyst" in wrong(back, "target")
    assert services.records.targets.of(SHOP) == before
    assert services.records.kpis.all() == ()
    assert services.records.audit.recent(1)[0].what == "signed in"


def test_another_site_cannot_send_the_form(ann: Any) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    answer = ann.post("/_dash-update-component", json={"output": ""}, headers=elsewhere)
    assert answer.status_code == 403


def test_a_target_is_removed_and_put_back(target_form: Form, services: Services) -> None:
    own = Target("orders", 15, 12, 9)
    services.records.targets.put(SHOP, "orders", 15, 12, 9)
    for name, before in (("orders", own), ("average_order_value", None)):
        kept = services.records.targets.all(SHOP)[name]
        key = {"type": "target-remove", "metric": name, "month": "every"}
        told = target_form.fire(key, "n_clicks", 1)
        assert name not in services.records.targets.all(SHOP)
        undo = told["told"]["data"]["undo"]
        target_form.fire("undo", "data", undo)
        assert services.records.targets.all(SHOP)[name] == (before or kept)
    deeds = [entry.what for entry in services.records.audit.recent(4)]
    assert deeds == ["put back a target", "removed a target"] * 2


def test_a_saved_target_can_be_taken_back(target_form: Form, services: Services) -> None:
    kept = services.records.targets
    kept.put(SHOP, "orders", 15, 12, 9)
    for name, month in (("orders", "every"), ("net_sales", "every"), ("units", "2026-12")):
        before = kept.of(SHOP)
        told = send(target_form, **TARGET | {"metric": name, "month": month})
        assert kept.of(SHOP) != before
        target_form.fire("undo", "data", told["told"]["data"]["undo"])
        assert kept.of(SHOP) == before
    deeds = [entry.what for entry in services.records.audit.recent(6)]
    assert deeds[:2] == ["took back a target", "set a target"]
    assert deeds[2:] == ["put back a target", "set a target"] * 2


def test_a_button_that_only_appears_does_nothing(target_form: Form, services: Services) -> None:
    key = {"type": "target-remove", "metric": "net_sales", "month": "every"}
    assert "told" not in target_form.fire(key, "n_clicks", None)
    assert "net_sales" in services.records.targets.all(SHOP)


def test_a_kpi_is_previewed_saved_changed_and_removed(
    ann: Any, server: Any, services: Services
) -> None:
    form = Form(ann, "kpi")
    field = {"type": "kpi-field", "name": "formula"}
    seen = json.dumps(form.fire(field, "value", "", **VALUE)["kpi-preview"], ensure_ascii=False)
    assert "€" in seen
    assert "Net sales / Orders" in seen
    assert "value_of_an_order" in seen
    assert services.records.kpis.all() == ()

    told = send(form, **VALUE | {"target": "30", "warning": "20"})
    assert told["kpi-said"] == {"children": []}
    (kept,) = services.records.kpis.all()
    assert (kept.name, kept.unit, kept.created_by) == ("value_of_an_order", "money", "Ann")
    assert "Value of an order" in words(draw(server, services, "kpis"))
    assert "Value of an order" in words(draw(server, services, "goals"))
    assert "already a KPI called" in wrong(send(form, **VALUE), "kpi")

    changed = VALUE | {"editing": kept.name, "name": "ignored", "formula": "total_sales / orders"}
    told = send(form, **changed)
    assert services.records.kpis.get(kept.name).formula == "total_sales / orders"
    form.fire("undo", "data", told["told"]["data"]["undo"])
    assert services.records.kpis.get(kept.name) == kept
    send(form, **changed)
    told = form.fire({"type": "kpi-remove", "name": kept.name}, "n_clicks", 1)
    assert services.records.kpis.all() == ()
    form.fire("undo", "data", told["told"]["data"]["undo"])
    assert services.records.kpis.get(kept.name).formula == "total_sales / orders"
    deeds = [entry.what for entry in services.records.audit.recent(4)]
    assert deeds == ["put back a KPI", "removed a KPI", "changed a KPI", "put back a KPI"]


def test_a_new_kpi_is_taken_back_and_an_edited_one_previewed_as_it_is_typed(
    ann: Any, services: Services
) -> None:
    form = Form(ann, "kpi")
    undo = send(form, **VALUE)["told"]["data"]["undo"]
    field = {"type": "kpi-field", "name": "formula"}
    typed = VALUE | {"editing": "value_of_an_order", "formula": "orders / orders * 7"}
    seen = json.dumps(form.fire(field, "value", "", **typed)["kpi-preview"], ensure_ascii=False)
    assert "€7" in seen
    form.fire("undo", "data", undo)
    assert services.records.kpis.all() == ()
    assert services.records.audit.recent(1)[0].what == "took back a KPI"


def test_typing_a_name_works_nothing_out_anew(ann: Any, services: Services) -> None:
    """Each pause while somebody types asks for a preview, and each new question takes a turn."""
    form, field = Form(ann, "kpi"), {"type": "kpi-field", "name": "label"}

    def entries(**typed: str) -> int:
        seen = form.fire(field, "value", "", **VALUE | typed)["kpi-preview"]
        assert "€" in json.dumps(seen, ensure_ascii=False)
        return services.cache.levels()[0].entries

    first = entries(label="V")
    assert entries(label="Va", definition="What an order is worth") == first
    assert entries(label="Value", direction="down", target="30") == first
    assert entries(label="Value", formula="total_sales / orders") > first


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"formula": "net_sales / ordrs"}, "Did you mean orders?"),
        ({"formula": "orders / 0"}, "divides by zero"),
        ({"formula": "value_of_an_order + 1"}, "is defined by itself"),
        ({"formula": "__import__('os')"}, "cannot stand in a formula"),
        ({"name": "net_sales"}, "is a built-in metric"),
        ({"target": "five"}, "is not a number"),
    ],
)
def test_what_cannot_be_a_kpi_is_said_while_typing_and_on_saving(
    ann: Any, services: Services, change: dict[str, str], why: str
) -> None:
    form = Form(ann, "kpi")
    field = {"type": "kpi-field", "name": "formula"}
    told = form.fire(field, "value", "", **VALUE | change)
    assert why in json.dumps(told["kpi-preview"], ensure_ascii=False)
    assert why in wrong(send(form, **VALUE | change), "kpi")
    assert services.records.kpis.all() == ()


def test_a_kpi_that_is_used_stays(ann: Any, services: Services) -> None:
    form = Form(ann, "kpi")
    send(form, **VALUE)
    send(form, **EMPTY | {"label": "Twice", "formula": "value_of_an_order * 2"})
    told = form.fire({"type": "kpi-remove", "name": "value_of_an_order"}, "n_clicks", 1)
    assert "is used by Twice" in wrong(told, "kpi")
    assert len(services.records.kpis.all()) == 2


def test_figures_are_typed_as_they_are_read() -> None:
    assert figure(" $50,000 ", "money") == 50_000
    assert figure("3.5%", "percent") == pytest.approx(0.035)
    assert figure("−12", "count") == -12
    assert figure("", "count") is None
    assert as_typed(0.035, "percent") == "3.5"
    assert as_typed(50_000, "money") == "50,000"
    assert as_typed(None, "money") == ""
    with speaking("de_DE"):
        assert figure("50.000,5 €", "money") == 50_000.5
        assert as_typed(1234.5, "money") == "1.234,5"


def test_a_name_is_made_of_a_label() -> None:
    assert slug("Value of a visit") == "value_of_a_visit"
    assert slug(" 24 h: Orders/Day ") == "24_h_orders_day"


def test_a_target_says_whether_it_is_the_products_or_the_kpis(
    server: Any, services: Services
) -> None:
    kpi = Kpi("order_value", "Order value", "money", "net_sales / orders", target=30.0)
    services.records.kpis.add(kpi, lambda _: None)
    shown = words(draw(server, services, "goals", "?from=2026-11-01&to=2026-11-16"))
    assert "From the KPI" in shown
    assert shown.count("Shipped default") == len(services.records.targets.of(SHOP).usual) - 1
