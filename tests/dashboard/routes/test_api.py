from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agent.records.connections import Connection
from agent.services import Services
from tests import almas_tea


def test_ask_answers_what_the_engine_answers(ann: Any, services: Services) -> None:
    query = "metrics=net_sales,orders&by=country&from=2026-11-01&to=2026-11-16&cmp=none"
    answer = ann.get(f"/api/analytics/ask?{query}")
    frame = services.answer(services.question(query))
    assert answer.status_code == 200
    assert answer.json["totals"] == frame.to_json()["totals"]
    assert answer.json["rows"] == frame.to_json()["rows"]
    assert answer.json["receipt"]["currency"] == "EUR"
    assert {row["country"] for row in answer.json["rows"]} >= {"DE", "AT"}


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, "names no metric"),
        ("metrics=happiness", 400, "no metric called 'happiness'"),
        ("metrics=orders&shop=nobody", 404, "no shop called 'nobody'"),
        ("metrics=orders&from=2026-02-30", 400, "not a day"),
        ("metrics=orders&by=day&from=1971-01-01&to=2199-01-01", 400, ""),
        ("metrics=orders&" + "&".join(f"product={n}" for n in range(1200)), 400, ""),
        ("metrics=orders&country=" + "x" * 40_000, 400, "longer than"),
        ("metrics=orders&country=%ff%fe", 400, "There is no country called"),
        ("metrics=orders&country=germany", 400, "no country called 'germany'"),
        ("metrics=orders&not_country=Atlantis", 400, "no country called 'Atlantis'"),
        ("metrics=orders&colour=red", 400, "A question has no word 'colour'."),
        ("metrics=orders&top=99999999", 400, "top=99999999 is outside 0 to 10,000."),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(
    ann: Any, query: str, status: int, words: str
) -> None:
    answer = ann.get(f"/api/analytics/ask?{query}")
    assert answer.status_code == status, answer.text
    if status != 200:
        assert set(answer.json["error"]) == {"message", "hint", "permanent"}
        assert words in answer.json["error"]["message"]


def test_an_app_without_a_shop_has_versions_too(ann: Any, services: Services) -> None:
    services.warehouse.drop_shop("almas-tea")
    told = ann.get("/api/analytics/versions")
    assert (told.status_code, told.json["versions"], told.json["open"]) == (200, {}, 0)


def test_versions_move_when_rows_arrive(ann: Any, services: Services) -> None:
    before = ann.get("/api/analytics/versions?shop=almas-tea").json["versions"]
    assert before["sales"] > 0
    assert ann.get("/api/analytics/versions").json["versions"] == before
    more = almas_tea.batch("#1", name="again", shop=almas_tea.SHOP)
    services.warehouse.merge(more)
    same = ann.get("/api/analytics/versions").json["versions"]
    assert same["sales"] == before["sales"], "the same rows change nothing"


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/analytics", "/api/nothing/here"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_path_under_api_is_a_json_404(ann: Any, path: str, method: str) -> None:
    answer = ann.open(path, method=method, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 404
    assert answer.json["error"]["permanent"] is True


def test_a_wrong_method_is_json_too(ann: Any) -> None:
    answer = ann.post("/api/analytics/ask", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code in (404, 405)
    assert "message" in answer.json["error"]


def test_health_is_open_and_tells_no_secrets(stranger: Any, services: Services) -> None:
    answer = stranger.get("/api/analytics/health")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["ready"] is True
    assert answer.json["degraded"] == []
    assert set(answer.json["parts"]) >= {"warehouse", "records", "cache", "mail"}
    assert str(services.settings.data_dir) not in answer.text


def test_health_is_503_once_the_warehouse_is_gone(stranger: Any, services: Services) -> None:
    services.warehouse.close()
    answer = stranger.get("/api/analytics/health")
    assert answer.status_code == 503
    assert answer.json["status"] == "down"
    assert "warehouse" in answer.json["degraded"]
    assert str(services.settings.data_dir) not in answer.text


def test_what_breaks_is_a_sentence_with_a_reference(
    ann: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    rule = server.view_functions["api.versions"]
    server.view_functions["api.versions"] = lambda: 1 / 0
    answer = ann.get("/api/analytics/versions")
    server.view_functions["api.versions"] = rule
    assert answer.status_code == 500
    reference = answer.json["error"]["hint"].split()[-1].rstrip(".")
    assert reference in caplog.text
    assert "ZeroDivisionError" not in answer.text


def test_an_answer_says_where_a_platform_cuts_its_days(ann: Any, services: Services) -> None:
    first = services.engine.first_day((almas_tea.SHOP.shop_id,))
    assert first is not None
    connections = services.records.connections
    connections.add(Connection("one", "shopify", "Alder", almas_tea.SHOP.shop_id, {}))
    state = {"from": first.isoformat(), "cut": True}
    early = f"from={first - timedelta(days=3)}&to=2026-11-16&cmp=none"
    asked = f"/api/analytics/ask?metrics=net_sales&by=day&{early}"
    assert "history" not in ann.get(asked).json
    connections.save_state("one", "history", state)
    assert ann.get(asked).json["history"].startswith("History starts on")
    file = ann.get(f"/download/overview/countries.csv?{early}").text
    assert "History starts on" in file.splitlines()[0]
