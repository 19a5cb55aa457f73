from __future__ import annotations

import pytest

from agent.asking import asking, take_turn, together
from agent.errors import Throttled
from agent.metrics.questions import Question
from agent.services import Services
from tests import almas_tea

LATE = "#1"


def test_nobody_is_limited_who_set_up_no_turn() -> None:
    take_turn()
    with together("a page"):
        take_turn()


def test_turns_are_taken_for_what_belongs_together() -> None:
    taken: list[str] = []
    with asking(taken.append, "a request"):
        take_turn()
        with together("a page"):
            take_turn()
            take_turn()
        take_turn()
    take_turn()
    assert taken == ["a request", "a page", "a page", "a request"]


@pytest.fixture
def net_sales(services: Services) -> Question:
    services.warehouse.merge(almas_tea.batch())
    return services.question("metrics=net_sales&from=2026-11-01&to=2026-11-16&cmp=none")


def refuse(_: str) -> None:
    raise Throttled("Too much.", after=5)


def test_only_what_is_worked_out_anew_takes_a_turn(services: Services, net_sales: Question) -> None:
    taken: list[str] = []
    with asking(taken.append, "a request"):
        first = services.answer(net_sales)
    assert taken == ["a request"]
    with asking(refuse, "a request"):
        assert services.answer(net_sales).to_json()["rows"] == first.to_json()["rows"]


def test_over_the_limit_a_question_is_refused(services: Services, net_sales: Question) -> None:
    with asking(refuse, "a request"), pytest.raises(Throttled):
        services.answer(net_sales)
    assert len(services.answer(net_sales)) == 1


def test_over_the_limit_an_older_answer_does_not_stand_in(services: Services) -> None:
    """Nothing is away: it would say what is not so."""
    early = [row[0] for row in almas_tea.ORDERS if row[0] != LATE]
    services.warehouse.merge(almas_tea.batch(*early, name="early"))
    question = services.question("metrics=orders&from=2026-10-01&to=2026-11-17&cmp=none")
    before = services.answer(question).to_json()["totals"]
    services.warehouse.merge(almas_tea.batch(LATE, name="late"))
    with asking(refuse, "a request"), pytest.raises(Throttled):
        services.answer(question)
    assert services.answer(question).to_json()["totals"] != before
