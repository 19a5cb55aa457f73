"""Whose numbers a question asks for: its shops, and what is said where they are not there."""

from __future__ import annotations

from collections.abc import Sequence

from agent.errors import NotFound, Refused
from agent.metrics.measures import MEASURES
from agent.metrics.questions import Question
from agent.ports import Shop
from agent.words import t


def shops_of(question: Question, there: Sequence[Shop]) -> tuple[Shop, ...]:
    """The question's shops, each once. Raises NotFound, or Refused where it names none or their
    money cannot be added up."""
    known = {shop.shop_id: shop for shop in there}
    if not question.scope.shops:
        raise Refused(t("The question names no shop."), hint=t("Add shop=NAME."))
    missing = [name for name in question.scope.shops if name not in known]
    if missing:
        raise NotFound(t("There is no shop called {name}.", name=missing[0]), hint=_known(there))
    shops = tuple(known[name] for name in dict.fromkeys(question.scope.shops))
    mixed = len({shop.currency for shop in shops}) > 1 and not question.scope.currency
    if mixed and asks_money(question):
        raise Refused(
            t("These shops keep different currencies, so their money cannot be added up."),
            hint=t(
                "Name one to turn it into (currency={currency}), or ask for one shop, or for "
                "counts only.",
                currency=shops[0].currency,
            ),
        )
    return shops


def asks_money(question: Question) -> bool:
    measures = (name for metric in question.ask.rows for name in metric.measures)
    return any(MEASURES[name].money for name in measures)


def none_yet() -> NotFound:
    return NotFound(t("There is no shop yet."), hint=t("Import a file, or fill the demo shop."))


def unknown(name: str, there: Sequence[Shop]) -> NotFound:
    """What is said of a shop that a person called by this name."""
    return NotFound(t("There is no shop called '{name}'.", name=name[:80]), hint=_known(there))


def _known(there: Sequence[Shop]) -> str:
    if not there:
        return t("No shop has been imported yet.")
    return t("Known: {names}.", names=", ".join(shop.shop_id for shop in there))
