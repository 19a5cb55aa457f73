"""The colours of both themes keep their distance: 4.5:1 for text, 3:1 for marks and outlines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.figures.theme import DARK, LIGHT, PALETTES

ASSETS = Path(__file__).resolve().parents[2] / "assets"
THEMES = ("light", "dark")
PAGE = ("surface", "canvas", "sunken", "raised", "hover")

TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in PAGE),
    *((tone, "surface") for tone in ("accent", "pos", "neg", "warn", "anomaly")),
    *((tone, f"{tone}-soft") for tone in ("accent", "pos", "neg", "warn", "anomaly")),
    ("ink", "accent-soft"),
    ("ink-2", "neutral-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-accent", "accent-press"),
    *(("on-q-low", f"q{n}") for n in range(4)),
    *(("on-q-high", f"q{n}") for n in range(5, 8)),
    ("ink", "q1"),
]
MARKS = [
    *((tone, "surface") for tone in ("accent", "pos", "neg", "anomaly", "target", "ink-4")),
    ("compare", "surface"),
    ("control-line", "surface"),
]


def declared(block: str) -> dict[str, str]:
    return dict(re.findall(r"--ra-([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6});", block))


def tokens() -> dict[str, dict[str, str]]:
    css = re.sub(r"/\*.*?\*/", "", (ASSETS / "tokens.css").read_text(), flags=re.DOTALL)
    blocks = re.findall(r'\[data-bs-theme="(light|dark)"\]\s*\{([^}]*color-scheme[^}]*)\}', css)
    return {name: declared(block) for name, block in blocks}


def luminance(colour: str) -> float:
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_is_read_on_its_ground(theme: str, ink: str, ground: str) -> None:
    colours = tokens()[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_are_seen_on_their_ground(theme: str, mark: str, ground: str) -> None:
    colours = tokens()[theme]
    assert contrast(colours[mark], colours[ground]) >= 3.0


def test_both_themes_name_the_same_tokens() -> None:
    light, dark = (set(tokens()[theme]) for theme in THEMES)
    assert light == dark
    assert len(light) > 50


@pytest.mark.parametrize("theme", THEMES)
def test_figures_use_the_tokens(theme: str) -> None:
    colours = tokens()[theme]
    assert {name: colours[name] for name in PALETTES[theme]} == dict(PALETTES[theme])


def test_a_colour_leads_to_one_other_when_the_theme_turns() -> None:
    """looks.js finds a token by its colour; `raised` is told apart by where it stands."""
    for old, new in ((LIGHT, DARK), (DARK, LIGHT)):
        leads: dict[str, set[str]] = {}
        for name in old.keys() - {"raised"}:
            leads.setdefault(old[name], set()).add(new[name])
        assert {colour for colour, found in leads.items() if len(found) > 1} == set()


def test_only_the_tokens_name_colours() -> None:
    for sheet in ASSETS.glob("*.css"):
        if sheet.name != "tokens.css":
            css = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
            raw = re.findall(r"#[0-9A-Fa-f]{3,8}\b(?=[^{}]*;)", css)
            assert set(raw) <= {"#000", "#fff"}, sheet.name


def test_every_variable_is_declared() -> None:
    known = set(re.findall(r"(--ra-[a-z0-9-]+):", (ASSETS / "tokens.css").read_text()))
    for sheet in ASSETS.glob("*.css"):
        used = set(re.findall(r"var\((--ra-[a-z0-9-]+)", sheet.read_text()))
        assert used <= known, sheet.name
