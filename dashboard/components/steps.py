"""A funnel as steps: each on the scale of the first, between them the rate that goes on."""

from __future__ import annotations

from typing import Any

from agent.metrics import formats
from agent.words import t
from dashboard.charts import Chart, Values
from dashboard.components import exports, html
from dashboard.components.marks import Content, delta
from dashboard.components.sections import foot, heading
from dashboard.figures import alternative


def funnel(chart: Chart, panel_id: str, actions: Content = None) -> html.Figure:
    """A chart of kind funnel as text and bars: its own table, and its own alternative."""
    now = next(series.values for series in chart.series if series.role == "now")
    before = next((s.values for s in chart.series if s.role == "previous"), None)
    rows: list[Content] = []
    for place, name in enumerate(chart.x.tolist()):
        rows.append(_step(chart, str(name), (now, place)))
        if place + 1 < now.size:
            rows.append(_between(now, before, place))
    parts = [
        heading(chart.title, chart.measure, _present(actions)),
        html.Div(rows, className="fn", role="group", **{"aria-label": alternative(chart)}),
        foot(chart.footer),
    ]
    attributes: dict[str, Any] = {"data-panel": panel_id, "data-name": chart.title}
    return html.Figure([p for p in parts if p is not None], className="section", **attributes)


def _step(chart: Chart, name: str, at: tuple[Values, int]) -> html.Div:
    values, place = at
    first, value = float(values[0]), float(values[place])
    width = min(1.0, value / first) if first > 0 and value == value else 0.0
    text = formats.number(None if value != value else value, chart.unit, chart.currency, "full")
    share = t("{share} of all", share=formats.number(width, "percent")) if place else ""
    number = {"data-v": repr(value)} if value == value else {}
    return html.Div(
        [
            html.Span(name, className="k"),
            html.Span([html.Small(share), text], className="n", **number),
            html.Span(html.I(style={"width": f"{width:.1%}"}), className="bar"),
        ],
        className="r",
    )


def _between(now: Values, before: Values | None, place: int) -> html.Div:
    """57.4% continue, and how that rate moved."""
    rate = _rate(now, place)
    former = _rate(before, place) if before is not None else None
    change = formats.change(rate, former, "percent")
    moved = [delta(change)] if change.ratio is not None else []
    return html.Div(
        [html.B(formats.number(rate, "percent")), html.Span(t("continue")), *moved],
        className="step",
    )


def _rate(values: Values, place: int) -> float | None:
    here, further = float(values[place]), float(values[place + 1])
    known = here == here and further == further and here > 0
    return further / here if known else None


def _present(further: Content) -> list[Content]:
    return [*([further] if further is not None else []), *exports.actions(toggle=False)]
