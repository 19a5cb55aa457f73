"""The formats that can be imported: a name, and where its source lives. A new one is one file and
one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import cast

from agent.errors import BadFile
from agent.sources.base import Source

RATES = "rates"
"""The format whose rows are no shop's."""
TARGETS = "targets"
"""The format whose rows are kept with the records, for a shop that is there."""
EVENTS = "events"
"""The format of the shop's own calendar, kept as targets are."""
RECORDED = (TARGETS, EVENTS)
OWN = "own"
"""In place of a format's name: order lines under column names of their own."""
SOURCES: Mapping[str, str] = {
    "online-retail": "agent.sources.online_retail:SOURCE",
    "shopify-orders": "agent.sources.shopify_orders:SOURCE",
    "shopify-products": "agent.sources.shopify_products:SOURCE",
    "spend": "agent.sources.spend:SOURCE",
    "sessions": "agent.sources.visits:SOURCE",
    "costs": "agent.sources.costs:SOURCE",
    TARGETS: "agent.sources.plans:SOURCE",
    EVENTS: "agent.sources.occasions:SOURCE",
    RATES: "agent.sources.rates:SOURCE",
}


def source_for(name: str) -> Source:
    """The source of a format name, or the one that a mapping file (.toml) describes. Raises
    BadFile.
    """
    if name.lower().endswith(".toml"):
        from agent.sources.mapping import load

        return load(Path(name))
    if name not in SOURCES:
        raise BadFile(
            f"There is no format '{name}'.",
            hint=f"Formats: {', '.join(SOURCES)}, or the path of a mapping (.toml).",
        )
    return _loaded(name)


def by_columns(names: tuple[str, ...]) -> Source:
    """The first source that recognises the columns of a file. Raises BadFile where none does."""
    for source in map(_loaded, SOURCES):
        try:
            source.recognise(names)
        except BadFile:
            continue
        return source
    raise BadFile(
        "The columns of this file are those of no format.",
        hint=f"Name the format: {', '.join(SOURCES)}, or the path of a mapping (.toml)."
        f" Found: {', '.join(names[:20]) or 'nothing'}.",
    )


def _loaded(name: str) -> Source:
    module, attribute = SOURCES[name].split(":")
    return cast(Source, getattr(import_module(module), attribute))
