"""Customers' frames as tables and charts: the grid of recency and frequency, segments, payback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa

from agent.metrics import formats
from agent.metrics.frames import NONE, Frame, Number
from agent.metrics.questions import Scope
from agent.words import mark, n, t
from dashboard.charts import Chart, Series
from dashboard.files.frames import sheet_of
from dashboard.files.parts import Part, beside
from dashboard.files.sheets import Heading as Head
from dashboard.files.sheets import Sheet
from dashboard.panels import Cell, Heading, Row, Table, View
from dashboard.views.trends import PER

Shape = Callable[[Frame, Scope], View]
Within = Callable[[Scope], Scope]
SCORES = ("1", "2", "3", "4", "5")
RECENCY = (
    mark("longest ago"),
    mark("long ago"),
    mark("a while ago"),
    mark("lately"),
    mark("most recently"),
)
FREQUENCY = (mark("fewest orders"), mark("few"), mark("some"), mark("many"), mark("most orders"))
ADVICE = {
    "Champions": mark("Show them new things first"),
    "Loyal": mark("Ask for a review, then a referral"),
    "Potential loyalist": mark("Offer what goes with their last order"),
    "New": mark("Help with the first order, then a second"),
    "Promising": mark("A second offer within the month"),
    "Needs attention": mark("A reason to come back now"),
    "About to sleep": mark("Remind them of what they looked at"),
    "At risk": mark("Win back with their own category"),
    "Can't lose": mark("Write to them in person"),
    "Lost": mark("One e-mail a year is enough"),
}
RATIO = 3.0


def rfm_grid(frame: Frame, scope: Scope) -> Table:
    """Customers by score of frequency (rows, most on top) and recency (columns, latest right)."""
    counts, groups = _by_scores(frame)
    top = max(counts.values(), default=0) or 1
    rows = []
    # Where most order once, ties leave some fifths empty.
    filled = [score for score in reversed(SCORES) if any(row == score for row, _ in counts)]
    for score in filled:
        cells = [_block(counts, groups, (score, recency), top) for recency in SCORES]
        rows.append(Row(t(FREQUENCY[int(score) - 1]), tuple(cells)))
    headings = (
        Heading(t("Orders, last order"), number=False),
        *(Heading(t(name)) for name in RECENCY),
    )
    return Table(
        title=_drifted(counts) or t("Recency and frequency"),
        measure=t("Customers by time since their last order and number of orders, in fifths"),
        headings=headings,
        rows=tuple(rows),
        dimension="rfm",
        footer=t(
            "{count} customers with at least one order.", count=_count(frame.total("customers"))
        ),
    )


def scored(frame: Frame, scope: Scope) -> Sheet:
    """The rows of a file: every block's groups, how many customers they hold and which share."""
    made = sheet_of(frame, "")
    counts = np.array([float(value or 0) for value in frame.values("customers")])
    whole = float(frame.total("customers") or 0)
    shares = pa.array(counts / whole if whole else np.zeros(len(counts)))
    return beside(made, [Part(Head(t("Part of all"), "percent", name="share"), shares)])


def _by_scores(frame: Frame) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], str]]:
    """How many customers a block holds, and the group that most of them are in."""
    counts: dict[tuple[str, str], int] = {}
    largest: dict[tuple[str, str], tuple[int, str]] = {}
    columns = (frame.values(name) for name in ("frequency", "recency", "rfm", "customers"))
    for frequency, recency, group, customers in zip(*columns, strict=True):
        if frequency is None or recency is None:
            continue
        place = (frequency, recency)
        counts[place] = counts.get(place, 0) + customers
        largest[place] = max(largest.get(place, (0, "")), (customers, group or NONE))
    return counts, {place: group for place, (_, group) in largest.items()}


def _block(
    counts: dict[tuple[str, str], int],
    groups: dict[tuple[str, str], str],
    place: tuple[str, str],
    top: int,
) -> Cell:
    count = counts.get(place, 0)
    # The root keeps small blocks visible beside one that holds half of all.
    heat = float(np.sqrt(count / top)) if count else None
    group = groups.get(place)
    return Cell(_count(count), count, heat=heat, over=t(group) if group else "", key=group)


def _drifted(counts: dict[tuple[str, str], int]) -> str:
    """The finding, where one corner holds a share worth saying."""
    whole = sum(counts.values())
    late = sum(count for (_, recency), count in counts.items() if recency in ("1", "2"))
    if not whole or late / whole < 0.45:
        return ""
    share = formats.number(late / whole, "percent")
    return t("{share} of all customers have not ordered for long", share=share)


def segments(frame: Frame, scope: Scope) -> Table:
    """The groups with their size, value and what to do with them."""
    headings = (
        Heading(t("Segment"), number=False),
        Heading(t("Customers"), sorted=True),
        Heading(t("Value"), priority=2),
    )
    rows = [
        Row(
            _group(key),
            (_cell(frame, "customers", place), _cell(frame, "net_sales_per_customer", place)),
            NONE if key is None else str(key),
            note=t(ADVICE[key]) if key in ADVICE else "",
        )
        for place, key in enumerate(frame.values("rfm"))
        if frame.values("customers")[place]
    ]
    total = Row(t("All customers"), _totals(frame), None, "total")
    return Table(
        t("Segments and what to do"),
        t("Value: net sales per customer since the first order"),
        headings,
        (*rows, total),
        "rfm",
    )


def moved(view: View, before: Frame) -> View:
    """How many more customers each group has than at the end of the comparison period."""
    if not isinstance(view, Table):
        return view
    was = dict(zip(before.values("rfm"), before.values("customers"), strict=True))
    rows = []
    for row in view.rows:
        former = before.total("customers") if row.kind == "total" else was.get(row.key, 0)
        step = int((row.cells[0].value or 0) - float(former or 0))
        rows.append(replace(row, cells=(*row.cells, Cell(_signed(step), step))))
    return replace(view, rows=tuple(rows), headings=(*view.headings, Heading(t("Moved in"))))


def groups(metrics: tuple[str, str], title: str) -> Shape:
    """Few groups as a list of bars: the first metric as the bar, the second beside it."""

    def shape(frame: Frame, scope: Scope) -> Table:
        dimension = frame.dimensions[0].name
        top = max((float(v or 0) for v in frame.values(metrics[0])), default=0) or 1.0
        headings = [Heading(t(frame.dimensions[0].label), number=False)]
        headings += [Heading(t(frame.metric(name).label)) for name in metrics]
        rows = []
        for place, key in enumerate(frame.values(dimension)):
            if not frame.values(metrics[0])[place]:
                continue
            bar = _cell(frame, metrics[0], place)
            bar = replace(bar, bar=(bar.value or 0) / top)
            name = formats.value_label(dimension, None if key is None else str(key))
            cells = (bar, _cell(frame, metrics[1], place))
            rows.append(Row(t(name), cells, NONE if key is None else str(key)))
        total = Row(t("All"), tuple(_total(frame, name) for name in metrics), None, "total")
        return Table(t(title), _labels(frame, metrics), tuple(headings), (*rows, total), dimension)

    return shape


def both(metrics: tuple[str, str], title: str) -> Shape:
    """Two counts over time in one chart."""

    def shape(frame: Frame, scope: Scope) -> Chart:
        grain = frame.dimensions[0].name
        series = tuple(
            Series(name, t(frame.metric(name).label), frame.array(name), "part") for name in metrics
        )
        return Chart(
            kind="line",
            title=t(title),
            measure=t(PER[grain], metric=t("Customers")),
            unit="count",
            currency=frame.receipt.currency,
            x=frame.array(grain),
            series=series,
            grain=grain,
        )

    return shape


def payback(frame: Frame, scope: Scope) -> Table:
    """What a new customer costs by channel, and what a customer brings there."""
    metrics = ("cac", "net_sales_per_customer")
    headings = (
        Heading(t("Channel"), number=False),
        Heading(t("Cost"), priority=2),
        Heading(t("Value")),
        Heading(t("Ratio")),
    )
    rows = []
    keys, count = frame.values("channel"), len(frame) - frame.rest_rows
    for place in range(len(frame)):
        rest = place >= count
        key = None if rest else NONE if keys[place] is None else str(keys[place])
        name = formats.value_label("channel", keys[place])
        name = (
            n("{count} other channel", "{count} other channels", frame.rest, count=frame.rest)
            if rest
            else name
        )
        cells = tuple(_cell(frame, metric, place) for metric in metrics)
        rows.append(Row(name, (*cells, _ratio(cells)), key, "rest" if rest else ""))
    cells = tuple(_total(frame, metric) for metric in metrics)
    rows.append(Row(t("All channels"), (*cells, _ratio(cells)), None, "total"))
    return Table(
        t("Cost and value by channel"),
        t("Acquisition cost, and net sales per customer in this period"),
        headings,
        tuple(rows),
        "channel",
        footer=t("A ratio below {limit} is marked.", limit=formats.number(RATIO, "number")),
    )


def _ratio(cells: tuple[Cell, ...]) -> Cell:
    cost, value = cells[0].value, cells[1].value
    if not cost or value is None:
        return Cell(formats.UNKNOWN)
    ratio = value / cost
    return Cell(
        f"{formats.number(ratio, 'number')}×", ratio, sign="triangle-alert" if ratio < RATIO else ""
    )


def _cell(frame: Frame, metric: str, place: int) -> Cell:
    return _said(frame, metric, frame.values(metric)[place])


def _total(frame: Frame, metric: str) -> Cell:
    return _said(frame, metric, frame.total(metric))


def _said(frame: Frame, metric: str, value: Number) -> Cell:
    text = formats.number(value, frame.metric(metric).unit, frame.receipt.currency, "full")
    return Cell(text, None if value is None else float(value))


def _totals(frame: Frame) -> tuple[Cell, ...]:
    return tuple(_total(frame, column.name) for column in frame.metrics)


def _group(key: object) -> str:
    return t(str(key)) if key is not None else t("Orders without a customer")


def _labels(frame: Frame, metrics: tuple[str, ...]) -> str:
    return ", ".join(t(frame.metric(name).label) for name in metrics)


def _count(value: Number) -> str:
    return formats.number(value, "count", style="full")


def _signed(step: int) -> str:
    return f"+{_count(step)}" if step > 0 else _count(step)
