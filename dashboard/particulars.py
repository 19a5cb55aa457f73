"""Everything that decides a number, as pairs of label and text: what its receipt and the files of
its rows say."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.metrics import aging, formats, periods
from agent.metrics.catalogue import METRICS
from agent.metrics.dimensions import DIMENSIONS
from agent.metrics.exchange import QUOTED
from agent.metrics.frames import NONE, Frame
from agent.metrics.kpis import DEFINED
from agent.metrics.measures import MEASURES
from agent.metrics.metric import Metric
from agent.metrics.questions import Filter, Scope
from agent.services import Services
from agent.sources import histories
from agent.words import mark, retold, t

Pairs = tuple[tuple[str, str], ...]
SIGNS = {"/": "÷", "*": "×", "-": "−"}
DATED = {
    "processing_day": mark("Refunds count on the day they are processed"),
    "order_day": mark("Refunds count on the day of their order"),
}


def facts_of(services: Services, frame: Frame, scope: Scope) -> Pairs:
    """Everything that decides the number, as label and text."""
    receipt, metric = frame.receipt, frame.about[0]
    shop = services.shop(receipt.shops[0])
    tables = (f"{name} {version}" for name, version in receipt.tables.items() if version)
    pairs = (
        (t("Definition"), retold(metric.definition, DEFINED)),
        (t("Formula"), spelled(metric)),
        (
            t("Source"),
            f"{t(metric.source)}. {t(metric.claim)}" if metric.claim else t(metric.source),
        ),
        (t("Shop"), shop.name),
        (t("Period"), _period(frame, scope)),
        (t("Filters"), "; ".join(map(filter_words, scope.filters)) or t("None")),
        (t("Time zone"), t("{zone}: days are the shop's own", zone=receipt.timezone)),
        (t("Currency"), receipt.currency),
        (t("Exchange rates"), retold(receipt.rates, *QUOTED)),
        (t("Refund dating"), t(DATED[receipt.refunds])),
        (t("Last sync"), _moment(receipt.last_sync, shop.timezone)),
        (t("Asked"), _moment(receipt.asked_at, shop.timezone)),
        (t("Data versions"), ", ".join(tables)),
        (t("History"), histories.said(histories.begins(services, scope.shops), scope)),
        (t("Age"), aging.explained((receipt,), services.clock.now())),
    )
    return tuple((label, text) for label, text in pairs if text)


def spelled(metric: Metric) -> str:
    """The formula in words, then what each of its sums adds up: Net sales ÷ Sessions."""
    adds = [_adds(measure) for measure in metric.measures]
    if metric.formula in MEASURES and adds[0]:
        return adds[0].partition(": ")[2]
    parts = re.split(r"([A-Za-z_]\w*)", metric.formula)
    said = [_named(part) if n % 2 else _signed(part) for n, part in enumerate(parts)]
    return ". ".join(["".join(said), *filter(None, adds)])


def _named(measure: str) -> str:
    known = METRICS.get(measure)
    return t(known.label if known else measure.replace("_", " ").capitalize())


def _signed(text: str) -> str:
    return "".join(SIGNS.get(letter, letter) for letter in text)


def _adds(measure: str) -> str:
    row = MEASURES[measure]
    if not row.goods and not row.every:
        return ""
    goods, every = (" + ".join(map(t, names)) for names in (row.goods, row.every))
    words = {"measure": _named(measure), "goods": goods, "every": every}
    if not every:
        return t("{measure}: {goods} of product lines", **words)
    if not goods:
        return t("{measure}: {every} of all lines", **words)
    return t("{measure}: {goods} of product lines, {every} of all lines", **words)


def _period(frame: Frame, scope: Scope) -> str:
    said = formats.date_range(scope.start, scope.end, year=True)
    asked = frame.receipt.period
    if f"{scope.start} to {scope.end}" == asked:
        return said
    return f"{said} ({retold(asked, *periods.ASKED)})"


def filter_words(chosen: Filter) -> str:
    """Country is Germany, Austria."""
    values = ", ".join(
        formats.value_label(chosen.dimension, None if value == NONE else value)
        for value in chosen.values
    )
    words = {"what": t(DIMENSIONS[chosen.dimension].label), "which": values}
    return (
        t("{what} is not {which}", **words) if chosen.exclude else t("{what} is {which}", **words)
    )


def _moment(when: datetime | None, zone: str) -> str:
    if when is None:
        return ""
    local = when.astimezone(ZoneInfo(zone))
    return f"{formats.day(local.date(), year=True)}, {local:%H:%M}"
