"""Why a figure changed, as steps from the period before to this one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from agent.metrics.catalogue import METRICS
from agent.metrics.formulas import Pair, written
from agent.metrics.metric import Metric
from agent.metrics.questions import Scope
from agent.services import Services
from agent.why import telling
from agent.why.bridges import FACTORS, Bridge
from agent.why.explanation import Explanation
from agent.words import n, t
from dashboard.charts import Chart, Series
from dashboard.explained import explain
from dashboard.panels import Listed
from dashboard.views.change_sheets import others_name, sheet_of


def stepped(services: Services, scope: Scope, metric: str) -> Listed:
    """For paper and files. Raises Refused where there is nothing to compare with."""
    found = explain(services, scope, metric)
    return Listed(fall(found), sheet_of(found))


def fall(found: Explanation) -> Chart:
    """From the period before to this one: by the bridge that the metric has, else by segments."""
    names, values = _steps(found)
    label = t(found.metric.label)
    money = found.metric.unit == "money"
    said = {"metric": f"{label}, {found.currency}" if money else label}
    return Chart(
        kind="waterfall",
        title=t("Why did it change?"),
        measure=_measure(found, said),
        unit=found.metric.unit,
        currency=found.currency,
        x=np.array([_first(found), *names, t("This period")], dtype=object),
        series=(Series("now", t("This period"), np.array(values)),),
        levels=(0, len(values) - 1),
    )


def _measure(found: Explanation, said: Mapping[str, str]) -> str:
    if found.why.against == "expected":
        return t("{metric}, from what was expected to what was", **said)
    return t("{metric}, the period before to this one", **said)


def _steps(found: Explanation) -> tuple[list[str], list[float]]:
    """Names of the steps, and all values with both levels."""
    if found.why.bridges:
        bridge = found.why.bridges[0]
        steps = [step for step in bridge.steps if step.change]
        names = [step_name(found.metric, step.name) for step in steps]
        changes = [float(step.change) for step in steps]
        return names, [float(bridge.before), *changes, float(bridge.after)]
    segments = telling.ranked(found)
    names = [*(telling.title(found, one) for one in segments), others_name(found)]
    changes = [float(one.part.change) for one in segments] + [float(found.others)]
    levels = [float(value or 0) for value in (found.why.before, found.why.after)]
    return names, [levels[0], *changes, levels[1]]


def _first(found: Explanation) -> str:
    return t("Expected") if found.why.against == "expected" else before_words(found.why.scope)


def before_words(scope: Scope) -> str:
    """What the comparison is called beside "This period"."""
    if scope.compare == "year":
        return t("A year before")
    return n("Previous day", "Previous {days} days", scope.days, days=scope.days)


def step_name(metric: Metric, name: str) -> str:
    """What a person reads for a step: of a ratio, what stands above and below its line."""
    tree = metric.parsed.tree
    if name in ("above", "below") and isinstance(tree, Pair) and tree.sign == "/":
        known = METRICS.get(written(tree.left if name == "above" else tree.right))
        return t(known.label if known else FACTORS[name])
    return t(FACTORS.get(name, name))


def bridge_words(found: Explanation, bridge: Bridge) -> str:
    """Volume +$4,200, price −$310: the steps of a bridge as one line that adds up."""
    said = [
        t(
            "{step} {amount}",
            step=step_name(found.metric, step.name),
            amount=telling.signed(found, change),
        )
        for step, change in telling.stepped(found, bridge).steps
    ]
    return ", ".join(said)
