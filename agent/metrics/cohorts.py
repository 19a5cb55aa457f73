"""Cohorts as matrices: who came when, and what they did month after month (week, quarter).

Pure functions from a frame broken down by a cohort and its age: `by=cohort,age`,
`by=cohort_week,age_weeks` or `by=cohort_quarter,age_quarters`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from agent.metrics.frames import Frame

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Counts = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Cohorts:
    """One row a cohort, oldest first; one column an age, from 0.

    `sizes[i]` customers made their first order in cohort `labels[i]`. `values[i, n]` is a share of
    them, or money a customer; nan where their nth month has not begun, or where nobody is in the
    cohort. `immature[i, n]` marks a month that has begun and is not over: its value will still
    change.
    """

    labels: tuple[str, ...]
    sizes: Counts
    values: Numbers
    immature: Flags

    @property
    def mean(self) -> Numbers:
        """Of each age: the value over all customers whose month of that age is over; nan where
        there are none."""
        told = ~np.isnan(self.values) & ~self.immature
        people = np.where(told, self.sizes[:, None], 0)
        sums = np.where(told, self.values, 0.0) * people
        n = people.sum(axis=0).astype(float)
        return _over(sums.sum(axis=0), n)


@dataclass(frozen=True)
class Step:
    """Which dimension counts its ages, the first day of a cohort by its text, and the number of the
    period that a day lies in."""

    age: str
    first: Callable[[str], date]
    number: Callable[[date], int]

    def of(self, cohort: str) -> int:
        return self.number(self.first(cohort))


STEPS: Mapping[str, Step] = {
    "cohort": Step(
        "age",
        lambda text: date(int(text[:4]), int(text[5:]), 1),
        lambda day: day.year * 12 + day.month,
    ),
    "cohort_week": Step(
        "age_weeks",
        lambda text: date.fromisocalendar(int(text[:4]), int(text[6:]), 1),
        lambda day: (day.toordinal() - 1) // 7,
    ),
    "cohort_quarter": Step(
        "age_quarters",
        lambda text: date(int(text[:4]), int(text[6:]) * 3, 1),
        lambda day: day.year * 4 + (day.month - 1) // 3,
    ),
}


def retention(frame: Frame, end: date, metric: str = "customers") -> Cohorts:
    """Shares of each cohort that ordered in its nth month; with metric="repurchasing_customers"
    those that ordered again.

    The frame holds `customers` (its age 0 is the cohort's size) and `metric`, over a period that
    reaches from before the first cohort to `end`, its last day (today, where it is still running).
    """
    rows, counts = _cells(frame, end, metric)
    return replace(rows, values=_each(counts, rows.sizes))


def lifetime_value(frame: Frame, end: date, metric: str = "net_sales") -> Cohorts:
    """Money earned so far a customer, by age: `metric` added up over the ages, divided by the
    cohort's size. The frame as for `retention`. Historical, no forecast."""
    rows, amounts = _cells(frame, end, metric)
    return replace(rows, values=_each(np.cumsum(amounts, axis=1), rows.sizes))


def _each(cells: Numbers, sizes: Counts) -> Numbers:
    return _over(cells, np.broadcast_to(sizes[:, None].astype(float), cells.shape))


def _over(amounts: Numbers, people: Numbers) -> Numbers:
    """The quotient, nan where there is nobody."""
    out: Numbers = np.full(amounts.shape, np.nan)
    np.divide(amounts, people, out=out, where=people > 0)
    return out


def _cells(frame: Frame, end: date, metric: str) -> tuple[Cohorts, Numbers]:
    """The cohorts without values, and the metric by cohort and age: nan where not begun, 0 where
    nothing happened."""
    name, step = _step(frame)
    keys = [
        (step.of(cohort), int(age), row)
        for row, (cohort, age) in enumerate(
            zip(frame.values(name), frame.values(step.age), strict=True)
        )
        if cohort is not None and age is not None and row < len(frame) - frame.rest_rows
    ]
    known = {cohort: frame.values(name)[row] for cohort, _, row in keys}
    cohorts = sorted(known)
    begun, immature = _calendar(cohorts, step, end)
    people, amounts = (
        _placed(frame.array(n), keys, cohorts, begun.shape) for n in ("customers", metric)
    )
    sizes = people[:, 0].astype(np.int64) if begun.shape[1] else np.zeros(len(cohorts), np.int64)
    labels = tuple(known[cohort] for cohort in cohorts)
    return Cohorts(labels, sizes, amounts, immature), np.where(begun, amounts, np.nan)


def _step(frame: Frame) -> tuple[str, Step]:
    names = {column.name for column in frame.dimensions}
    for name, step in STEPS.items():
        if names == {name, step.age}:
            return name, step
    raise ValueError(f"a frame by {', '.join(sorted(names))} has no cohorts by age")


def _calendar(cohorts: list[int], step: Step, end: date) -> tuple[Flags, Flags]:
    """Which cells have begun by the end of `end`, and which of them are not over by then."""
    last = step.number(end)
    ages = max(last - cohorts[0] + 1, 0) if cohorts else 0
    at = np.array(cohorts, np.int64).reshape(-1, 1) + np.arange(ages)
    over = step.number(end + timedelta(days=1)) > last
    return at <= last, (at == last) & (not over)


def _placed(
    values: Numbers, keys: list[tuple[int, int, int]], cohorts: list[int], shape: tuple[int, ...]
) -> Numbers:
    place = {cohort: i for i, cohort in enumerate(cohorts)}
    out = np.zeros(shape)
    for cohort, age, row in keys:
        if 0 <= age < shape[1] and not np.isnan(values[row]):
            out[place[cohort], age] = values[row]
    return out
