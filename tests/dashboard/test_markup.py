"""Finished parts travel as text: the same elements, escaped, and whatever Dash must know stays."""

from __future__ import annotations

from dash import dcc
from dash import html as elements

from dashboard.components import html
from dashboard.components.markup import frozen, written


def test_text_is_escaped_and_attributes_are_quoted() -> None:
    drawn = html.A("<b>Tea & co</b>", href='/?find="x"&y', className="open", **{"data-v": "1"})
    assert written(drawn) == (
        '<a href="/?find=&quot;x&quot;&amp;y" class="open" data-v="1">'
        "&lt;b&gt;Tea &amp; co&lt;/b&gt;</a>"
    )


def test_a_style_is_written_as_css() -> None:
    drawn = html.I(style={"marginTop": "3px", "--line": 'url("a")'})
    assert written(drawn) == '<i style="margin-top:3px;--line:url(&quot;a&quot;)"></i>'


def test_a_finished_part_is_one_component_of_its_own_tag() -> None:
    part = frozen(html.Table(html.Tr([html.Td(1), html.Td(None)]), className="dt"))
    assert (part["type"], part["props"]["tag"]) == ("Markup", "table")
    assert part["props"]["attributes"] == {"className": "dt"}
    assert part["props"]["html"] == "<tr><td>1</td><td></td></tr>"


def test_what_dash_has_to_know_stays_a_component() -> None:
    store = dcc.Store(id="kept")
    part = frozen(html.Div([html.H2("Sales"), html.Div(store), html.Span("x", id="field")]))
    title, keeper, named = part.children
    assert title["props"]["tag"] == "h2"
    assert keeper.children is store
    assert named.id == "field"


def test_a_figure_is_drawn_by_our_own_component() -> None:
    graph = dcc.Graph(id={"type": "figure", "panel": "a"}, figure={"data": []}, config={"x": 1})
    chart = frozen(html.Div([graph])).children[0]
    assert (chart["namespace"], chart["type"]) == ("royal_markup", "Chart")
    assert chart["props"] == {"id": graph.id, "figure": {"data": []}, "config": {"x": 1}}


def test_ids_that_only_scripts_read_travel_as_dash_writes_them() -> None:
    part = frozen(html.Button("1", id={"type": "kpi", "key": "orders"}, disabled=True))
    assert part["props"]["attributes"] == {"id": '{"key":"orders","type":"kpi"}', "disabled": True}
    assert written(html.Button(hidden=True, disabled=False)) == '<button hidden=""></button>'


def test_links_of_dash_become_plain_links() -> None:
    assert written(dcc.Link("Up", href="/explore")) == '<a href="/explore">Up</a>'


def test_elements_made_quickly_are_those_of_dash() -> None:
    given = {"className": "dt", "title": None, "data-v": "1"}
    quick, slow = html.Td(["x"], **given), elements.Td(["x"], **given)
    assert type(quick) is elements.Td
    assert quick.to_plotly_json() == slow.to_plotly_json()
    assert html.Td().to_plotly_json() == elements.Td().to_plotly_json(), "nothing is left behind"
