"""A dashboard Chart on paper: the same value, drawn by matplotlib as SVG or PNG.

Letters are drawn as outlines of the fonts in this folder, so that a page looks the same on every
machine. Two renders of one chart are equal byte by byte.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.errors import Refused
from agent.metrics import formats
from dashboard.charts import Chart, Series, Values
from reports.axes import Scale, dates_at, scale_of
from reports.inks import INKS, Ink, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONTS = Path(__file__).parent / "fonts"
INCH = 96.0
# matplotlib keeps its settings and its font cache for the whole process: one drawing at a time.
_LOCK = threading.Lock()


PAGE = Sheet()


def to_svg(chart: Chart, sheet: Sheet = PAGE) -> str:
    """The chart as a standalone SVG document. Raises Refused for a kind that paper cannot show."""
    return _render(chart, sheet, "svg").decode()


def to_png(chart: Chart, sheet: Sheet = PAGE) -> bytes:
    """The chart as PNG, `sheet.dots` times its size in pixels. Raises Refused like to_svg."""
    return _render(chart, sheet, "png")


def _render(chart: Chart, sheet: Sheet, form: str) -> bytes:
    if chart.kind not in _DRAW:
        raise Refused(
            f"A {chart.kind} chart cannot be printed.", hint=f"Paper has {', '.join(_DRAW)}."
        )
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    ink = INKS[sheet.theme]
    settings: Any = {
        "svg.hashsalt": "royal-analytics",
        "svg.fonttype": "path",
        "path.simplify": True,
    }
    out = BytesIO()
    with _LOCK, matplotlib.rc_context(settings):
        figure = Figure(figsize=(sheet.width / INCH, sheet.height / INCH), facecolor=ink.surface)
        (FigureCanvasSVG if form == "svg" else FigureCanvasAgg)(figure)
        _DRAW[chart.kind](Pen(figure, _axes(figure, sheet, ink), ink, sheet), chart)
        figure.savefig(out, format=form, dpi=INCH * sheet.dots, metadata=_metadata(form))
    return out.getvalue()


def _metadata(form: str) -> dict[str, None]:
    return {"Date": None, "Creator": None} if form == "svg" else {"Software": None}


def _axes(figure: Figure, sheet: Sheet, ink: Ink) -> Axes:
    left, right, top, bottom = 40, 4, 10, 24
    axes = figure.add_axes(
        (
            left / sheet.width,
            bottom / sheet.height,
            1 - (left + right) / sheet.width,
            1 - (top + bottom) / sheet.height,
        ),
        facecolor="none",
    )
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelcolor=ink.label)
    return axes


@dataclass(frozen=True)
class Pen:
    """One drawing under way. Sizes are CSS pixels; matplotlib counts points, 72 to the inch."""

    figure: Figure
    axes: Axes
    ink: Ink
    sheet: Sheet

    def font(self, size: float = 10, strong: bool = False) -> Any:
        from matplotlib.font_manager import FontProperties

        name = "inter-latin-600.ttf" if strong else "inter-latin-400.ttf"
        return FontProperties(fname=FONTS / name, size=size * 72 / INCH)

    def points(self, pixels: float) -> float:
        return pixels * 72 / INCH

    def write(self, x: float, y: float, text: str, **style: Any) -> None:
        strong = bool(style.pop("strong", False))
        style.setdefault("color", self.ink.text if strong else self.ink.label)
        # A dollar sign would start a formula.
        self.axes.text(x, y, text, fontproperties=self.font(10, strong), parse_math=False, **style)

    def value_axis(self, scale: Scale) -> None:
        self.axes.set_ylim(scale.low, scale.high)
        self.axes.set_yticks(list(scale.ticks))
        for tick, text in zip(scale.ticks, scale.labels, strict=True):
            colour = self.ink.rule if tick == 0 else self.ink.grid
            self.axes.axhline(tick, color=colour, linewidth=self.points(0.8), zorder=0)
            self.axes.annotate(
                text,
                (0, tick),
                xycoords=("axes fraction", "data"),
                xytext=(-self.points(6), 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=self.ink.label,
                fontproperties=self.font(),
                parse_math=False,
            )
        self.axes.set_yticklabels([])

    def names(self, places: list[float], names: list[str]) -> None:
        self.axes.set_xticks([])
        for place, name in zip(places, names, strict=True):
            self.axes.annotate(
                name,
                (place, 0),
                xycoords=("data", "axes fraction"),
                xytext=(0, -self.points(8)),
                textcoords="offset points",
                ha="center",
                va="top",
                color=self.ink.label,
                fontproperties=self.font(),
                parse_math=False,
            )


def _line(pen: Pen, chart: Chart) -> None:
    places = np.arange(len(chart.x), dtype=float)
    pen.value_axis(scale_of(chart))
    pen.axes.set_xlim(-0.15, max(len(places) - 0.85, 0.15))
    for series in sorted(chart.series, key=lambda s: s.role != "previous"):
        _one_line(pen, series, places)
    ticks = dates_at(chart.x, chart.grain) if len(places) else []
    pen.names([float(at) for at, _ in ticks], [text for _, text in ticks])
    if chart.target is not None:
        pen.axes.axhline(chart.target, color=pen.ink.text, linewidth=pen.points(1), zorder=2)
    for mark in chart.marks:
        _mark(pen, chart, mark)


def _one_line(pen: Pen, series: Series, places: Values) -> None:
    values = series.values[: len(places)]
    previous = series.role == "previous"
    style: dict[str, Any] = {
        "color": pen.ink.previous if previous else pen.ink.now,
        "linewidth": pen.points(1.5 if previous else 2.25),
        "linestyle": (0, (2.7, 2.0)) if previous else "solid",
        "solid_capstyle": "round",
        "solid_joinstyle": "round",
        "zorder": 3 if previous else 4,
    }
    pen.axes.plot(places[: len(values)], values, **style)
    if np.isfinite(values).sum() == 1:
        # A single point makes no line, yet it is a figure.
        pen.axes.plot(places[: len(values)], values, marker="o", **style)


def _mark(pen: Pen, chart: Chart, mark: Any) -> None:
    found = np.flatnonzero(chart.x == np.asarray(mark.x, dtype=chart.x.dtype))
    if not len(found) or not chart.series:
        return
    at = int(found[0])
    value = float(chart.series[0].values[at])
    pen.axes.plot(
        [at],
        [value],
        marker="o",
        markersize=pen.points(9),
        markerfacecolor=pen.ink.surface,
        markeredgecolor=pen.ink.mark,
        markeredgewidth=pen.points(2),
        zorder=6,
    )
    pen.axes.annotate(
        mark.label,
        (at, value),
        xytext=(0, pen.points(9)),
        textcoords="offset points",
        ha="center",
        color=pen.ink.mark,
        fontproperties=pen.font(10, strong=True),
        parse_math=False,
    )


def _bar(pen: Pen, chart: Chart) -> None:
    """Bars from zero, one group a name; the comparison is the pale bar behind."""
    places = np.arange(len(chart.x), dtype=float)
    pen.value_axis(scale_of(chart))
    pen.axes.set_xlim(-0.6, max(len(places) - 0.4, 0.6))
    for series in sorted(chart.series, key=lambda s: s.role != "previous"):
        previous = series.role == "previous"
        pen.axes.bar(
            places,
            np.nan_to_num(series.values),
            width=0.78 if previous else 0.56,
            color=pen.ink.grid if previous else pen.ink.now,
            zorder=2 if previous else 3,
        )
    pen.names(list(places), _names(chart, pen.sheet))


def _waterfall(pen: Pen, chart: Chart) -> None:
    """`keys` says which steps are sums ("total"); the others add to what stands before them."""
    steps = np.nan_to_num(chart.series[0].values)
    totals = [key == "total" for key in chart.keys] or [False] * len(steps)
    bottoms, tops = _stairs(steps, totals)
    pen.value_axis(scale_of(chart, np.concatenate([bottoms, tops])))
    pen.axes.set_xlim(-0.6, max(len(steps) - 0.4, 0.6))
    for place, (low, high) in enumerate(zip(bottoms, tops, strict=True)):
        colour = pen.ink.previous if totals[place] else _tone(pen, high - low)
        pen.axes.bar([place], [high - low], bottom=low, width=0.62, color=colour, zorder=3)
        sign = not totals[place] and steps[place] > 0
        text = formats.number(steps[place], chart.unit, chart.currency, "short", chart.locale)
        pen.axes.annotate(
            ("+" if sign else "") + text,
            (place, max(low, high)),
            xytext=(0, pen.points(4)),
            textcoords="offset points",
            ha="center",
            color=pen.ink.text,
            fontproperties=pen.font(10, strong=True),
            parse_math=False,
        )
    pen.names([float(i) for i in range(len(steps))], _names(chart, pen.sheet))


def _stairs(steps: Values, totals: list[bool]) -> tuple[Values, Values]:
    """Where each step starts and ends: a total stands on zero, a part on what came before."""
    ends: list[float] = []
    starts: list[float] = []
    for step, total in zip(steps.tolist(), totals, strict=True):
        start = 0.0 if total or not ends else ends[-1]
        starts.append(start)
        ends.append(start + step)
    return np.asarray(starts), np.asarray(ends)


def _tone(pen: Pen, step: float) -> str:
    return pen.ink.good if step >= 0 else pen.ink.bad


def _names(chart: Chart, sheet: Sheet) -> list[str]:
    room = max(int(sheet.width / max(len(chart.x), 1) / 6.2), 4)
    return [
        text if len(text) <= room else f"{text[: room - 1].rstrip()}…" for text in map(str, chart.x)
    ]


_DRAW: dict[str, Callable[[Pen, Chart], None]] = {
    "line": _line,
    "bar": _bar,
    "waterfall": _waterfall,
}
