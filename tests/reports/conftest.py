from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.ports import Shop
from agent.services import Services, open_services
from agent.settings import Settings
from reports.compose import compose, period_scope
from reports.documents import Document
from reports.mail import Enclosed, enclose
from tests.clock import FrozenClock
from tests.reports import shop


def filled(folder: Path, clock: FrozenClock) -> Services:
    """The embedded twins with the hand-made shop in them; the outbox is FOLDER/data/outbox."""
    settings = Settings.from_env({"DATA_DIR": str(folder / "data"), "DEMO": "no"})
    services = open_services(settings, clock)
    services.warehouse.merge(shop.batch())
    return services


@pytest.fixture
def services(tmp_path: Path, clock: FrozenClock) -> Iterator[Services]:
    """A filled shop of the test's own."""
    opened = filled(tmp_path, clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A filled shop that no test writes to."""
    opened = filled(tmp_path_factory.mktemp("reports"), FrozenClock())
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def document(reading: Services) -> Document:
    return brief(reading, shop.TEA)


@pytest.fixture(scope="session")
def enclosed(document: Document) -> Enclosed:
    """PDF, workbook and pictures of the document, made once."""
    return enclose(document)


@pytest.fixture(scope="session")
def paper(enclosed: Enclosed) -> bytes:
    return enclosed.attachments[0].content


def brief(services: Services, of: Shop, period: str = "last_28_days") -> Document:
    scope = period_scope(services, of, period)
    return compose(services, "weekly-executive", scope, "Mara Kessler and two others")
