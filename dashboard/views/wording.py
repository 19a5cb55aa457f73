"""What a person reads in a chart or table: names, measures, shares."""

from __future__ import annotations

import re

from babel.numbers import format_percent

from agent import words
from agent.metrics import formats
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import Frame, Number
from agent.metrics.questions import Scope
from agent.words import inner, mark, t
from dashboard.panels import Cell

UNITS = {"percent": mark("Percent"), "days": mark("Days")}
"""Said of a line; that a count is counted goes without saying."""
PREVIOUS = {"prev": mark("previous period"), "year": mark("a year before")}
KINDS = {"new": mark("New customers"), "returning": mark("Returning customers")}
PERSONS = ("customer_kind", "rfm")
"""Dimensions whose values are groups of people: they bring, where a channel brings."""


def label(frame: Frame, metric: str) -> str:
    return t(frame.metric(metric).label)


def brief(label: str) -> str:
    """The acronym of a label that ends in one: CAC for Customer acquisition cost (CAC)."""
    acronym = re.search(r"\(([^\W\d_]{2,5})\)$", label)
    return acronym[1] if acronym and acronym[1].isupper() else label


def spelled(label: str) -> str:
    """A label without the acronym behind it, where a figure has to fit beside or under it."""
    short = brief(label)
    return label if short == label else label.removesuffix(f" ({short})")


def said(frame: Frame, metric: str, value: Number, style: formats.Style = "full") -> str:
    return formats.number(value, frame.metric(metric).unit, frame.receipt.currency, style)


def cell(frame: Frame, metric: str, value: Number) -> Cell:
    return Cell(said(frame, metric, value), number(value))


def number(value: Number) -> float | None:
    return None if value is None else float(value)


def share(value: float) -> str:
    """A share without decimals: 56%."""
    return str(format_percent(value, locale=words.locale()))


def group_name(dimension: str, key: object, title: object) -> str:
    """A group's name: its title where it has one, else what a person reads for its value."""
    if dimension == "customer_kind" and key in KINDS:
        return t(KINDS[str(key)])
    if key is None and DIMENSIONS[dimension].level == "customer":
        return t(formats.GUESTS)
    text = formats.value_label(dimension, None if key is None else str(key))
    return str(title) if title is not None and title != key else text


def rest_name(frame: Frame) -> str:
    """412 other products."""
    by = DIMENSIONS[frame.dimensions[0].name]
    count = formats.number(frame.rest, "count")
    noun = inner(t(by.label)) if frame.rest == 1 else t(by.plural)
    return t("{count} other {noun}", count=count, noun=noun)


def all_of(dimension: str) -> str:
    return t("All {noun}", noun=t(DIMENSIONS[dimension].plural))


def tick(frame: Frame, scope: Scope) -> str:
    """What the tick on a bar stands for, as a sentence after the measure's."""
    if frame.previous is None:
        return ""
    return ". " + t("Tick on the bar: {former}", former=t(PREVIOUS[scope.compare]))


def measure_over_time(frame: Frame, metric: str, scope: Scope) -> str:
    """The unit of a line, and what the dashed one is."""
    unit = frame.metric(metric).unit
    what = frame.receipt.currency if unit == "money" else t(UNITS[unit]) if unit in UNITS else ""
    return ". ".join(filter(None, (what, dashed(frame, scope))))


def dashed(frame: Frame, scope: Scope) -> str:
    """What the dashed line is; empty without one."""
    span = scope.previous()
    if span is None or frame.previous is None:
        return ""
    days = formats.date_range(*span)
    return t("Dashed: {former}, {days}", former=t(PREVIOUS[scope.compare]), days=days)


def largest(frame: Frame, metric: str) -> str:
    """What the first group brings of the whole, when there is a whole to speak of."""
    whole, dimension = frame.total(metric), frame.dimensions[0].name
    groups = len(frame) - frame.rest_rows
    if not whole or whole <= 0 or groups < 2 or frame.values(dimension)[0] is None:
        return ""
    part = float(frame.values(metric)[0] or 0) / float(whole)
    if part >= 1:
        return ""
    name = group_name(dimension, frame.values(dimension)[0], frame.labels(dimension)[0])
    said = {"name": name, "share": share(part), "metric": inner(label(frame, metric))}
    if dimension in PERSONS:
        return t("{name} bring {share} of {metric}", **said)
    return t("{name} brings {share} of {metric}", **said)
