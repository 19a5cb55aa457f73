"""From visit to order, step by step."""

from __future__ import annotations

import numpy as np

from agent.metrics import formats
from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.words import mark, t
from dashboard.charts import Chart, Series, Values

STEPS = ("sessions", "product_views", "add_to_cart", "reached_checkout", "purchases")
NAMES = (
    mark("Sessions"),
    mark("Product viewed"),
    mark("Added to cart"),
    mark("Checkout started"),
    mark("Order placed"),
)


def funnel(frame: Frame, scope: Scope) -> Chart:
    """The steps from a visit to an order, as a chart of kind funnel."""
    now = _steps(frame)
    series = [Series("now", t("This period"), now)]
    if frame.previous is not None:
        series.append(Series("previous", t("Previous"), _steps(frame.previous), "previous"))
    return Chart(
        kind="funnel",
        title=_finding(now) or t("From visit to order"),
        measure=t("Sessions that reach each step, and change in step rate"),
        unit="count",
        currency=frame.receipt.currency,
        x=np.array([t(name) for name in NAMES]),
        series=tuple(series),
    )


def _steps(frame: Frame) -> Values:
    totals = [frame.total(name) for name in STEPS]
    return np.array([np.nan if value is None else float(value) for value in totals])


def _finding(steps: Values) -> str:
    """One visit in 43 ends in an order."""
    first, last = steps[0], steps[-1]
    if not (np.isfinite(first) and last > 0) or first / last < 2:
        return ""
    return t(
        "One visit in {count} ends in an order", count=formats.number(round(first / last), "count")
    )
