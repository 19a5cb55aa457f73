"""A whole web part on Alma's Tea: real services in a folder of the test, Flask's own client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.records.roles import Role
from agent.services import Services, open_services
from agent.settings import Settings
from dashboard.build import build_server
from tests import almas_tea
from tests.clock import FrozenClock
from tests.shopify_standin.conftest import standin as standin

PASSWORD = "a kettle full of words"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def empty_services(tmp_path: Path, clock: FrozenClock) -> Iterator[Services]:
    services = open_services(Settings.from_env({"DATA_DIR": str(tmp_path / "data")}), clock)
    yield services
    services.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `services` is a copy of."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    services = open_services(Settings.from_env({"DATA_DIR": str(folder)}), FrozenClock())
    services.warehouse.merge(almas_tea.batch())
    for name, role in (("ada", Role.ADMIN), ("ann", Role.ANALYST), ("vic", Role.VIEWER)):
        services.records.users.add(f"{name}@tea.example", name.title(), role, PASSWORD)
    services.close()
    return folder


@pytest.fixture
def services(filled: Path, tmp_path: Path, clock: FrozenClock) -> Iterator[Services]:
    """Alma's Tea, and one person of each role: ada the admin, ann the analyst, vic the viewer."""
    folder = shutil.copytree(filled, tmp_path / "data")
    services = open_services(Settings.from_env({"DATA_DIR": str(folder)}), clock)
    yield services
    services.close()


@pytest.fixture
def server(services: Services) -> Any:
    return build_server(services)


@pytest.fixture
def stranger(server: Any) -> Any:
    return server.test_client()


def signed_in(server: Any, name: str) -> Any:
    """A client with a person's cookie, who sends what a browser on our own page sends."""
    client = server.test_client()
    form = {"email": f"{name}@tea.example", "password": PASSWORD}
    answer = client.post("/signin", data=form, headers=OURS)
    assert answer.status_code == 303, answer.text
    return client


@pytest.fixture
def ann(server: Any) -> Any:
    return signed_in(server, "ann")


@pytest.fixture
def vic(server: Any) -> Any:
    return signed_in(server, "vic")
