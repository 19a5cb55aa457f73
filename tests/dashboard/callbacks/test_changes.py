"""What changed on Overview, why on Explore: they add up, lead on, and say why they cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.metrics.frames import Stale
from agent.services import Services
from dashboard import shell
from dashboard.callbacks import reasons
from dashboard.pages import PAGES
from tests.agent.why.made import FEAST, LIGHTING, MADE, SIDEBOARD, explanation
from tests.dashboard.callbacks.test_parts import NOVEMBER, drawn, everything, links, words

__all__ = ["drawn"]
NONE = f"{NOVEMBER}&cmp=none"


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A change with segments, in the place of the small shop's own."""
    made = explanation(LIGHTING, SIDEBOARD)
    monkeypatch.setattr(reasons, "explain", lambda services, scope, name: made)
    return made


def shown(content: Any) -> list[float]:
    return [float(getattr(x, "data-v")) for x in everything(content) if hasattr(x, "data-v")]


def test_the_list_stands_beside_the_chart() -> None:
    rows = shell.in_rows(PAGES["/"].panels)
    assert [(panel.id, panel.width) for panel in rows[0]] == [("main", 8), ("changes", 4)]
    assert all(sum(panel.width for panel in row) == 12 for row in rows)
    below = shell.in_rows(PAGES["/explore"].panels)[-1]
    assert [(panel.id, panel.width) for panel in below] == [("breakdown", 8), ("why", 4)]


def test_its_total_is_the_key_figures_change(drawn: Any, services: Services) -> None:
    for metric in ("net_sales", "orders"):
        content, read = drawn("/", "changes", f"{NOVEMBER}&kpi={metric}")
        frame = services.answer(services.question(f"metrics={metric}&{NOVEMBER[1:]}"))
        *parts, total = shown(content)
        assert total == float(frame.total(metric)) - float(frame.before(metric))
        assert sum(parts) == pytest.approx(total)
        assert read["tables"]["sales"] > 0


def test_a_row_leads_to_its_segment_on_explore(drawn: Any, found: Any) -> None:
    content = drawn("/", "changes")[0]
    first, second, others = links(content)
    assert first.startswith("/explore?shop=almas-tea&from=2026-11-01&to=2026-11-16")
    assert "country=DE&product_type=Lighting" in first
    assert "product=p1" in second
    assert "metrics=net_sales" in others and "country" not in others
    assert "Campaign: Magazine feature, 5 – 7 Nov" in words(content)


def test_the_lead_names_the_segments(drawn: Any, found: Any) -> None:
    said = "".join(str(x) for x in everything(drawn("/", "lead")[0]) if isinstance(x, str))
    assert "Lighting in Germany made $17.6k of the gain, more than half of it." in said


def test_why_is_the_steps_and_what_was_found(drawn: Any, found: Any) -> None:
    content = drawn("/explore", "why", f"{NOVEMBER}&metrics=net_sales")[0]
    said = words(content)
    assert "Why did it change?" in said
    assert "Order value" in said
    assert "What we found" in said
    assert "Germany · Lighting" in said
    assert "Holiday in the same days: All Saints, 1 Nov." in said
    assert "a match, not proof" in said
    assert FEAST.name in said


def test_without_a_comparison_it_says_what_to_choose(drawn: Any) -> None:
    for path, name in (("/", "changes"), ("/explore", "why")):
        said = words(drawn(path, name, NONE)[0])
        assert "There is no period to compare with." in said


def test_a_page_asks_once(drawn: Any, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn("/", "lead")
    monkeypatch.setattr(type(services.engine), "cells", lambda *given: pytest.fail("asked again"))
    assert "Change in net sales" in words(drawn("/", "changes")[0])


def test_the_last_good_one_is_marked(drawn: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    old = replace(explanation(LIGHTING), stale=Stale(MADE, "PostgreSQL does not answer."))
    monkeypatch.setattr(reasons, "explain", lambda services, scope, name: old)
    content, read = drawn("/", "changes")
    assert "PostgreSQL does not answer." in words(content)
    assert read["tables"] == {"sales": -1}
