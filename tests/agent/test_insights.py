"""The first sentence of a page and a report."""

from __future__ import annotations

import pytest

from agent import insights
from agent.metrics.catalogue import METRICS
from tests.almas_tea import SHOP


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (108.1, 100, "Net sales rose 8.1% to €108.10."),
        (90, 100, "Net sales fell 10.0% to €90."),
        (60_200, 100, "Net sales rose 602-fold to €60.2k."),
        (100, 100, "Net sales held at €100."),
        (100, None, "Net sales came to €100."),
        (100, 0, "Net sales came to €100."),
        (None, 100, "There is no net sales to report in this period."),
    ],
)
def test_a_headline_says_how_a_figure_moved(
    now: float | None, before: float | None, said: str
) -> None:
    assert insights.headline(METRICS["net_sales"], now, before, SHOP).text == said
