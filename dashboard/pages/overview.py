"""Overview: how are we doing?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from agent.metrics import periods
from agent.metrics.frames import Frame
from agent.metrics.questions import Ask, Question, Scope
from dashboard.panels import Cell, Heading, More, Own, Page, Panel, Table, View
from dashboard.views import parts, ranking, trend

KEY_FIGURES = (
    "net_sales",
    "orders",
    "average_order_value",
    "new_customers",
    "returning_customers",
    "repeat_purchase_rate",
)
SPARK_DAYS = 28
TOP_PRODUCTS = 8


def figures(grain: str = "") -> Panel:
    """The key figures and the main chart ask the same question: one read serves both."""
    return replace(series(KEY_FIGURES[0], grain), id="figures", title="Key figures")


def series(metric: str, grain: str = "") -> Panel:
    names = KEY_FIGURES if metric in KEY_FIGURES else (metric,)

    def ask(scope: Scope) -> Ask:
        return Ask(names, (grain or periods.grain_for(scope.start, scope.end),))

    return Panel("main", "Sales over time", ask, trend(metric), width=8, fill=True)


def _by(panel_id: str, title: str, dimension: str, width: int) -> Panel:
    return Panel(
        panel_id,
        title,
        lambda scope: Ask(("net_sales",), (dimension,), top=6),
        parts("net_sales", title),
        width=width,  # type: ignore[arg-type]  # every call names one of the grid's widths
        bars=True,
    )


def _sparks(frame: Frame, scope: Scope) -> Question | None:
    """The last four weeks of the products that are shown, day by day."""
    keys = [key for key in frame.values("product")[:TOP_PRODUCTS] if key is not None]
    if not keys:
        return None
    weeks = scope.during(scope.end - timedelta(days=SPARK_DAYS - 1), scope.end).alone()
    return Ask(("net_sales",), ("product", "day")).within(weeks.where("product", *keys))


def _with_sparks(view: View, frame: Frame) -> View:
    if not isinstance(view, Table):
        return view
    lines: dict[str, list[float]] = {}
    for key, value in zip(frame.values("product"), frame.values("net_sales"), strict=True):
        lines.setdefault(key, []).append(float(value or 0))
    rows = tuple(
        replace(row, cells=(*row.cells, Cell("", spark=tuple(lines.get(row.key or "", ())))))
        for row in view.rows
    )
    heading = Heading(f"{SPARK_DAYS} days", number=False, priority=3)
    return replace(view, rows=rows, headings=(*view.headings, heading))


PRODUCTS = Panel(
    "products",
    "Top products",
    lambda scope: Ask(("net_sales", "units"), ("product",), top=TOP_PRODUCTS),
    ranking("net_sales", "units", "Top products"),
    more=More(_sparks, _with_sparks),
)


def choose(own: Own) -> tuple[Panel, ...]:
    """The panels for the selected key figure and grain."""
    return (
        series(own.get("kpi", KEY_FIGURES[0]), own.get("grain", "")),
        _by("channels", "Channels", "channel", 4),
        _by("countries", "Countries", "country", 6),
        _by("kinds", "New and returning customers", "customer_kind", 6),
        PRODUCTS,
    )


PAGE = Page(
    "/",
    "Overview",
    "layout-dashboard",
    choose({}),
    choose,
    above=("lead", "figures"),
    report="weekly-executive",
    filters=True,
)
