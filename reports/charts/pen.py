"""One drawing under way: matplotlib with our fonts, colours and sizes in CSS pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
        return self.ink.previous if series.role == "previous" else self.ink.now

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

    def value_axis(self, scale: Scale) -> None:
        self.axes.set_ylim(scale.low, scale.high)
        self.axes.set_yticks(list(scale.ticks))
        for tick, text in zip(scale.ticks, scale.labels, strict=True):
            colour = self.ink.rule if tick == 0 else self.ink.grid
            self.axes.axhline(tick, color=colour, linewidth=self.points(0.8), zorder=0)
            self.axes.annotate(
                text,
                (0, tick),
                xycoords=("axes fraction", "data"),
                xytext=(-self.points(6), 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=self.ink.label,
                fontproperties=self.font(),
                parse_math=False,
            )
        self.axes.set_yticklabels([])

    def names(self, places: list[float], names: list[str]) -> None:
        self.axes.set_xticks([])
        for place, name in zip(places, names, strict=True):
            self.axes.annotate(
                name,
                (place, 0),
                xycoords=("data", "axes fraction"),
                xytext=(0, -self.points(8)),
                textcoords="offset points",
                ha="center",
                va="top",
                color=self.ink.label,
                fontproperties=self.font(),
                parse_math=False,
            )

    def beside(self, places: Sequence[float], names: Sequence[str]) -> None:
        """Names left of the axes, one a lane."""
        self.bare()
        for place, name in zip(places, names, strict=True):
            self.axes.annotate(
                name,
                (0, place),
                xycoords=("axes fraction", "data"),
                xytext=(-self.points(8), 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=self.ink.text,
                fontproperties=self.font(),
                parse_math=False,
            )


def room(texts: Sequence[str], least: float = 24.0, most: float = 220.0) -> float:
    """Pixels that the longest of these labels needs."""
    return min(most, max(least, max((len(text) for text in texts), default=0) * LETTER + 14))


def short(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip()}…"


def names_of(chart: Chart) -> list[str]:
    return [t("Other") if value is None else str(value) for value in chart.x.tolist()]
