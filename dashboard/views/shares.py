"""Parts of one whole as a ring: five at most, the others gathered."""

from __future__ import annotations

import numpy as np

from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import NONE, Frame
from agent.metrics.questions import Scope
from agent.words import inner, t
from dashboard.charts import Chart, Series
from dashboard.panels import Shape
from dashboard.views import wording


def ring(metric: str, title: str) -> Shape:
    """A metric's groups as parts of the whole; the title says what the largest one brings."""
    return lambda frame, scope: _ring(frame, scope, metric, title)


def _ring(frame: Frame, scope: Scope, metric: str, title: str) -> Chart:
    dimension = frame.dimensions[0].name
    groups = len(frame) - frame.rest_rows
    keys = [NONE if key is None else str(key) for key in frame.values(dimension)[:groups]]
    pairs = zip(frame.values(dimension)[:groups], frame.labels(dimension), strict=False)
    names = [wording.group_name(dimension, key, label) for key, label in pairs]
    if frame.rest_rows:
        names.append(wording.rest_name(frame))
    noun = inner(t(DIMENSIONS[dimension].label))
    what = wording.label(frame, metric)
    return Chart(
        kind="ring",
        title=wording.largest(frame, metric) or t(title),
        measure=t("{metric} by {dimension}", metric=what, dimension=noun),
        unit=frame.metric(metric).unit,
        currency=frame.receipt.currency,
        x=np.array(names, dtype=object),
        series=(Series("now", what, frame.array(metric)),),
        keys=(*keys, *((None,) * frame.rest_rows)),
        total=wording.number(frame.total(metric)),
        dimension=dimension,
    )
