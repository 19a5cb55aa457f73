"""Targets from a file: what a metric is to be, in a month or usually, with warning and critical.

They are kept with the records, not in the warehouse; importing an older file brings the older
targets back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow.compute as pc

from agent import targets
from agent.errors import Refused
from agent.metrics.metric import Metric
from agent.ports import Merged
from agent.records.targets import Target, Targets
from agent.sources import looks
from agent.sources.base import Built, Lines, Setting, TextFormat, Wanted
from agent.sources.draft import Draft
from agent.sources.headers import find, need, plain
from agent.sources.values import texts
from agent.words import mark, t

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "metric": ("metric", "kpi", "key figure", "kennzahl", "metrik"),
    "month": ("month", "period", "date", "monat", "zeitraum", "datum"),
    "target": ("target", "goal", "plan", "budget", "ziel", "zielwert", "soll"),
    "warning": ("warning", "warn", "warnung", "warnwert"),
    "critical": ("critical", "kritisch"),
}
LEVELS = ("target", "warning", "critical")
USUAL = frozenset({"", "every", "every month", "usual", "jeder", "jeden monat", "üblich"})
_MONTH = re.compile(
    r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?:[-/.]0?1)?|(?P<m2>\d{1,2})[-/.](?P<y2>\d{4})"
)
_NAMED = re.compile(r"([A-Za-zä]{3})[a-zä]*\.? (\d{4})")
_FIGURE = re.compile(r"[+-]?(\d{1,15}(\.\d{0,12})?|\.\d{1,12})")
WRONG_MONTH = "The month is not one like 2026-11; empty means every month."
TABLE = "targets"
RECORDS = mark("Targets are kept with the records: import an older file to have its targets back.")


@dataclass(frozen=True)
class Plans:
    name: str = "targets"
    label: str = mark("Targets")
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        need(names, find(names, COLUMNS), ("metric", "target"), t("targets"))

    def build(self, lines: Lines, setting: Setting) -> Built:
        """No tables: the targets of the good lines, each metric's and month's last."""
        draft = Draft(lines, setting, find(lines.names, COLUMNS))
        draft.decimal_comma(*LEVELS)
        wanted: dict[tuple[str, date | None], Wanted] = {}
        for at, row in enumerate(_rows(draft)):
            try:
                one = _read(row, setting.metrics)
            except Refused as refused:
                draft.checks.reject(np.arange(len(lines.table)) == at, refused.message)
            else:
                wanted[one.metric, one.month] = one
        return Built({}, draft.checks, {}, (t(RECORDS),), targets=tuple(wanted.values()))


SOURCE = Plans()


def keep(records: Targets, shop_id: str, wanted: Sequence[Wanted]) -> Merged:
    """Set the targets of a file, all or none, and say how many were new, changed and as before."""
    plan = records.of(shop_id)
    rows = {(one.metric, one.month): _target(one) for one in wanted}
    known: dict[tuple[str, date | None], Target] = {
        (m, d): one for (m, d), one in plan.months.items()
    }
    known |= {(name, None): one for name, one in plan.usual.items() if not one.shipped}
    changed = {key: row for key, row in rows.items() if known.get(key) != row}
    records.put_all(shop_id, changed)
    replaced = sum(key in known for key in changed)
    return Merged(
        "",
        inserted={TABLE: len(changed) - replaced},
        replaced={TABLE: replaced},
        unchanged={TABLE: len(rows) - len(changed)},
    )


def _target(one: Wanted) -> Target:
    return Target(one.metric, one.target, one.warning, one.critical)


def _rows(draft: Draft) -> list[dict[str, str]]:
    """Each line's words, and its levels as the texts of numbers, a percent sign behind."""
    columns = {name: draft.text(name) for name in ("metric", "month")}
    for name in LEVELS:
        words = draft.text(name)
        percent = pc.fill_null(pc.ends_with(words, "%"), False)
        bare = texts(pc.utf8_rtrim(words, "% \u00a0"))
        figures = looks.numbers(bare, comma=draft.comma)
        columns[name] = pc.if_else(percent, pc.binary_join_element_wise(figures, "%", ""), figures)
    listed = {name: column.to_pylist() for name, column in columns.items()}
    return [
        {name: listed[name][at] or "" for name in listed} for at in range(len(draft.lines.table))
    ]


def _read(row: Mapping[str, str], metrics: Mapping[str, Metric]) -> Wanted:
    """A line as a target. Raises Refused, saying what is wrong with it."""
    metric = _metric(row["metric"], metrics)
    target, warning, critical = (_level(row[name], name, metric) for name in LEVELS)
    if target is None:
        raise Refused("The target is missing.")
    targets.check(metric, target, warning, critical)
    return Wanted(metric.name, _month(row["month"]), target, warning, critical)


def _metric(word: str, metrics: Mapping[str, Metric]) -> Metric:
    """By its name or its label, in English or in the language spoken."""
    wanted = plain(word)
    for name, metric in metrics.items():
        if wanted in (plain(name), plain(metric.label), plain(t(metric.label))):
            return metric
    raise Refused("There is no metric of this name." if wanted else "The metric is missing.")


def _level(word: str, name: str, metric: Metric) -> float | None:
    if not word:
        return None
    bare = word.removesuffix("%")
    if not _FIGURE.fullmatch(bare):
        raise Refused(f"The {name} is not a number.")
    if bare != word and metric.unit != "percent":
        raise Refused(f"The {name} is a percent, and the metric is none.")
    value = float(bare) / (100 if bare != word else 1)
    if bare == word and metric.unit == "percent" and abs(value) > 1:
        raise Refused(f"The {name} of a share is written with a percent sign, or as 0.035.")
    return value


def _month(word: str) -> date | None:
    """The first day of a month; None for every month. Raises Refused."""
    if plain(word) in USUAL:
        return None
    if found := _MONTH.fullmatch(word):
        year, month = int(found["y"] or found["y2"]), int(found["m"] or found["m2"])
    elif (named := _NAMED.fullmatch(word)) and looks.month_of(named[1]):
        year, month = int(named[2]), looks.month_of(named[1])
    else:
        raise Refused(WRONG_MONTH)
    if not (1 <= month <= 12 and 1990 <= year <= 2100):
        raise Refused(WRONG_MONTH)
    return date(year, month, 1)
