"""Jump to: every page, metric, dimension, view and act by name; values are looked up as they are
typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from flask import Blueprint, Response, request

from agent import words
from agent.metrics import formats
from agent.metrics.dimensions import ATTRIBUTES
from agent.metrics.frames import NONE, Frame
from agent.metrics.periods import PRESETS
from agent.metrics.questions import MAX_TOP, Ask, Scope
from agent.services import Services
from agent.words import mark, t
from dashboard import address
from dashboard.pages import PAGES
from dashboard.routes.api import JSON, as_json
from dashboard.routes.people import known

EXPLORE = "/explore"
# What values are looked up in, the widest view of the shop first; and what each is worth.
SOUGHT = {
    "country": "net_sales",
    "region": "net_sales",
    "city": "net_sales",
    "channel": "net_sales",
    "campaign": "marketing_spend",
    "product_type": "net_sales",
    "vendor": "net_sales",
    "product": "net_sales",
}
SIGNS = {"product": "package", "country": "globe", "region": "globe", "city": "globe"}
LISTED = 6
LONGEST = 80


@dataclass(frozen=True)
class Entry:
    """`set` are words to put into the address (`path` empty: of the page one is on), `href` a whole
    address, `act` a deed of the browser's with its `given`; one of the three."""

    id: str
    label: str
    icon: str
    path: str = ""
    set: dict[str, str] = field(default_factory=dict)
    href: str = ""
    act: str = ""
    given: str = ""
    keys: str = ""
    also: str = ""
    worth: str = ""


@dataclass(frozen=True)
class Group:
    name: str
    label: str
    entries: tuple[Entry, ...]


def palette(services: Services) -> Blueprint:
    """GET /palette: every entry; GET /palette?q=TEXT&at=SEARCH: values that read like TEXT, worth
    what they are under the page's own address."""
    rooms = Blueprint("palette", __name__)

    @rooms.get("/palette")
    def entries() -> Response:
        text = request.args.get("q")
        found = everything(services) if text is None else values(services, text, _search())
        body = {"groups": [asdict(group) for group in found if group.entries]}
        return Response(as_json(body), content_type=JSON)

    return rooms


def everything(services: Services) -> list[Group]:
    """What is there by name, in the language spoken."""
    return [
        Group("pages", t("Pages"), tuple(_pages())),
        Group("views", t("Views"), tuple(_views(services))),
        Group("metrics", t("Metrics"), tuple(_metrics(services))),
        Group("dimensions", t("Break down by"), tuple(_dimensions())),
        Group("periods", t("Date range"), tuple(_periods())),
        Group("actions", t("Actions"), tuple(_actions())),
    ]


def values(services: Services, text: str, search: str) -> list[Group]:
    """Values of dimensions that read like a text, each with what it is worth in the period
    shown."""
    wanted = plain(text[:LONGEST])
    if not wanted or not services.warehouse.shops():
        return []
    scope = address.read(services, EXPLORE, search).scope.alone()
    scope = Scope(scope.shops, scope.start, scope.end, "none")
    found = [
        Group(name, t(ATTRIBUTES[name].label), tuple(_matching(services, scope, name, wanted)))
        for name in SOUGHT
        if name in ATTRIBUTES
    ]
    return [group for group in found if group.entries]


def plain(text: str) -> str:
    """Small letters without accents: what a person types for what stands there."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in taken_apart if not unicodedata.combining(sign)).strip()


def _search() -> str:
    return request.args.get("at", "")


def _pages() -> Iterator[Entry]:
    for page in PAGES.values():
        keys = f"G {page.key.upper()}" if page.key else ""
        title = t(page.title)
        yield Entry(f"page:{page.name}", title, page.icon, page.path, keys=keys, also=page.title)


def _views(services: Services) -> Iterator[Entry]:
    person = known()
    for view in services.records.views.all_for(person.user_id if person else ""):
        yield Entry(f"view:{view.view_id}", view.name, "eye", href=view.address)


def _metrics(services: Services) -> Iterator[Entry]:
    for metric in services.catalogue().values():
        yield Entry(
            f"metric:{metric.name}",
            metric.label if metric.own else t(metric.label),
            "chart-line",
            EXPLORE,
            {"metrics": metric.name},
            also=metric.label,
        )


def _dimensions() -> Iterator[Entry]:
    for row in ATTRIBUTES.values():
        if row.name != "shop":
            label = t("By {dimension}", dimension=words.inner(t(row.label)))
            yield Entry(f"by:{row.name}", label, "columns-3", EXPLORE, {"by": row.name})


def _periods() -> Iterator[Entry]:
    for name, preset in PRESETS.items():
        chosen = {"period": name, "from": "", "to": "", "grain": ""}
        yield Entry(f"period:{name}", t(preset.label), "calendar", set=chosen, also=preset.label)


ACTIONS = (
    ("theme", "sun-moon", mark("Light or dark"), "Shift L"),
    ("share", "share", mark("Share: copy the address, days fixed"), ""),
    ("export", "download", mark("Export"), ""),
    ("views", "eye", mark("Save this view"), ""),
    ("tables", "table-2", mark("Charts as tables"), "T"),
    ("keys", "keyboard", mark("Keyboard shortcuts"), "?"),
    ("leave", "log-out", mark("Sign out"), ""),
)


def _actions() -> Iterator[Entry]:
    for act, sign, label, keys in ACTIONS:
        yield Entry(f"act:{act}", t(label), sign, act=act, keys=keys, also=label)
    for one in words.languages():
        if one != words.locale():
            label = t("Language: {language}", language=words.language_name(one))
            yield Entry(f"language:{one}", label, "globe", act="language", given=one)


def _matching(services: Services, scope: Scope, name: str, wanted: str) -> Iterator[Entry]:
    """The values of one dimension that read like the text, the largest first."""
    metric = SOUGHT[name]
    frame = services.answer(Ask((metric,), (name,), top=MAX_TOP).within(scope))
    labels = _labels(frame, name)
    fits = [(rank, place, label) for place, label in labels if (rank := _rank(label, wanted))]
    keys, amounts = frame.values(name), frame.values(metric)
    usual = {} if metric == "net_sales" else {"metrics": metric}
    for _, place, label in sorted(fits, key=lambda fit: -fit[0])[:LISTED]:
        key, amount = str(keys[place]), amounts[place]
        worth = formats.number(amount, "money", frame.receipt.currency)
        sign = SIGNS.get(name, "list-filter")
        yield Entry(f"{name}:{key}", label, sign, EXPLORE, {**usual, name: key}, worth=worth)


def _labels(frame: Frame, name: str) -> Sequence[tuple[int, str]]:
    """Place and what a person reads, of every named group."""
    keys, labels = frame.values(name), frame.labels(name)
    out = []
    for place in range(len(frame) - frame.rest_rows):
        key, label = keys[place], labels[place]
        if key is not None and key != NONE:
            out.append((place, _said(name, str(key), label)))
    return out


def _said(name: str, key: str, label: Any) -> str:
    return formats.value_label(name, key) if label in (None, key) else str(label)


def _rank(label: str, wanted: str) -> int:
    """How well a label fits: 3 begins with the text, 2 has a word that does, 1 holds it, 0 not."""
    own = plain(label)
    if own.startswith(wanted):
        return 3
    if f" {wanted}" in own:
        return 2
    return int(wanted in own)
