"""A period and the one right before it, read in one go: one scan instead of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics import periods
from agent.metrics.clauses import EARLIER
from agent.metrics.facts import FACTS
from agent.metrics.measures import MEASURES
from agent.metrics.reading import Reading, Window

Windows = tuple[Window, ...]


def paired(reading: Reading, windows: Windows) -> Reading | None:
    """The reading of one fact over both windows at once; None where it has to be read twice: where
    one is cut short or they lie far apart, and where what is read depends on a window's end."""
    if len(windows) != 2 or any(window.until for window in windows):
        return None
    window, other = windows
    by_end = any(FACTS[MEASURES[name].fact].by_end for name in reading.measures)
    if by_end or not _near(window, other) or reading.touches("customer", "age", "grade"):
        return None
    return replace(reading, window=window, other=other, around=around(window, windows))


def parted(windows: Windows, tables: Sequence[pa.Table]) -> dict[Window, list[pa.Table]]:
    """What `paired` read, window by window. Empty where one of them has no rows at all: what its
    total is, its own statement says."""
    out: dict[Window, list[pa.Table]] = {}
    for window, earlier in zip(windows, (False, True), strict=True):
        own = [table.filter(pc.equal(table.column(EARLIER), earlier)) for table in tables]
        if not all(pc.any(pc.equal(rows.column("is_total"), 1)).as_py() for rows in own):
            return {}
        out[window] = [rows.drop_columns([EARLIER]) for rows in own]
    return out


def around(window: Window, windows: Windows) -> Window:
    """The days that a page speaks of where it asks for a window: with the period right before it,
    whether this question compares or not, for other parts of the page do."""
    if window is windows[0]:
        return Window(periods.before(window.start, window.end, "prev")[0], window.end)
    return Window(window.start, windows[0].end) if _near(windows[0], window) else window


def _near(window: Window, other: Window) -> bool:
    """Whether the other one ends before this one begins, with fewer days between them than it has:
    periods before are moved back by whole weeks."""
    between = (window.start - other.end).days - 1
    return 0 <= between < (window.end - window.start).days + 1
