"""The job that looks for what is out of the ordinary."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from agent.anomalies import watching
from agent.scheduling.defaults import default_rows
from agent.scheduling.job import JobContext, Stopped
from agent.scheduling.jobs import JOBS
from agent.services import Services
from tests import almas_tea


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []

    def look(services: Services, shop: Any, watch: watching.Watch) -> watching.Looked:
        watch.report(2, 2, "")
        seen.append(shop.shop_id)
        return watching.Looked(24, 2, 3)

    monkeypatch.setattr(watching, "look", look)
    return seen


def test_every_shop_has_its_own_times(services: Services) -> None:
    assert list(default_rows(JOBS["watch"], services)) == []
    services.warehouse.merge(almas_tea.batch())
    (row,) = default_rows(JOBS["watch"], services)
    assert (row.schedule_id, row.cron, row.timezone) == (
        *("watch:almas-tea", "*/10 * * * *", "Europe/Berlin"),
    )


def test_a_run_looks_at_its_shop(services: Services, looked: list[Any]) -> None:
    services.warehouse.merge(almas_tea.batch())
    told: list[Any] = []
    context = JobContext(
        "run", "watch:almas-tea", "slot", "almas-tea", report=lambda *a: told.append(a)
    )
    outcome = JOBS["watch"].run(services, context)
    assert looked == ["almas-tea"]
    assert (outcome.state, outcome.message) == ("ok", "24 series seen, 2 new findings.")
    assert told == [(2, 2, "")]


def test_it_stops_with_the_program(services: Services, looked: list[Any]) -> None:
    services.warehouse.merge(almas_tea.batch())
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(Stopped):
        JOBS["watch"].run(services, JobContext("r", "s", "t", "almas-tea", stopping=stopping))
    assert looked == []
