"""Answer a question from the shell, by the address bar's own grammar."""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from typing import Any
from urllib.parse import quote

from agent.metrics import formats
from agent.metrics.questions import refund_words
from agent.settings import Settings
from agent.words import t
from commands.remote import Running
from commands.running import services_or_running

# A spreadsheet runs a cell that begins like this as a formula, also after blanks.
FORMULA = re.compile(r"^\s*[=+\-@|%]|^[\t\r\n]")
GRAMMAR = "%&=+,:;/?@!$'()*"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", help="metrics=net_sales,orders&by=month&from=…&to=…&shop=NAME")
    parser.add_argument("--format", choices=("table", "json", "csv"), default="table")


def run(given: argparse.Namespace, settings: Settings) -> int:
    with services_or_running(settings) as host:
        if isinstance(host, Running):
            told = host.json(f"/api/analytics/ask?{_quoted(given.question)}")
        else:
            told = host.answer(host.question(given.question)).to_json()
    {"table": _table, "json": _json, "csv": _csv}[given.format](told)
    if _nothing_fits(told):
        print(t("No order in this period fits all filters."), file=sys.stderr)
    return 0


def _nothing_fits(told: dict[str, Any]) -> bool:
    """Whether filters leave nothing: a value that the shop does not know looks like this too."""
    return bool(told["receipt"]["filters"]) and not any(told["totals"].values())


def _quoted(question: str) -> str:
    """The question as typed, fit for an address: blanks and letters beyond ASCII are escaped."""
    return quote(question.lstrip("?"), safe=GRAMMAR)


def _json(told: dict[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=False, indent=1))


def _csv(told: dict[str, Any]) -> None:
    names = [column["name"] for column in told["columns"]]
    text = {column["name"] for column in told["columns"] if column["unit"] == "text"}
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(names)
    for row in told["rows"]:
        out.writerow([_safe(row[name]) if name in text else row[name] for name in names])


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def _table(told: dict[str, Any]) -> None:
    """Columns a person can read, the total below, and how the figures are made."""
    currency = told["receipt"]["currency"]
    named = {column["name"] for column in told["columns"] if column["role"] == "label"}
    shown = [c for c in told["columns"] if f"{c['name']}_label" not in named]
    head = [column["label"].removesuffix(" name") for column in shown]
    body = [[_cell(row[c["name"]], c, currency) for c in shown] for row in told["rows"]]
    total = [
        _cell(told["totals"][c["name"]], c, currency) if c["role"] == "metric" else ""
        for c in shown
    ]
    if shown and shown[0]["role"] != "metric":
        total[0] = "Total"
        body.append(total)
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    for line in (head, ["─" * width for width in widths], *body):
        print(
            "  ".join(
                _placed(text, w, c) for text, w, c in zip(line, widths, shown, strict=True)
            ).rstrip()
        )
    receipt = told["receipt"]
    print(
        f"\n{', '.join(receipt['shops'])}, {receipt['period']}, {currency}, {receipt['timezone']}"
    )
    for term in (refund_words(receipt["refunds"]), receipt["rates"], *receipt["filters"]):
        if term:
            print(f"  {term}")


def _placed(text: str, width: int, column: dict[str, Any]) -> str:
    return text.rjust(width) if column["role"] == "metric" else text.ljust(width)


def _cell(value: Any, column: dict[str, Any], currency: str) -> str:
    if column["role"] != "metric":
        return str(value)
    return formats.number(value, column["unit"], currency, "exact")
