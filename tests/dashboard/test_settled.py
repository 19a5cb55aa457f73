"""Charts of sales that refunds still change say so; others do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from agent.forecasting import settling
from agent.metrics.questions import Filter, Scope
from agent.records.findings import Finding
from agent.services import Services
from dashboard import alerts
from dashboard.charts import Chart
from dashboard.pages import customers, overview
from dashboard.settled import settled
from tests.agent.forecasting.test_maturity import UNTIL, shop
from tests.almas_tea import SHOP, batch

SCOPE = Scope((SHOP.shop_id,), date(2026, 10, 20), UNTIL)
CHART = Chart("line", "", "", "money", "EUR", np.empty(0), (), footer="Before.")
MAIN = overview.series("net_sales")


@pytest.fixture(autouse=True)
def known(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    services.warehouse.merge(batch())
    monkeypatch.setattr(settling, "read", lambda *asked: shop(200, 0.2, 1)[0])


def said(services: Services, panel: Any, scope: Scope) -> str:
    view = settled(services, panel, CHART, scope)
    assert isinstance(view, Chart)
    return view.footer


def test_the_newest_cohorts_still_shrink(services: Services) -> None:
    assert said(services, customers.VALUE, SCOPE).startswith(
        "Before. Refunds of orders of 20 Oct – 16 Nov are still coming: about €"
    )
    long_ago = SCOPE.during(date(2026, 1, 1), date(2026, 6, 30))
    assert said(services, customers.VALUE, long_ago) == "Before."


def test_refunds_on_the_day_of_their_order_come_late(services: Services) -> None:
    by_order = replace(SCOPE, refunds="order_day")
    assert "still coming" in said(services, MAIN, by_order)
    assert said(services, MAIN, SCOPE) == "Before.", "on their own day they are final"
    assert said(services, overview.series("orders"), by_order) == "Before."


def test_of_a_part_of_the_shop_nobody_knows(services: Services) -> None:
    part = replace(SCOPE, refunds="order_day", filters=(Filter("country", ("DE",)),))
    assert said(services, MAIN, part) == "Before."


def test_a_finding_about_sales_says_that_its_days_are_not_final(services: Services) -> None:
    def said_of(metric: str, first: str, **more: str) -> str:
        one = Finding(SHOP.shop_id, metric, "day", "drop", "warning", first, first, **more)
        row = services.catalogue()[metric]
        return alerts.unsettled(services, alerts.Alert(one, row, SHOP, "open", UNTIL))

    assert said_of("net_sales", "2026-11-12").startswith("Refunds of orders of 12 Nov are still")
    assert said_of("net_sales", "2026-06-12") == "", "all of them are in"
    assert said_of("orders", "2026-11-12") == ""
    assert said_of("net_sales", "2026-11-12", dimension="country", member="DE") == ""
