"""A Table on the screen: data table with bars, ticks and sparklines, or a short list of bars."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components.marks import ARROWS, Content, icon, said_delta, sparkline
from dashboard.panels import Cell, Heading, Row, Table

WORDS = {"pos": "better", "neg": "worse"}


def table_section(table: Table, panel_id: str, actions: Content = None) -> html.Div:
    """A breakdown under its title. A row opens by its name, a link (`row.href`) over the row."""
    act = [html.Div(actions, className="act")] if actions else []
    parts = [
        html.Div([_titles(table), *act], className="title"),
        html.Div(data_table(table), className="scroll-x"),
        *([html.Div(table.footer, className="foot")] if table.footer else []),
    ]
    return html.Div(
        parts, className="section", **{"data-panel": panel_id, "data-name": table.title}
    )


def _titles(table: Table) -> html.Div:
    measure = [html.Div(table.measure, className="measure")] if table.measure else []
    return html.Div([html.H2(table.title), *measure])


def data_table(table: Table, caption: bool = False) -> html.Table:
    """The table alone; `caption` repeats title and measure for those who hear it."""
    meters = [any(r.cells[n].bar is not None for r in table.rows) for n in range(_columns(table))]
    opens = any(row.href for row in table.rows)
    heads = [_head(h, n, meters) for n, h in enumerate(table.headings)]
    if opens:
        heads.append(html.Th(html.Span("Open", className="unseen"), className="go p2", scope="col"))
    title = [html.Caption(f"{table.title}. {table.measure}", className="unseen")] if caption else []
    body = [_row(row, table, meters, opens) for row in table.rows]
    return html.Table([*title, html.Thead(html.Tr(heads)), html.Tbody(body)], className="dt")


def _columns(table: Table) -> int:
    return min((len(row.cells) for row in table.rows), default=0)


def _class(heading: Heading, wide: bool, number: bool) -> str | None:
    names = ["n"] if number and not wide else []
    names += ["p2"] if heading.priority == 2 else ["p3"] if heading.priority == 3 else []
    names += ["wide"] if wide else []
    return " ".join(names) or None


def _head(heading: Heading, place: int, meters: list[bool]) -> html.Th:
    wide = 0 < place <= len(meters) and meters[place - 1]
    content: list[Content] = [heading.label]
    attributes: dict[str, Any] = {
        "scope": "col",
        "className": _class(heading, wide, heading.number),
    }
    if heading.sorted:
        content.append(icon("arrow-down", 12))
        attributes["aria-sort"] = "descending"
    return html.Th(content, **attributes)


def _row(row: Row, table: Table, meters: list[bool], opens: bool) -> html.Tr:
    cells = [html.Th(_name(row), scope="row")]
    for place, cell in enumerate(row.cells):
        known = place + 1 < len(table.headings)
        heading = table.headings[place + 1] if known else Heading("")
        wide = place < len(meters) and meters[place]
        value = {"data-v": repr(cell.value)} if cell.value is not None else {}
        cells.append(
            html.Td(_content(cell, wide), className=_class(heading, wide, heading.number), **value)
        )
    if opens:
        cells.append(html.Td(icon("chevron-right", 14) if row.href else None, className="go p2"))
    return html.Tr(cells, className=row.kind or None)


def _name(row: Row) -> list[Content]:
    name = dcc.Link(row.name, href=row.href, className="open") if row.href else row.name
    return [name, html.Span(row.note, className="note")] if row.note else [name]


def _content(cell: Cell, wide: bool) -> Content:
    if cell.spark:
        return sparkline(cell.spark, width=96, height=22)
    if wide:
        return html.Div([_bar(cell), html.Span(cell.text, className="num")], className="meter")
    return toned(cell)


def toned(cell: Cell) -> Content:
    """A cell's text; a change gets its arrow as an icon, its colour and its hidden word."""
    arrow, _, text = cell.text.partition(" ")
    if arrow in (*ARROWS, "–") and text:
        return said_delta(text, arrow, cell.tone, WORDS.get(cell.tone, ""))
    return html.Span(cell.text, className=cell.tone) if cell.tone else cell.text


def _bar(cell: Cell) -> html.Span:
    bar = [] if cell.bar is None else [html.I(style={"width": _share(cell.bar)})]
    tick = [] if cell.tick is None else [html.U(style={"left": _share(cell.tick)})]
    return html.Span([*bar, *tick], className="bar")


def _share(value: float) -> str:
    return f"{min(1.0, max(0.0, value)):.1%}"


def list_bars(table: Table, panel_id: str, actions: Content = None) -> html.Div:
    """Name over a pale bar, value, change; the rest as a row, the total in the foot."""
    act = [html.Div(actions, className="act")] if actions else []
    heads = [html.Span(h.label) for h in table.headings[:3]]
    shown = [row for row in table.rows if row.kind != "total"]
    totals = [row for row in table.rows if row.kind == "total" and row.cells]
    said = [f"Total {row.cells[0].text}" for row in totals]
    foot = " · ".join([*said, *([table.footer] if table.footer else [])])
    parts = [
        html.Div([_titles(table), *act], className="title"),
        html.Div([html.Div(heads, className="lb-h"), *map(_list_bar, shown)], className="lbs"),
        *([html.Div(foot, className="foot")] if foot else []),
    ]
    return html.Div(
        parts, className="section", **{"data-panel": panel_id, "data-name": table.title}
    )


def _list_bar(row: Row) -> Content:
    value = row.cells[0] if row.cells else Cell("")
    width = _share(value.bar if value.bar is not None else 0.0)
    content = [
        html.Span([html.I(style={"width": width}), html.Span(row.name)], className="name"),
        html.Span(value.text, className="n"),
        *([html.Span(toned(row.cells[1]))] if len(row.cells) > 1 else []),
    ]
    classes = f"lb {row.kind}".strip()
    if row.href:
        return dcc.Link(content, href=row.href, className=classes)
    return html.Div(content, className=classes)
