"""A dashboard Chart on paper: the same value, drawn by matplotlib as SVG or PNG.

Letters are drawn as outlines of the fonts in this folder, so that a page looks the same on every
machine. Two renders of one chart are equal byte by byte.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from agent.errors import Refused
from agent.words import t
from dashboard.charts import Chart
from reports.charts import bars, lines, multiples, shares
from reports.charts.pen import FONTS, INCH, Box, Pen
from reports.inks import INKS, Sheet

__all__ = ["FONTS", "KINDS", "PAGE", "Box", "Pen", "draw", "drawn", "to_png", "to_svg"]
# matplotlib keeps its settings and its font cache for the whole process: one drawing at a time.
_LOCK = threading.Lock()
PAGE = Sheet()
Draw = Callable[[Pen, Chart], None]
KINDS: Mapping[str, Draw] = {
    "line": lines.line,
    "bar": bars.bar,
    "waterfall": bars.waterfall,
    "funnel": bars.funnel,
    "gauge": bars.gauge,
    "scatter": lines.scatter,
    "ring": shares.ring,
    "heat": shares.heat,
}


def to_svg(chart: Chart, sheet: Sheet = PAGE) -> str:
    """The chart as a standalone SVG document. Raises Refused for a kind that paper cannot show."""
    return _render(chart, sheet, "svg").decode()


def to_png(chart: Chart, sheet: Sheet = PAGE) -> bytes:
    """The chart as PNG, `sheet.dots` times its size in pixels. Raises Refused like to_svg."""
    return _render(chart, sheet, "png")


def _render(chart: Chart, sheet: Sheet, form: str) -> bytes:
    return drawn(lambda pen: draw(pen, chart), sheet, form)


def draw(pen: Pen, chart: Chart) -> None:
    """The chart into the pen's box."""
    if chart.kind not in KINDS:
        raise Refused(
            t("A {kind} chart cannot be printed.", kind=chart.kind),
            hint=t("Paper has {kinds}.", kinds=", ".join(KINDS)),
        )
    (multiples.multiples if chart.small else KINDS[chart.kind])(pen, chart)


def drawn(work: Callable[[Pen], None], sheet: Sheet, form: str, box: Box | None = None) -> bytes:
    """What `work` draws into a box of the sheet (all of it where none is given), as svg or png."""
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
        axes = figure.add_axes((0, 0, 1, 1), facecolor="none")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, labelcolor=ink.label)
        work(Pen(figure, axes, ink, sheet, box or Box(0, 0, sheet.width, sheet.height)))
        figure.savefig(out, format=form, dpi=INCH * sheet.dots, metadata=_metadata(form))
    return out.getvalue()


def _metadata(form: str) -> dict[str, None]:
    return {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
