"""A page's large figures: the first is the largest, each is unknown by itself."""

from __future__ import annotations

from typing import Any

from agent.metrics import formats
from agent.metrics.frames import Frame
from agent.metrics.metric import Metric
from agent.metrics.questions import Ask
from agent.words import t
from dashboard import components
from dashboard.callbacks import overview, place
from dashboard.callbacks.overview import BESIDE
from dashboard.callbacks.showing import Showing
from dashboard.components import HeroFigure


def draw(showing: Showing) -> Any:
    """The page's own figures; on Explore those of the place one has drilled to."""
    names = showing.page.hero
    if not names:
        return place.hero(showing)
    known = frames(showing, (*names, *(BESIDE[name] for name in names if name in BESIDE)))
    figures = [
        _figure(showing, known.get(name), showing.metric(name), known.get(BESIDE.get(name, "")))
        for name in names
    ]
    return components.hero(figures)


def frames(showing: Showing, names: tuple[str, ...]) -> dict[str, Frame]:
    """Each metric's frame, those left out that have no answer under the page's filters: all of
    them at once where that can be asked."""
    whole = showing.attempt(Ask(names))
    if whole is not None:
        return dict.fromkeys(names, whole)
    each = {name: showing.attempt(Ask((name,))) for name in names}
    return {name: frame for name, frame in each.items() if frame is not None}


def _figure(
    showing: Showing, frame: Frame | None, metric: Metric, beside: Frame | None
) -> HeroFigure:
    label = t(metric.label)
    if frame is None:
        return HeroFigure(label, formats.UNKNOWN, was=t("Not known with these filters"))
    now, before = frame.total(metric.name), frame.before(metric.name)
    reason = overview.unknown(showing, metric, now)
    if reason:
        return HeroFigure(label, formats.UNKNOWN, was=reason)

    def said(value: Any) -> str:
        return formats.number(value, metric.unit, frame.receipt.currency)

    return HeroFigure(
        label,
        said(now),
        overview.change(frame, metric, showing.locale),
        t("from {value}", value=said(before)) if before is not None else "",
        overview.note(metric, beside),
    )
