"""Replace everything by a backup."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agent.backups import check, put_back
from agent.errors import Refused
from agent.settings import Settings
from agent.sources.shopify.forgotten import forgotten
from commands.running import services_alone


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="what `backup` wrote")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(given: argparse.Namespace, settings: Settings) -> int:
    check(given.folder)
    with services_alone(settings, "restore a backup") as services:
        if not given.yes and not _confirmed():
            raise Refused("Nothing was changed.", hint="Add --yes to go on without being asked.")
        put_back(services, given.folder, forgotten(services))
    print(f"Everything is as it was in {given.folder}.")
    return 0


def _confirmed() -> bool:
    print("This replaces all shops, users and schedules. Go on? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
