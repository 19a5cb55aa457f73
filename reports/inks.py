"""The colours of printed charts, the same as the screen's, and the sheet they are drawn on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ink:
    surface: str
    text: str
    label: str
    rule: str
    grid: str
    now: str
    previous: str
    good: str
    bad: str
    mark: str


# fmt: off
INKS = {
    "light": Ink("#FFFFFF", "#14171F", "#656D7E", "#D2D7E0", "#E6E9EE",
                 "#2A46D8", "#8B93A3", "#0B7A5E", "#C0341D", "#A21A72"),
    "dark": Ink("#12151C", "#EDEFF4", "#8F97A7", "#363D4B", "#242934",
                "#8B9DFF", "#737C8E", "#43C79E", "#FF8A70", "#F08CCB"),
}
# fmt: on


@dataclass(frozen=True)
class Sheet:
    """Where a chart is drawn: width and height in CSS pixels, `dots` of a PNG for each of them."""

    width: int = 688
    height: int = 216
    dots: float = 2.0
    theme: str = "light"
