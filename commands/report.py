"""Make a report now, as a PDF or a workbook."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from agent.errors import Refused
from agent.metrics.periods import PRESETS
from agent.metrics.questions import REFUNDS, named
from agent.services import Services
from agent.settings import Settings
from agent.words import speaking
from commands.remote import Running
from commands.running import services_or_running
from reports.compose import compose
from reports.documents import report_of
from reports.spans import in_terms, period_scope, span_of

ENDINGS = (".pdf", ".xlsx")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="weekly-executive")
    parser.add_argument("--shop", default="", help="the shop's name; the first one if not given")
    parser.add_argument(
        "--period", default="last_week", help="2011-11, 2026-W46, 2026-Q3, last_week and so on"
    )
    parser.add_argument(
        "--metrics", default="", help="net_sales,my_kpi: what heads it, your own KPIs too"
    )
    parser.add_argument(
        "--refunds", choices=REFUNDS, default=REFUNDS[0], help="on which day refunds count"
    )
    parser.add_argument("--currency", default="", help="EUR: what money is reported in")
    parser.add_argument("--out", type=Path, required=True, help="a file ending in .pdf or .xlsx")


def run(given: argparse.Namespace, settings: Settings) -> int:
    out: Path = given.out
    if out.suffix.lower() not in ENDINGS:
        raise Refused(f"{out.name} ends neither in {' nor in '.join(ENDINGS)}.")
    if not out.absolute().parent.is_dir():
        raise Refused(f"There is no folder {out.parent}.", hint="Make it first.")
    report_of(given.name)
    with services_or_running(settings) as host, speaking(settings.locale):
        content = _fetched(host, given) if isinstance(host, Running) else _made(host, given)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise Refused(f"{out} cannot be written: {error.strerror}.") from error
    print(f"{out}: {len(content):,} bytes")
    return 0


def _made(services: Services, given: argparse.Namespace) -> bytes:
    scope = period_scope(services, services.shop(given.shop or None), given.period)
    scope = in_terms(services, scope, vars(given))
    metrics = ",".join(named(given.metrics, services.catalogue()))
    document = compose(services, given.name, scope, own={"metrics": metrics})
    if given.out.suffix.lower() == ".pdf":
        from reports.pdf import to_pdf

        return to_pdf(document)
    from reports.excel import to_workbook

    return to_workbook(document)


def _fetched(host: Running, given: argparse.Namespace) -> bytes:
    terms = {name: getattr(given, name) for name in ("metrics", "refunds", "currency")}
    asked = {"shop": given.shop, **terms, **_period(host, given)}
    ending = given.out.suffix.lower()
    return host.get(
        f"/download/{given.name}{ending}?{urlencode({k: v for k, v in asked.items() if v})}"
    )


def _period(host: Running, given: argparse.Namespace) -> dict[str, str]:
    """The period as the address bar writes it. Only the app knows the shop's today."""
    text = given.period.strip()
    if text in PRESETS:
        return {"period": text}
    shop = urlencode({"metrics": "orders", "period": "today", "shop": given.shop})
    zone = host.json(f"/api/analytics/ask?{shop}")["receipt"]["timezone"]
    start, end = span_of(text, datetime.now(UTC).astimezone(ZoneInfo(zone)).date())
    return {"from": str(start), "to": str(end)}
