"""Make a report now: a PDF, a workbook, or the mail that the schedule would send."""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import urlencode

from agent.errors import Refused
from agent.services import Services
from agent.settings import Settings
from commands.running import Running, services_or_running
from reports.compose import compose, period_scope


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="weekly-executive")
    parser.add_argument("--shop", default="", help="the shop's name; the first one if not given")
    parser.add_argument(
        "--period", default="last_week", help="2011-11, 2026-W46, 2026-Q3 and so on"
    )
    parser.add_argument("--out", type=Path, required=True, help="a file ending in .pdf or .xlsx")


def run(given: argparse.Namespace, settings: Settings) -> int:
    if given.out.suffix not in (".pdf", ".xlsx"):
        raise Refused(f"{given.out.name} ends neither in .pdf nor in .xlsx.")
    with services_or_running(settings) as host:
        content = _handed(host, given) if isinstance(host, Running) else _made(host, given)
    given.out.write_bytes(content)
    print(f"{given.out}: {len(content):,} bytes")
    return 0


def _made(services: Services, given: argparse.Namespace) -> bytes:
    scope = period_scope(services, services.shop(given.shop or None), given.period)
    document = compose(services, given.name, scope)
    if given.out.suffix == ".pdf":
        from reports.pdf import to_pdf

        return to_pdf(document)
    from reports.excel import to_workbook

    return to_workbook(document)


def _handed(host: Running, given: argparse.Namespace) -> bytes:
    asked = urlencode({"shop": given.shop, "span": given.period})
    return host.get(f"/download/{given.name}{given.out.suffix}?{asked}")
