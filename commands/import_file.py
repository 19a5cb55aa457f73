"""Import a file of any format, here or through the running app."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from agent.errors import BadFile, Refused
from agent.metrics import formats
from agent.ports import RATES_SHOP
from agent.settings import Settings
from agent.sources.base import MAX_UPLOAD, ImportOptions, Progress
from agent.sources.registry import SOURCES
from agent.sources.taking import take
from commands.progress import Bar
from commands.remote import Running
from commands.running import services_or_running

MAPPING = ".toml"
WORDS = ("inserted", "replaced", "removed", "unchanged")
TABLES = ("sales", "orders", "products", "spend", "sessions", "costs", "targets", "events", "rates")
"""What a file may have brought, in the order in which it is told."""
REJECTED = "rejected"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path)
    parser.add_argument(
        "--format",
        default="",
        help=f"{', '.join(SOURCES)}, or the path of a mapping file (.toml); without it the columns"
        " decide",
    )
    parser.add_argument("--shop", default="", help="the shop's name; exchange rates need none")
    parser.add_argument("--currency", default="", help="its currency, for example GBP")
    parser.add_argument("--timezone", default="", help="its time zone, for example Europe/London")


def run(given: argparse.Namespace, settings: Settings) -> int:
    mapping = [given.format] if given.format.lower().endswith(MAPPING) else []
    for path in (given.file, *map(Path, mapping)):
        if not path.is_file():
            raise BadFile(f"There is no file {path}.")
    options = ImportOptions(given.format, given.shop, given.currency, given.timezone)
    with services_or_running(settings) as host, Bar() as bar:
        if isinstance(host, Running):
            told = _handed_over(host, given.file, options, bar)
        else:
            told = take(host, given.file, options, bar.show).to_json()
    print(summary_text(told, settings.data_dir))
    return 0


def _handed_over(host: Running, file: Path, options: ImportOptions, bar: Bar) -> dict[str, Any]:
    """Let the running app do it, and show how far it is."""
    size = file.stat().st_size
    if size > MAX_UPLOAD:
        raise Refused(
            f"{file.name} has {size / 1e9:.1f} GB; the running app takes up to"
            f" {MAX_UPLOAD / 1e9:.1f} GB.",
            hint="Stop the app and import again.",
        )
    print("The app is running: it imports the file.", file=sys.stderr)
    fields = {"shop": options.shop, "currency": options.currency, "timezone": options.timezone}
    files = {"file": file}
    if options.format.lower().endswith(MAPPING):
        files["mapping"] = Path(options.format)
    else:
        fields["format"] = options.format
    told: dict[str, Any] = {}
    for told in host.post("/api/analytics/imports", fields, files):
        if told.get("progress"):
            bar.show(Progress(**told["progress"]))
    if told.get("error"):
        raise BadFile(told["error"]["message"], hint=told["error"].get("hint", ""))
    if not told.get("summary"):
        raise Refused("The running app stopped before the file was imported.")
    found: dict[str, Any] = told["summary"]
    return found


def summary_text(told: dict[str, Any], folder: Path) -> str:
    """What became of the file, for a person."""
    shop = told["shop"]
    if told["already"]:
        return f"{shop['name']}: this file was imported before. Nothing changed."
    rates = shop["shop_id"] == RATES_SHOP.shop_id
    who = shop["name"] if rates else f"{shop['name']} ({shop['shop_id']})"
    tables = [name for name in TABLES if any(name in told.get(word, {}) for word in WORDS)]
    orders = f"{told['orders']:,} orders, " if "orders" in tables else ""
    lines = [
        f"{who}: {told['lines']:,} lines read, {orders}{told['rejected']:,} lines rejected, "
        f"{told['rows_per_second']:,.0f} lines a second.",
        *(f"  rejected: {count:,} × {reason}" for reason, count in told["reasons"].items()),
    ]
    if told.get("rejected_file"):
        lines.append(f"  rejected lines are in {folder / REJECTED / told['rejected_file']}")
    for kind, (rows, amount) in told["kinds"].items():
        money = formats.number(amount, "money", shop["currency"], "exact")
        lines.append(f"  {kind.replace('_', ' '):<18}{rows:>10,}  {money:>18}")
    lines += [_table(name, told) for name in tables]
    lines += [f"  note: {warning}" for warning in told["warnings"]]
    return "\n".join(lines)


def _table(name: str, told: dict[str, Any]) -> str:
    counts = {word: told.get(word, {}).get(name, 0) for word in WORDS}
    if not counts["removed"]:
        del counts["removed"]
    return f"  {name}: {', '.join(f'{count:,} {word}' for word, count in counts.items())}"
