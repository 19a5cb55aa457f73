"""A Document as a tagged PDF, laid out by WeasyPrint from one template."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from babel.numbers import get_currency_name
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agent.errors import NotConfigured
from agent.words import locale, mark, t
from dashboard.charts import Chart
from dashboard.figures import frame, theme
from reports.charts import FONTS, KINDS, to_svg
from reports.charts.multiples import height_of
from reports.documents import Document, Part
from reports.inks import Sheet
from reports.words import NO_FIGURES, NOTHING, alternative, compared

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

_INSTALL = mark(
    "Install Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 "
    "libfontconfig1 (Debian, Ubuntu) or brew install pango (macOS)."
)
WHOLE, HALF = 698, 336
_HEIGHTS = {"line": 252, "bar": 180, "waterfall": 150, "gauge": 70, "ring": 200, "scatter": 300}
MANY = 6
"""Columns from which on a table has no room for bars."""
LANE = 22
"""Height of a name's lane in charts that have one."""


def to_pdf(document: Document) -> bytes:
    """The document as PDF/UA-1, A4; equal documents give equal bytes. Raises NotConfigured."""
    html = _weasyprint()
    page = html(string=page_of(document), url_fetcher=_fetcher(), base_url=None)
    return bytes(page.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True))


def available() -> str:
    """Empty when PDFs can be made, else the sentence that says what to install."""
    try:
        _weasyprint()
    except NotConfigured as error:
        return str(error)
    return ""


def _weasyprint() -> Any:
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise NotConfigured(
            t("PDFs cannot be made: a system library is missing."), hint=t(_INSTALL)
        ) from error
    return HTML


def _fetcher() -> URLFetcher:
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=["data"], allow_redirects=False)


def page_of(document: Document) -> str:
    """The page that is laid out, as HTML; every text of the shop is escaped."""
    return (
        environment()
        .get_template("report.html")
        .render(
            document=document,
            bands=bands(document.parts),
            currency=get_currency_name(document.currency, locale=locale(), count=2),
            faces=Markup(_faces()),  # our own font files, nothing of the shop
            picture=_picture,
            legend=legend,
            shade=shade,
            many=MANY,
            drawable=drawable,
            barred=barred,
            alternative=alternative,
            spark=spark,
            nothing=t(NOTHING),
            none=t(NO_FIGURES),
            compared=compared,
        )
    )


def environment() -> Environment:
    """Templates of this package; autoescape is on for all of them."""
    made = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["t"] = t
    return made


def bands(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    """Parts as they stand on the page: a whole one alone, halves two by two."""
    rows: list[tuple[Part, ...]] = []
    for part in parts:
        if part.half and rows and len(rows[-1]) == 1 and rows[-1][0].half:
            rows[-1] = (*rows[-1], part)
        else:
            rows.append((part,))
    # A half that found no other has the whole line.
    return [row if len(row) > 1 else (replace(row[0], half=False),) for row in rows]


def barred(part: Part) -> bool:
    """Whether a table has the whole line, and bars to draw there."""
    table = part.table
    bars = table is not None and any(
        cell.bar is not None for row in table.rows for cell in row.cells
    )
    return bars and not part.half


def _picture(part: Part) -> str:
    if part.chart is None:
        return ""
    svg = to_svg(part.chart, Sheet(HALF if part.half else WHOLE, _height(part.chart)))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _height(chart: Chart) -> int:
    """Room for what the chart has: a lane for each name, or what its kind needs."""
    if chart.small:
        return round(height_of(chart, WHOLE))
    dated = np.issubdtype(chart.x.dtype, np.datetime64)
    if chart.kind in ("funnel", "heat") or (chart.kind == "bar" and not dated and len(chart.x) > 8):
        lanes = len(chart.series) if chart.kind == "heat" else len(chart.x)
        return 34 + LANE * max(3, min(lanes, 36))
    return _HEIGHTS.get(chart.kind, 216)


def legend(chart: Chart) -> list[tuple[str, str]]:
    """A key for each line that the chart has more than one of: its label and its colour, empty for
    the dashed one of the comparison.
    """
    if chart.kind not in ("line", "bar") or len(chart.series) < 2 or chart.small:
        return []
    parts = [frame.colour_of(series, at, "light") for at, series in enumerate(chart.series)]
    return [
        (series.label, "" if series.role == "previous" else colour)
        for series, colour in zip(chart.series, parts, strict=True)
    ]


def shade(heat: float) -> str:
    """The ground of a shaded cell: light enough for ink to be read on it."""
    return theme.palette("light")[f"q{min(3, max(0, int(heat * 4)))}"]


def drawable(part: Part) -> bool:
    """Whether the part is a chart with figures that paper has a way to draw."""
    chart = part.chart
    if chart is None or chart.kind not in KINDS or not chart.x.size:
        return False
    return any(np.isfinite(series.values).any() for series in chart.series)


@cache
def _faces() -> str:
    return "".join(_face(path) for path in sorted(FONTS.glob("*.ttf")))


def _face(path: Path) -> str:
    family = "Inter Ext" if "-ext-" in path.name else "Inter"
    weight = path.stem.rsplit("-", 1)[-1]
    content = base64.b64encode(path.read_bytes()).decode()
    return (
        f'@font-face{{font-family:"{family}";font-weight:{weight};'
        f'src:url("data:font/ttf;base64,{content}")}}'
    )


def spark(values: Any, width: float = 72, height: float = 18, reach: Any = None) -> str:
    """An SVG path of a small line; `reach` is another line on its scale. Gaps stay gaps."""
    values = np.asarray(values, dtype=float)
    known = np.concatenate([values, reach]) if reach is not None else values
    known = known[np.isfinite(known)]
    if not len(known) or len(values) < 2:
        return ""
    low, high = float(known.min()), float(known.max())
    span = high - low or 1.0
    steps, pen = [], "M"
    for at, value in enumerate(values):
        if not np.isfinite(value):
            pen = "M"
            continue
        x = 2 + at * (width - 4) / (len(values) - 1)
        y = height - 2 - (float(value) - low) / span * (height - 4)
        steps.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return " ".join(steps)
