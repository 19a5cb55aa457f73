"""The ways around: navigation of wide screens, tab bar of phones and the sheet behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from agent import words
from agent.words import t
from dashboard.components import html
from dashboard.components.marks import Content, icon
from dashboard.panels import Page

TABS = 5
WAITING = "/alerts"
"""The page behind whose name it says how much waits."""


Counts = Mapping[str, int]


def side(pages: Iterable[Page], name: str, initials: str, role: str, counts: Counts) -> html.Nav:
    """The page names under their groups, what concerns the whole app, who is signed in; `counts` by
    path are what waits behind a page."""
    return html.Nav(
        [
            html.A([html.Span(className="logo"), html.Span("Royal Analytics")], **_home("brand")),
            _finder(),
            *_grouped(pages, counts),
            html.Div(className="space"),
            _act("theme", "sun-moon", t("Theme"), t("Light or dark (Shift L)")),
            _languages(),
            _act("keys", "keyboard", t("Shortcuts"), t("Keyboard shortcuts (?)")),
            html.Form(
                html.Button(
                    [icon("log-out"), html.Span(t("Sign out"))],
                    type="submit",
                    className="nav-item",
                    title=t("Sign out"),
                ),
                id="leave",
                action="/signout",
                method="POST",
            ),
            html.Div(
                [html.Span(initials, className="avatar"), html.Span(name, title=role)],
                className="me",
            ),
        ],
        className="side",
        **{"aria-label": t("Main")},
    )


def top_bar(shop_name: str) -> html.Header:
    """What phones have over the page: whose figures, the search, the address to share."""
    acts = [_small("palette", "search", t("Jump to")), _small("share", "share", t("Share"))]
    return html.Header(
        [
            html.Span(className="logo"),
            html.Span(shop_name, id="top-name"),
            html.Div(acts, className="end"),
        ],
        className="top-bar",
    )


def tab_bar(pages: Iterable[Page], counts: Counts) -> html.Nav:
    """The tabs of a phone, five at most; the last one opens the sheet with all the rest."""
    tabs = [page for page in pages if page.tab][: TABS - 1]
    links = [_link(page, "", counts) for page in tabs]
    more = html.Button(
        [icon("ellipsis"), t("More")],
        type="button",
        **{"data-act": "more", "aria-haspopup": "dialog"},
    )
    return html.Nav([*links, more], className="tab-bar", **{"aria-label": t("Main")})


def more_sheet(pages: Iterable[Page], name: str) -> html.Dialog:
    """The pages that have no tab, the looks, the language, the way out."""
    pages = list(pages)
    tabs = [page for page in pages if page.tab][: TABS - 1]
    rest = [_link(page, "sheet-row") for page in pages if page not in tabs]
    spoken = [
        _row(
            "check" if one == words.locale() else "globe",
            words.language_name(one),
            act="language",
            language=one,
        )
        for one in words.languages()
    ]
    rows = [
        html.Div(html.Span(name), className="group"),
        *rest,
        html.Hr(),
        _row("sun-moon", t("Light or dark"), act="theme"),
        *spoken,
        _row("keyboard", t("Keyboard shortcuts"), act="keys"),
        html.Hr(),
        html.Button(
            [icon("log-out"), t("Sign out")], type="submit", form="leave", className="sheet-row"
        ),
    ]
    attributes = {"aria-label": t("More")}
    return html.Dialog(rows, id="more", className="pop bottom-sheet menu", **attributes)


def _grouped(pages: Iterable[Page], counts: Counts) -> list[Content]:
    content: list[Content] = []
    for group, members in groupby(pages, lambda page: page.group):
        content += [html.Div(t(group), className="nav-group")] if group else []
        content += [_link(page, "nav-item", counts) for page in members]
    return content


def _link(page: Page, classes: str, counts: Counts | None = None) -> html.A:
    title = t(page.title)
    named = {"title": title} if classes == "nav-item" else {}
    return html.A(
        [icon(page.icon), html.Span(title), *_count(page, counts or {})],
        href=page.path,
        className=classes or None,
        **named,
        **{"data-page": page.path, "data-key": page.key},
    )


def _count(page: Page, counts: Counts) -> list[Content]:
    """How many wait behind the page: assets/live.js keeps it, and hides it where there are none."""
    if page.path != WAITING:
        return []
    count = counts.get(page.path, 0)
    return [html.B(f"{count:,}" if count else "", className="count", **{"data-open": ""})]


def _home(classes: str) -> dict[str, str]:
    return {"href": "/", "className": classes, "aria-label": "Royal Analytics"}


def _finder() -> html.Button:
    return html.Button(
        [icon("search"), html.Span(t("Jump to")), html.Kbd("Ctrl K", **{"data-mod": "K"})],
        className="side-find",
        type="button",
        title=t("Jump to"),
        **{"data-act": "palette", "aria-label": t("Jump to"), "aria-keyshortcuts": "Control+K"},
    )


def _languages() -> html.Label:
    """Every language by its own name; assets/words.js sends the choice."""
    options = [
        html.Option(words.language_name(one), value=one, selected=one == words.locale() or None)
        for one in words.languages()
    ]
    choice = html.Select(options, **{"data-language": "", "aria-label": t("Language")})
    return html.Label([icon("globe"), choice], className="nav-item tongue", title=t("Language"))


def _act(name: str, sign: str, label: str, title: str) -> html.Button:
    return html.Button(
        [icon(sign), html.Span(label)],
        className="nav-item",
        type="button",
        title=title,
        **{"data-act": name},
    )


def _small(name: str, sign: str, label: str) -> html.Button:
    return html.Button(
        icon(sign),
        className="btn btn-ico",
        type="button",
        **{"data-act": name, "aria-label": label},
    )


def _row(sign: str, label: str, **data: str) -> html.Button:
    data = {f"data-{name}": value for name, value in data.items()}
    return html.Button([icon(sign), label], type="button", className="sheet-row", **data)
