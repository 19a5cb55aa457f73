"""Figures as numbers and words: key figures, lead, the head figures of Explore, the drill path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc

from agent.metrics import formats
from agent.targets import Status
from agent.words import t
from dashboard.components import html
from dashboard.components.marks import Content, delta, icon, made, sparkline
from dashboard.views.goals import SIGNS

TONES: Mapping[Status, str] = {
    Status.ON: "meets",
    Status.NEAR: "near",
    Status.OFF: "misses",
    Status.WARNING: "near",
    Status.CRITICAL: "misses",
    Status.NONE: "",
}
"""The colour of a status: of its icon, and of a track."""
TRACK_FROM, TRACK_TO = 0.60, 1.15


@dataclass(frozen=True)
class KeyFigure:
    """One tile. `track` is (fill, tick), 0 to 1; `was` reads "from $381.7k"; unknown is "–"."""

    key: str
    label: str
    value: str
    change: formats.Change | None = None
    was: str = ""
    spark_now: tuple[float, ...] = ()
    spark_before: tuple[float, ...] = ()
    target_text: str = ""
    status: Status = Status.NONE
    track: tuple[float, float] | None = None
    selected: bool = False


@dataclass(frozen=True)
class HeroFigure:
    """`note` is what the figure is never shown without: whose claim it is, how much it covers;
    `made` leads to its receipt."""

    label: str
    value: str
    change: formats.Change | None = None
    was: str = ""
    note: str = ""
    made: str = ""


@dataclass(frozen=True)
class Level:
    """One level of the drill path; `remove` is the address without it, "" where it must stay."""

    label: str
    value: str = ""
    href: str = ""
    remove: str = ""
    here: bool = False


def track_of(value: float, target: float) -> tuple[float, float]:
    """Where the bar ends and the tick stands on a track from 60 % to 115 % of the target."""
    reach = TRACK_TO - TRACK_FROM
    fill = (value / target - TRACK_FROM) / reach if target else 0.0
    return min(1.0, max(0.0, fill)), (1.0 - TRACK_FROM) / reach


def key_figure(figure: KeyFigure) -> html.Button:
    """A toggle button with the id {"type": "kpi", "key": key}; pressed means: in the main chart."""
    unknown = figure.value == formats.UNKNOWN
    parts = [
        html.Span(figure.label, className="label"),
        html.Span(figure.value, className="value none" if unknown else "value"),
        html.Span(_moved(figure), className="from"),
        sparkline(figure.spark_now, figure.spark_before),
        *_target(figure),
    ]
    return html.Button(
        [part for part in parts if part is not None],
        id={"type": "kpi", "key": figure.key},
        className="kpi",
        type="button",
        **{
            "aria-pressed": "true" if figure.selected else "false",
            "aria-label": _spoken(figure),
        },
    )


def _spoken(figure: KeyFigure) -> str:
    change = figure.change
    better = t(change.words) if change and change.words else ""
    moved = f", {change.text} {better}".rstrip() if change and change.ratio else ""
    target = f". {figure.target_text}" if figure.target_text else ""
    return f"{figure.label} {figure.value}{moved}{target}. {t('Show in chart')}"


def _moved(figure: KeyFigure) -> list[Content]:
    mark = [delta(figure.change)] if figure.change is not None else []
    return [*mark, html.Span(figure.was)] if figure.was else mark


def _target(figure: KeyFigure) -> list[Content]:
    parts: list[Content] = []
    if figure.track is not None:
        fill, tick = figure.track
        bar = html.I(style={"width": f"{fill:.1%}"})
        mark = html.U(style={"left": f"{tick:.1%}"})
        parts.append(html.Span([bar, mark], className=f"track {TONES[figure.status]}".strip()))
    if figure.target_text:
        parts.append(html.Span(standing(figure.target_text, figure.status), className="target"))
    return parts


def standing(text: str, status: Status, **attributes: Any) -> html.Span:
    """A status: the icon has the colour, the words say it."""
    classes = f"status {TONES[status]}".strip()
    return html.Span([icon(SIGNS[status], 12), text], className=classes, **attributes)


def key_figures(figures: Sequence[KeyFigure]) -> html.Section:
    tiles = [key_figure(figure) for figure in figures]
    return html.Section(tiles, className="kpis", **{"aria-label": t("Key figures")})


def lead(parts: Iterable[tuple[str, bool]]) -> html.P:
    """The sentence that comes first; the strong parts are its figures."""
    return html.P([html.B(t) if strong else t for t, strong in parts], className="lead")


def hero(figures: Sequence[HeroFigure]) -> html.Dl:
    """The figures of the place one has drilled to; the first is the largest."""
    return html.Dl([_hero(figure) for figure in figures], className="hero")


def _hero(figure: HeroFigure) -> html.Div:
    mark = [delta(figure.change), " "] if figure.change is not None else []
    note = [html.Dd(figure.note, className="from")] if figure.note else []
    return html.Div(
        [
            html.Dt(figure.label),
            html.Dd(made(figure.value, figure.made), className="value"),
            html.Dd([*mark, figure.was], className="from"),
            *note,
        ]
    )


def breadcrumb(levels: Sequence[Level], more: Content = None) -> html.Nav:
    """The drill path, each level with its value; `more` is the control that adds a level."""
    parts: list[Content] = []
    for level in levels:
        parts += [icon("chevron-right", 14)] if parts else []
        parts.append(_level(level))
    parts += [more] if more is not None else []
    return html.Nav(parts, className="crumbs", **{"aria-label": t("Drill path")})


def _level(level: Level) -> html.Span:
    value = [html.Small(level.value)] if level.value else []
    words: list[Any] = [level.label, *value]
    if level.here or not level.href:
        main: Content = html.Span(words, **{"aria-current": "page"})
    else:
        main = dcc.Link(words, href=level.href)
    off = []
    if level.remove:
        off = [
            dcc.Link(
                icon("x", 12), href=level.remove, className="off", title=t("Remove this level")
            )
        ]
    return html.Span([main, *off], className="crumb here" if level.here else "crumb")
