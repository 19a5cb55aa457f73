"""Which metric is forecast, by which step, how far and split by what: links to each address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from agent.forecasting.series import Step
from agent.metrics.dimensions import DIMENSIONS
from agent.words import mark, t
from dashboard import components
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.foretold import FIRST, HORIZONS, USUAL, Asked
from dashboard.pages.forecasts import METRICS
from dashboard.shell import menu
from dashboard.views import wording
from dashboard.views.forecasts import UNITS

Option = tuple[str, str, bool]
NEEDS = {"sessions": "sessions"}
STEPS: Mapping[Step, str] = {
    Step.HOUR: mark("Hour"),
    Step.DAY: mark("Day"),
    Step.WEEK: mark("Week"),
    Step.MONTH: mark("Month"),
}
SPLITS = ("country", "product_type", "channel")


def choices(showing: Showing) -> list[Any]:
    """The switches before the chips."""
    asked = Asked.of(showing.here.own)
    return [
        _metrics(showing, asked),
        _steps(showing, asked),
        _horizons(showing, asked),
    ]


def _metrics(showing: Showing, asked: Asked) -> Any:
    known = [name for name in METRICS if name not in NEEDS or showing.has(NEEDS[name])]
    names = known if asked.metric in known else [*known, asked.metric]
    options = [
        (
            wording.brief(t(showing.metric(name).label)),
            showing.here.href(metric="" if name == FIRST else name),
            name == asked.metric,
        )
        for name in names
    ]
    catalogue = showing.services.catalogue()
    rows = [
        html.Li(
            html.A(
                t(row.label),
                href=showing.here.href(metric=name),
                **({"aria-current": "true"} if name == asked.metric else {}),
            )
        )
        for name, row in sorted(catalogue.items(), key=lambda pair: t(pair[1].label))
    ]
    label = html.Summary(
        [t("More"), components.icon("chevron-down", 14)], className="chip", title=t("More metrics")
    )
    every = menu("forecasts-metric", label, html.Div(html.Ul(rows), className="pop menu tall"))
    return html.Div([_group(t("Metric"), options), every], className="choice")


def _steps(showing: Showing, asked: Asked) -> Any:
    rows = [
        html.Li(
            html.A(
                t(label),
                href=showing.here.href(grain="" if step is Step.DAY else step.value, h=""),
                **({"aria-current": "true"} if step is asked.step else {}),
            )
        )
        for step, label in STEPS.items()
    ]
    chip = components.chip(t("By"), t(STEPS[asked.step]), asked.step is not Step.DAY)
    label = html.Summary(chip, className="bare")
    return menu("forecasts-step", label, html.Div(html.Ul(rows), className="pop menu"))


def _horizons(showing: Showing, asked: Asked) -> Any:
    usual = USUAL[asked.step]
    known = sorted({*HORIZONS[asked.step], asked.horizon})
    options = [
        (
            said_first(known, steps, asked),
            showing.here.href(h="" if steps == usual else str(steps)),
            steps == asked.horizon,
        )
        for steps in known
    ]
    return _group(t("How far ahead"), options)


def said_first(known: list[int], steps: int, asked: Asked) -> str:
    """The first with its unit, the others without."""
    if steps != known[0]:
        return str(steps)
    return t("{count} {steps}", count=steps, steps=t(UNITS[asked.step.value]))


def splits(showing: Showing, asked: Asked) -> Any:
    """By what the forecast can be split: a second click takes it away."""
    options = [
        (
            t(DIMENSIONS[name].label),
            showing.here.href(by="" if name == asked.by else name),
            name == asked.by,
        )
        for name in dict.fromkeys((*SPLITS, *filter(None, [asked.by])))
    ]
    return _group(t("Split by"), options)


def _group(label: str, options: Iterable[Option]) -> Any:
    links = [
        html.A(words, href=href, **({"aria-current": "true"} if on else {}))
        for words, href, on in options
    ]
    return html.Nav(links, className="seg", **{"aria-label": label})
