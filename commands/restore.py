"""Replace everything by a backup."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agent.errors import BadFile, Busy, Refused
from agent.settings import Settings
from commands.running import Running, services_or_running


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="what `backup` wrote")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(given: argparse.Namespace, settings: Settings) -> int:
    for part in ("warehouse", "records"):
        if not (given.folder / part).is_dir():
            raise BadFile(f"{given.folder} is no backup: it has no folder {part}.")
    if not given.yes and not _confirmed():
        raise Refused("Nothing was changed.", hint="Add --yes to go on without being asked.")
    with services_or_running(settings) as host:
        if isinstance(host, Running):
            raise Busy("The app is running.", hint="Stop it, then restore.")
        host.warehouse.restore(str(given.folder / "warehouse"))
        host.records.restore(given.folder / "records")
    print(f"Everything is as it was in {given.folder}.")
    return 0


def _confirmed() -> bool:
    print("This replaces all shops, users and schedules. Go on? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
