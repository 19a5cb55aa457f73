"""Points between two numbers: products by units and margin, weeks by spend and sales."""

from __future__ import annotations

import numpy as np

from agent.metrics import formats
from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.words import inner, mark, n, t
from dashboard.charts import Across, Chart, Series, Values
from dashboard.views import wording

CORNERS = (
    mark("Few sold, high margin"),
    mark("Many sold, high margin"),
    mark("Few sold, low margin"),
    mark("Many sold, low margin"),
)


def units_by_margin(frame: Frame, scope: Scope) -> Chart:
    """Every product by units sold and gross margin, as large as its net sales."""
    groups = len(frame) - frame.rest_rows
    x, y = frame.array("units")[:groups], frame.array("gross_margin")[:groups]
    known = np.isfinite(x) & np.isfinite(y) & (x > 0)
    at = np.flatnonzero(known).tolist()
    labels, keys = frame.labels("product"), frame.values("product")
    names = tuple(wording.group_name("product", keys[i], labels[i]) for i in at)
    sizes = Series(
        "size", wording.label(frame, "net_sales"), frame.array("net_sales")[:groups][known]
    )
    return Chart(
        kind="scatter",
        title=t("Units and margin"),
        measure=t("Each circle is a product, as large as its net sales. Lines: the medians"),
        unit="percent",
        currency=frame.receipt.currency,
        x=x[known],
        series=(Series("now", wording.label(frame, "gross_margin"), y[known]),),
        keys=tuple(str(keys[i]) for i in at),
        dimension="product",
        footer=_left_out(frame, groups - len(at)),
        across=Across(wording.label(frame, "units"), "count", names, sizes, tuple(map(t, CORNERS))),
    )


def _left_out(frame: Frame, unknown: int) -> str:
    parts = []
    if unknown:
        parts.append(
            n(
                "{count} product without a cost or without sales is left out.",
                "{count} products without a cost or without sales are left out.",
                unknown,
                count=unknown,
            )
        )
    if frame.rest:
        rest = formats.number(frame.rest, "count")
        parts.append(t("{count} smaller products are not drawn.", count=rest))
    return " ".join(parts)


def spend_by_sales(frame: Frame, scope: Scope) -> Chart:
    """Every week by its marketing spend and its net sales."""
    x, y = frame.array("marketing_spend"), frame.array("net_sales")
    known = np.isfinite(x) & np.isfinite(y)
    moments = frame.values("week")
    names = tuple(
        t("Week from {day}", day=formats.day(moments[i], year=True))
        for i in np.flatnonzero(known).tolist()
    )
    return Chart(
        kind="scatter",
        title=_finding(x[known], y[known]) or t("Spend against sales"),
        measure=t(
            "Each circle is one of the last {count} weeks: {spend} and {sales}",
            count=len(names),
            spend=inner(wording.label(frame, "marketing_spend")),
            sales=inner(wording.label(frame, "net_sales")),
        ),
        unit="money",
        currency=frame.receipt.currency,
        x=x[known],
        series=(Series("now", wording.label(frame, "net_sales"), y[known]),),
        across=Across(wording.label(frame, "marketing_spend"), "money", names),
        footer=t("Weeks that go together are no proof that one makes the other."),
    )


def _finding(x: Values, y: Values) -> str:
    """Whether more spend went with more sales, where there are weeks enough to say so."""
    if x.size < 8 or not x.std() or not y.std():
        return ""
    together = float(np.corrcoef(x, y)[0, 1])
    if together > 0.5:
        return t("Weeks with more spend had more sales")
    if together < -0.5:
        return t("Weeks with more spend had fewer sales")
    return t("Spend and sales hardly moved together")
