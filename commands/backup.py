"""Copy the warehouse and the records into a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.backups import back_up
from agent.settings import Settings
from commands.remote import Running
from commands.running import services_or_running


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="a new or empty folder")


def run(given: argparse.Namespace, settings: Settings) -> int:
    folder: Path = given.folder.absolute()
    with services_or_running(settings) as host:
        if isinstance(host, Running):
            list(host.post("/api/analytics/backup", {"folder": str(folder)}))
        else:
            back_up(host, folder)
    print(f"Everything is copied to {folder}. Keep it as safe as the data folder.")
    return 0
