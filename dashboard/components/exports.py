"""The quiet buttons of a panel: its figures as a table, and the files that it can be kept as.

assets/files.js fetches them: a panel's address is the page's own, under /download.
"""

from __future__ import annotations

from agent.words import mark, t
from dashboard.components import html
from dashboard.components.marks import Content, icon

FILES = (
    ("png", "image", mark("Picture (PNG)")),
    ("csv", "table-2", mark("All rows (CSV)")),
    ("xlsx", "file-spreadsheet", mark("All rows (XLSX)")),
)


def actions(further: Content = None, toggle: bool = True) -> list[Content]:
    """Table toggle and menu of a section with a `data-panel`; `further` are more rows of the menu.
    What is a table already has no toggle.
    """
    words = [icon("info"), html.Span(t("How is this number made?"))]
    receipt = html.Button(words, type="button", **{"data-act": "made"})
    more = [*([further] if further is not None else []), receipt]
    return [*([_toggle()] if toggle else []), files(*more)]


def files(*more: Content) -> html.Details:
    """The menu of a section's files, and further rows under them."""
    rows = [
        html.Button([icon(sign), html.Span(t(words))], type="button", **{"data-file": form})
        for form, sign, words in FILES
    ]
    dots = html.Summary(
        icon("ellipsis", 14),
        className="btn btn-sm btn-ico",
        title=t("More"),
        **{"aria-label": t("More")},
    )
    content = html.Div([*rows, *more], className="pop menu")
    return html.Details([dots, content], className="menu-holder right")


def _toggle() -> html.Button:
    return html.Button(
        icon("table-2", 14),
        className="btn btn-sm btn-ico",
        type="button",
        title=t("Show as table (T)"),
        **{"aria-label": t("Show as table"), "aria-pressed": "false", "data-act": "table"},
    )


def link(sign: str, words: str, href: str) -> html.A:
    """A row of a menu that fetches a file."""
    content = [icon(sign), html.Span(words)]
    return html.A(content, href=href, download="", **{"data-file": "page"})
