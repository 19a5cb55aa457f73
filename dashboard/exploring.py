"""Explore's own views: several metrics by one dimension, and one metric over time for each of its
values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS, GRAINS
from agent.metrics.frames import NONE, Frame
from agent.metrics.questions import Scope
from agent.words import inner, t
from dashboard.charts import Chart, Series
from dashboard.panels import Table
from dashboard.views import wording
from dashboard.views.tables import Column, table
from dashboard.views.trends import per

REST = ""
"""The key of the series that stands for all the smaller values."""


def by_dimension(frame: Frame, scope: Scope) -> Table:
    """The first metric as a bar with its former value as tick, its change and, of money, the
    difference; the others beside it, each with its change."""
    main, *others = (metric.name for metric in frame.about)
    difference = frame.metric(main).unit == "money" and not others
    columns = [Column(main, bar=True, change=True, difference=difference)]
    columns += [Column(name, 2 if n < 2 else 3, change=n < 2) for n, name in enumerate(others)]
    by = DIMENSIONS[frame.dimensions[0].name]
    noun = inner(t(by.label))
    made = table(frame, columns, t("By {dimension}", dimension=noun))
    what = wording.label(frame, main)
    measure = t("{metric} by {dimension}", metric=what, dimension=noun)
    made = replace(made, measure=measure + wording.tick(frame, scope))
    return _timed(made, frame) if by.name in GRAINS else made


def _timed(made: Table, frame: Frame) -> Table:
    """Buckets by their names, in their own order: the first day of each is its row's key."""
    grain = frame.dimensions[0].name
    moments = frame.values(grain)
    years = len({moment.year for moment in moments}) > 1
    rows = list(made.rows)
    for place, moment in enumerate(moments):
        name = formats.bucket(moment, grain, year=years)
        rows[place] = replace(rows[place], name=name, key=moment.isoformat())
    headings = (made.headings[0], *(replace(h, sorted=False) for h in made.headings[1:]))
    return replace(made, rows=tuple(rows), headings=headings)


def multiples(frame: Frame, scope: Scope) -> Chart:
    """A metric over time, a line for each of the largest values and one for the others together:
    the screen draws each on its own, on one scale."""
    split, grain = frame.dimensions[0].name, frame.dimensions[1].name
    metric = frame.about[0].name
    keys = frame.values(split)
    groups = len(frame) - frame.rest_rows
    named = dict(zip(keys[:groups], frame.labels(split)[:groups], strict=True))
    values, x = frame.array(metric), frame.array(grain)
    whose = np.array([_place(key, n >= groups, named) for n, key in enumerate(keys)])
    lines = [
        Series(
            NONE if key is None else str(key), wording.group_name(split, key, title), part, "part"
        )
        for n, (key, title) in enumerate(named.items())
        if (part := values[whose == n]).size
    ]
    if frame.rest_rows:
        rest = values[whose == len(named)]
        lines.append(Series(REST, wording.rest_name(frame), rest, "part"))
    by = inner(t(DIMENSIONS[split].label))
    return Chart(
        kind="line",
        title=t("By {dimension}", dimension=by),
        measure=f"{per(frame, metric, grain)}. {t('One scale for all.')}",
        unit=frame.metric(metric).unit,
        currency=frame.receipt.currency,
        x=np.unique(x),
        series=tuple(lines),
        grain=grain,
        dimension=split,
    )


def _place(key: str | None, rest: bool, named: dict[str | None, object]) -> int:
    return len(named) if rest else list(named).index(key)
