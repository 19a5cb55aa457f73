from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from agent.records.connections import Connection
from agent.records.runs import Ticket
from agent.services import Services
from dashboard.build import build_server
from tests.dashboard.conftest import OURS, signed_in

JOBS = "/api/analytics/jobs"


@pytest.fixture
def begun() -> list[tuple[str, str, dict[str, Any]]]:
    return []


@pytest.fixture
def server(services: Services, begun: list[Any]) -> Any:
    def start(job: str, shop_id: str, arguments: Mapping[str, Any]) -> str:
        begun.append((job, shop_id, dict(arguments)))
        return f"run-{len(begun)}"

    return build_server(services, start=start)


@pytest.fixture
def ada(server: Any) -> Any:
    return signed_in(server, "ada")


def add(services: Services, key: str, **more: Any) -> None:
    services.records.connections.add(Connection(key, "redis", key.title(), "", **more))


@pytest.mark.parametrize(
    ("job", "form", "wanted"),
    [
        ("agreement", {"connection": "one"}, ("agreement", "", {"connection": "one"})),
        ("quality", {"shop": "almas-tea"}, ("quality", "almas-tea", {"shop": "almas-tea"})),
        ("rebuild", {"shop": "almas-tea"}, ("rebuild", "almas-tea", {"shop": "almas-tea"})),
        ("checkpoint", {"shop": "ignored"}, ("checkpoint", "", {})),
        ("retention", {"keep_months": "36"}, ("retention", "", {"keep_months": "36"})),
        (
            "retention",
            {"keep_months": "36", "ledger": "yes"},
            ("retention", "", {"keep_months": "36", "ledger": "yes"}),
        ),
    ],
)
def test_a_job_is_begun(
    ada: Any,
    services: Services,
    begun: list[Any],
    job: str,
    form: dict[str, str],
    wanted: tuple[str, str, dict[str, str]],
) -> None:
    add(services, "one")
    assert ada.post(f"{JOBS}/{job}", data=form, headers=OURS).json == {"run": "run-1"}
    assert begun == [wanted]
    (noted, *_) = services.records.audit.recent(1)
    assert (noted.who, noted.what, noted.subject) == ("Ada", "began a job", job)


@pytest.mark.parametrize(
    ("job", "form", "status"),
    [
        ("agreement", {}, 404),
        ("agreement", {"connection": "nobody"}, 404),
        ("quality", {}, 400),
        ("quality", {"shop": "nowhere"}, 404),
        ("retention", {}, 400),
        ("retention", {"keep_months": "0"}, 400),
        ("retention", {"keep_months": "9999999999"}, 400),
        ("retention", {"keep_months": "-3"}, 400),
        ("retention", {"keep_months": "٣"}, 400),
        ("prune", {}, 404),
        ("sync", {}, 404),
    ],
)
def test_what_cannot_be_begun(
    ada: Any, begun: list[Any], job: str, form: dict[str, str], status: int
) -> None:
    answer = ada.post(f"{JOBS}/{job}", data=form, headers=OURS)
    assert answer.status_code == status
    assert answer.json["error"]["message"]
    assert begun == []


def test_not_twice_at_once(ada: Any, services: Services, begun: list[Any]) -> None:
    run = services.records.runs.claim(
        "manual", "manual-1", Ticket("rebuild", "almas-tea", {"shop": "almas-tea"})
    )
    assert run is not None
    form = {"shop": "almas-tea"}
    answer = ada.post(f"{JOBS}/rebuild", data=form, headers=OURS)
    assert answer.status_code == 503
    assert answer.json["error"]["message"] == "This is at work already."
    services.records.runs.finish(run.run_id, "ok")
    assert ada.post(f"{JOBS}/rebuild", data=form, headers=OURS).status_code == 200
    assert len(begun) == 1


def test_all_sources_but_those_that_rest_or_work(
    ada: Any, services: Services, begun: list[Any]
) -> None:
    add(services, "one")
    add(services, "two", enabled=False)
    add(services, "three")
    assert services.records.runs.claim(
        "sync:three", "x", Ticket("sync", "", {"connection": "three"})
    )
    answer = ada.post(f"{JOBS}/sync-all", headers=OURS)
    assert answer.json == {"runs": ["run-1"], "said": ["1 source is synced."]}
    assert begun == [("sync", "", {"connection": "one"})]


def test_only_admins(ann: Any, vic: Any, stranger: Any, begun: list[Any]) -> None:
    asked = [("POST", f"{JOBS}/checkpoint"), ("POST", f"{JOBS}/sync-all")]
    asked += [("GET", "/api/analytics/audit.csv")]
    for client, status in ((ann, 403), (vic, 403), (stranger, 401)):
        for method, address in asked:
            assert client.open(address, method=method, headers=OURS).status_code == status
    for client in (ann, vic):
        for address in ("/data-health/upkeep", "/system/clear"):
            assert client.get(address).status_code == 403
    assert begun == []


def test_another_site_begins_nothing(ada: Any, begun: list[Any]) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert ada.post(f"{JOBS}/checkpoint", headers=foreign).status_code == 403
    assert begun == []


def test_without_anybody_who_runs_jobs(services: Services) -> None:
    client = signed_in(build_server(services), "ada")
    assert client.post(f"{JOBS}/checkpoint", headers=OURS).status_code == 503


def test_the_forms(ada: Any, services: Services) -> None:
    add(services, "one")
    services.records.rejects.keep("one", "live", [("{}", "why"), ("[]", "why")])
    form = ada.get("/data-health/upkeep").text
    assert "2 documents could not be read." in form
    assert "/api/analytics/sources/one/replay" in form
    assert '<option value="almas-tea">' in form
    for removing in ("retention", "rebuild"):
        assert 'data-sure="Really' in form.partition(f"jobs/{removing}")[2].partition(">")[0]
    assert 'name="pattern"' in ada.get("/system/clear").text


def test_the_audit_log_as_a_file(ada: Any, services: Services) -> None:
    services.records.audit.note("Ada", "changed a source", '=HYPERLINK("x")', "redis")
    answer = ada.get("/api/analytics/audit.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    first, second, *_ = answer.text.lstrip("\ufeff").splitlines()
    assert first == "Time,Who,What,On,Detail"
    assert "changed a source" in second
    assert ",=HYPERLINK" not in second
