"""The metric picker: every metric in its group with its definition, and up to four at once."""

from __future__ import annotations

from typing import Any

from agent.metrics.catalogue import METRICS
from agent.metrics.metric import Metric
from agent.words import t
from dashboard import components
from dashboard.address import MOST_METRICS
from dashboard.callbacks.lazy import asked_menu
from dashboard.callbacks.showing import Showing
from dashboard.components import html
from dashboard.pages.explore import GROUPS, OWN_GROUP, metrics_of


def metric_menu(showing: Showing) -> Any:
    """The button that says which metrics the page shows."""
    chosen = [showing.metric(name) for name in metrics_of(showing.here.own)]
    more = len(chosen) - 1
    text = t(chosen[0].label)
    text = t("{metric} and {count} more", metric=text, count=more) if more else text
    words = [
        components.icon("chart-line"),
        html.Span(text, className="ellipsis"),
        components.icon("chevron-down", 14),
    ]
    label = html.Summary(words, className="btn btn-line", title=t(chosen[0].definition))
    return asked_menu(showing, "picker", label, search=True)


def picker(showing: Showing) -> Any:
    known = showing.services.catalogue()
    chosen = metrics_of(showing.here.own)
    out: list[Any] = []
    for title, names in GROUPS:
        rows = [known[name] for name in names if name in known]
        out += _group(showing, title, rows, chosen)
    own = [row for name, row in known.items() if name not in METRICS]
    return [*out, *_group(showing, OWN_GROUP, own, chosen)]


def _group(showing: Showing, title: str, rows: list[Metric], chosen: tuple[str, ...]) -> list[Any]:
    if not rows:
        return []
    lines = [_line(showing, row, chosen) for row in rows]
    return [html.Div(t(title), className="group"), *lines]


def _line(showing: Showing, row: Metric, chosen: tuple[str, ...]) -> Any:
    """The metric alone; behind it, the metric beside what is shown already."""
    label, definition = t(row.label), t(row.definition)
    current = {"aria-current": "true"} if row.name == chosen[0] else {}
    words = [html.Span(label), html.Small(definition)]
    only = html.A(
        words, href=showing.here.href(metrics=row.name, top=""), title=definition, **current
    )
    return html.Div([only, _beside(showing, row, label, chosen)], className="pick")


def _beside(showing: Showing, row: Metric, label: str, chosen: tuple[str, ...]) -> Any:
    on = row.name in chosen
    if chosen == (row.name,):
        return None
    if not on and len(chosen) >= MOST_METRICS:
        title = t("Up to {count} metrics are shown at once.", count=MOST_METRICS)
        return html.Span(components.icon("plus", 14), className="beside off", title=title)
    kept = [name for name in chosen if name != row.name] if on else [*chosen, row.name]
    title = t("Leave {metric} out", metric=label) if on else t("Show {metric} too", metric=label)
    return html.A(
        components.icon("check" if on else "plus", 14),
        href=showing.here.href(metrics=",".join(kept)),
        className="beside on" if on else "beside",
        title=title,
        **{"aria-label": title},
    )
