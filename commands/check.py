"""What works, what does not, and what to do: settings, libraries, connections."""

from __future__ import annotations

import argparse
import io
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib import import_module

from agent.errors import Failure
from agent.health import OK
from agent.settings import Settings, describe
from commands import note
from commands.remote import Running
from commands.running import services_or_running

PINNED = "install it: make run, or pip install -r requirements.txt."
LIBRARIES: Mapping[str, str] = {
    "weasyprint": "PDF reports need Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0 libfontconfig1, or brew install pango. Everything else works without.",
    "lightgbm": "Forecasts learn by it, and are made without trees while it is away: "
    "apt-get install libgomp1, or brew install libomp.",
    "matplotlib": f"Reports draw with it; {PINNED}",
    "duckdb": f"The embedded warehouse needs it; {PINNED}",
    "psycopg2": f"PostgreSQL needs it; {PINNED}",
    "redis": f"Redis needs it; {PINNED}",
    "python_calamine": f"XLSX files need it; {PINNED}",
}


def add(parser: argparse.ArgumentParser) -> None:
    del parser


def run(given: argparse.Namespace, settings: Settings) -> int:
    """Exit code 1 when anything does not work."""
    del given
    print("Settings")
    for name, value, _ in describe(settings):
        print(f"  {name:<26} {value}".rstrip())
    print("Libraries")
    good = [_said(name, _library(name)) for name in LIBRARIES]
    place = note.running(settings)
    print(f"Connections of the running app, {place}" if place else "Connections")
    good += [_said(name, state) for name, state in _connections(settings).items()]
    return 0 if all(good) else 1


def _said(name: str, state: str) -> bool:
    print(f"  {'✓' if state == OK else '✗'} {name:<18} {state}")
    return state == OK


def _library(name: str) -> str:
    # WeasyPrint prints a page about what it misses; one line of ours is enough.
    with redirect_stdout(io.StringIO()):
        try:
            import_module(name)
        except (ImportError, OSError):
            return LIBRARIES[name]
    return OK


def _connections(settings: Settings) -> Mapping[str, str]:
    try:
        with services_or_running(settings) as host:
            if isinstance(host, Running):
                parts: dict[str, str] = host.json("/api/analytics/health")["parts"]
                return parts
            return host.health()
    except Failure as failure:
        return {"services": str(failure)}
