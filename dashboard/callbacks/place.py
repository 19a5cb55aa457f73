"""The figures of the place that one has drilled to, each leading to how it is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.errors import Refused
from agent.metrics import formats
from agent.metrics.frames import Frame, Number
from agent.metrics.questions import Ask, Scope
from agent.words import inner, t
from dashboard import components
from dashboard.callbacks import overview
from dashboard.callbacks.menus import cleared
from dashboard.callbacks.overview import BESIDE
from dashboard.callbacks.showing import Showing
from dashboard.components import HeroFigure
from dashboard.pages.explore import hero as named


def hero(showing: Showing) -> Any:
    """The metrics of the page, net sales, orders and the two usual rates, and the part of all that
    this place is."""
    names = named(showing.here.own, showing.has)
    beside = tuple(BESIDE[name] for name in names if name in BESIDE)
    found = asked(showing, tuple(dict.fromkeys((*names, *beside))), showing.scope)
    figures = [_figure(showing, name, found[name], name == names[0]) for name in names]
    figures = [_noted(showing, found, pair) for pair in zip(names, figures, strict=True)]
    part = found[names[0]]
    if showing.scope.filters and isinstance(part, Frame) and not part.metric(names[0]).ratio:
        whole = showing.ask(Ask((names[0],)), cleared(showing.scope))
        figures.append(_share(part, whole, names[0]))
    return components.hero(figures)


def _noted(
    showing: Showing, found: dict[str, Frame | Refused], drawn: tuple[str, HeroFigure]
) -> HeroFigure:
    """A figure with what it is never shown without."""
    name, figure = drawn
    beside = found.get(BESIDE.get(name, ""))
    if figure.note or not isinstance(found[name], Frame) or isinstance(beside, Refused):
        return figure
    return replace(figure, note=overview.note(showing.metric(name), beside))


def asked(showing: Showing, names: tuple[str, ...], scope: Scope) -> dict[str, Frame | Refused]:
    """The figures in one question; each on its own where one of them refuses the filters."""
    try:
        frame = showing.ask(Ask(names), scope)
        return dict.fromkeys(names, frame)
    except Refused as refused:
        if len(names) == 1:
            return {names[0]: refused}
    found: dict[str, Frame | Refused] = {}
    for name in names:
        found |= asked(showing, (name,), scope)
    return found


def _figure(showing: Showing, name: str, found: Frame | Refused, full: bool) -> HeroFigure:
    if isinstance(found, Refused):
        return HeroFigure(t(showing.metric(name).label), formats.UNKNOWN, None, found.message)
    row, now, before = found.metric(name), found.total(name), found.before(name)
    made = showing.here.href(receipt=name)
    reason = overview.unknown(showing, row, now)
    if reason:
        return HeroFigure(t(row.label), formats.UNKNOWN, None, reason, made=made)
    change, was = None, ""
    if found.previous is not None:
        change = overview.change(found, row, showing.locale)
        former = _said(found, name, before, full)
        was = t("from {value}", value=former) if before is not None else ""
    return HeroFigure(t(row.label), _said(found, name, now, full), change, was, made=made)


def _said(frame: Frame, name: str, value: Number, full: bool = False) -> str:
    style: formats.Style = "full" if full else "short"
    return formats.number(value, frame.metric(name).unit, frame.receipt.currency, style)


def _share(part: Frame, whole: Frame, metric: str) -> HeroFigure:
    now = _ratio(part.total(metric), whole.total(metric))
    before = _ratio(part.before(metric), whole.before(metric))
    change, was = None, ""
    if part.previous is not None and now is not None:
        change = formats.change(now, before, "percent")
        value = formats.number(before, "percent")
        was = t("from {value}", value=value) if before is not None else ""
    label = t("Share of all {metric}", metric=inner(t(part.metric(metric).label)))
    return HeroFigure(label, formats.number(now, "percent"), change, was)


def _ratio(part: Number, whole: Number) -> float | None:
    return float(part) / float(whole) if part is not None and whole else None
