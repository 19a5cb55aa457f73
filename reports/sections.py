"""The panels of the printed reports: data. Their views are pure, made of the frame alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from agent.metrics import formats, periods
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.frames import Frame, Number
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask, Scope
from agent.words import inner, mark, t
from dashboard.charts import Chart, Series
from dashboard.panels import Cell, Heading, Panel, Row, Table
from dashboard.views import waterfall, wording
from dashboard.views.trends import per
from reports.reasons import why
from reports.unusual import since_last
from reports.words import against, by_grain, finding

LONGEST = 64
"""Letters of a name on paper; the workbook has all of them."""
STEPS = (mark("Step"), mark("This period"), mark("Before"), mark("Change"))
_SUMS = ("net_sales", "total_sales")


def exact(value: Number, currency: str) -> str:
    """Money with every digit that the currency has, so that printed rows add up."""
    return formats.number(value, "money", currency, "exact")


def grain_of(scope: Scope) -> str:
    return periods.grain_for(scope.start, scope.end)


def over_time(metric: str) -> Callable[[Frame, Scope], Chart]:
    """A line through the period with its comparison behind it."""

    def view(frame: Frame, scope: Scope) -> Chart:
        row, grain = frame.metric(metric), grain_of(scope)
        now = frame.array(metric)
        series = [Series(metric, t("This period"), now)]
        before = None if frame.previous is None else frame.previous.array(metric)
        if before is not None:
            series.append(Series(f"{metric}_before", _capital(against(scope)), before, "previous"))
        return Chart(
            "line",
            finding(now, before, grain) or by_grain(row, grain),
            _measure(per(frame, metric, grain), frame, metric),
            row.unit,
            frame.receipt.currency,
            frame.array(grain) if len(frame) else np.array([], "datetime64[ms]"),
            tuple(series),
            grain=grain,
            previous_x=None if frame.previous is None else frame.previous.array(grain),
            footer=_extremes(frame, metric, grain),
        )

    return view


def _measure(words: str, frame: Frame, metric: str) -> str:
    return f"{words}, {frame.receipt.currency}" if frame.metric(metric).unit == "money" else words


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _extremes(frame: Frame, metric: str, grain: str) -> str:
    values = frame.array(metric)
    if not np.isfinite(values).any() or not np.any(np.nan_to_num(values)):
        return ""
    best, worst = int(np.nanargmax(values)), int(np.nanargmin(values))
    rows, unit, money = frame.values(grain), frame.metric(metric).unit, frame.receipt.currency
    exact_values = frame.values(metric)

    def said(at: int) -> str:
        moment = rows[at]
        when = f"{moment:%H:%M}" if grain == "hour" else formats.day(_date(moment))
        return f"{when}, {formats.number(exact_values[at], unit, money, 'short')}"

    return t("Highest: {most}. Lowest: {least}.", most=said(best), least=said(worst))


def _date(moment: Any) -> Any:
    return moment.date() if hasattr(moment, "date") else moment


def steps(frame: Frame, scope: Scope) -> Table:
    """From gross to total sales, row by row, to the last digit."""
    currency = frame.receipt.currency
    kept = [
        m for m in waterfall.STEPS if m not in waterfall.RARE or frame.total(m) or frame.before(m)
    ]
    rows = tuple(
        Row(
            t(frame.metric(metric).label),
            (
                Cell(exact(frame.total(metric), currency), _float(frame.total(metric))),
                Cell(exact(frame.before(metric), currency), _float(frame.before(metric)), "mut"),
                _change(frame.total(metric), frame.before(metric), frame.metric(metric)),
            ),
            kind="total" if metric in _SUMS else "",
        )
        for metric in kept
    )
    headings = tuple(Heading(t(words)) for words in STEPS)
    return _comparable(
        Table(
            t("From gross to total sales"),
            t("Each line adds up, {currency}", currency=currency),
            headings,
            rows,
        ),
        scope,
    )


def breakdown(dimension: str, *metrics: str) -> Callable[[Frame, Scope], Table]:
    """Groups by the first metric: its bar, its change, the other metrics, the rest, the total."""

    def view(frame: Frame, scope: Scope) -> Table:
        first = metrics[0]
        names, keys = frame.labels(dimension), frame.values(dimension)
        former = frame.previous.values(first) if frame.previous is not None else []
        values = frame.values(first)
        longest = max((float(v) for v in values[: len(values) - frame.rest_rows] if v), default=0)
        rows = []
        for at, value in enumerate(values):
            rest = at >= len(values) - frame.rest_rows
            before = former[at] if at < len(former) else None
            if not (before or any(frame.values(metric)[at] for metric in metrics)):
                continue
            cells = (*_plain(frame, metrics[1:], at), *_valued(frame, first, value, longest, rest))
            rows.append(
                Row(
                    wording.rest_name(frame) if rest else name_of(dimension, names[at], keys[at]),
                    (*cells, _change(value, before, frame.metric(first))),
                    keys[at],
                    "rest" if rest else "",
                )
            )
        rows.append(_total(frame, dimension, metrics))
        return _comparable(_breakdown_table(frame, dimension, metrics, tuple(rows)), scope)

    return view


def _breakdown_table(
    frame: Frame, dimension: str, metrics: tuple[str, ...], rows: tuple[Row, ...]
) -> Table:
    row = DIMENSIONS[dimension]
    title = t("Top {groups}", groups=t(row.plural)) if frame.rest else _capital(t(row.plural))
    headings = (
        Heading(t(row.label), number=False),
        *(Heading(wording.label(frame, m), priority=2) for m in metrics[1:]),
        Heading(wording.label(frame, metrics[0]), sorted=True),
        Heading(t("Change")),
    )
    measure = _measure(wording.label(frame, metrics[0]), frame, metrics[0])
    unsaid = len(frame) == 1 and frame.values(dimension) == [None]
    footer = ""
    if unsaid:
        footer = t("No order of this period says its {dimension}.", dimension=inner(t(row.label)))
    title = t(_TITLES[dimension]) if dimension in _TITLES else title
    return Table(title, measure, headings, rows, dimension, footer)


_TITLES = {"customer_kind": mark("New and returning customers")}
_ALL = {"customer_kind": mark("All customers")}


def name_of(dimension: str, label: Any, key: Any) -> str:
    """What a person reads for a group, cut to what a line of paper holds."""
    text = str(formats.value_label(dimension, label if label is not None else key))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _plain(frame: Frame, metrics: tuple[str, ...], at: int) -> tuple[Cell, ...]:
    values = [frame.values(metric)[at] for metric in metrics]
    return tuple(_cell(frame, m, v) for m, v in zip(metrics, values, strict=True))


def _cell(frame: Frame, metric: str, value: Number) -> Cell:
    text = formats.number(value, frame.metric(metric).unit, frame.receipt.currency, "full")
    return Cell(text, _float(value))


def _valued(
    frame: Frame, metric: str, value: Number, longest: float, rest: bool
) -> tuple[Cell, ...]:
    cell = _cell(frame, metric, value)
    share = None if rest or not longest or value is None else max(float(value) / longest, 0.0)
    return (Cell(cell.text, cell.value, bar=share),)


def _total(frame: Frame, dimension: str, metrics: tuple[str, ...]) -> Row:
    cells = tuple(_cell(frame, m, frame.total(m)) for m in (*metrics[1:], metrics[0]))
    change = _change(frame.total(metrics[0]), frame.before(metrics[0]), frame.metric(metrics[0]))
    name = t(_ALL[dimension]) if dimension in _ALL else wording.all_of(dimension)
    return Row(name, (*cells, change), kind="total")


def _change(now: Number, before: Number, row: Metric) -> Cell:
    change = formats.change(now, before, row.unit, row.good_up)
    return Cell(str(change), change.ratio, change.tone)


def _float(value: Number) -> float | None:
    return None if value is None else float(value)


def _comparable(table: Table, scope: Scope) -> Table:
    """Without a comparison there is nothing to say about change."""
    if scope.compare != "none":
        return table
    keep = [i for i, h in enumerate(table.headings) if h.label not in (t("Change"), t("Before"))]
    rows = tuple(
        Row(r.name, tuple(r.cells[i - 1] for i in keep if i), r.key, r.kind, r.note)
        for r in table.rows
    )
    return Table(
        table.title,
        table.measure,
        tuple(table.headings[i] for i in keep),
        rows,
        table.dimension,
        table.footer,
    )


def _by(dimension: str, *metrics: str, top: int = 0) -> Callable[[Scope], Ask]:
    return lambda scope: Ask(metrics, by=(dimension,), top=top)


def over_the_period(metric: str, title: str) -> Panel:
    """The line of the report's first number."""
    return Panel(
        "series",
        title,
        lambda scope: Ask((metric,), by=(grain_of(scope),)),
        over_time(metric),
    )


WEEKLY = (
    over_the_period("net_sales", mark("Net sales")),
    *why("net_sales")[:2],
    Panel("steps", mark("From gross to total sales"), lambda scope: Ask(waterfall.STEPS), steps, 6),
    *why("net_sales")[2:],
    since_last("weekly-executive"),
    Panel(
        "countries",
        mark("Countries"),
        _by("country", "net_sales", "orders", top=7),
        breakdown("country", "net_sales"),
        6,
    ),
    Panel(
        "channels",
        mark("Channels"),
        _by("channel", "net_sales", "orders", top=6),
        breakdown("channel", "net_sales"),
        6,
    ),
    Panel(
        "products",
        mark("Products"),
        _by("product", "net_sales", "units", top=10),
        breakdown("product", "net_sales", "units"),
    ),
    Panel(
        "customers",
        mark("Customers"),
        _by("customer_kind", "net_sales", "orders"),
        breakdown("customer_kind", "net_sales", "orders"),
        6,
    ),
)
