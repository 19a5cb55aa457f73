"""A Table on the screen: data table with bars, ticks and sparklines, or a short list of bars."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from agent.words import mark, t
from dashboard.components import exports, html
from dashboard.components.marks import ARROWS, Content, icon, made, said_delta, sparkline
from dashboard.panels import Cell, Heading, Row, Table

WORDS = {"pos": mark("better"), "neg": mark("worse")}
# What a sign in a cell means: the colour of its icon.
SIGNS = {
    "check": "meets",
    "circle-check": "meets",
    "minus": "near",
    "triangle-alert": "near",
    "octagon-alert": "misses",
    "circle-alert": "misses",
    "circle-x": "misses",
}


MANY = 7


def table_section(
    table: Table, panel_id: str, actions: Content = None, files: bool = True
) -> html.Div:
    """A breakdown under its title. A row opens by its name, a link (`row.href`) over the row."""
    parts = [
        _title(table, [actions, *(exports.actions(toggle=False) if files else [])]),
        html.Div(data_table(table), className="scroll-x"),
        *([html.Div(table.footer, className="foot")] if table.footer else []),
    ]
    return html.Div(
        parts, className="section", **{"data-panel": panel_id, "data-name": table.title}
    )


def _title(table: Table, actions: list[Content]) -> html.Div:
    act = [html.Div([part for part in actions if part is not None], className="act")]
    measure = [html.Div(table.measure, className="measure")] if table.measure else []
    return html.Div([html.Div([html.H2(table.title), *measure]), *act], className="title")


def data_table(table: Table, caption: bool = False) -> html.Table:
    """The table alone; `caption` repeats title and measure for those who hear it."""
    meters = [any(r.cells[n].bar is not None for r in table.rows) for n in range(_columns(table))]
    columns = _placed(table, meters)
    opens = any(row.href for row in table.rows)
    heads = [_head(h, n, meters) for n, h in enumerate(table.headings)]
    if opens:
        words = html.Span(t("Open in Explore"), className="unseen")
        heads.append(html.Th(words, className="go p2", scope="col"))
    said = f"{table.title}. {table.measure}"
    title = [html.Caption(said, className="unseen")] if caption else []
    body = [_row(row, columns, opens) for row in table.rows]
    return html.Table(
        [*title, html.Thead(html.Tr(heads)), html.Tbody(body)],
        className=_classes(table),
    )


def _classes(table: Table) -> str:
    picked = [" picked"] if any(row.chosen for row in table.rows) else []
    return "".join(["dt", *picked, " many" if len(table.headings) > MANY else ""])


def _columns(table: Table) -> int:
    return min((len(row.cells) for row in table.rows), default=0)


def _class(heading: Heading, wide: bool, number: bool) -> str | None:
    names = ["n"] if number and not wide else []
    names += [f"p{heading.priority}"] if heading.priority > 1 else []
    names += ["wide"] if wide else []
    return " ".join(names) or None


def _wide(heading: Heading, place: int, meters: list[bool]) -> bool:
    return not heading.track and place < len(meters) and meters[place]


def _head(heading: Heading, place: int, meters: list[bool]) -> html.Th:
    wide = place > 0 and _wide(heading, place - 1, meters)
    content: list[Content] = [heading.label]
    attributes: dict[str, Any] = {"scope": "col"}
    if heading.sorted:
        content.append(icon("arrow-up" if heading.rising else "arrow-down", 12))
        attributes["aria-sort"] = "ascending" if heading.rising else "descending"
    link = [html.A(content, href=heading.href)] if heading.href else content
    return html.Th(link, className=_class(heading, wide, heading.number), **attributes)


Placed = tuple[Heading, bool, str | None]


def _placed(table: Table, meters: list[bool]) -> list[Placed]:
    """For every column of figures its heading, whether it holds bars, and its cells' class."""
    most = max((len(row.cells) for row in table.rows), default=0)
    headings = [*table.headings[1:], *[Heading("")] * most][:most]
    wide = [_wide(heading, place, meters) for place, heading in enumerate(headings)]
    return [(h, w, _class(h, w, h.number)) for h, w in zip(headings, wide, strict=True)]


def _row(row: Row, columns: list[Placed], opens: bool) -> html.Tr:
    cells = [html.Th(_name(row), scope="row")]
    for cell, (heading, wide, classes) in zip(row.cells, columns, strict=False):
        content = _content(cell, heading, wide)
        cells.append(html.Td(content, className=classes, **_value(cell)))
    if opens:
        cells.append(html.Td(_further(row), className="go p2"))
    kinds = [*([row.kind] if row.kind else []), *(["chosen"] if row.chosen else [])]
    return html.Tr(cells, className=" ".join(kinds) or None)


def _name(row: Row) -> list[Content]:
    note = [html.Span(row.note, className="note")] if row.note else []
    brief = [html.Span(row.brief, className="note only-s")] if row.brief else []
    return [opener(row), *note, *brief]


def opener(row: Row) -> Content:
    """The name of a row, as the link that lies over all of it; shift and a click add its value."""
    if not row.href:
        return row.name
    extra = {"data-adds": row.adds} if row.adds else {}
    extra |= {"aria-current": "true"} if row.chosen else {}
    return html.A(row.name, href=row.href, className="open", **extra)


def _further(row: Row) -> Content:
    """The quiet second link where the first one filters the page, else where the first one goes."""
    if row.explore:
        words = t("Open {name} in Explore", name=row.name)
        return html.A(
            icon("chevron-right", 14), href=row.explore, title=words, **{"aria-label": words}
        )
    return icon("chevron-right", 14) if row.href else None


def _content(cell: Cell, heading: Heading, wide: bool) -> Content:
    if cell.span is not None:
        return _span(cell, cell.span)
    if cell.spark:
        return sparkline(cell.spark, width=96, height=22)
    if wide:
        number = html.Span(made(cell.text, cell.made), className="num")
        return html.Div([_bar(cell), number], className="meter")
    if heading.track and cell.bar is not None:
        return html.Span([_signed(cell), _bar(cell)], className=f"cover {_state(cell)}".strip())
    return _signed(cell)


def _span(cell: Cell, places: tuple[float, float, float, float]) -> html.Span:
    """A range as a bar, what is likely as a dot, a line to hold it against."""
    low, high, dot, line = places
    return html.Span(
        [
            html.I(style={"left": _share(low), "width": _share(high - low)}),
            html.B(style={"left": _share(dot)}),
            html.U(style={"left": _share(line)}),
            html.Span(cell.text, className="unseen"),
        ],
        className="span",
    )


def _state(cell: Cell) -> str:
    """What the cell's sign means; its tone says it where signs are shared."""
    return "misses" if cell.sign and cell.tone == "neg" else SIGNS.get(cell.sign, "")


def _signed(cell: Cell) -> Content:
    if not cell.sign:
        return toned(cell)
    return html.Span([icon(cell.sign, 14), cell.text], className=f"status {_state(cell)}".strip())


def toned(cell: Cell) -> Content:
    """A cell's text; a change gets its arrow as an icon, its colour and its hidden word."""
    arrow, _, text = cell.text.partition(" ")
    if arrow in (*ARROWS, "–") and text:
        return said_delta(text, arrow, cell.tone, t(WORDS.get(cell.tone, "")))
    text = made(cell.text, cell.made)
    return html.Span(text, className=cell.tone) if cell.tone else text


def _bar(cell: Cell) -> html.Span:
    bar = [] if cell.bar is None else [html.I(style={"width": _share(cell.bar)})]
    tick = [] if cell.tick is None else [html.U(style={"left": _share(cell.tick)})]
    return html.Span([*bar, *tick], className="bar")


def _share(value: float) -> str:
    return f"{min(1.0, max(0.0, value)):.1%}"


def list_bars(table: Table, panel_id: str, actions: Content = None) -> html.Div:
    """Name over a pale bar, value, change; the rest as a row, the total in the foot."""
    heads = [html.Span(h.label) for h in table.headings[:3]]
    shown = [row for row in table.rows if row.kind != "total"]
    classes = "lbs picked" if any(row.chosen for row in table.rows) else "lbs"
    parts = [
        _title(table, [actions, *exports.actions()]),
        html.Div([html.Div(heads, className="lb-h"), *map(_list_bar, shown)], className=classes),
        html.Div(
            data_table(_unbarred(table), caption=True),
            className="as-table",
            tabIndex=0,
            **{"aria-label": t("{title}, as a table", title=table.title)},
        ),
        *_total_foot(table),
    ]
    return html.Div(
        parts, className="section", **{"data-panel": panel_id, "data-name": table.title}
    )


def _unbarred(table: Table) -> Table:
    """Figures alone: the bars stand in the other view, and a narrow panel has no room for both."""
    rows = (
        replace(row, cells=tuple(replace(cell, bar=None, tick=None) for cell in row.cells))
        for row in table.rows
    )
    return replace(table, rows=tuple(rows))


def _total_foot(table: Table) -> list[Content]:
    """The total as a sentence, with its exact figure for whoever adds up the page."""
    parts: list[Content] = []
    for row in table.rows:
        if row.kind == "total" and row.cells:
            said = t("Total {amount}", amount=row.cells[0].text)
            parts.append(html.Span(said, **_value(row.cells[0])))
    if table.footer:
        parts += [" · ", table.footer] if parts else [table.footer]
    return [html.Div(parts, className="foot")] if parts else []


def _value(cell: Cell) -> dict[str, str]:
    return {"data-v": repr(cell.value)} if cell.value is not None else {}


def _list_bar(row: Row) -> Content:
    value = row.cells[0] if row.cells else Cell("")
    width = _share(value.bar if value.bar is not None else 0.0)
    content = [
        html.Span([html.I(style={"width": width}), html.Span(opener(row))], className="name"),
        html.Span(value.text, className="n", **_value(value)),
        *([html.Span(toned(row.cells[1]))] if len(row.cells) > 1 else []),
        *([html.Span(_further(row), className="go")] if row.explore else []),
    ]
    classes = [*([row.kind] if row.kind else []), *(["chosen"] if row.chosen else [])]
    return html.Div(content, className=" ".join(["lb", *classes]))
