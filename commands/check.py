"""What works, what does not, and what to do: settings, libraries, connections."""

from __future__ import annotations

import argparse
from importlib import import_module

from agent.errors import Busy, Failure
from agent.settings import Settings, describe
from commands.running import running, services_or_running

LIBRARIES = {
    "weasyprint": "PDF reports need Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0 "
    "libharfbuzz-subset0 libfontconfig1, or brew install pango.",
    "matplotlib": "Charts on paper need it: pip install -r requirements.txt.",
    "duckdb": "The embedded warehouse needs it: pip install -r requirements.txt.",
    "psycopg2": "PostgreSQL needs it: pip install -r requirements.txt.",
    "redis": "Redis needs it: pip install -r requirements.txt.",
    "python_calamine": "XLSX imports need it: pip install -r requirements.txt.",
}


def add(parser: argparse.ArgumentParser) -> None:
    del parser


def run(given: argparse.Namespace, settings: Settings) -> int:
    """Exit code 1 when anything does not work."""
    del given
    print("Settings")
    for name, value, _ in describe(settings):
        print(f"  {name:<20} {value}")
    print("Libraries")
    good = [_said(name, _library(name)) for name in LIBRARIES]
    print("Connections")
    good += [_said(name, state) for name, state in _connections(settings).items()]
    return 0 if all(good) else 1


def _said(name: str, state: str) -> bool:
    fine = state == "ok"
    print(f"  {'✓' if fine else '✗'} {name:<18} {state}")
    return fine


def _library(name: str) -> str:
    try:
        import_module(name)
    except (ImportError, OSError):
        return LIBRARIES[name]
    return "ok"


def _connections(settings: Settings) -> dict[str, str]:
    try:
        with services_or_running(settings) as host:
            if hasattr(host, "health"):
                return dict(host.health())
        with running(settings) as other:
            told = other.json("/api/analytics/health")
            return {"running app": "ok", **told["parts"]}
    except Busy as failure:
        return {"warehouse": str(failure)}
    except Failure as failure:
        return {"services": str(failure)}
