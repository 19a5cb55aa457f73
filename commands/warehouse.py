"""The rows looked after: checked, tidied, rebuilt, what is old forgotten."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from agent.settings import Settings
from commands.remote import Running
from commands.running import services_or_running
from dashboard.routes.operate import DEEDS


def add(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    check = deeds.add_parser("check", help="check all rows of a shop, or of every shop")
    check.add_argument("shop", nargs="?", default="")
    deeds.add_parser("tidy", help="fold the log into the file, so that the next start is quick")
    rebuild = deeds.add_parser("rebuild", help="read a shop's kept documents again")
    rebuild.add_argument("shop")
    old = deeds.add_parser("retention", help="remove documents, visits and spend that are old")
    old.add_argument("--keep-months", type=int, required=True, metavar="N")
    old.add_argument("--ledger", action="store_true", help="orders and their sales, too")


def run(given: argparse.Namespace, settings: Settings) -> int:
    """Here or in the running app; 1 when a check failed."""
    form = {"shop": getattr(given, "shop", "")}
    if given.deed == "retention":
        form = {"keep_months": str(given.keep_months), "ledger": "yes" if given.ledger else ""}
    said = _done(settings, given.deed, form)
    print("\n".join(said))
    return 1 if given.deed == "check" and any("failed: " in line for line in said) else 0


def _done(settings: Settings, deed: str, form: Mapping[str, str]) -> list[str]:
    with services_or_running(settings) as host:
        if isinstance(host, Running):
            (told,) = host.post(f"/api/analytics/warehouse/{deed}", form)
            return [str(line) for line in told["said"]]
        host.records.audit.note("command line", DEEDS[deed].noted, form.get("shop", ""))
        return DEEDS[deed].run(host, form)
