"""Steps that add up: from gross to total sales."""

from __future__ import annotations

import numpy as np

from agent.metrics.frames import Frame
from agent.metrics.questions import Scope
from agent.words import t
from dashboard.charts import Chart, Series
from dashboard.views import wording

STEPS = (
    "gross_sales",
    "discounts",
    "sales_reversals",
    "net_sales",
    "shipping",
    "taxes",
    "duties",
    "fees",
    "total_sales",
)
LEVELS = ("gross_sales", "net_sales", "total_sales")
RARE = ("duties", "fees")


def fall(frame: Frame, scope: Scope) -> Chart:
    """Gross, net and total sales as levels, and what lies between them as steps."""
    names = [name for name in STEPS if name not in RARE or frame.total(name)]
    values = np.array([float(frame.total(name) or 0) for name in names])
    return Chart(
        kind="waterfall",
        title=_finding(frame) or t("From gross to total sales"),
        measure=t("From gross to total sales, {currency}", currency=frame.receipt.currency),
        unit="money",
        currency=frame.receipt.currency,
        x=np.array([wording.label(frame, name) for name in names]),
        series=(Series("now", t("This period"), values),),
        levels=tuple(place for place, name in enumerate(names) if name in LEVELS),
    )


def _finding(frame: Frame) -> str:
    gross = float(frame.total("gross_sales") or 0)
    taken = -sum(float(frame.total(name) or 0) for name in ("discounts", "sales_reversals"))
    if gross <= 0 or not 0 < taken < gross:
        return ""
    return t(
        "Discounts and reversals take {share} of gross sales", share=wording.share(taken / gross)
    )
