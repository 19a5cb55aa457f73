"""What other floors lend to the web part."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.imports import Imports
from dashboard.routes.downloads import Reports
from dashboard.routes.sources import Start
from dashboard.routes.webhooks import Wake
from dashboard.working import Times

__all__ = ["Lent", "Reports", "Start", "Times", "Wake"]


@dataclass(frozen=True)
class Lent:
    """Who prints, who reads files, who begins jobs, who works on what platforms called about, who
    knows when a schedule is due. None where nobody does."""

    imports: Imports
    reports: Reports | None = None
    start: Start | None = None
    wake: Wake | None = None
    times: Times | None = None
