"""People choose what heads a report: the catalogue's metrics and their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.errors import Refused
from agent.records.kpis import Kpi
from agent.scheduling.job import JobContext
from agent.services import Services
from reports.choice import MOST
from reports.compose import compose, period_scope
from reports.delivery import _document
from reports.documents import Document
from reports.pdf import page_of
from reports.spans import in_terms
from tests.reports import shop

OWN = Kpi("per_order", "Units of an order", "number", "units / orders")


@pytest.fixture
def asked(services: Services) -> Services:
    services.records.kpis.add(OWN, lambda rows: None)
    return services


def weekly(services: Services, metrics: str = "") -> Document:
    scope = period_scope(services, shop.TEA, "last_28_days")
    return compose(services, "weekly-executive", scope, own={"metrics": metrics})


def test_an_own_kpi_heads_the_report_and_its_line(asked: Services) -> None:
    document = weekly(asked, "per_order,net_sales")
    assert [figure.metric for figure in document.figures] == ["per_order", "net_sales"]
    frame = asked.answer(asked.question("metrics=per_order&period=last_28_days"))
    assert document.figures[0].value == frame.total("per_order")
    line = document.parts[0].chart
    assert document.parts[0].title == OWN.label
    assert line is not None and line.unit == "number"
    assert document.headline.startswith(OWN.label)
    assert OWN.label in page_of(document)
    assert "metrics=" not in document.link, "the page it leads to has its own"


def test_the_settings_name_them_for_every_report(asked: Services) -> None:
    settings = replace(asked.settings, report_metrics=("units", "per_order"))
    here = replace(asked, settings=settings)
    assert [figure.metric for figure in weekly(here).figures] == ["units", "per_order"]
    assert [figure.metric for figure in weekly(here, "orders").figures] == ["orders"]


def test_one_that_is_gone_leaves_the_others_and_is_named(asked: Services) -> None:
    document = weekly(asked, "gone,orders")
    assert [figure.metric for figure in document.figures] == ["orders"]
    assert dict(document.notes)["Not shown: gone"] == "There is no metric called gone."


def test_paper_has_room_for_two_rows(asked: Services) -> None:
    names = [name for name in asked.catalogue() if name != "per_order"][: MOST + 2]
    document = weekly(asked, ",".join(names))
    assert [figure.metric for figure in document.figures] == names[:MOST]
    assert sum(word.startswith("Not shown") for word, _ in document.notes) >= 2


def test_a_schedule_may_name_them_and_its_terms(asked: Services) -> None:
    arguments = {"metrics": "per_order", "refunds": "order_day"}
    context = JobContext("run", "schedule", "2026-11-16T08:00", shop.TEA.shop_id, arguments)
    document = _document(asked, context, ("a@tea.example",))
    assert [figure.metric for figure in document.figures] == ["per_order"]
    assert document.scope.refunds == "order_day"
    assert "Refunds on the day of their order." in page_of(document)


def test_terms_that_cannot_be_are_refused(asked: Services) -> None:
    scope = period_scope(asked, shop.TEA, "last_28_days")
    for terms in ({"refunds": "never"}, {"currency": "no money"}):
        with pytest.raises(Refused):
            in_terms(asked, scope, terms)
