"""A panel as a picture that stands alone: title, measure, drawing, footer, and whose figures they
are.
"""

from __future__ import annotations

import numpy as np

from agent.words import t
from dashboard.charts import Chart
from dashboard.panels import Table, View
from reports import charts
from reports.charts import Box, Pen
from reports.charts.multiples import height_of
from reports.charts.pen import room, short
from reports.charts.tables import MOST_ROWS, ROW, draw_table
from reports.inks import Sheet

WIDTH, EDGE = 960, 28
HEADS, KEYS, FOOT = 76, 24, 62
_HEIGHTS = {"gauge": 140, "ring": 320, "heat": 0, "funnel": 0}


def to_picture(view: View, source: str, theme: str = "light") -> bytes:
    """A PNG, twice its size in pixels, on the theme's own ground. `source` is the last line: shop,
    period, filters. Raises Refused for a kind that paper cannot show.
    """
    keys = _keys(view)
    tall = _tall(view)
    top = HEADS + (KEYS if keys else 0)
    sheet = Sheet(WIDTH, round(top + tall + FOOT), theme=theme)
    box = Box(EDGE, top, WIDTH - 2 * EDGE, tall)

    def work(pen: Pen) -> None:
        _words(pen, view, source, keys)
        if isinstance(view, Table):
            draw_table(pen, view)
        elif not _known(view):
            _nothing(pen)
        else:
            charts.draw(pen, view)

    return charts.drawn(work, sheet, "png", box)


def _known(chart: Chart) -> bool:
    return chart.x.size > 0 and any(np.isfinite(series.values).any() for series in chart.series)


def _nothing(pen: Pen) -> None:
    pen.within(0, 0, 0, 0)
    pen.bare()
    pen.write(0.5, 0.5, t("No figures in this period"), ha="center", va="center")


def _tall(view: View) -> float:
    if isinstance(view, Table):
        rows = min(len(view.rows), MOST_ROWS) + (len(view.rows) > MOST_ROWS)
        return float((rows + 1) * ROW + 8)
    if view.small:
        return height_of(view, WIDTH - 2 * EDGE)
    lanes = len(view.series) if view.kind == "heat" else len(view.x)
    lying = view.kind in ("funnel", "heat") or (view.kind == "bar" and not _dated(view))
    return float(max(200, min(lanes, 60) * 30 + 40)) if lying else _HEIGHTS.get(view.kind, 360)


def _dated(chart: Chart) -> bool:
    return bool(np.issubdtype(chart.x.dtype, np.datetime64))


def _keys(view: View) -> list[tuple[str, str, bool]]:
    """Label, colour's name and whether it is dashed, of each line."""
    if isinstance(view, Table) or view.small or view.kind not in ("line", "bar"):
        return []
    if len(view.series) < 2:
        return []
    return [
        (series.label, str(at), series.role == "previous") for at, series in enumerate(view.series)
    ]


def _words(pen: Pen, view: View, source: str, keys: list[tuple[str, str, bool]]) -> None:
    pen.say(EDGE, 34, short(view.title, 90), 17, strong=True)
    pen.say(EDGE, 56, short(view.measure, 130))
    bottom = pen.sheet.height
    if view.footer:
        pen.say(EDGE, bottom - 40, short(view.footer, 140))
    pen.say(EDGE, bottom - 18, short(source, 150), 11)
    left = float(EDGE)
    for label, at, dashed in keys:
        series = view.series[int(at)] if isinstance(view, Chart) else None
        if series is not None:
            left += _key(pen, left, label, (pen.colour(series, int(at)), dashed))


def _key(pen: Pen, left: float, label: str, look: tuple[str, bool]) -> float:
    """A short line and its label; how far the next one stands."""
    colour, dashed = look
    y = HEADS + 4
    high = 1 - y / pen.sheet.height
    pen.axes.annotate(
        "",
        (left / pen.sheet.width, high),
        xytext=((left + 18) / pen.sheet.width, high),
        xycoords="figure fraction",
        textcoords="figure fraction",
        arrowprops={
            "arrowstyle": "-",
            "color": colour,
            "linewidth": pen.points(1.5 if dashed else 2.5),
            "linestyle": (0, (2.7, 2.0)) if dashed else "solid",
            "shrinkA": 0,
            "shrinkB": 0,
        },
        annotation_clip=False,
    )
    pen.say(left + 26, y + 4, label)
    return 44 + room([label])
