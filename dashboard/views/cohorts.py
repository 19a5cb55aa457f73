"""Cohorts as a shaded table, and their value over a lifetime as lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from agent.metrics import formats
from agent.metrics.cohorts import Cohorts, lifetime_value
from agent.metrics.cohorts import retention as retained
from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.words import mark, t
from dashboard.charts import Chart, Series
from dashboard.files.parts import Part, sheet_from, text
from dashboard.files.sheets import Heading as Head
from dashboard.files.sheets import Kind, Sheet
from dashboard.panels import Cell, Heading, Row, Table, View

Shape = Callable[[Frame, Scope], View]
CLASSIC = "customers"
STEPS = {"month": mark("months"), "week": mark("weeks"), "quarter": mark("quarters")}
STEP = {
    "month": mark("Month {number}"),
    "week": mark("Week {number}"),
    "quarter": mark("Quarter {number}"),
}
HALVES = {1: mark("First half {year}"), 2: mark("Second half {year}")}


def retention(metric: str, grain: str) -> Shape:
    """A row for each cohort: its size, then the share that ordered in each step since."""
    return lambda frame, scope: _retention(frame, scope, metric, grain)


def lifetime(frame: Frame, scope: Scope) -> Chart:
    """Net sales a customer, added up since the first order: a line for each half-year's
    cohorts."""
    found = lifetime_value(frame, _end(frame, scope))
    halves: dict[tuple[str, int], list[int]] = {}
    for place, label in enumerate(found.labels):
        if found.sizes[place]:
            halves.setdefault((label[:4], 1 + (label[5:] > "06")), []).append(place)
    lines = (_line(found, half, places) for half, places in reversed(halves.items()))
    series = tuple(line for line in lines if np.isfinite(line.values).sum() > 1)
    ages = max((int(np.isfinite(s.values).sum()) for s in series), default=0)
    currency = frame.receipt.currency
    return Chart(
        kind="line",
        title=_gain(series) or t("Value over a lifetime"),
        measure=t(
            "Net sales per customer, {currency}, by months since the first order", currency=currency
        ),
        unit="money",
        currency=currency,
        x=np.arange(ages),
        series=tuple(replace(s, values=s.values[:ages]) for s in series),
        along=t("Months since the first order"),
    )


def beside_cost(view: View, frame: Frame) -> View:
    """What a new customer cost in the period, for comparison."""
    cost = frame.total("cac")
    if not isinstance(view, Chart) or cost is None:
        return view
    said = formats.number(cost, "money", frame.receipt.currency)
    return replace(view, footer=t("A new customer cost {cost} in this period.", cost=said))


def _end(frame: Frame, scope: Scope) -> date:
    """The last day that the frame knows: today, where the period is still running."""
    return min(scope.end, frame.receipt.asked_at.date())


def _line(found: Cohorts, half: tuple[str, int], places: list[int]) -> Series:
    group = Cohorts(
        tuple(found.labels[place] for place in places),
        found.sizes[places],
        found.values[places],
        found.immature[places],
    )
    # Only ages that all of its cohorts have reached: else the youngest would drop out midway.
    whole = ~(np.isnan(group.values) | group.immature).any(axis=0)
    values = np.where(whole, group.mean, np.nan)
    name = t(HALVES[half[1]], year=half[0])
    return Series(group.labels[0], name, values, "part")


def _gain(series: tuple[Series, ...]) -> str:
    """Whether the newest customers are worth more at the same age than those before them."""
    if len(series) < 2:
        return ""
    newest, older = series[0].values, series[1].values
    both = np.flatnonzero(np.isfinite(newest) & np.isfinite(older))
    if not both.size or both[-1] < 1:
        return ""
    more = newest[both[-1]] > older[both[-1]]
    return (
        t("Newer customers are worth more, sooner")
        if more
        else t("Newer customers bring less so far")
    )


def _retention(frame: Frame, scope: Scope, metric: str, grain: str) -> Table:
    found = retained(frame, _end(frame, scope), metric)
    found, classic = _begun(found), metric == CLASSIC
    # The first step of the classic way holds everybody by definition: it says nothing.
    first, ages = int(classic), found.values.shape[1]
    top = _largest(found.values[:, first:])
    headings = [Heading(t("First order"), number=False), Heading(t("Customers"), priority=2)]
    headings += [Heading(str(age)) for age in range(first, ages)]
    measure = (
        t(
            "Share of new customers who order in the {steps} since their first order, %",
            steps=t(STEPS[grain]),
        )
        if classic
        else t(
            "Share of new customers who order again in the {steps} since, %", steps=t(STEPS[grain])
        )
    )
    dimension = frame.dimensions[0].name
    rows = tuple(_row(found, (place, first), top, dimension) for place in range(len(found.labels)))
    return Table(
        _returning(found) or t("Cohorts"),
        measure,
        tuple(headings),
        rows,
        dimension,
        footer=t("Striped: not over yet."),
    )


def _begun(found: Cohorts) -> Cohorts:
    """Only cohorts that began within the period, and as many steps as the oldest of them has."""
    kept = [place for place, size in enumerate(found.sizes) if size]
    values, immature = found.values[kept], found.immature[kept]
    ages = int(np.isfinite(values).sum(axis=1).max(initial=0))
    labels = tuple(found.labels[place] for place in kept)
    return Cohorts(labels, found.sizes[kept], values[:, :ages], immature[:, :ages])


def _largest(values: np.ndarray) -> float:
    return float(np.nanmax(values)) if np.isfinite(values).any() else 1.0


def _row(found: Cohorts, at: tuple[int, int], top: float, dimension: str) -> Row:
    place, first = at
    size = int(found.sizes[place])
    cells = [Cell(formats.number(size, "count", style="full"), float(size))]
    for column in range(first, found.values.shape[1]):
        value = float(found.values[place, column])
        if not np.isfinite(value):
            cells.append(Cell(""))
            continue
        heat = min(1.0, value / top) if top else 0.0
        masked = bool(found.immature[place, column])
        cells.append(Cell(formats.share(value), value, heat=heat, masked=masked))
    label = found.labels[place]
    return Row(_named(dimension, label), tuple(cells), label)


def _named(dimension: str, label: str) -> str:
    """Dec 2025 for 2025-12; weeks and quarters as they are written."""
    if dimension != "cohort":
        return label
    return formats.bucket(date.fromisoformat(f"{label}-01"), "month")


def _returning(found: Cohorts) -> str:
    """The share that came back in the first step, over all cohorts whose step is over."""
    mean = found.mean
    if mean.size < 2 or not np.isfinite(mean[1]):
        return ""
    share = formats.number(float(mean[1]), "percent")
    return t("{share} order again right after their first order", share=share)


def filed(metric: str, grain: str) -> Callable[[Frame, Scope], Sheet]:
    """The rows of a file: each cohort's size and its share in each step, as on the screen."""

    def rows(frame: Frame, scope: Scope) -> Sheet:
        found = _begun(retained(frame, _end(frame, scope), metric))
        return _matrix(frame, found, int(metric == CLASSIC), STEP[grain])

    return rows


def lifetime_filed(frame: Frame, scope: Scope) -> Sheet:
    """Net sales a customer, added up since the first order, of each month's cohort."""
    found = _begun(lifetime_value(frame, _end(frame, scope)))
    return _matrix(frame, found, 0, STEP["month"], "money")


def _matrix(frame: Frame, found: Cohorts, first: int, step: str, unit: Kind = "percent") -> Sheet:
    """A row for each cohort; its last filled step may not be over, which the second column says."""
    ages = range(first, found.values.shape[1])
    steps = [t(step, number=age) for age in ages]
    running = [
        next((steps[age - first] for age in ages if found.immature[place, age]), "")
        for place in range(len(found.labels))
    ]
    sizes = pa.array([int(size) for size in found.sizes], pa.int64())
    figures = [
        Part(Head(name, unit, name=f"step_{age}"), pa.array(found.values[:, age], from_pandas=True))
        for age, name in zip(ages, steps, strict=True)
    ]
    parts = [
        text(t("First order"), found.labels),
        text(t("Not over yet"), running),
        Part(Head(t("Customers"), "count", sum(sizes.to_pylist()), "sum", "customers"), sizes),
        *figures,
    ]
    return sheet_from(parts, "", frame.receipt.currency)
