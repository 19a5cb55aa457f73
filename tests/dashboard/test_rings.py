"""Rings: where a chart of a metric has findings within its days, and only of what it shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from agent.metrics.questions import Scope
from agent.services import Services
from dashboard.charts import Chart, Mark, Series
from dashboard.pages.explore import choose
from dashboard.panels import Panel
from dashboard.rings import NAMED, ringed
from tests.agent.anomalies.finding import around, finding

SCOPE = Scope(("almas-tea",), date(2026, 11, 1), date(2026, 11, 16), "none")
PANEL: Panel = choose({})[0]


def chart(grain: str = "day") -> Chart:
    days = np.datetime64("2026-11-01", "ms") + np.arange(16) * np.timedelta64(1, "D")
    series = (Series("now", "This period", np.arange(16.0)),)
    return Chart("line", "T", "M", "money", "EUR", days, series, grain=grain)


def marks(services: Services, page: Scope = SCOPE, view: Any = None) -> tuple[Mark, ...]:
    found = ringed(services, PANEL, view or chart(), page)
    assert isinstance(found, Chart)
    return found.marks


@pytest.fixture(autouse=True)
def kept(services: Services) -> None:
    services.records.findings.keep(
        [
            finding(finding_id="one"),
            finding(finding_id="germany", dimension="country", member="DE"),
            finding(finding_id="orders", metric="orders"),
            finding(finding_id="hours", step="hour", first="2026-11-11T10", last="2026-11-11T12"),
            finding(finding_id="before", first="2026-10-20", last="2026-10-20"),
            finding(finding_id="dismissed", state="acknowledged", verdict="wrong"),
            finding(finding_id="planned", state="acknowledged", verdict="expected"),
        ]
    )


def test_the_shops_own_findings_of_the_metric_and_step(services: Services) -> None:
    (mark,) = marks(services)
    assert (mark.kind, mark.label, mark.note) == ("anomaly", "−38.0%", "11 Nov")
    assert mark.x == np.datetime64("2026-11-11", "ms")
    assert marks(services, view=chart("week")) == ()


def test_a_page_filtered_by_exactly_the_part_has_its_findings(services: Services) -> None:
    germany = SCOPE.where("country", "DE")
    (mark,) = marks(services, germany)
    assert mark.label == "−38.0%"
    assert marks(services, SCOPE.where("country", "AT")) == ()
    assert marks(services, SCOPE.where("country", "DE", exclude=True)) == ()
    assert marks(services, germany.where("channel", "web")) == ()


def test_days_that_are_not_shown_have_no_ring(services: Services) -> None:
    view = chart()
    later = replace(view, x=view.x[11:], series=(Series("now", "This period", np.arange(5.0)),))
    assert marks(services, view=later) == ()


def test_what_began_before_the_chart_is_ringed_where_the_chart_shows_it(
    services: Services,
) -> None:
    long = finding(
        finding_id="long", metric="orders", kind="shift", first="2026-10-28", last="2026-11-11"
    )
    services.records.findings.keep([replace(long, finding_id="orders")])
    kept = around("2026-10-14", 34, 16)
    kept.values[20] = 90.0
    services.records.findings.keep([replace(long, content={"around": kept.to_json()})])
    found = ringed(services, replace(PANEL, rings="orders"), chart(), SCOPE)
    assert isinstance(found, Chart)
    # Its farthest day is 30 October; of those that are shown it is 3 November.
    assert "2026-11-03" in [str(mark.x)[:10] for mark in found.marks]
    assert min(mark.x for mark in found.marks) >= chart().x[0]


def test_only_the_gravest_say_what_they_are(services: Services) -> None:
    more = [
        finding(
            finding_id=f"f{n}",
            score=float(n),
            first=f"2026-11-0{n + 1}",
            last=f"2026-11-0{n + 1}",
            content={"around": around("2026-10-14", 34, 18 + n).to_json()},
        )
        for n in range(5)
    ]
    services.records.findings.keep(more)
    found = marks(services)
    assert len(found) == 6
    assert len([mark for mark in found if mark.label]) == NAMED


def test_other_marks_stay_and_panels_without_rings_have_none(services: Services) -> None:
    view = replace(chart(), marks=(Mark(np.datetime64("2026-11-03", "ms"), "Sale"),))
    assert [mark.kind for mark in marks(services, view=view)] == ["event", "anomaly"]
    assert ringed(services, replace(PANEL, rings=""), view, SCOPE) is view
