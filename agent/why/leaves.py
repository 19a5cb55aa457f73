"""A change's leaves: a metric over its period and the one before, by six dimensions at once, asked
as everything else is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from agent.errors import Refused
from agent.metrics import arithmetic
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.facts import known_by
from agent.metrics.formulas import Pair, written
from agent.metrics.frames import Number
from agent.metrics.grid import Cells
from agent.metrics.measures import MEASURES
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Scope
from agent.why.cube import Codes, Floats, Leaves, Text, encoded
from agent.words import t

if TYPE_CHECKING:
    from agent.services import Services

SEARCHED = (
    "country",
    "channel",
    "product_type",
    "customer_kind",
    "vendor",
    "product",
    "campaign",
    "region",
    "shop",
)
"""What a change is searched by: the first six that the metric knows."""
MOST = 6
WHOLE = "whole"
_OF_ORDERS = ("order", "shop")
"""Of what orders and customers are counted by, only these count each once."""


@dataclass(frozen=True)
class Change:
    """`before` and `after` are the metric's own totals, None where unknown; of what is not counted
    once in every dimension they need not be the leaves' sums."""

    metric: Metric
    scope: Scope
    leaves: Leaves
    before: Number
    after: Number


def dimensions_of(metric: Metric, scope: Scope) -> tuple[str, ...]:
    """The dimensions that a change of a metric is searched by within a scope: not what a filter
    holds to one value, nor what would count an order twice."""
    known = known_by(metric)
    held = {f.dimension for f in scope.filters if len(f.values) == 1 and not f.exclude}
    held |= {"shop"} if len(scope.shops) < 2 else set()
    # What is in stock is that of one day, and each piece is one product's.
    once = all(MEASURES[n].additive or MEASURES[n].fact == "stock" for n in metric.measures)
    return tuple(
        name
        for name in SEARCHED
        if name in known and name not in held and (once or DIMENSIONS[name].level in _OF_ORDERS)
    )[:MOST]


def change(services: Services, scope: Scope, name: str) -> Change:
    """The leaves of a metric's change within a scope. Raises Refused where the scope compares with
    nothing, or the metric is not known by any dimension; NotFound and Unavailable as `answer`."""
    if scope.previous() is None:
        raise Refused(
            t("There is no period to compare with."),
            hint=t("Choose the period before, or last year."),
        )
    metric = services.catalogue().get(name)
    if metric is None:
        raise Refused(t("There is no metric called {name!r}.", name=name))
    by = dimensions_of(metric, scope)
    if not by:
        raise Refused(t("{metric} is known by no dimension.", metric=t(metric.label)))
    columns = parts_of(metric)
    ask = Ask(tuple(row.name for row in columns), by, defined=columns, deep=True)
    after, before = services.engine.cells(ask.within(scope))
    if before is None:
        raise Refused(t("There is no period to compare with."))
    leaves = _leaves(by, columns, after, before)
    return Change(metric, scope, leaves, before.total.total(metric), after.total.total(metric))


def parts_of(metric: Metric) -> tuple[Metric, ...]:
    """What is added up over leaves: the metric, or what stands above and below its line."""
    tree = metric.parsed.tree
    if not (metric.ratio and isinstance(tree, Pair) and tree.sign == "/"):
        return (metric,)
    return tuple(
        replace(metric, name=name, label=name, unit="number", formula=written(node), own=True)
        for name, node in (("part_above", tree.left), ("part_below", tree.right))
    )


def _leaves(by: tuple[str, ...], columns: Sequence[Metric], after: Cells, before: Cells) -> Leaves:
    """Leaves of both periods, all facts' rows matched by their dimensions."""
    tables = [*after.tables, *before.tables]
    coded = [_coded([table.column(name) for table in tables]) for name in by]
    flat = np.zeros(sum(table.num_rows for table in tables), np.int64)
    for values, codes in coded:
        flat = flat * len(values) + codes
    cells, row = np.unique(flat, return_inverse=True)
    first = np.zeros(cells.size, np.intp)
    first[row] = np.arange(row.size)
    ends = np.cumsum([0, *(table.num_rows for table in tables)])
    rows = [row[start:end] for start, end in pairwise(ends)]
    now, then = len(after.tables), len(tables)
    measured = (
        _measured(after.tables, rows[:now], cells.size),
        _measured(before.tables, rows[now:then], cells.size),
    )
    sums = [(_column(row, measured[0]), _column(row, measured[1])) for row in columns]
    own = tuple(each[1][first] for each in coded)
    per = sums[1] if len(sums) > 1 else None
    return Leaves(by, tuple(each[0] for each in coded), own, *sums[0], per)


def _coded(columns: Sequence[pa.ChunkedArray]) -> tuple[tuple[Text, ...], Codes]:
    """The values of one dimension in all tables, sorted, None last, and each row's."""
    texts = pa.concat_arrays([column.combine_chunks().cast(pa.string()) for column in columns])
    return encoded(texts)


def _measured(
    tables: Sequence[pa.Table], rows: Sequence[NDArray[np.intp]], size: int
) -> dict[str, pa.Array]:
    """Measures by leaf; what is not known or has no row is nothing."""
    found = {}
    for table, places in zip(tables, rows, strict=True):
        for name in table.column_names:
            if name in MEASURES:
                values = table.column(name).cast(pa.float64()).to_numpy()
                found[name] = pa.array(np.bincount(places, np.nan_to_num(values), size))
    return found


def measured_by(
    columns: Sequence[Metric], tables: Sequence[pa.Table]
) -> list[tuple[pa.Table, Floats]]:
    """Each fact's rows, and (metrics, rows) of what they add to each metric: an exact sum is the
    sum of what its facts add, measures of other facts being nothing there."""
    out = []
    for table in tables:
        known = _measured([table], [np.arange(table.num_rows)], table.num_rows)
        nothing = pa.array(np.zeros(table.num_rows))
        full = {name: known.get(name, nothing) for row in columns for name in row.measures}
        out.append((table, np.array([_column(row, full) for row in columns])))
    return out


def _column(metric: Metric, measured: Mapping[str, pa.Array]) -> Floats:
    found = arithmetic.column(metric.parsed, measured).to_numpy(zero_copy_only=False)
    return np.nan_to_num(np.asarray(found, np.float64))
