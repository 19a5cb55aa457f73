"""A Document as a tagged PDF, laid out by WeasyPrint from one template."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from babel.numbers import get_currency_name
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agent.errors import NotConfigured
from dashboard.charts import Chart, Values
from reports.charts import FONTS, to_svg
from reports.documents import Document, Part
from reports.inks import Sheet
from reports.words import NOTHING, alternative

if TYPE_CHECKING:
    from weasyprint.urls import URLFetcher

_INSTALL = (
    "Install Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 "
    "libfontconfig1 (Debian, Ubuntu) or brew install pango (macOS)."
)
_SHAPES = {"line": Sheet(698, 252), "bar": Sheet(698, 180), "waterfall": Sheet(698, 150)}


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
            "PDFs cannot be made: a system library is missing.", hint=_INSTALL
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
            sheet=_second_sheet(document.parts),
            currency=get_currency_name(document.shop.currency, locale="en_US", count=2),
            faces=Markup(_faces()),  # our own font files, nothing of the shop
            picture=_picture,
            alternative=alternative,
            spark=spark,
            nothing=NOTHING,
        )
    )


def environment() -> Environment:
    """Templates of this package; autoescape is on for all of them."""
    return Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def bands(parts: tuple[Part, ...]) -> list[tuple[Part, ...]]:
    """Parts as they stand on the page: a whole one alone, halves two by two."""
    rows: list[tuple[Part, ...]] = []
    for part in parts:
        if part.half and rows and len(rows[-1]) == 1 and rows[-1][0].half:
            rows[-1] = (*rows[-1], part)
        else:
            rows.append((part,))
    return rows


def _second_sheet(parts: tuple[Part, ...]) -> str:
    """The part that opens the second page: the first wide table."""
    return next((part.id for part in parts if part.table and not part.half), "")


def _picture(chart: Chart) -> str:
    svg = to_svg(chart, _SHAPES.get(chart.kind, Sheet()))
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


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


def spark(values: Values, width: float = 72, height: float = 18, reach: Any = None) -> str:
    """An SVG path of a small line; `reach` is another line on its scale. Gaps stay gaps."""
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
