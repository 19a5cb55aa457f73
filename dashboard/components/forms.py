"""Forms: fields under their labels, the row that sends them, what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import dash_bootstrap_components as dbc

from dashboard.components import html
from dashboard.components.marks import Content, icon

Kind = Literal["text", "figure", "day", "select", "switch", "area", "hidden"]
KINDS = {"hidden": "hidden", "day": "date"}
TYPING_MS = 350


@dataclass(frozen=True)
class Field:
    """One field of a form; `options` are (value, label) pairs of a select, `wide` spans the row.

    `live` sends what is typed when the typing pauses; else it is sent with the form.
    """

    name: str
    label: str
    kind: Kind = "text"
    value: Any = ""
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    placeholder: str = ""
    live: bool = False
    wide: bool = False


def field_id(form: str, name: str) -> dict[str, str]:
    return {"type": f"{form}-field", "name": name}


def form(name: str, fields: Iterable[Field], submit: str, more: Content = None) -> Any:
    """A form with the id `name`; its fields have the ids of `field_id`, the place for what went
    wrong is `name`-said. Enter in a field sends it."""
    send = dbc.Button(submit, type="submit", class_name="btn btn-primary", id=f"{name}-send")
    further = more if isinstance(more, list) else [more] if more is not None else []
    acts = html.Div([send, *further], className="form-acts")
    place = html.Div(id=f"{name}-said", className="form-said", role="alert")
    content = [html.Div([_field(name, f) for f in fields], className="fgrid"), place, acts]
    return dbc.Form(content, id=name, prevent_default_on_submit=True, class_name="form")


def problem(message: str, hint: str = "") -> Content:
    """What is wrong with what was typed, and what to do."""
    words = f"{message} {hint}".strip()
    return html.Div([icon("triangle-alert", 12), html.Span(words)], className="field-error")


def no_access(title: str, text: str) -> html.Div:
    """What somebody may not do here, which role may, and who gives it."""
    return html.Div([icon("lock", 24), html.H2(title), html.P(text)], className="blank")


def small_button(key: Mapping[str, str], sign: str, label: str) -> html.Button:
    """An icon that does something with one row."""
    return html.Button(
        icon(sign, 14),
        id=dict(key),
        type="button",
        className="btn btn-sm btn-ico",
        title=label,
        **{"aria-label": label},
    )


def _field(form_name: str, row: Field) -> html.Div:
    key = field_id(form_name, row.name)
    control = _control(key, row)
    if row.kind == "hidden":
        return html.Div(control, hidden=True)
    label = html.Label(row.label, className="fl", htmlFor=_in_page(key))
    parts = [control] if row.kind == "switch" else [label, control]
    hint = [html.Div(row.hint, className="hint", id=f"{form_name}-hint-{row.name}")]
    return html.Div(
        [*parts, *(hint if row.hint else [])], className="field wide" if row.wide else "field"
    )


def _control(key: dict[str, str], row: Field) -> Any:
    if row.kind == "select":
        options = [{"value": value, "label": label} for value, label in row.options]
        return dbc.Select(id=key, options=options, value=row.value)
    if row.kind == "switch":
        return dbc.Switch(id=key, label=row.label, value=bool(row.value))
    pause = TYPING_MS if row.live else False
    common = {"id": key, "value": row.value, "placeholder": row.placeholder, "debounce": pause}
    if row.kind == "area":
        return dbc.Textarea(**common, rows=2, spellcheck="false")
    figure = {"inputmode": "decimal"} if row.kind == "figure" else {}
    return dbc.Input(**common, **figure, type=KINDS.get(row.kind, "text"), autocomplete="off")


def _in_page(key: Mapping[str, str]) -> str:
    """The id that Dash writes into the page for a key."""
    return json.dumps(dict(key), sort_keys=True, separators=(",", ":"))
