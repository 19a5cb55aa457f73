"""What stands in a section's place while its figures are not whole: partial, stale, out of reach,
filtered away.
"""

from __future__ import annotations

from dash import dcc

from agent.metrics.formats import UNKNOWN
from agent.words import t
from dashboard.components import html
from dashboard.components.marks import Content, icon
from dashboard.components.sections import note

Way = tuple[str, str]


def partial(source: str, since: str = "", last: str = "") -> html.Div:
    """A value that a source should bring and does not: "–", what is missing since when, and the
    last known value one click away."""
    words = {"source": source, "time": since}
    missing = t("No {source} since {time}", **words) if since else t("No {source} yet", **words)
    known = html.Details(
        [html.Summary(t("Show last known")), html.Span(last, className="num")], className="known"
    )
    return html.Div(
        [
            html.Span(UNKNOWN, className="value"),
            html.Span([icon("circle-dashed", 14), missing], className="missing"),
            *([known] if last else []),
        ],
        className="partial",
    )


def no_access(what: str, role: str, giver: str = "") -> html.Div:
    """Which role may see it, and who can give it: an administrator where nobody else is named."""
    needs = t("This needs the role {role}.", role=t(role))
    ask = t("{person} can change your role.", person=giver or t("An administrator"))
    return html.Div(
        [icon("lock", 24), html.H2(t("No access to {what}", what=what)), html.P(f"{needs} {ask}")],
        className="blank",
    )


def stale(
    source: str, since: str, effect: str, again: str = "", way: Way | None = None
) -> html.Div:
    """In amber over the page: which source stopped and when, what of the page that concerns, when
    it is tried next, and the (label, address) of where to look."""
    stopped = html.B(t("{source} stopped arriving at {time}.", source=source, time=since))
    after = f" {t('Next try {time}.', time=again)}" if again else ""
    link = dcc.Link(way[0], href=way[1]) if way else None
    return html.Div(note([stopped, f" {effect}{after}"], "near", link), className="notes")


def aged(text: str) -> html.Div:
    """On one part, in amber: of when its figures are, and why there are no newer ones."""
    hidden = html.Span(t("The last good figures:") + " ", className="unseen")
    return html.Div([icon("clock", 14), hidden, text], className="aged")


def doubted(text: str) -> html.Div:
    """On one part, in amber: the check that failed on what it was made from."""
    way = dcc.Link(t("Data health"), href="/data-health")
    said = [html.Span(t("A check failed:") + " ", className="unseen"), text, " "]
    return html.Div([icon("triangle-alert", 14), html.Span([*said, way])], className="aged")


def nothing_fits(clear: str, nearest: Way | None = None) -> html.Div:
    """Filters that leave no order: the address without any, and the (words, address) without the
    one filter that brings some back."""
    drop = [dcc.Link(nearest[0], href=nearest[1], className="btn btn-line")] if nearest else []
    classes = "btn" if drop else "btn btn-line"
    acts: list[Content] = [*drop, dcc.Link(t("Clear filters"), href=clear, className=classes)]
    text = t("No order in this period fits all filters.")
    content = [icon("list-filter", 24), html.H2(t("No orders match")), html.P(text)]
    return html.Div([*content, html.Div(acts, className="act")], className="blank")
