from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from agent.records.runs import Ticket
from agent.services import Services
from dashboard.build import build_server
from tests.dashboard.conftest import OURS, signed_in
from tests.dashboard.standing_in import SOURCES, connected, form_of
from tests.shopify_standin.standin import StandIn


@pytest.fixture
def begun() -> list[tuple[str, str, dict[str, Any]]]:
    """The jobs that were asked for, in place of a scheduler."""
    return []


@pytest.fixture
def server(services: Services, begun: list[tuple[str, str, dict[str, Any]]]) -> Any:
    def start(job: str, shop_id: str, arguments: Mapping[str, Any]) -> str:
        begun.append((job, shop_id, dict(arguments)))
        return f"run-{len(begun)}"

    return build_server(services, start=start)


@pytest.fixture
def ada(server: Any) -> Any:
    return signed_in(server, "ada")


def told(answer: Any) -> str:
    error = answer.json["error"]
    return f"{error['message']} {error.get('hint') or ''}".strip()


def test_a_source_is_tried_then_kept_and_synced(
    ada: Any,
    services: Services,
    standin: StandIn,
    begun: list[Any],
) -> None:
    tried = ada.post(f"{SOURCES}/try", data=form_of(standin), headers=OURS)
    assert tried.status_code == 200, tried.text
    facts = {fact["label"]: fact["value"] for fact in tried.json["facts"]}
    assert facts["Address"] == standin.shop.profile.domain
    assert services.records.connections.all() == ()
    made = ada.post(SOURCES, data=form_of(standin), headers=OURS)
    assert made.status_code == 201
    assert made.json["run"] == "run-1"
    connection_id = made.json["id"]
    assert begun[0] == ("sync", "", {"connection": connection_id})
    assert begun[1][0] == "subscriptions"
    kept = services.records.connections.get(connection_id)
    assert kept.settings["shop"] == standin.address
    assert standin.auth.client_secret not in str(kept)
    assert services.records.schedules.get(f"sync:{connection_id}").cron == kept.cron
    (listed,) = ada.get(SOURCES).json["sources"]
    assert (listed["name"], listed["state"], listed["kind"]) == ("Alder", "new", "shopify")
    assert standin.auth.client_secret not in ada.get(SOURCES).text


def test_what_does_not_answer_is_not_kept(
    ada: Any,
    services: Services,
    standin: StandIn,
    begun: list[Any],
) -> None:
    wrong = "shpss_no-such-secret"
    answer = ada.post(SOURCES, data=form_of(standin, client_secret=wrong), headers=OURS)
    assert 400 <= answer.status_code < 500
    assert told(answer)
    assert wrong not in answer.text
    assert services.records.connections.all() == ()
    assert services.records.sealed.names() == ()
    assert begun == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "fax"}, "There is no source of the kind 'fax'."),
        ({"shop": ""}, "Shop address is missing."),
        ({"client_secret": "sealed:another.secret"}, "cannot be the secret of another source"),
        ({"client_id": "x" * 20_001}, "Client ID is too long"),
        ({"kind": "redis", "url": "sealed:x", "counters": "a = b"}, "another source"),
        ({"kind": "http", "recipe": "gopher"}, "Service cannot be 'gopher'"),
    ],
)
def test_a_form_that_cannot_be_is_told_why(
    ada: Any,
    standin: StandIn,
    changed: dict[str, str],
    said: str,
) -> None:
    for address in (f"{SOURCES}/try", SOURCES):
        answer = ada.post(address, data=form_of(standin, **changed), headers=OURS)
        assert answer.status_code in (400, 404)
        assert said in told(answer)


def test_whose_rows_they_are_is_asked_where_the_source_does_not_say(
    ada: Any, services: Services
) -> None:
    from agent.errors import NotFound, Refused
    from agent.sources.connecting import Form, connect

    values = {"recipe": "ga4", "property_id": "1", "key": "{}"}
    with pytest.raises(Refused, match="Choose the shop"):
        connect(services, Form("http", "Visits", "", values), "ada")
    with pytest.raises(NotFound):
        connect(services, Form("http", "Visits", "no-shop", values), "ada")
    assert connect(services, Form("http", "Visits", "almas-tea", values), "ada").shop_id


OWN_RATES = """
label = "Rates"
target = "rates"
[request]
url = "https://rates.example/"
[answer]
path = "rows"
[columns]
date = "date"
base = "base"
currency = "currency"
rate = "rate"
"""


@pytest.mark.parametrize(
    "values",
    [
        {"recipe": "rates", "currencies": "USD"},
        {"recipe": "own", "config": OWN_RATES},
    ],
)
def test_exchange_rates_are_nobodys(ada: Any, services: Services, values: dict[str, str]) -> None:
    from agent.errors import Refused
    from agent.sources.connecting import Form, change, connect

    made = connect(services, Form("http", "Rates", "", values), "ada")
    assert made.shop_id == ""
    # The form of another service has sent its shop along.
    again = Form("http", "Rates", "almas-tea", values)
    assert change(services, made.connection_id, again, "ada").shop_id == ""
    visits = {"recipe": "ga4", "property_id": "1", "key": "{}"}
    with pytest.raises(Refused, match="Choose the shop"):
        change(services, made.connection_id, Form("http", "Visits", "", visits), "ada")
    page = ada.get("/sources/connect?kind=http").text
    assert 'data-unless="rates"><label class="fl" for="connect-shop">' in page
    assert "data-unless" not in ada.get("/sources/connect?kind=postgres").text


def test_a_change_keeps_the_secret_and_sends_it_nowhere_else(
    ada: Any,
    services: Services,
    standin: StandIn,
) -> None:
    one = connected(ada, standin)
    before = services.records.connections.get(one).settings
    changed = ada.post(
        f"{SOURCES}/{one}", data=form_of(standin, name="Alder & Co", client_secret=""), headers=OURS
    )
    assert changed.json["name"] == "Alder & Co"
    assert services.records.connections.get(one).settings == before
    again = form_of(standin, client_secret="", id=one)
    assert ada.post(f"{SOURCES}/try", data=again, headers=OURS).status_code == 200
    elsewhere = {"shop": "http://127.0.0.1:9", "client_secret": ""}
    for address, form in (
        (f"{SOURCES}/{one}", form_of(standin, **elsewhere)),
        (f"{SOURCES}/try", form_of(standin, **elsewhere, id=one)),
    ):
        refused = ada.post(address, data=form, headers=OURS)
        assert refused.status_code == 400
        assert told(refused) == (
            "The address is another one: type Client secret again. "
            "What is kept is sent only where it was meant for."
        )
    assert services.records.connections.get(one).settings == before
    typed = form_of(standin, shop="http://127.0.0.1:9")
    assert ada.post(f"{SOURCES}/{one}", data=typed, headers=OURS).status_code == 200
    assert services.records.connections.get(one).settings["shop"] == "http://127.0.0.1:9"


def test_pause_resume_sync_and_days(
    ada: Any,
    services: Services,
    standin: StandIn,
    begun: list[Any],
) -> None:
    one = connected(ada, standin)
    begun.clear()
    for deed, enabled in (("pause", False), ("resume", True)):
        assert ada.post(f"{SOURCES}/{one}/{deed}", headers=OURS).status_code == 200
        assert services.records.connections.get(one).enabled is enabled
        assert services.records.schedules.get(f"sync:{one}").enabled is enabled
    assert ada.post(f"{SOURCES}/{one}/sync", headers=OURS).json["run"] == "run-1"
    days = {"from": "2026-11-01", "to": "2026-11-10"}
    assert ada.post(f"{SOURCES}/{one}/backfill", data=days, headers=OURS).status_code == 200
    assert begun == [
        ("sync", "", {"connection": one}),
        ("sync", "", {"connection": one, **days}),
    ]
    for form, said in (
        ({}, "A backfill needs the days"),
        ({"from": "x", "to": "2026-11-10"}, "A backfill needs the days"),
        ({"from": "2026-11-10", "to": "2026-11-01"}, "The first day lies after the last one."),
    ):
        answer = ada.post(f"{SOURCES}/{one}/backfill", data=form, headers=OURS)
        assert answer.status_code == 400
        assert said in told(answer)


def test_one_sync_at_a_time(
    ada: Any,
    services: Services,
    standin: StandIn,
    begun: list[Any],
) -> None:
    one = connected(ada, standin)
    begun.clear()
    run = services.records.runs.claim("manual", "manual-1", Ticket("sync", "", {"connection": one}))
    assert run is not None
    (listed,) = ada.get(SOURCES).json["sources"]
    assert listed["state"] == "syncing"
    answer = ada.post(f"{SOURCES}/{one}/sync", headers=OURS)
    assert answer.status_code == 503
    assert told(answer) == "Alder is being synced already. Ask again when that has ended."
    services.records.runs.progress(run.run_id, 3, 4, "Reading orders")
    (listed,) = ada.get(SOURCES).json["sources"]
    assert listed["progress"] == {"step": "Reading orders", "done": 3, "total": 4}
    services.records.runs.finish(run.run_id, "ok")
    assert ada.post(f"{SOURCES}/{one}/sync", headers=OURS).status_code == 200
    assert len(begun) == 1


def test_a_removed_source_takes_its_secret_along(
    ada: Any,
    services: Services,
    standin: StandIn,
) -> None:
    one = connected(ada, standin)
    assert services.records.sealed.names() == (f"{one}.client_secret",)
    assert ada.delete(f"{SOURCES}/{one}", headers=OURS).json["name"] == "Alder"
    assert services.records.connections.all() == ()
    assert services.records.sealed.names() == ()
    assert f"sync:{one}" not in [row.schedule_id for row in services.records.schedules.all()]
    noted = [(row.who, row.what) for row in services.records.audit.recent(5)]
    assert ("Ada", "removed a source") in noted
    assert standin.auth.client_secret not in str(services.records.audit.recent(50))


def test_what_was_rejected_is_read_again(
    ada: Any,
    services: Services,
    standin: StandIn,
) -> None:
    one = connected(ada, standin)
    services.records.rejects.keep(one, "visits", [("{}", "no day")])
    (listed,) = ada.get(SOURCES).json["sources"]
    assert listed["rejected"] == 1
    answer = ada.post(f"{SOURCES}/{one}/replay", headers=OURS)
    assert answer.json["message"] == "0 documents are in now. 1 still cannot be read."
    assert answer.json["left"] == 1


def test_only_admins(
    server: Any,
    ada: Any,
    ann: Any,
    vic: Any,
    stranger: Any,
    services: Services,
    standin: StandIn,
) -> None:
    one = connected(ada, standin)
    before = services.records.connections.get(one)
    asked = [(f"{SOURCES}/try", "POST"), (SOURCES, "POST"), (f"{SOURCES}/{one}", "POST")]
    asked += [(f"{SOURCES}/{one}", "DELETE"), ("/sources/connect", "GET")]
    asked += [
        (f"{SOURCES}/{one}/{deed}", "POST") for deed in ("sync", "pause", "replay", "backfill")
    ]
    for client, status in ((ann, 403), (vic, 403), (stranger, 401)):
        for address, method in asked:
            answer = client.open(address, method=method, data=form_of(standin), headers=OURS)
            assert answer.status_code in (status, 302), (address, answer.status_code)
            if method != "GET":
                assert answer.status_code == status
    assert vic.get(SOURCES).status_code == 200
    assert services.records.connections.get(one) == before


def test_another_site_changes_nothing(ada: Any, services: Services, standin: StandIn) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert ada.post(SOURCES, data=form_of(standin), headers=foreign).status_code == 403
    one = connected(ada, standin)
    assert ada.delete(f"{SOURCES}/{one}", headers=foreign).status_code == 403
    assert ada.post(f"{SOURCES}/{one}/pause", headers=foreign).status_code == 403
    assert services.records.connections.get(one).enabled


def test_unknown_ones(ada: Any, standin: StandIn) -> None:
    one = connected(ada, standin)
    for method, address in (
        ("POST", f"{SOURCES}/nobody"),
        ("DELETE", f"{SOURCES}/nobody"),
        ("POST", f"{SOURCES}/nobody/sync"),
        ("GET", "/sources/connect?id=nobody"),
        ("GET", "/sources/connect?kind=fax"),
    ):
        assert ada.open(address, method=method, headers=OURS).status_code == 404, address
    answer = ada.post(f"{SOURCES}/{one}/dance", headers=OURS)
    assert answer.status_code == 400
    assert "It takes sync, backfill" in told(answer)


def test_the_forms(ada: Any, services: Services, standin: StandIn) -> None:
    one = connected(ada, standin)
    kinds = ada.get("/sources/connect").text
    assert kinds.count("data-kind=") == 5
    new = ada.get("/sources/connect?kind=shopify").text
    assert 'name="shop_id"' not in new, "Shopify says itself whose rows they are"
    assert 'name="shop_id"' in ada.get("/sources/connect?kind=http").text
    kept = ada.get(f"/sources/connect?id={one}").text
    assert f'value="{standin.address}"' in kept
    assert 'placeholder="Kept as it is"' in kept
    assert standin.auth.client_secret not in kept
    assert "sealed:" not in kept
    days = ada.get(f"/sources/connect?id={one}&days=1").text
    assert 'type="date"' in days
    assert "Bring days of Alder again" in days


def test_without_anybody_who_runs_jobs(services: Services, standin: StandIn) -> None:
    client = signed_in(build_server(services), "ada")
    answer = client.post(SOURCES, data=form_of(standin), headers=OURS)
    assert answer.status_code == 503
    assert services.records.connections.all() == ()
