"""One drawing under way: matplotlib with our fonts, colours and sizes in CSS pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.words import t
from dashboard.charts import Chart, Series
from dashboard.figures.theme import palette
from reports.axes import Scale
from reports.inks import Ink, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONTS = Path(__file__).resolve().parents[1] / "fonts"
INCH = 96.0
LEFT, BELOW = ("axes fraction", "data"), ("data", "axes fraction")
LETTER = 5.6
"""Width of a letter of the labels, about."""


@dataclass(frozen=True)
class Box:
    """A rectangle of the sheet, in pixels from its upper left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Pen:
    """One drawing under way. Sizes are CSS pixels; matplotlib counts points, 72 to the inch."""

    figure: Figure
    axes: Axes
    ink: Ink
    sheet: Sheet
    box: Box

    def within(self, left: float, right: float, top: float, bottom: float) -> None:
        """Leave so much of the box free around the axes."""
        box, sheet = self.box, self.sheet
        height = box.height - top - bottom
        self.axes.set_position(
            (
                (box.left + left) / sheet.width,
                1 - (box.top + top + height) / sheet.height,
                (box.width - left - right) / sheet.width,
                height / sheet.height,
            )
        )

    def bare(self) -> None:
        """Without ticks of either axis."""
        self.axes.set_xticks([])
        self.axes.set_yticks([])

    def colour(self, series: Series, number: int) -> str:
        """Parts take the series colours in order, the comparison its grey."""
        if series.role == "part":
            return palette(self.sheet.theme)[f"c{number % 8 + 1}"]
        inks = {"previous": self.ink.previous, "past": self.ink.text}
        return inks.get(series.role, self.ink.now)

    def font(self, size: float = 10, strong: bool = False) -> Any:
        from matplotlib.font_manager import FontProperties

        name = "inter-latin-600.ttf" if strong else "inter-latin-400.ttf"
        return FontProperties(fname=FONTS / name, size=size * 72 / INCH)

    def points(self, pixels: float) -> float:
        return pixels * 72 / INCH

    def write(self, x: float, y: float, text: str, **style: Any) -> None:
        strong = bool(style.pop("strong", False))
        style.setdefault("color", self.ink.text if strong else self.ink.label)
        # A dollar sign would start a formula.
        self.axes.text(x, y, text, fontproperties=self.font(10, strong), parse_math=False, **style)

    def note(
        self, text: str, at: tuple[float, float], off: tuple[float, float], **style: Any
    ) -> None:
        """A text so many pixels right of and above a place; `within` says what the place counts
        in, as matplotlib's xycoords do: the data's own where it is left out.
        """
        font = self.font(style.pop("size", 10), style.pop("strong", False))
        self.axes.annotate(
            text,
            at,
            xycoords=style.pop("within", "data"),
            xytext=(self.points(off[0]), self.points(off[1])),
            textcoords="offset points",
            color=style.pop("color", self.ink.label),
            fontproperties=font,
            # A dollar sign would start a formula.
            parse_math=False,
            **style,
        )

    def say(self, left: float, top: float, text: str, size: float = 12, **style: Any) -> None:
        """A line of text at a place of the sheet, in pixels from its upper left corner."""
        strong = bool(style.get("strong"))
        self.figure.text(
            left / self.sheet.width,
            1 - top / self.sheet.height,
            text,
            fontproperties=self.font(size, strong),
            color=self.ink.text if strong else self.ink.label,
            parse_math=False,
        )

    def inside(self, box: Box) -> Pen:
        """A pen for a part of the sheet, with axes of its own."""
        axes = self.figure.add_axes((0, 0, 1, 1), facecolor="none")
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, labelcolor=self.ink.label)
        return replace(self, axes=axes, box=box)

    def value_axis(self, scale: Scale) -> None:
        self.axes.set_ylim(scale.low, scale.high)
        self.axes.set_yticks(list(scale.ticks))
        for tick, text in zip(scale.ticks, scale.labels, strict=True):
            colour = self.ink.rule if tick == 0 else self.ink.grid
            self.axes.axhline(tick, color=colour, linewidth=self.points(0.8), zorder=0)
            self.note(text, (0, tick), (-6, 0), within=LEFT, ha="right", va="center")
        self.axes.set_yticklabels([])

    def names(self, places: list[float], names: list[str]) -> None:
        self.axes.set_xticks([])
        for place, name in zip(places, names, strict=True):
            self.note(name, (place, 0), (0, -8), within=BELOW, ha="center", va="top")

    def beside(self, places: Sequence[float], names: Sequence[str]) -> None:
        """Names left of the axes, one a lane."""
        self.bare()
        look = {"within": LEFT, "ha": "right", "va": "center", "color": self.ink.text}
        for place, name in zip(places, names, strict=True):
            self.note(name, (0, place), (-8, 0), **look)


def room(texts: Sequence[str], least: float = 24.0, most: float = 220.0) -> float:
    """Pixels that the longest of these labels needs."""
    return min(most, max(least, max((len(text) for text in texts), default=0) * LETTER + 14))


def short(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def names_of(chart: Chart) -> list[str]:
    return [t("Other") if value is None else str(value) for value in chart.x.tolist()]
