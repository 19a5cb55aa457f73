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
    """A metric over time, a line for each of the largest values and one for the others together,
    each with its comparison."""
    split, grain = frame.dimensions[0].name, frame.dimensions[1].name
    metric, former = frame.about[0].name, frame.previous
    names = _names(frame, split)
    groups = len(frame) - frame.rest_rows
    whose = [_key(key) if n < groups else REST for n, key in enumerate(frame.values(split))]
    rows = {name: np.array([key == name for key in whose], dtype=bool) for name in names}
    first = next(iter(rows.values()), np.zeros(len(frame), dtype=bool))
    series = [Series(key, n, frame.array(metric)[rows[key]], "part") for key, n in names.items()]
    if former is not None:
        was, values = t("Previous"), former.array(metric)
        series += [Series(key, was, values[rows[key]], "previous") for key in names]
    by = inner(t(DIMENSIONS[split].label))
    said = (per(frame, metric, grain), t("One scale for all"), wording.dashed(frame, scope))
    return Chart(
        kind="line",
        title=t("By {dimension}", dimension=by),
        measure=". ".join(filter(None, said)),
        unit=frame.metric(metric).unit,
        currency=frame.receipt.currency,
        x=frame.array(grain)[first],
        series=tuple(series),
        grain=grain,
        dimension=split,
        previous_x=None if former is None else former.array(grain)[first],
        small=True,
    )


def _names(frame: Frame, split: str) -> dict[str, str]:
    """What a person reads for each value, in order; last for the others together."""
    keys = frame.values(split)[: len(frame) - frame.rest_rows]
    titles = dict(zip(keys, frame.labels(split), strict=False))
    names = {_key(key): wording.group_name(split, key, title) for key, title in titles.items()}
    return {**names, REST: wording.rest_name(frame)} if frame.rest_rows else names


def _key(key: str | None) -> str:
    return NONE if key is None else str(key)
