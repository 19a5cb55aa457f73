"""What the cache holds and how often it answers; a part of it cleared by a pattern of keys."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict
from typing import Any

from agent.errors import Busy
from agent.metrics import formats
from agent.services import Services, open_services
from agent.settings import Settings
from agent.words import mark, n, t
from commands import note
from commands.remote import Running
from commands.running import handed_over

KEYS = """A key reads shop:SHOP:answer:METRICS:by:DIMENSIONS:reads:TABLES:DIGEST. In a pattern * is
any text and ? one letter: shop:almas:*, *sales*, *:reads:*spend*, or * for everything."""
HEADS = (
    mark("Level"),
    mark("Hits"),
    mark("Misses"),
    mark("Hit rate"),
    mark("Failures"),
    mark("Entries"),
    mark("Size"),
)


def add(parser: argparse.ArgumentParser) -> None:
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    deeds.add_parser("show", help="hits, misses and size of each level")
    clear = deeds.add_parser("clear", help="forget the answers whose keys fit", epilog=KEYS)
    clear.add_argument("pattern", help="such as 'shop:almas:*' or '*sales*'")


def run(given: argparse.Namespace, settings: Settings) -> int:
    with _host(settings) as host:
        if given.deed == "show":
            _show(_levels(host))
            return 0
        count = _clear(host, given.pattern)
    said = formats.number(count, "count")
    print(n("{count} answer is forgotten.", "{count} answers are forgotten.", count, count=said))
    return 0


def _host(settings: Settings) -> AbstractContextManager[Services | Running]:
    """The running app; without one what it left in Redis. Raises Busy where there is neither."""
    if note.running(settings) is None and settings.redis_url:
        return closing(open_services(settings))
    nobody = Busy(
        t("The app is not running, so no answer is kept."),
        hint=t("Start it, or set REDIS_URL to the Redis that its answers are in."),
    )
    return handed_over(settings, nobody)


def _levels(host: Services | Running) -> Sequence[Mapping[str, Any]]:
    if isinstance(host, Running):
        found: list[dict[str, Any]] = host.json("/api/analytics/cache")["levels"]
        return found
    return [{**asdict(level), "rate": level.rate} for level in host.cache.levels()]


def _clear(host: Services | Running, pattern: str) -> int:
    if isinstance(host, Running):
        (told,) = host.post("/api/analytics/cache/clear", {"pattern": pattern})
        return int(told["cleared"])
    host.records.audit.note("command line", "cleared the cache", pattern)
    return host.clear(pattern)


def _show(levels: Sequence[Mapping[str, Any]]) -> None:
    rows = [[t(head) for head in HEADS], *map(_row, levels)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        first, *rest = (text.ljust(widths[0]) if not at else text for at, text in enumerate(row))
        cells = (text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))
        print("  ".join((first, *cells)))
    for level in levels:
        if level["trouble"]:
            print(f"{level['name']}: {level['trouble']}")


def _row(level: Mapping[str, Any]) -> list[str]:
    counts = [formats.number(level[name], "count") for name in ("hits", "misses")]
    held = [formats.number(level[name], "count") for name in ("failures", "entries")]
    least = "" if level["whole"] else "≥ "
    size = t("{size} KB", size=formats.number(-(-level["size"] // 1024), "count"))
    rate = formats.number(level["rate"], "percent")
    return [level["name"], *counts, rate, held[0], least + held[1], least + size]
