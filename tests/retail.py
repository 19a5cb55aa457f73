"""The published file of half a million lines, imported once for a whole test run."""

from __future__ import annotations

import fcntl
import os
import pickle
from pathlib import Path

import pytest

from agent.services import open_services
from agent.settings import Settings
from agent.sources.base import ImportOptions, ImportSummary
from agent.sources.ingest import import_file
from tests.clock import FrozenClock

FOLDER = Path("data/uci_online_retail_2010_2011")
FILE = FOLDER / "online_retail_2010_2011.csv.gz"
OPTIONS = ImportOptions("online-retail", "UK Gifts", "GBP", "Europe/London")


def imported(shared: Path, making: pytest.TempPathFactory) -> tuple[Path, ImportSummary]:
    """A data folder, to be copied before it is opened, and what the import said.

    The first test worker that wants it makes it; the others wait and take the same.
    """
    own = making.getbasetemp()
    place = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, said = place / "retail", place / "retail.said"
    with (place / "retail.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            said.write_bytes(pickle.dumps(_import(shared, folder)))
    return folder, pickle.loads(said.read_bytes())


def _import(shared: Path, folder: Path) -> ImportSummary:
    settings = Settings.from_env({"DATA_DIR": str(folder), "DEMO": "no"})
    services = open_services(settings, FrozenClock())
    try:
        return import_file(services, shared / FILE, OPTIONS, lambda step: None)
    finally:
        services.close()
