"""Parts of one whole as a ring: five at most, the others gathered."""

from __future__ import annotations

import numpy as np

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE, Frame
from agent.metrics.questions import Scope
from agent.words import inner, n, t
from dashboard.charts import Chart, Series, Values
from dashboard.panels import Shape
from dashboard.views import wording

MOST = 5


def ring(metric: str, title: str) -> Shape:
    """A metric's groups as parts of the whole; the title says what the largest one brings."""
    return lambda frame, scope: _ring(frame, scope, metric, title)


def _ring(frame: Frame, scope: Scope, metric: str, title: str) -> Chart:
    dimension = frame.dimensions[0].name
    what, noun = wording.label(frame, metric), inner(t(DIMENSIONS[dimension].label))
    names, keys, values = _parts(frame, metric)
    return Chart(
        kind="ring",
        title=wording.largest(frame, metric) or t(title),
        measure=t("{metric} by {dimension}", metric=what, dimension=noun),
        unit=frame.metric(metric).unit,
        currency=frame.receipt.currency,
        x=np.array(names, dtype=object),
        series=(Series("now", what, values),),
        keys=keys,
        total=wording.number(frame.total(metric)),
        dimension=dimension,
    )


def _parts(frame: Frame, metric: str) -> tuple[list[str], tuple[str | None, ...], Values]:
    """Names, keys and sizes: all groups where they are few, else the largest and the others."""
    dimension, values = frame.dimensions[0].name, frame.array(metric)
    groups = len(frame) - frame.rest_rows
    shown = groups if groups <= MOST and not frame.rest_rows else min(groups, MOST - 1)
    raw = frame.values(dimension)[:shown]
    names = [
        wording.group_name(dimension, key, label)
        for key, label in zip(raw, frame.labels(dimension)[:shown], strict=True)
    ]
    keys = [NONE if key is None else str(key) for key in raw]
    if shown == len(frame):
        return names, tuple(keys), values
    count = groups - shown + frame.rest
    names.append(n("{count} other", "{count} others", count, count=count))
    left = np.append(values[:shown], np.nansum(values[shown:]))
    return names, (*keys, None), left
