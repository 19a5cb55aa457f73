"""The figure templates and trace colours: assets/tokens.css in Python, held equal by a test."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

Theme = Literal["light", "dark"]

FONT = '"Inter Variable", Inter, system-ui, -apple-system, "Segoe UI", sans-serif'


def _row(letter: str, first: int, colours: str) -> dict[str, str]:
    return {f"{letter}{first + n}": colour for n, colour in enumerate(colours.split())}


LIGHT: Mapping[str, str] = {
    "surface": "#FFFFFF",
    "raised": "#FFFFFF",
    "rule": "#E6E9EE",
    "rule-2": "#D2D7E0",
    "ink": "#14171F",
    "ink-2": "#4A5161",
    "ink-3": "#656D7E",
    "accent": "#2A46D8",
    "pos": "#0B7A5E",
    "neg": "#C0341D",
    "neutral-soft": "#EEF0F4",
    "compare": "#8B93A3",
    "target": "#4A5161",
    "anomaly": "#A21A72",
    **_row("c", 1, "#2A46D8 #C4862A #0F5B5E #B0559C #2C94EA #6B2408 #6B7512 #2B2058"),
    **_row("q", 0, "#F4F6FE #E2E7FC #C3CDF8 #9AAAF2 #6C82EA #4159DC #2337AE #172474"),
}

DARK: Mapping[str, str] = {
    "surface": "#12151C",
    "raised": "#1C212B",
    "rule": "#242934",
    "rule-2": "#363D4B",
    "ink": "#EDEFF4",
    "ink-2": "#B6BCC9",
    "ink-3": "#8F97A7",
    "accent": "#8B9DFF",
    "pos": "#43C79E",
    "neg": "#FF8A70",
    "neutral-soft": "#232834",
    "compare": "#737C8E",
    "target": "#B6BCC9",
    "anomaly": "#F08CCB",
    **_row("c", 1, "#8B9DFF #FBD08C #5FEDE8 #D8A4B8 #5689A6 #B85438 #9F943B #7459C0"),
    **_row("q", 0, "#181C2B #1F2644 #293465 #37468D #4C5FB8 #6F82DD #9AA9F6 #CBD3FF"),
}

PALETTES: Mapping[str, Mapping[str, str]] = {"light": LIGHT, "dark": DARK}


def palette(theme: str) -> Mapping[str, str]:
    """The colours of a theme by token; anything but dark is light."""
    return PALETTES.get(theme, LIGHT)


def scale(theme: str) -> list[list[Any]]:
    """The sequential scale: more is further from the page."""
    colours = palette(theme)
    return [[n / 7, colours[f"q{n}"]] for n in range(8)]


@lru_cache(maxsize=2)
def template(theme: str) -> Mapping[str, Any]:
    """royal_light or royal_dark as a plain dict; shared between figures, never to be changed."""
    colour = palette(theme)
    return {
        "layout": {
            "font": {"family": FONT, "size": 12, "color": colour["ink-2"]},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [colour[f"c{n}"] for n in range(1, 9)],
            "margin": {"l": 48, "r": 16, "t": 14, "b": 30, "pad": 0},
            "xaxis": _axis(colour) | _across(colour),
            "yaxis": _axis(colour) | {"showgrid": True, "ticks": "", "zeroline": False},
            "showlegend": False,
            "hovermode": "x unified",
            "hoverdistance": 40,
            "spikedistance": -1,
            "dragmode": False,
            "hoverlabel": {
                "bgcolor": colour["raised"],
                "bordercolor": colour["rule-2"],
                "font": {"family": FONT, "size": 12, "color": colour["ink"]},
                "align": "left",
                "namelength": -1,
            },
            "bargap": 0.38,
            "bargroupgap": 0.08,
            "barcornerradius": 2,
            "annotationdefaults": _annotations(colour),
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colour["ink-3"]},
        },
        "data": {
            "scatter": [{"type": "scatter", "cliponaxis": False, "line": {"width": 2}}],
            "bar": [{"type": "bar", "cliponaxis": False, "marker": {"line": {"width": 0}}}],
        },
    }


def _axis(colour: Mapping[str, str]) -> dict[str, Any]:
    return {
        "automargin": False,
        "fixedrange": True,
        "zeroline": False,
        "gridcolor": colour["rule"],
        "linecolor": colour["rule-2"],
        "tickcolor": colour["rule-2"],
        "zerolinecolor": colour["rule-2"],
        "tickfont": {"size": 12, "color": colour["ink-3"]},
        "title": {"font": {"size": 12, "color": colour["ink-3"]}, "standoff": 8},
    }


def _across(colour: Mapping[str, str]) -> dict[str, Any]:
    """The axis along the bottom: a line with short ticks, and the hairline guide of the hover."""
    return {
        "showgrid": False,
        "showline": True,
        "ticks": "outside",
        "ticklen": 4,
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "hovered data",
        "spikethickness": 1,
        "spikedash": "solid",
        "spikecolor": colour["rule-2"],
    }


def _annotations(colour: Mapping[str, str]) -> dict[str, Any]:
    return {
        "showarrow": False,
        "font": {"size": 12, "color": colour["ink-2"]},
        "xanchor": "left",
        "yanchor": "middle",
        "align": "left",
    }
