"""Saved views: one's own, shared ones, where somebody starts, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest

from agent.records.roles import Role
from agent.services import Services
from tests.dashboard.conftest import OURS, signed_in

DAYS = "from=2026-11-01&to=2026-11-16"


@pytest.fixture
def ada(server: Any) -> Any:
    return signed_in(server, "ada")


def save(client: Any, name: str = "Tea", **words: str) -> Any:
    form = {"name": name, "path": "/explore", "query": f"{DAYS}&by=product", **words}
    return client.post("/views", data=form, headers=OURS)


def kept(client: Any, name: str = "Tea", **words: str) -> str:
    answer = save(client, name, **words)
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["view_id"])


def change(client: Any, view_id: str, **words: str) -> Any:
    return client.post(f"/views/{view_id}", data=words, headers=OURS)


def listed(client: Any, path: str = "/", at: str = "") -> str:
    answer = client.get("/views", query_string={"path": path, "at": at})
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def deeds(services: Services) -> list[str]:
    return [entry.what for entry in services.records.audit.recent() if "view" in entry.what]


def test_an_own_view_is_its_owners_alone(ann: Any, ada: Any, services: Services) -> None:
    kept(ann)
    assert f"/explore?{DAYS.replace('&', '&amp;')}&amp;by=product" in listed(ann)
    assert ">Tea<" not in listed(ada)
    assert deeds(services) == []


def test_the_list_knows_what_is_shown(ann: Any) -> None:
    at = f"shop=almas-tea&{DAYS}&by=product"
    kept(ann, query=at)
    assert 'aria-current="true"' in listed(ann, "/explore", f"?{at}")
    assert 'aria-current="true"' not in listed(ann, "/explore", f"?{at}&country=DE")
    assert f'data-query="{at}"'.replace("&", "&amp;") in listed(ann, "/explore", f"?{at}")


def test_a_shared_view_is_everybodys_and_written_down(
    ann: Any, vic: Any, services: Services
) -> None:
    view_id = kept(ann, shared="1")
    assert ">Tea<" in listed(vic)
    change(ann, view_id, name="Leaves")
    change(ann, view_id, shared="")
    assert ">Leaves<" not in listed(vic)
    assert deeds(services) == ["took back a shared view", "renamed a shared view", "shared a view"]


def test_viewers_keep_their_own_and_share_none(vic: Any) -> None:
    refused = save(vic, shared="1")
    assert refused.status_code == 403
    assert "analyst" in refused.get_json()["error"]["message"]
    view_id = kept(vic)
    assert change(vic, view_id, shared="1").status_code == 403
    assert change(vic, view_id, name="Mine").get_json()["name"] == "Mine"
    assert "disabled" in listed(vic)


def test_somebody_elses_view_is_only_for_an_administrator_to_change(
    ann: Any, vic: Any, ada: Any
) -> None:
    view_id = kept(ann, shared="1")
    assert change(vic, view_id, name="Stolen").status_code == 404
    assert vic.delete(f"/views/{view_id}", headers=OURS).status_code == 404
    assert ada.delete(f"/views/{view_id}", headers=OURS).status_code == 200
    assert ">Tea<" not in listed(ann)


def test_what_is_deleted_comes_back_as_it_was(ann: Any) -> None:
    view_id = kept(ann)
    change(ann, view_id, start="1")
    gone = ann.delete(f"/views/{view_id}", headers=OURS).get_json()
    assert (gone["name"], gone["start"]) == ("Tea", True)
    assert ann.get("/").status_code == 200
    words = {"name": gone["name"], "path": gone["path"], "query": gone["query"], "start": "1"}
    assert ann.post("/views", data=words, headers=OURS).status_code == 200
    assert ann.get("/").location == f"/explore?{DAYS}&by=product"


def test_a_start_view_is_where_one_arrives_who_asks_for_nothing(ann: Any) -> None:
    view_id = kept(ann)
    change(ann, view_id, start="1")
    assert ann.get("/").location == f"/explore?{DAYS}&by=product"
    assert ann.get("/?kpi=orders").status_code == 200
    assert ann.get("/explore").status_code == 200
    change(ann, view_id, start="")
    assert ann.get("/").status_code == 200


def test_a_start_view_that_is_shared_no_more_is_none(ann: Any, vic: Any) -> None:
    view_id = kept(ann, shared="1")
    change(vic, view_id, start="1")
    assert vic.get("/").location
    change(ann, view_id, shared="")
    assert vic.get("/").status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"path": "/nowhere"},
        {"path": "//elsewhere.example"},
        {"path": "https://elsewhere.example/"},
        {"query": "x" * 40_000},
    ],
)
def test_bad_views_are_refused_with_a_sentence(ann: Any, words: dict[str, str]) -> None:
    answer = save(ann, **words)
    assert answer.status_code == 400, answer.text
    assert answer.get_json()["error"]["message"].endswith(".")


def test_a_name_is_shown_as_text(ann: Any) -> None:
    kept(ann, '<img src=x onerror="alert(1)">')
    assert "<img" not in listed(ann)


def test_a_view_that_is_not_there(ann: Any) -> None:
    assert change(ann, "nope", name="x").status_code == 404
    assert ann.delete("/views/nope", headers=OURS).status_code == 404


def test_tokens_have_no_views(server: Any, services: Services) -> None:
    secret = services.records.tokens.create("nightly", Role.ADMIN)
    client = server.test_client()
    answer = client.get("/views", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
