"""A file imported, and what it left looked at: the way in for whoever is no connection."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agent import quality
from agent.sources.base import ImportOptions, ImportSummary, Watch
from agent.sources.ingest import import_file

if TYPE_CHECKING:
    from agent.services import Services


def take(services: Services, path: Path, options: ImportOptions, progress: Watch) -> ImportSummary:
    """Import a file and check its shop's rows. Raises as `import_file`."""
    summary = import_file(services, path, options, progress)
    if not summary.already:
        quality.after_load(services, summary.shop.shop_id)
    return summary
