"""Services as the program opens them, with the records on either database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.records.runs import Run
from agent.scheduling.job import Job
from agent.scheduling.scheduler import Scheduler
from agent.services import Services, open_services
from agent.settings import Settings
from tests.clock import FrozenClock

Start = Callable[..., Scheduler]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/records.sqlite"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def services(database_url: str, tmp_path: Path, clock: FrozenClock) -> Iterator[Services]:
    environ = {"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": database_url, "DEMO": "no"}
    opened = open_services(Settings.from_env(environ), clock)
    yield opened
    opened.close()


@pytest.fixture
def scheduler(services: Services) -> Iterator[Start]:
    """Makes schedulers over some jobs, not started: a test strikes the minutes itself."""
    made: list[Scheduler] = []

    def make(*jobs: Job) -> Scheduler:
        made.append(Scheduler(services, {job.name: job for job in jobs}))
        return made[-1]

    yield make
    for one in made:
        one.stop(0)


@pytest.fixture
def ended(services: Services) -> Callable[[str], Run]:
    """Waits until a run has an outcome."""

    def wait(run_id: str) -> Run:
        until = time.monotonic() + 60
        while (run := services.records.runs.get(run_id)).outcome == "started":
            assert time.monotonic() < until, run
            time.sleep(0.01)
        return run

    return wait
