"""Answer a question from the shell, by the address bar's own grammar."""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any
from urllib.parse import quote

from agent.metrics import aging, formats
from agent.metrics.questions import refund_words
from agent.settings import Settings
from agent.sources import histories
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
            question = host.question(given.question)
            told = host.answer(question).to_json() | histories.noted(host, question.scope)
    {"table": _table, "json": _json, "csv": _csv}[given.format](told)
    if "stale" in told:
        print(_aged(told), file=sys.stderr)
    if "history" in told:
        print(told["history"], file=sys.stderr)
    if _nothing_fits(told):
        print(t("No order in this period fits all filters."), file=sys.stderr)
    return 0


def _aged(told: dict[str, Any]) -> str:
    since = datetime.fromisoformat(told["stale"]["since"])
    zone = told["receipt"]["timezone"]
    return t(
        "The last good answer, of {time}: {reason}",
        time=aging.moment(since, zone, datetime.now(UTC)),
        reason=t(told["stale"]["reason"]),
    )


def _nothing_fits(told: dict[str, Any]) -> bool:
    """Whether filters leave nothing."""
    return bool(told["receipt"]["filters"]) and not any(told["totals"].values())


def _quoted(question: str) -> str:
    """The question as typed, fit for an address: blanks and letters beyond ASCII are escaped."""
    return quote(question.lstrip("?"), safe=GRAMMAR)


def _json(told: dict[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=False, indent=1))


def _csv(told: dict[str, Any]) -> None:
    """Rows as they are; of a comparison each metric's former value and its change beside it: of a
    rate the difference, else a share of the former value.
    """
    columns, compared = told["columns"], "previous" in told
    text = {column["name"] for column in columns if column["unit"] == "text"}
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow([name for c in columns for name in _names(c, compared)])
    for row, former in _pairs(told):
        cells: list[Any] = []
        for column in columns:
            value = row[column["name"]]
            cells.append(_safe(value) if column["name"] in text else value)
            if compared and column["role"] == "metric":
                before = former.get(column["name"])
                change = formats.change(value, before, column["unit"])
                cells += [before, None if change.ratio is None else round(change.ratio, 6)]
        out.writerow(cells)


def _names(column: dict[str, Any], compared: bool) -> list[str]:
    name = column["name"]
    both = compared and column["role"] == "metric"
    return [name, *([f"{name}_before", f"{name}_change"] if both else [])]


def _pairs(told: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each row, and the comparison's row that stands against it: empty where there is none."""
    former = told.get("previous", {}).get("rows", [])
    return zip_longest(told["rows"], former[: len(told["rows"])], fillvalue={})


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


def _table(told: dict[str, Any]) -> None:
    """Columns a person can read, the total below, and how the figures are made."""
    currency = told["receipt"]["currency"]
    named = {column["name"] for column in told["columns"] if column["role"] == "label"}
    shown = [c for c in told["columns"] if f"{c['name']}_label" not in named]
    before = told.get("previous", {}).get("totals", {})
    compared = "previous" in told
    head = [text for c in shown for text in _heads(c, compared)]
    body = [
        [text for c in shown for text in _cells((row, former), c, (currency, compared))]
        for row, former in _pairs(told)
    ]
    totals = ({**_blank(shown), **told["totals"]}, before)
    total = [text for c in shown for text in _cells(totals, c, (currency, compared))]
    places = [c for c in shown for _ in _heads(c, compared)]
    if shown and shown[0]["role"] != "metric":
        total[0] = t("Total")
        body.append(total)
    widths = [max(map(len, column)) for column in zip(head, *body, strict=True)]
    for line in (head, ["─" * width for width in widths], *body):
        print(
            "  ".join(
                _placed(text, w, c) for text, w, c in zip(line, widths, places, strict=True)
            ).rstrip()
        )
    receipt = told["receipt"]
    print(
        f"\n{', '.join(receipt['shops'])}, {receipt['period']}, {currency}, {receipt['timezone']}"
    )
    if compared:
        print(f"  {t('Before')}: {told['previous']['receipt']['period']}")
    for term in (refund_words(receipt["refunds"]), receipt["rates"], *receipt["filters"]):
        if term:
            print(f"  {term}")


def _placed(text: str, width: int, column: dict[str, Any]) -> str:
    return text.rjust(width) if column["role"] == "metric" else text.ljust(width)


def _heads(column: dict[str, Any], compared: bool) -> list[str]:
    label = t(column["label"].removesuffix(" name"))
    both = compared and column["role"] == "metric"
    return [label, *([t("Before"), t("Change")] if both else [])]


def _blank(columns: list[dict[str, Any]]) -> dict[str, str]:
    return {column["name"]: "" for column in columns}


def _cells(
    rows: tuple[dict[str, Any], dict[str, Any]], column: dict[str, Any], how: tuple[str, bool]
) -> list[str]:
    """A value as text; of a comparison its former value and its change too."""
    (now, former), (currency, compared) = rows, how
    value, unit = now[column["name"]], column["unit"]
    if column["role"] != "metric":
        return [str(value)]
    said = [formats.number(value, unit, currency, "exact")]
    if not compared:
        return said
    before = former.get(column["name"])
    change = formats.change(value, before, unit)
    return [*said, formats.number(before, unit, currency, "exact"), str(change)]
