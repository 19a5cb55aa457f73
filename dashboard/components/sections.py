"""Sections of a page: bands and cells, a chart with its table, and what stands there instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc

from agent.words import t
from dashboard.charts import Band, Chart
from dashboard.components import html
from dashboard.components.exports import actions
from dashboard.components.marks import Content, icon
from dashboard.components.tables import data_table
from dashboard.figures import alternative, config, fans, parts_of, table_of
from dashboard.panels import Table
from dashboard.views import wording

Action = tuple[str, str] | Content


def band(*cells: Content) -> html.Section:
    return html.Section(list(cells), className="band")


def cell(children: Content, width: int = 12, fill: bool = False) -> html.Div:
    """`width` twelfths of a band; with `fill` the chart grows to its neighbour's height."""
    return html.Div(children, className=f"cell w{width}{' fill' if fill else ''}")


def heading(title: str, measure: str = "", actions: Content = None) -> html.Div:
    words = [html.H2(title), *([html.Div(measure, className="measure")] if measure else [])]
    act = [html.Div(actions, className="act")] if actions else []
    return html.Div([html.Div(words), *act], className="title")


def chart_section(
    chart: Chart,
    figure: Any,
    panel_id: str,
    exports: Content = None,
    table: Table | None = None,
    *,
    way: Content = None,
) -> html.Figure:
    """A chart under its finding, its figures as a table behind T, the exports behind the dots.

    The graph's id is {"type": "figure", "panel": panel_id}; `exports` are further rows of the menu.
    `table` is the chart's own with links in its rows: a click on a part follows its row's. `way`
    leads on from the footer.
    """
    picture = html.Div(
        dcc.Graph(id={"type": "figure", "panel": panel_id}, figure=figure, config=config()),
        className="chart",
        role="img",
        **{"aria-label": alternative(chart)},
    )
    beside = html.Div(
        data_table(table or table_of(chart), caption=True),
        className="as-table",
        tabIndex=0,
        **{"aria-label": t("{title}, as a table", title=chart.title)},
    )
    parts = [
        heading(chart.title, chart.measure, actions(exports)),
        _keys(chart),
        picture,
        beside,
        foot([chart.footer, " ", way] if way is not None else chart.footer),
    ]
    attributes = {"data-panel": panel_id, "data-name": chart.title}
    attributes |= {"data-cross": chart.dimension} if table and chart.dimension else {}
    return html.Figure([p for p in parts if p is not None], className="section", **attributes)


def _keys(chart: Chart) -> html.Div | None:
    """What the line ends say on a wide panel; a narrow one has no room for them there."""
    keys = []
    many = len(chart.series) > 1
    for number, series in enumerate(chart.series):
        kind = f"k{number % 8 + 1}" if series.role == "part" else series.role
        keys += [html.Span([html.I(), series.label], className=kind)] if many else []
    keys += [
        html.Span([html.I(), fans.name(band.level)], className=_tint(band))
        for band in sorted(chart.bands, key=lambda band: band.level)
    ]
    if any(mark.kind == "anomaly" for mark in chart.marks):
        keys.append(html.Span([html.I(), t("Anomaly")], className="anomaly"))
    if chart.target is not None:
        keys.append(html.Span([html.I(), t("Target")], className="target"))
    if chart.kind == "ring":
        return _parts(chart)
    if chart.kind not in ("line", "bar") or not keys:
        return None
    ranks = chart.kind == "bar" and chart.x.dtype.kind != "M"
    inside = chart.kind == "line" or ranks
    return html.Div(keys, className="keys narrow" if inside else "keys")


def _tint(band: Band) -> str:
    return "band-usual" if band.kind == "usual" else f"band-{band.level * 100:.0f}"


def _parts(chart: Chart) -> html.Div:
    """A ring's names and shares: beside it there would be no room for them."""
    labels, sizes = parts_of(chart)
    whole = sum(sizes) or 1.0
    keys = [
        html.Span(
            [html.I(), label, html.B(wording.share(size / whole))],
            className=f"k{place + 1}",
        )
        for place, (label, size) in enumerate(zip(labels, sizes, strict=True))
    ]
    return html.Div(keys, className="keys parts")


def link(words: str, href: str) -> html.A:
    return html.A(words, href=href)


def foot(text: Content) -> html.Figcaption | None:
    return html.Figcaption(text, className="foot") if text else None


def skeleton(kind: str, *labels: str, rows: int = 6) -> html.Div:
    """The final geometry without figures: lead, kpis, hero, chart, bars or table. `labels` are
    those of the key figures: they are real from the start."""
    content = _kpi_bones(labels) if kind == "kpis" else _other_bones(kind, rows)
    hidden = html.Span(t("Loading"), className="unseen")
    return html.Div([hidden, *content], className=f"loading {kind}-bones", **{"aria-busy": "true"})


def _other_bones(kind: str, rows: int) -> list[Content]:
    shapes = {"lead": _lead_bones, "hero": _hero_bones, "chart": _chart_bones}
    return shapes[kind]() if kind in shapes else _row_bones(rows)


def bone(width: str, height: int, top: int = 0) -> html.Span:
    style = {"width": width, "height": f"{height}px", "marginTop": f"{top}px"}
    return html.Span(className="skeleton", style=style)


def _lead_bones() -> list[Content]:
    return [
        html.Div([bone("min(620px, 92%)", 20), bone("min(520px, 76%)", 20, 8)], className="lead")
    ]


def _kpi_bones(labels: Sequence[str]) -> list[Content]:
    sizes = (("58%", 26, 9), ("76%", 12, 9), ("100%", 30, 12), ("100%", 4, 12), ("64%", 12, 10))
    tiles = [
        html.Div([_label(label), *(bone(*size) for size in sizes)], className="kpi")
        for label in labels or ("",) * 6
    ]
    return [html.Div(tiles, className="kpis")]


def _label(text: str) -> Content:
    return html.Span(text, className="label") if text else bone("48%", 12, 3)


def _hero_bones() -> list[Content]:
    figures = [html.Div([bone("90px", 12, 3), bone("130px", 30, 8), bone("110px", 12, 8)])] * 4
    return [html.Div(figures, className="hero")]


def _chart_bones() -> list[Content]:
    lines = [html.Span(className="bone-line") for _ in range(5)]
    return [bone("44%", 18), bone("30%", 12, 8), html.Div(lines, className="chart bone-chart")]


def _row_bones(rows: int) -> list[Content]:
    widths = ("62%", "54%", "58%", "50%", "60%", "46%")
    lines = [
        html.Div([bone(widths[place % len(widths)], 13)], className="skeleton-row")
        for place in range(rows)
    ]
    return [bone("40%", 18), bone("70%", 12, 8), html.Div(className="skeleton-head"), *lines]


def _action(action: Action) -> list[Content]:
    if action is None or action == "":
        return []
    if isinstance(action, tuple):
        label, href = action
        return [html.Div(dcc.Link(label, href=href, className="btn btn-line"), className="act")]
    return [html.Div(action, className="act")]


def empty(title: str, text: str, action: Action = None, sign: str = "chart-line") -> html.Div:
    """What will be here, what it needs, one action: a (label, href) pair or a control."""
    return html.Div(
        [icon(sign, 24), html.H2(title), html.P(text), *_action(action)], className="blank"
    )


def failed(message: str, hint: str = "", reference: str = "", again: bool = True) -> html.Div:
    """What failed, what is not affected, Try again where it can help, the log's reference."""
    copied = f"{message} {hint} Reference {reference}".strip()
    details = html.Button(
        t("Copy details"),
        className="btn",
        type="button",
        **{"data-act": "copy", "data-text": copied},
    )
    retry = html.Button(
        [icon("refresh-cw"), t("Try again")],
        className="btn btn-line",
        type="button",
        **{"data-act": "retry"},
    )
    parts = [
        icon("triangle-alert", 24),
        html.H2(message),
        *([html.P(hint)] if hint else []),
        html.Div([*([retry] if again else []), details], className="act"),
        *(
            [html.P(t("Reference {code}", code=reference), className="reference")]
            if reference
            else []
        ),
    ]
    return html.Div(parts, className="blank tall", role="alert")


def note(text: Content, kind: str = "", link: Content = None) -> html.Div:
    """A line of news inside the page; `kind` is near, bad, good, blue or nothing."""
    signs = {"near": "triangle-alert", "bad": "circle-alert", "good": "circle-check"}
    parts = [icon(signs.get(kind, "info")), html.Span(text), *([link] if link is not None else [])]
    return html.Div(parts, className=f"note {kind}".strip(), role="status")


def stale_note(text: Content, link: Content = None) -> html.Div:
    """Source, time, effect and next try, in amber on top of the page."""
    return notes(note(text, "near", link))


def notes(*lines: Content) -> html.Div:
    """Lines of news on top of the page."""
    return html.Div(list(lines), className="notes")
