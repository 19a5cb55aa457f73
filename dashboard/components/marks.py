"""The smallest marks: icons, changes, sparklines, chips, the live badge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from agent.metrics import formats
from agent.words import t
from dashboard.components import html
from dashboard.icons import ICONS, SIZES

Content = Any
ARROWS = {"↑": "arrow-up", "↓": "arrow-down"}
# Its figures are digits, so that the rest is quoted once.
LINE = quote(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
    "preserveAspectRatio='none'><path d='M{points}' fill='none' stroke='#000' "
    "stroke-width='{stroke}' "
    "stroke-linejoin='round' vector-effect='non-scaling-stroke'{dash}/></svg>",
    safe=" =:/'{}",
)


AREA = quote(
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' "
    "preserveAspectRatio='none'><path d='M{points}Z' fill='#000'/></svg>",
    safe=" =:/'{}",
)


def icon(name: str, size: int = 16) -> html.Span:
    """An icon in the colour of its text, unheard by a screen reader. Raises KeyError."""
    if name not in ICONS:
        raise KeyError(f"There is no icon called {name!r}: see assets/vendor/README.md.")
    named = size in SIZES
    classes = f"ico i-{name}" + (f" ico-{size}" if named and size != 16 else "")
    style = None if named else {"--size": f"{size}px"}
    return html.Span(className=classes, style=style, **{"aria-hidden": "true"})


def unbroken(text: Content) -> Content:
    """A text whose signs stay at their amounts: between − and £ a browser would begin a line."""
    return SIGNED.sub("\\g<0>\u2060", text) if isinstance(text, str) else text


SIGNED = re.compile(r"[+−](?=[^\s\d\w.,])")


def made(text: Content, href: str) -> Content:
    """A number, as the way to its receipt where it has one."""
    if not href:
        return text
    return html.A(text, href=href, className="made", title=t("How is this number made?"))


def delta(change: formats.Change) -> html.Span:
    """A change: the arrow says up or down, the colour and a hidden word say better or worse."""
    return said_delta(change.text, change.arrow, change.tone, change.words)


def said_delta(text: str, arrow: str, tone: str, words: str = "") -> html.Span:
    stands = ["– "] if text != formats.UNKNOWN else []
    mark = [icon(ARROWS[arrow], 12)] if arrow in ARROWS else stands
    hidden = [html.Span(f" ({t(words)})", className="unseen")] if words else []
    return html.Span([*mark, text, *hidden], className=f"delta {tone}".strip())


def sparkline(
    now: Sequence[float], before: Sequence[float] = (), width: int = 160, height: int = 34
) -> html.Span | None:
    """A line with its end dot, the former period dashed, both on one scale. None without figures.

    The line is a mask over a colour variable: no script, and a change of theme costs nothing.
    """
    known = [v for v in (*now, *before) if v == v]
    if not [v for v in now if v == v]:
        return None
    low, high = min(known), max(known)
    box = (width, height, low, (high - low) or 1.0)
    lines = [_line(before, box, "was", 1.0, " stroke-dasharray='2 2.5'")] if _drawn(before) else []
    lines += [_line(now, box, "now", 1.5)] if _drawn(now) else []
    last = next(v for v in reversed(now) if v == v)
    lines.append(html.I(className="end", style={"top": f"{_height(last, box) / height:.1%}"}))
    return html.Span(lines, className="spark", **{"aria-hidden": "true"})


Box = tuple[int, int, float, float]


def _drawn(values: Sequence[float]) -> bool:
    return sum(v == v for v in values) > 1


def _height(value: float, box: Box) -> float:
    _, height, low, reach = box
    return height - 3 - (value - low) / reach * (height - 6)


def _line(values: Sequence[float], box: Box, kind: str, stroke: float, dash: str = "") -> html.I:
    step = box[0] / max(len(values) - 1, 1)
    points, pen = [], ""
    for place, value in enumerate(values):
        if value == value:
            points.append(f"{pen}{place * step:.1f} {_height(value, box):.1f}")
        pen = ("L" if value == value else "M") if points else ""
    svg = LINE.format(width=box[0], height=box[1], points="".join(points), stroke=stroke, dash=dash)
    return html.I(className=kind, style={"--line": f'url("data:image/svg+xml,{svg}")'})


def ranged(
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    at: int | None,
    size: tuple[int, int] = (132, 40),
) -> html.Span | None:
    """A line within the range that is usual, with a ring around the place `at`. None where nothing
    is known of it."""
    known = [v for v in (*values, *low, *high) if v == v]
    if not [v for v in values if v == v]:
        return None
    least, most = min(known), max(known)
    box = (*size, least, (most - least) or 1.0)
    lines = [_area(low, high, box)] if _drawn(low) and _drawn(high) else []
    lines += [_line(values, box, "now", 1.4)] if _drawn(values) else []
    if at is not None and values[at] == values[at]:
        left = at / max(len(values) - 1, 1)
        top = _height(values[at], box) / size[1]
        lines.append(html.B(className="ring", style={"left": f"{left:.1%}", "top": f"{top:.1%}"}))
    return html.Span(lines, className="spark ranged", **{"aria-hidden": "true"})


def _area(low: Sequence[float], high: Sequence[float], box: Box) -> html.I:
    """What lies between two lines, where both are known."""
    step = box[0] / max(len(low) - 1, 1)
    there = [n for n, (a, b) in enumerate(zip(low, high, strict=True)) if a == a and b == b]
    over = [f"{n * step:.1f} {_height(high[n], box):.1f}" for n in there]
    under = [f"{n * step:.1f} {_height(low[n], box):.1f}" for n in reversed(there)]
    svg = AREA.format(width=box[0], height=box[1], points="L".join((*over, *under)))
    return html.I(className="range", style={"--line": f'url("data:image/svg+xml,{svg}")'})


def chip(
    label: str, value: str = "All", on: bool = False, sign: str = "chevron-down", **attributes: Any
) -> Content:
    """A filter: "Country All". With `href` a link, with `id` a button, else a menu's words.

    An active one is tinted. The sign x takes the filter away; plus adds one, and stands first.
    """
    adds = sign == "plus"
    classes = "chip on" if on else "chip add" if adds else "chip"
    words: list[Content] = [label, *([html.B(value)] if value and not adds else [])]
    content = [icon(sign, 12), *words] if adds else [*words, icon(sign, 12)]
    if "href" in attributes:
        return html.A(content, className=classes, **attributes)
    if "id" in attributes:
        return html.Button(content, className=classes, type="button", **attributes)
    return html.Span(content, className=classes, **attributes)


def live_badge(*, away: bool = False) -> html.Span:
    """Live · updated 3 s ago; assets/live.js counts, and turns it amber when the answers stop.
    While the warehouse is `away` it is so from the start, and live.js looks more often."""
    if away:
        words = html.Span(t("Not live"), **{"data-live": ""})
        return html.Span([html.I(), words], className="live stale", **{"data-away": ""})
    return html.Span([html.I(), html.Span(t("Live"), **{"data-live": ""})], className="live")


def toast(text: str, kind: str = "", action: Content = None) -> html.Div:
    """A message that floats for eight seconds; `kind` is good, bad or nothing."""
    signs = {"good": "circle-check", "bad": "circle-alert"}
    mark = [icon(signs[kind])] if kind in signs else []
    return html.Div(
        [*mark, html.Span(text), *([action] if action is not None else [])],
        className=f"toast-r {kind}".strip(),
        role="alert" if kind == "bad" else "status",
    )
