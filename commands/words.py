"""The words of the screen, gathered out of the code into agent/locales/*.po, where they are
translated."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from agent.metrics.catalogue import METRICS
from agent.metrics.details import DETAILS
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.measures import MEASURES
from agent.metrics.periods import PRESETS
from agent.settings import Settings
from agent.words import FOLDER
from dashboard.pages import PAGES

ROOT = Path(__file__).resolve().parents[1]
# Which files, how Babel reads them, and what their words are wrapped in.
CODE = {"t": None, "n": (1, 2), "mark": None}
PYTHON = "python"
ROOMS = (
    ("agent", "*.py", PYTHON, CODE),
    ("dashboard", "*.py", PYTHON, CODE),
    ("reports", "*.py", PYTHON, CODE),
    ("dashboard/templates", "*.html", "jinja2.ext:babel_extract", CODE),
    ("reports", "*.html", "jinja2.ext:babel_extract", CODE),
    ("assets", "*.js", "javascript", {"say": None}),
)
WIDTH = 100


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)


def run(given: argparse.Namespace, settings: Settings) -> int:
    del settings
    template = gathered()
    for path in sorted(given.folder.glob("*.po")):
        catalogue = brought_up(path, template)
        with path.open("wb") as file:
            write_po(
                file, catalogue, WIDTH, sort_output=True, omit_header=True, include_lineno=False
            )
        missing = [m for m in catalogue if m.id and not is_said(m.string)]
        print(f"{path}: {len(catalogue)} texts, {len(missing)} to be translated")
    return 0


def gathered() -> Catalog:
    """Every text that a person reads on the screen, with the files that say it."""
    template = Catalog()
    for text, place in (*_marked(), *_tables()):
        template.add(text, locations=[(place, 1)])
    return template


def brought_up(path: Path, template: Catalog) -> Catalog:
    """A language's texts as the code has them now: new ones are empty, gone ones are left out."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem)
    catalogue.update(template, no_fuzzy_matching=True, keep_user_comments=False)
    catalogue.obsolete.clear()
    return catalogue


def is_said(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def _marked() -> Iterator[tuple[str | tuple[str, str], str]]:
    for room, pattern, method, keywords in ROOMS:
        for path in sorted((ROOT / room).rglob(pattern)):
            if "vendor" not in path.parts:
                found = _in_file(path, method, keywords)
                yield from ((text, path.relative_to(ROOT).as_posix()) for text in found)


def _in_file(path: Path, method: str, keywords: dict[str, Any]) -> list[str | tuple[str, str]]:
    if method == PYTHON:
        return list(_in_python(path.read_text(encoding="utf-8"), keywords))
    with path.open("rb") as file:
        return [text for _, text, _, _ in extract(method, file, keywords=keywords)]


def _in_python(source: str, keywords: dict[str, Any]) -> Iterator[str | tuple[str, str]]:
    """Babel's own reading misses what stands inside an f-string or another call."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {
        a.asname or a.name: a.name for x in nodes if isinstance(x, ast.ImportFrom) for a in x.names
    }
    for call in (x for x in nodes if isinstance(x, ast.Call) and isinstance(x.func, ast.Name)):
        name = names.get(call.func.id, "")
        if name in keywords:
            count = len(keywords[name] or (1,))
            texts = tuple(x.value for x in call.args[:count] if isinstance(x, ast.Constant))
            if len(texts) == count:
                yield texts if count > 1 else texts[0]


def _tables() -> Iterator[tuple[str, str]]:
    """What the tables of the code call things; shown with t(row.label)."""
    for metric in METRICS.values():
        yield from (
            (text, "agent/metrics/catalogue.py")
            for text in (metric.label, metric.definition, metric.source, metric.claim)
            if text
        )
    for measure in MEASURES.values():
        name = () if measure.name in METRICS else (measure.name.replace("_", " ").capitalize(),)
        texts = (*name, *measure.goods, *measure.every)
        yield from ((text, "agent/metrics/measures.py") for text in texts)
    for row in DIMENSIONS.values():
        texts = (row.label, row.plural, *row.values.values())
        yield from ((text, "agent/metrics/dimensions.py") for text in texts)
    for detail in DETAILS.values():
        texts = (detail.label, *(column.label for column in detail.columns))
        yield from ((text, "agent/metrics/details.py") for text in texts)
    for preset in PRESETS.values():
        yield preset.label, "agent/metrics/periods.py"
    for page in PAGES.values():
        place = "dashboard/pages"
        yield from ((text, place) for text in (page.title, *(p.title for p in page.panels)))
