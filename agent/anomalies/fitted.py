"""What the fitting process does for watching: plain arrays in, plain arrays out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agent.anomalies.judged import Incident, Judged
from agent.anomalies.judging import judge
from agent.anomalies.together import together
from agent.forecasting.series import Floats, Panel, Step

if TYPE_CHECKING:
    from agent.anomalies.series import Watched

NAME = "agent.anomalies.fitted:judged"
MIXED = 240
"""So many of the last steps are looked at as a mixture; older ones would be judged for nobody."""
TABLES = ("expected", "lo", "hi", "score", "is_anomaly", "kinds")
Watch = Callable[[int, int, str], None]
Plain = Mapping[str, Any]


@dataclass(frozen=True)
class Mixed:
    """Where several metrics were odd together: the columns, how odd, and the row that strayed
    most."""

    columns: NDArray[np.intp]
    scores: Floats
    leading: NDArray[np.intp]


NOT_MIXED = Mixed(np.empty(0, np.intp), np.empty(0), np.empty(0, np.intp))


def packed(seen: Watched, budget: float, mixed: Sequence[int] = ()) -> dict[str, Any]:
    """Series as `judged` takes them; the rows of `mixed` are looked at together too."""
    panel = seen.panel
    return {
        "ids": list(panel.ids),
        "values": panel.values,
        "ends": panel.ends,
        "step": panel.step.value,
        "season": panel.season,
        "known": dict(panel.known),
        "left_out": seen.left_out,
        "foreseen": seen.foreseen,
        "budget": budget,
        "mixed": np.array(mixed, dtype=np.int64),
    }


def judged(asked: Plain, *, watch: Watch) -> dict[str, Any]:
    """What `judge` says of a packed panel, as `unpacked` reads it."""
    panel = Panel(
        tuple(asked["ids"]),
        asked["values"],
        asked["ends"],
        Step(asked["step"]),
        asked["season"],
        dict(asked["known"]),
    )
    # A whole stands beside its parts here: what they all do is the news.
    skip = {name: asked[name] for name in ("left_out", "foreseen")}
    found = judge(panel, budget=asked["budget"], together=False, watch=watch, **skip)
    tables = {row.name: getattr(found, row.name) for row in fields(Judged)}
    tables |= {"ids": list(found.ids), "incidents": [asdict(one) for one in found.incidents]}
    mixed = _mixed(panel, found, asked["mixed"], asked["left_out"])
    return {**tables, "mixed": asdict(mixed)}


def _mixed(panel: Panel, found: Judged, rows: NDArray[np.int64], left_out: Any) -> Mixed:
    if len(rows) < 2:
        return NOT_MIXED
    since = max(0, panel.values.shape[1] - MIXED)
    parts = {name: getattr(found, name)[rows, since:] for name in TABLES}
    ids = tuple(found.ids[row] for row in rows)
    part = replace(found, **parts, ids=ids, needed=found.needed[since:], incidents=())
    seen = together(panel.values[rows, since:], part)
    at = np.flatnonzero(seen.is_anomaly & ~left_out[rows, since:].any(axis=0))
    return Mixed(at + since, seen.score[at], rows[seen.leading[at]])


def unpacked(told: Plain) -> tuple[Judged, Mixed]:
    """What `judged` returned, as `judge` and `together` said it."""
    incidents = tuple(Incident(**one) for one in told["incidents"])
    tables = {name: value for name, value in told.items() if name != "mixed"}
    whole = Judged(**{**tables, "ids": tuple(told["ids"]), "incidents": incidents})
    return whole, Mixed(**told["mixed"])
