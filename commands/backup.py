"""Copy the warehouse and the records into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.errors import Refused
from agent.settings import Settings
from commands.running import Running, services_or_running


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="a new or empty folder")


def run(given: argparse.Namespace, settings: Settings) -> int:
    folder: Path = given.folder.resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not an empty folder.", hint="Name a new one.")
    with services_or_running(settings) as host:
        if isinstance(host, Running):
            for _ in host.post("/api/analytics/backup", {"folder": str(folder)}):
                pass
        else:
            host.warehouse.backup(str(folder / "warehouse"))
            host.records.backup(folder / "records")
    print(f"Everything is copied to {folder}. Keep it as safe as the data folder.")
    return 0
