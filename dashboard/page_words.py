"""The words of the address that belong to pages, and how each of them is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from agent.anomalies.handling import TABS
from agent.errors import Refused
from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import ATTRIBUTES, DIMENSIONS, GRAINS
from agent.metrics.questions import Ask
from agent.services import Services
from agent.words import t

MOST_ROWS = 500
STEP = 50
LONGEST_NAME = 120
LONGEST_AHEAD = 90
OTHERS = "other"
Word = Callable[[Services, str], str]


def _metric(services: Services, name: str) -> str:
    """A metric of the catalogue or of the people's own."""
    if name not in METRICS:
        Ask((name,)).completed(services.catalogue())
    return name


def _dimension(services: Services, name: str) -> str:
    Ask(("net_sales",), (name,))
    if name == "shop":
        raise Refused(t("A page shows one shop."))
    return name


def _attribute(services: Services, name: str) -> str:
    return one_of("split", name, ATTRIBUTES.keys() - {"shop"})


def _grain(services: Services, name: str) -> str:
    return one_of("grain", name, GRAINS)


def _top(services: Services, text: str) -> str:
    if text in ("12", *map(str, range(STEP, MOST_ROWS + 1, STEP))):
        return text
    said = t("top={top} is not among what a page shows.", top=text[:40])
    hint = t("Use 12, or {step} to {most} in steps of {step}.", step=STEP, most=MOST_ROWS)
    raise Refused(said, hint=hint)


def _horizon(services: Services, text: str) -> str:
    """How many steps a forecast goes on."""
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) <= LONGEST_AHEAD:
        return text
    raise Refused(
        t("h={text} is not known here.", text=text[:40]),
        hint=t("Write 1 to {most}.", most=LONGEST_AHEAD),
    )


def _sort(services: Services, text: str) -> str:
    """A metric that a table is ordered by; - before it puts the largest first."""
    _metric(services, text.removeprefix("-"))
    return text


def _find(services: Services, text: str) -> str:
    if len(text) > LONGEST_NAME:
        raise Refused(t("find={text}… is longer than any name.", text=text[:40]))
    return text


def _place(services: Services, text: str) -> str:
    """Whose number a receipt is: one value of a dimension (country:DE), or the smaller ones of it
    that have no row of their own (other:country)."""
    name, _, value = text.partition(":")
    name = value if name == OTHERS else name
    if name in DIMENSIONS and value:
        return text
    raise Refused(
        t("of={text} is not known.", text=text[:40]), hint=t("Write of=country:DE, for example.")
    )


def _rows_from(services: Services, text: str) -> str:
    """From which row of which table a receipt goes on: sales:50."""
    table, _, start = text.partition(":")
    if table.isidentifier() and start.isascii() and start.isdigit() and len(start) < 9:
        return text
    raise Refused(
        t("at={text} is not known.", text=text[:40]), hint=t("Write at=sales:50, for example.")
    )


def one_of(key: str, value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise Refused(t("{key}={value} is not known here.", key=key, value=value[:40]))
    return value


def _tab(services: Services, name: str) -> str:
    return one_of("tab", name, TABS)


def _finding(services: Services, name: str) -> str:
    """The finding that a page opens; one that has gone since is no mistake of the address."""
    if name.isascii() and name.replace("-", "").isalnum() and len(name) <= LONGEST_NAME:
        return name
    raise Refused(t("id={text} is not known here.", text=name[:40]))


# The words that belong to pages, not to the scope, and how each is read. Raises Refused.
WORDS: Mapping[str, Word] = {
    "kpi": _metric,
    "metric": _metric,
    "h": _horizon,
    "metrics": _metric,
    "by": _dimension,
    "grain": _grain,
    "top": _top,
    "sort": _sort,
    "find": _find,
    "split": _attribute,
    "receipt": _metric,
    "of": _place,
    "at": _rows_from,
    "tab": _tab,
    "id": _finding,
}
