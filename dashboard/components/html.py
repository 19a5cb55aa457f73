"""Dash's elements, made quickly: a table of fifty rows holds a thousand of them, and Dash's own
constructors check every name that they are given. What comes out is an element of Dash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dash import html as elements


def quick(kind: type[Any]) -> Callable[..., Any]:
    """A maker of elements of one kind, called as the kind itself is."""
    empty = vars(kind())
    new = object.__new__

    def make(children: Any = None, **attributes: Any) -> Any:
        element = new(kind)
        known = element.__dict__
        known.update(empty)
        known["children"] = children
        known.update(attributes)
        return element

    return make


if TYPE_CHECKING:
    from dash.html import H1 as H1
    from dash.html import H2 as H2
    from dash.html import H3 as H3
    from dash.html import A as A
    from dash.html import Aside as Aside
    from dash.html import B as B
    from dash.html import Button as Button
    from dash.html import Caption as Caption
    from dash.html import Code as Code
    from dash.html import Dd as Dd
    from dash.html import Details as Details
    from dash.html import Dialog as Dialog
    from dash.html import Div as Div
    from dash.html import Dl as Dl
    from dash.html import Dt as Dt
    from dash.html import Figcaption as Figcaption
    from dash.html import Figure as Figure
    from dash.html import Form as Form
    from dash.html import Header as Header
    from dash.html import Hr as Hr
    from dash.html import I as I
    from dash.html import Kbd as Kbd
    from dash.html import Label as Label
    from dash.html import Li as Li
    from dash.html import Main as Main
    from dash.html import Nav as Nav
    from dash.html import Option as Option
    from dash.html import P as P
    from dash.html import Pre as Pre
    from dash.html import Section as Section
    from dash.html import Select as Select
    from dash.html import Small as Small
    from dash.html import Span as Span
    from dash.html import Summary as Summary
    from dash.html import Table as Table
    from dash.html import Tbody as Tbody
    from dash.html import Td as Td
    from dash.html import Th as Th
    from dash.html import Thead as Thead
    from dash.html import Tr as Tr
    from dash.html import U as U
    from dash.html import Ul as Ul
else:
    A = quick(elements.A)
    Aside = quick(elements.Aside)
    B = quick(elements.B)
    Button = quick(elements.Button)
    Caption = quick(elements.Caption)
    Code = quick(elements.Code)
    Dd = quick(elements.Dd)
    Details = quick(elements.Details)
    Dialog = quick(elements.Dialog)
    Div = quick(elements.Div)
    Dl = quick(elements.Dl)
    Dt = quick(elements.Dt)
    Figcaption = quick(elements.Figcaption)
    Figure = quick(elements.Figure)
    Form = quick(elements.Form)
    H1 = quick(elements.H1)
    H2 = quick(elements.H2)
    H3 = quick(elements.H3)
    Header = quick(elements.Header)
    Hr = quick(elements.Hr)
    I = quick(elements.I)  # noqa: E741  # the element's name
    Kbd = quick(elements.Kbd)
    Label = quick(elements.Label)
    Li = quick(elements.Li)
    Main = quick(elements.Main)
    Nav = quick(elements.Nav)
    Option = quick(elements.Option)
    P = quick(elements.P)
    Pre = quick(elements.Pre)
    Section = quick(elements.Section)
    Select = quick(elements.Select)
    Small = quick(elements.Small)
    Span = quick(elements.Span)
    Summary = quick(elements.Summary)
    Table = quick(elements.Table)
    Tbody = quick(elements.Tbody)
    Td = quick(elements.Td)
    Th = quick(elements.Th)
    Thead = quick(elements.Thead)
    Tr = quick(elements.Tr)
    U = quick(elements.U)
    Ul = quick(elements.Ul)
