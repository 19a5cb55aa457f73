"""What changed: rows on one zero line, ending in the others and the total; and a told lead."""

from __future__ import annotations

from agent.words import t
from dashboard.components import exports, html
from dashboard.components.marks import Content, icon, unbroken
from dashboard.components.sections import foot, heading
from dashboard.components.tables import opener
from dashboard.panels import Cell, Row, Table

Scale = tuple[float, float]


def section(table: Table, panel_id: str, more: Content = None) -> html.Div:
    """The list under its title."""
    parts = [
        heading(table.title, table.measure, exports.files()),
        *ranked(table),
        *([foot(more)] if more is not None else []),
    ]
    named = {"data-panel": panel_id, "data-name": table.title}
    return html.Div(parts, className="section", **named)


def ranked(table: Table) -> list[html.Div]:
    """The rows and their total. A row's bar runs from a zero line that all rows share."""
    rows = [row for row in table.rows if row.kind != "total"]
    scale = scale_of([row.cells[0] for row in rows])
    bars = [_row(row, scale) for row in rows]
    zero = {"--zero": share(0.0, scale)}
    totals = [_total(row) for row in table.rows if row.kind == "total"]
    return [html.Div(bars, className="ins-list", style=zero), *totals]


def scale_of(cells: list[Cell]) -> Scale:
    """The least and the largest of what is drawn, zero within."""
    values = [cell.value or 0.0 for cell in cells]
    return min([0.0, *values]), max([0.0, *values])


def share(value: float, scale: Scale) -> str:
    """Where a value stands on the scale."""
    low, high = scale
    return f"{(value - low) / (high - low):.1%}" if high > low else "0%"


def _row(row: Row, scale: Scale) -> html.Div:
    cell = row.cells[0]
    value = cell.value or 0.0
    left, right = sorted((value, 0.0))
    width = f"{(right - left) / ((scale[1] - scale[0]) or 1.0):.1%}"
    bar = html.I(className=cell.tone or None, style={"left": share(left, scale), "width": width})
    content = [
        html.Span(opener(row), className="name"),
        html.Span(cell.text, className=f"n {cell.tone}".strip(), **{"data-v": repr(value)}),
        *([html.Span(row.note, className="reason")] if row.note else []),
        html.Span(bar, className="swing", **{"aria-hidden": "true"}),
    ]
    return html.Div(content, className=" ".join(filter(None, ("ins", row.kind))))


def _total(row: Row) -> html.Div:
    cell = row.cells[0]
    value = html.Span(cell.text, className="n", **{"data-v": repr(cell.value or 0.0)})
    return html.Div([html.Span(row.name), value], className="ins-sum")


def narrated(text: str) -> html.P:
    """A lead in the narrator's words, marked as that."""
    words = t("In the words of the narrator, held to the figures")
    sign = html.Span([icon("pencil", 14), words], className="narrated")
    return html.P([text, " ", sign], className="lead")


def found(rows: list[tuple[str, Content]]) -> html.Ul:
    """What was found, each with its icon."""
    lines = [html.Li([icon(sign), html.Span(unbroken(words))]) for sign, words in rows]
    return html.Ul(lines, className="ev")


def title(words: str) -> html.H3:
    return html.H3(words, className="small-title")
