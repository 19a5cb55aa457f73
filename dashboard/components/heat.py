"""A table whose cells are shaded by their size: cohorts, the grid of recency and frequency."""

from __future__ import annotations

from typing import Any

from agent.words import t
from dashboard.components import exports, html
from dashboard.components.marks import Content
from dashboard.panels import Cell, Heading, Row, Table

SHADES = 8


def is_heat(table: Table) -> bool:
    return any(cell.heat is not None for row in table.rows for cell in row.cells)


def heat_section(table: Table, panel_id: str, actions: Content = None) -> html.Div:
    """A shaded table under its title, with the key of its shades."""
    shown = list(actions or ())
    act = [html.Div([*shown, *exports.actions(toggle=False)], className="act")]
    measure = html.Div(table.measure, className="measure")
    parts = [
        html.Div([html.Div([html.H2(table.title), measure]), *act], className="title"),
        html.Div(heat_table(table), className="scroll-x"),
        html.Div([html.Span(table.footer), _key(table)], className="foot"),
    ]
    return html.Div(
        parts, className="section", **{"data-panel": panel_id, "data-name": table.title}
    )


def heat_table(table: Table) -> html.Table:
    heads = [html.Th(h.label, scope="col", className=_priority(h)) for h in table.headings]
    caption = html.Caption(f"{table.title}. {table.measure}", className="unseen")
    blocks = any(cell.over for row in table.rows for cell in row.cells)
    return html.Table(
        [
            caption,
            html.Thead(html.Tr(heads)),
            html.Tbody([_row(row, table) for row in table.rows]),
        ],
        className="heat blocks" if blocks else "heat",
    )


def _row(row: Row, table: Table) -> html.Tr:
    name = _link(row.name, row) if row.href else row.name
    cells = [
        _cell(cell, table.headings[place + 1] if place + 1 < len(table.headings) else Heading(""))
        for place, cell in enumerate(row.cells)
    ]
    return html.Tr([html.Th(name, scope="row"), *cells], className=row.kind or None)


def _cell(cell: Cell, heading: Heading) -> html.Td:
    over = [html.Span(cell.over, className="over")] if cell.over else []
    words: list[Content] = [*over, cell.text]
    content = _link(words, cell, className="block") if cell.href else words
    value = {"data-v": repr(cell.value)} if cell.value is not None else {}
    spoken = {"title": t("Not over yet")} if cell.masked else {}
    return html.Td(content, className=_class(cell, heading), **value, **spoken)


def _link(words: Content, part: Cell | Row, **attributes: Any) -> html.A:
    """To what a click filters by; shift and a click add it to what is chosen."""
    extra = {"data-adds": part.adds} if part.adds else {}
    extra |= {"aria-current": "true"} if part.chosen else {}
    return html.A(words, href=part.href, **attributes, **extra)


def _class(cell: Cell, heading: Heading) -> str | None:
    names = [_priority(heading) or ""]
    if cell.masked:
        names.append("part")
    elif cell.heat is not None:
        names.append(f"q{shade(cell.heat)}")
    elif cell.text:
        names.append("sz")
    return " ".join(name for name in names if name) or None


def shade(heat: float) -> int:
    """Which of the eight steps of the scale a share from 0 to 1 gets."""
    return min(SHADES - 1, max(0, int(heat * SHADES)))


def _priority(heading: Heading) -> str | None:
    return f"p{heading.priority}" if heading.priority > 1 else None


def _key(table: Table) -> Content:
    """Less to more, with the smallest and largest value that is shaded."""
    shaded = [c for row in table.rows for c in row.cells if c.heat is not None and not c.masked]
    known = [c for c in shaded if c.value is not None]
    if not known:
        return None
    least = min(known, key=lambda c: c.value or 0).text
    most = max(known, key=lambda c: c.value or 0).text
    steps = [html.I(className=f"q{step}") for step in range(SHADES)]
    marks: dict[str, Any] = {"aria-hidden": "true"}
    return html.Span([least, html.Span(steps), most], className="qkey", **marks)
