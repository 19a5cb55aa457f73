"""The reference pages, written from the tables in the code: docs/settings.md,
docs/metrics.md, docs/sources-http.md and docs/sources-postgres.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.metrics.catalogue import MEASURES, METRICS
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.facts import known_by
from agent.metrics.metric import Measure, Metric
from agent.metrics.periods import PRESETS
from agent.settings import SETTINGS, Settings
from agent.sources.http import reference as http
from agent.sources.postgres import reference as postgres


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, nargs="?", default=Path("docs"))


def run(given: argparse.Namespace, settings: Settings) -> int:
    del settings
    for name, page in pages().items():
        (given.folder / name).write_text(page, encoding="utf-8")
        print(given.folder / name)
    return 0


def pages() -> dict[str, str]:
    """File name -> content of every page that is made."""
    return {
        "settings.md": settings_page(),
        "metrics.md": metrics_page(),
        "sources-http.md": http.page(),
        "sources-postgres.md": postgres.page(),
    }


def settings_page() -> str:
    rows = "\n".join(
        f"| `{row.name}` | {f'`{row.default}`' if row.default else ''} | {row.help} |"
        for row in SETTINGS
    )
    return f"""# Settings

By environment, or in a file `.env` beside `app.py`; the environment wins. `NAME_FILE` reads a value from a file. A wrong
value stops the start with a sentence. This page is made by `python app.py docs`.

| name | default | what it does |
|---|---|---|
{rows}
"""


def metrics_page() -> str:
    parts = "\n".join(map(_metric, METRICS.values()))
    measures = "\n".join(_measure(row) for row in MEASURES.values() if row.about)
    dimensions = "\n".join(f"| `{d.name}` | {d.label} |" for d in DIMENSIONS.values())
    presets = "\n".join(f"| `{name}` | {preset.label} |" for name, preset in PRESETS.items())
    return f"""# Metrics

What every number means, on a screen, in a file, in a mail or from the API. This page is made by `python app.py docs`.

{parts}
## Parts of formulas

A formula names metrics above and these. Where something is divided, the parts are summed first and divided last, at every
level: an average of averages never appears. A rate whose divisor is zero or unknown is unknown.

| name | what it is |
|---|---|
{measures}

Visits, advertising and costs are unknown, not zero, before the first day that their source speaks of.

## Dimensions

| name | what a person reads |
|---|---|
{dimensions}

Weeks begin on Monday. A value that is not known is a row called "(none)"; `country=(none)` filters by it. Of a top-n
answer the last row is the rest, so that shares add up to the whole.

## Periods

`from=2026-11-01&to=2026-11-16`, or `period=` with one of:

| name | what it covers |
|---|---|
{presets}

Days are the shop's own days. `cmp=prev` compares with the period before (whole months with whole months, a month in
progress with the same days and hours, anything else moved back by whole weeks so that weekdays match), `cmp=year` with the
same dates a year earlier, `cmp=none` with nothing.
"""


def _metric(metric: Metric) -> str:
    good = "higher is better" if metric.good_up else "lower is better"
    claim = f" It is {metric.claim}." if metric.claim else ""
    return f"""## {metric.name}

**{metric.label}** ({metric.unit}, {good}). {metric.definition}

- Formula: `{metric.formula}`
- Source: {metric.source}.{claim}
- By: {_known_by(metric)}
"""


def _known_by(metric: Metric) -> str:
    known = [name for name in DIMENSIONS if name in known_by(metric)]
    others = [name for name in DIMENSIONS if name not in known]
    few = f"every dimension but {', '.join(others)}"
    return few if len(others) < len(known) else ", ".join(known)


def _measure(measure: Measure) -> str:
    return f"| `{measure.name}` | {measure.about} |"
