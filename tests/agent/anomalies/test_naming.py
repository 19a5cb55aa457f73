"""From incidents to findings: sums and means, what is part of one, and which finding goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agent.anomalies.fitted import NOT_MIXED, Mixed
from agent.anomalies.judged import Incident
from agent.anomalies.naming import Naming
from agent.records.findings import Finding
from tests.agent.anomalies.watching_shop import (
    DE,
    ORDERS,
    RATE,
    REVERSALS,
    SALES,
    changed,
    incident,
    seen,
)
from tests.almas_tea import SHOP


def naming(
    *incidents: Incident,
    values: Any = None,
    mixed: Mixed = NOT_MIXED,
    before: tuple[Finding, ...] = (),
    finer: tuple[Finding, ...] = (),
) -> list[Finding]:
    """Where no values are given, each incident halves what there was."""
    halved = [(one.row, 0.5, one.first, one.last) for one in incidents]
    worth = seen(changed(*halved) if values is None else values, *incidents)
    return Naming(worth.seen, worth.judged, mixed, before, 0.3, finer).findings()


def test_what_adds_up_is_summed_and_a_rate_is_a_mean() -> None:
    values = changed((SALES, 0.5, 117, 118))
    values[RATE, 104:106] = 0.01, 0.02
    sales, rate = naming(incident(SALES, 117, 118), incident(RATE, 104, 105), values=values)
    assert (sales.first, sales.last) == ("2026-11-14", "2026-11-15")
    assert (sales.actual, sales.expected, sales.low, sales.high) == (1000.0, 2000.0, 1600.0, 2400.0)
    assert rate.actual == pytest.approx(0.015)
    assert rate.expected == pytest.approx(0.02)


def test_what_is_no_money_is_worth_what_it_brings() -> None:
    (one,) = naming(incident(ORDERS, 119, 119))
    assert one.content["money"] == pytest.approx(-500.0)
    (sales,) = naming(incident(SALES, 119, 119))
    assert "money" not in sales.content


def test_what_else_is_part_of_it_is_kept_with_it() -> None:
    fell = (incident(SALES, 119, 119), incident(ORDERS, 119, 119), incident(DE, 119, 119))
    (one,) = naming(*fell)
    assert one.metric == "net_sales"
    assert one.content["also"] == [["orders", "", "", -0.5], ["net_sales", "country", "DE", -0.5]]


def test_a_day_without_reversals_is_nothing_missing() -> None:
    values = changed((REVERSALS, 0.0, 119, 119))
    assert naming(incident(REVERSALS, 119, 119, "missing"), values=values) == []


def test_what_ended_long_ago_is_no_finding() -> None:
    assert naming(incident(SALES, 5, 6), incident(SALES, 20, 29)) == []
    assert len(naming(incident(SALES, 20, 30))) == 1


def known(**more: Any) -> Finding:
    made = Finding(SHOP.shop_id, "net_sales", "day", "drop", "warning", "2026-11-14", "2026-11-15")
    return replace(made, finding_id="known", **more)


@pytest.mark.parametrize(
    ("first", "last", "goes_on"),
    [(119, 119, True), (115, 116, True), (112, 113, False), (117, 118, True)],
)
def test_the_same_incident_keeps_its_id(first: int, last: int, goes_on: bool) -> None:
    (one,) = naming(incident(SALES, first, last), before=(known(),))
    assert (one.finding_id == "known") is goes_on


def test_another_series_is_another_finding() -> None:
    (one,) = naming(incident(DE, 118, 119), before=(known(),))
    assert one.finding_id == ""


def test_a_finding_that_another_figure_leads_now_goes_on() -> None:
    orders = known(metric="orders")
    (one,) = naming(incident(ORDERS, 117, 119), incident(SALES, 117, 119), before=(orders,))
    assert (one.metric, one.finding_id) == ("net_sales", "known")


@pytest.mark.parametrize(
    ("days", "actual", "told"),
    [((119, 119), 4.0, False), ((118, 119), 4.0, True), ((119, 119), 40.0, True)],
)
def test_what_the_hours_have_told_is_no_second_finding_of_its_day(
    days: tuple[int, int], actual: float, told: bool
) -> None:
    hours = known(metric="orders", step="hour", first="2026-11-16T14", last="2026-11-16T18")
    hours = replace(hours, actual=actual, expected=20.0)
    found = naming(incident(SALES, *days), incident(ORDERS, *days), finer=(hours,))
    assert bool(found) is told


def test_of_two_that_were_one_the_later_goes_on() -> None:
    found = naming(incident(SALES, 115, 115), incident(SALES, 118, 119), before=(known(),))
    assert [(one.finding_id, one.last) for one in found] == [
        ("known", "2026-11-16"),
        ("", "2026-11-12"),
    ]


def test_an_odd_mixture_is_told_where_no_figure_alone_was() -> None:
    mixed = Mixed(np.array([20, 117, 118, 119]), np.full(4, 5.0), np.array([0, 2, 0, 2]))
    values = changed((SALES, 0.5, 117, 117), (SALES, 1.1, 118, 118), (RATE, 0.8, 119, 119))
    found = naming(incident(SALES, 117, 117), values=values, mixed=mixed)
    (one,) = [row for row in found if row.kind == "together"]
    assert (one.metric, one.first, one.score, one.over) == (
        *("conversion_rate", "2026-11-16", 5.0, False),
    )
