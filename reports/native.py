"""Excel's own charts beside a sheet's table: they read its cells, and follow when those change.

What they show is written beside them as well, for readers that compute nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from agent.metrics.frames import Frame
from agent.words import t
from dashboard.charts import Chart
from dashboard.files.book import Book, pattern_of
from dashboard.files.cells import EPOCH
from dashboard.files.sheets import Heading, Sheet
from dashboard.files.tables import Placed
from dashboard.panels import Table, View
from reports.documents import Part
from reports.inks import INKS
from reports.words import alternative

MOST_BARS = 15
"""Groups in a chart of bars; the table beside it has all."""
MOST_POINTS = 5_000
_INK = INKS["light"]
_SHADES = ("#2A46D8", "#D9820F", "#0B7A5E", "#A21A72", "#656D7E", "#8B9DFF", "#C0341D", "#4A5161")
_SIZE = {"width": 760, "height": 360}


@dataclass(frozen=True)
class Canvas:
    """Where a chart is drawn, and what stands there."""

    book: Book
    sheet: Any
    placed: Placed
    rows: Sheet

    def place(self, name: str) -> int:
        """The column of a metric, or of its former value; -1 where there is none."""
        names = [heading.name for heading in self.rows.headings]
        return names.index(name) if name in names else -1

    def span(self, column: int, count: int) -> list[Any]:
        """A part of a column as XlsxWriter names ranges."""
        last = min(self.placed.last, self.placed.first + count - 1)
        return [self.sheet.get_name(), self.placed.first, column, last, column]


def draw(canvas: Canvas, part: Part) -> None:
    """The panel's kind of chart, right of its table; none where Excel has no such kind, or where
    rows are told apart by more than one name.
    """
    if _heated(part.view):
        return _shade(canvas)
    frame = part.rows().frame
    if frame is None or not len(frame) or len(frame.dimensions) > 1:
        return None
    kind = part.view.kind if isinstance(part.view, Chart) else "list"
    chart = _KINDS[kind](canvas, frame, part)
    chart.set_title({"name": part.title, "overlay": False, "name_font": {"size": 12}})
    chart.set_size(_SIZE)
    said = alternative(part.view) if isinstance(part.view, Chart) else _said(part.view)
    canvas.sheet.insert_chart(1, len(canvas.rows.headings) + 1, chart, {"description": said})
    return None


def _said(table: Table) -> str:
    return f"{table.title}. {table.measure}".strip(". ") + "."


def _line(canvas: Canvas, frame: Frame, part: Part) -> Any:
    chart = canvas.book.workbook.add_chart({"type": "line"})
    chart.show_blanks_as("gap")
    count = min(len(frame), MOST_POINTS)
    name = shown_metric(frame, part)
    for place, heading, colour, dash in _lines(canvas, name):
        line = {"color": colour, "width": 2.25 if dash == "solid" else 1.5, "dash_type": dash}
        chart.add_series({**_series(canvas, frame, (place, heading, count)), "line": line})
    dated = frame.dimensions[0].unit in ("date", "datetime") if frame.dimensions else False
    chart.set_x_axis({"date_axis": dated, "num_format": _days(frame), **_plain()})
    return _dressed(canvas, chart, name)


def _lines(canvas: Canvas, name: str) -> list[tuple[int, Heading, str, str]]:
    wanted = (
        (name, _INK.now, "solid"),
        (f"{name}_before", _INK.previous, "dash"),
        (f"{name}_target", _INK.text, "solid"),
    )
    found = [(canvas.place(key), colour, dash) for key, colour, dash in wanted]
    return [(at, canvas.rows.headings[at], c, d) for at, c, d in found if at >= 0]


def _bars(canvas: Canvas, frame: Frame, part: Part) -> Any:
    return _columns(canvas, frame, part, "column")


def _list(canvas: Canvas, frame: Frame, part: Part) -> Any:
    chart = _columns(canvas, frame, part, "bar")
    # The largest stands on top, as in the table.
    chart.set_y_axis({"reverse": True, **_plain()})
    return chart


def _columns(canvas: Canvas, frame: Frame, part: Part, kind: str) -> Any:
    chart = canvas.book.workbook.add_chart({"type": kind})
    name = shown_metric(frame, part)
    count = min(_rows(frame), MOST_BARS)
    for place, heading, colour, _ in _lines(canvas, name) or _second(canvas):
        series = _series(canvas, frame, (place, heading, count))
        chart.add_series({**series, "fill": {"color": colour}, "gap": 60})
    return _dressed(canvas, chart, name)


def _second(canvas: Canvas) -> list[tuple[int, Heading, str, str]]:
    """Figures one below the other: their column is the second."""
    return [(1, canvas.rows.headings[1], _INK.now, "solid")]


def _rows(frame: Frame) -> int:
    return len(frame) if frame.dimensions else len(frame.metrics)


def _pie(canvas: Canvas, frame: Frame, part: Part) -> Any:
    chart = canvas.book.workbook.add_chart({"type": "doughnut"})
    name = shown_metric(frame, part)
    count = min(_rows(frame), MOST_BARS)
    place, heading, *_ = (_lines(canvas, name) or _second(canvas))[0]
    points = [{"fill": {"color": _SHADES[at % len(_SHADES)]}} for at in range(count)]
    chart.add_series({**_series(canvas, frame, (place, heading, count)), "points": points})
    return chart


def _scatter(canvas: Canvas, frame: Frame, part: Part) -> Any:
    chart = canvas.book.workbook.add_chart({"type": "scatter"})
    across, up = _two(frame, part)
    count = min(len(frame), MOST_POINTS)
    at = canvas.place(up)
    series = _series(canvas, frame, (at, canvas.rows.headings[at], count))
    series |= {
        "categories": canvas.span(canvas.place(across), count),
        "categories_data": _floats(frame, across, count),
        "marker": {"type": "circle", "size": 6, "fill": {"color": _INK.now}},
    }
    chart.add_series(series)
    chart.set_x_axis({"name": frame.column(across).label, **_plain()})
    chart.set_legend({"none": True})
    chart.set_y_axis({"name": frame.column(up).label, **_plain()})
    return chart


def _two(frame: Frame, part: Part) -> tuple[str, str]:
    """Which metrics lie across and up: those whose figures the drawn chart has."""
    names = [column.name for column in frame.metrics]
    view = part.view
    if isinstance(view, Chart) and view.series:
        drawn = part.frame or frame
        across, up = _like(drawn, view.x), _like(drawn, view.series[0].values)
        if across and up:
            return across, up
    return names[0], names[min(1, len(names) - 1)]


def _heated(view: View) -> bool:
    if isinstance(view, Chart):
        return view.kind == "heat"
    return any(cell.heat is not None for row in view.rows for cell in row.cells)


def _shade(canvas: Canvas) -> None:
    """A heat map is the table itself: its figures take the colours, one scale for each unit."""
    units = {h.unit for h in canvas.rows.headings if h.name}
    heated = "percent" if "percent" in units else "money" if "money" in units else "count"
    places = [n for n, h in enumerate(canvas.rows.headings) if h.name and h.unit == heated]
    if places:
        scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#8B9DFF"}
        top, bottom = canvas.placed.first, canvas.placed.last
        canvas.sheet.conditional_format(top, places[0], bottom, places[-1], scale)


def shown_metric(frame: Frame, part: Part) -> str:
    """The metric that the panel's own picture shows: the one whose figures it has, or the one that
    its table is sorted by.
    """
    view = part.view
    if isinstance(view, Chart):
        found = _like(part.frame or frame, view.series[0].values) if view.series else ""
    else:
        heads = [heading.label for heading in view.headings if heading.sorted]
        found = next((c.name for c in frame.metrics if t(c.label) in heads), "")
    return found or frame.metrics[0].name


def _like(frame: Frame, values: Any) -> str:
    if not np.issubdtype(np.asarray(values).dtype, np.number):
        return ""
    same = (
        c.name
        for c in frame.metrics
        if len(frame) and np.array_equal(frame.array(c.name), values, equal_nan=True)
    )
    return next(same, "")


def _series(canvas: Canvas, frame: Frame, column: tuple[int, Heading, int]) -> dict[str, Any]:
    place, heading, count = column
    return {
        "name": heading.label,
        "categories": canvas.span(0, count),
        "categories_data": _cells(canvas, 0, count),
        "values": canvas.span(place, count),
        "values_data": _cells(canvas, place, count),
    }


def _cells(canvas: Canvas, place: int, count: int) -> list[Any]:
    """The first values of a column, as a chart keeps them."""
    out: list[Any] = []
    for batch in canvas.rows.batches:
        out += batch.column(place).slice(0, count - len(out)).to_pylist()
        if len(out) >= count:
            break
    return [_kept(value) for value in out]


def _kept(value: Any) -> Any:
    if hasattr(value, "toordinal"):
        return value.toordinal() - 719_163 + EPOCH
    return "" if value is None else value if isinstance(value, str) else float(value)


def _floats(frame: Frame, name: str, count: int) -> list[float]:
    column = frame.data.column(name).slice(0, count).cast(pa.float64())
    return [0.0 if value is None else value for value in column.to_pylist()]


def _days(frame: Frame) -> str:
    first = frame.dimensions[0] if frame.dimensions else None
    if first is None or first.unit not in ("date", "datetime"):
        return "General"
    far = first.name in ("month", "quarter", "year")
    return "mmm yyyy" if far else "d mmm" if first.unit == "date" else "d mmm hh:mm"


def _dressed(canvas: Canvas, chart: Any, name: str) -> Any:
    at = canvas.place(name)
    unit = canvas.rows.headings[at if at >= 0 else 1].unit
    chart.set_y_axis(
        {
            "num_format": pattern_of(unit, canvas.rows.currency) or "General",
            "major_gridlines": {"visible": True, "line": {"color": _INK.grid}},
            "line": {"none": True},
        }
    )
    chart.set_legend({"position": "bottom"})
    return chart


def _plain() -> dict[str, Any]:
    return {"line": {"color": _INK.rule}, "major_tick_mark": "none"}


_KINDS: Mapping[str, Callable[[Canvas, Frame, Part], Any]] = {
    "line": _line,
    "bar": _bars,
    "waterfall": _bars,
    "funnel": _list,
    "list": _list,
    "ring": _pie,
    "gauge": _pie,
    "scatter": _scatter,
}
