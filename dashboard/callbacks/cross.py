"""Choosing in one panel what the others are filtered by: every part as the address it leads to.

A click sets the panel's filter to one value and takes a chosen one away again; with shift the value
is added to those that are chosen.
"""

from __future__ import annotations

from dataclasses import replace

from agent.metrics.questions import Scope
from dashboard.callbacks.showing import Showing
from dashboard.pages.explore import PAGE as EXPLORE
from dashboard.panels import Cell, Row, Table


def chosen(scope: Scope, dimension: str) -> tuple[str, ...]:
    """The values of a dimension that the page is filtered by."""
    mine = (f for f in scope.filters if f.dimension == dimension and not f.exclude)
    return next((f.values for f in mine), ())


def linked(showing: Showing, table: Table, dimension: str) -> Table:
    """Every row and every cell with a value of its own, with the addresses it leads to."""
    picked = chosen(showing.scope, dimension)
    rows = tuple(_linked(showing, row, dimension, picked) for row in table.rows)
    return replace(table, rows=rows)


def cleared(showing: Showing) -> str:
    """The address without what was chosen in panels; empty where nothing was."""
    own = showing.here.own
    dimensions = {panel.selects for panel in showing.page.within(own) if panel.selects}
    scope = showing.scope
    kept = tuple(f for f in scope.filters if f.dimension not in dimensions or f.exclude)
    return "" if kept == scope.filters else showing.here.href(replace(scope, filters=kept))


def _linked(showing: Showing, row: Row, dimension: str, picked: tuple[str, ...]) -> Row:
    cells = row.cells
    if any(cell.key is not None for cell in cells):
        cells = tuple(_linked_cell(showing, cell, dimension, picked) for cell in cells)
    if row.key is None:
        return replace(row, cells=cells)
    alone = showing.scope.where(dimension, row.key)
    only = more = showing.here.href(alone)
    if picked:
        more = showing.here.href(_with(showing.scope, dimension, _toggled(picked, row.key)))
        only = more if row.key in picked else only
    return replace(
        row,
        cells=cells,
        href=only,
        adds=more,
        chosen=row.key in picked,
        explore=showing.here.href(alone, EXPLORE.path),
    )


def _linked_cell(showing: Showing, cell: Cell, dimension: str, picked: tuple[str, ...]) -> Cell:
    if cell.key is None:
        return cell
    on = cell.key in picked
    more = showing.here.href(_with(showing.scope, dimension, _toggled(picked, cell.key)))
    only = more if on else showing.here.href(showing.scope.where(dimension, cell.key))
    return replace(cell, href=only, adds=more, chosen=on)


def _toggled(picked: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(v for v in picked if v != value) if value in picked else (*picked, value)


def _with(scope: Scope, dimension: str, values: tuple[str, ...]) -> Scope:
    if values:
        return scope.where(dimension, *values)
    kept = (f for f in scope.filters if f.dimension != dimension or f.exclude)
    return replace(scope, filters=tuple(kept))
