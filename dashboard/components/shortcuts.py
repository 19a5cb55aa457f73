"""The list of keyboard shortcuts, in groups, and the switch that turns single keys off."""

from __future__ import annotations

from collections.abc import Iterable

from agent.words import mark, t
from dashboard.components import html
from dashboard.components.marks import Content, icon
from dashboard.panels import Page

# Group -> rows of keys and what they do. Keys of one row are pressed one after the other; a comma
# stands between keys that do alike.
GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        mark("On the page"),
        (
            ("D", mark("Date range")),
            ("F", mark("First filter")),
            ("C", mark("Comparison on or off")),
            ("1 – 6", mark("Key figure in the chart")),
            ("T", mark("Charts as tables")),
            ("Z", mark("Undo the last change")),
        ),
    ),
    (
        mark("In lists and tables"),
        (
            ("/", mark("Search in the list")),
            ("↑ ↓", mark("Rows")),
            (mark("Enter"), mark("Open a row")),
            (mark("Backspace"), mark("Up a level")),
            (mark("Esc"), mark("Close, or clear the selection")),
            ("A", mark("Acknowledge the alert")),
            ("S", mark("Snooze the alert")),
        ),
    ),
    (
        mark("Everywhere"),
        (
            ("Ctrl K", mark("Jump to")),
            ("Shift L", mark("Light or dark")),
            ("?", mark("This list")),
        ),
    ),
)
MOUSE = mark("Drag over a chart to choose its days.")
OFF = mark("Single keys are off while you type in a field.")


def shortcuts(pages: Iterable[Page]) -> html.Dialog:
    """A dialog that ? opens; assets/keys.js keeps what its switch says."""
    going = [(f"G {page.key.upper()}", page.title) for page in pages if page.key]
    groups = [_group(t("Go to"), going), *(_group(t(name), rows) for name, rows in GROUPS)]
    title = html.Div(
        [
            html.H2(t("Keyboard shortcuts"), id="shortcuts-title"),
            html.Button(
                icon("x"),
                className="btn btn-ico",
                type="button",
                **{"data-act": "keys", "aria-label": t("Close")},
            ),
        ],
        className="title",
    )
    content = [
        title,
        html.Div(groups, className="key-groups"),
        html.P(t(MOUSE), className="foot"),
        _switch(),
    ]
    labelled = {"aria-labelledby": "shortcuts-title"}
    return html.Dialog(content, id="shortcuts", className="pop sheet-dialog", **labelled)


def _group(name: str, rows: Iterable[tuple[str, str]]) -> html.Section:
    lines: list[Content] = []
    for keys, what in rows:
        lines += [html.Dt([*_keys(keys)]), html.Dd(t(what))]
    return html.Section([html.H3(name), html.Dl(lines)])


def _keys(keys: str) -> list[Content]:
    """Each key as a cap; Ctrl becomes ⌘ where that is the key."""
    if keys.startswith("Ctrl "):
        return [html.Kbd(keys, **{"data-mod": keys.removeprefix("Ctrl ")})]
    said = (t(key) if len(key) > 1 else key for key in keys.split(" "))
    return [key if key == "–" else html.Kbd(key) for key in said]


def _switch() -> html.Div:
    toggle = html.Button(
        html.I(),
        className="switch",
        type="button",
        role="switch",
        **{"data-act": "singles", "aria-checked": "true", "aria-labelledby": "singles-label"},
    )
    words = [html.B(t("Single keys"), id="singles-label"), html.Span(t(OFF))]
    return html.Div([toggle, html.Div(words)], className="setting")
