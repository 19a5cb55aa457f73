"""From a statement that adds up to the rows that it adds up: the same tables, the same conditions.

What a number is made of is never selected a second time in other words: a row counts here exactly
where it counts there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import functions, visitors
from sqlalchemy.sql.elements import FunctionFilter

from agent.metrics.catalogue import MEASURES

Element = sa.ColumnElement[Any]


def amounts(statement: sa.Select[Any]) -> dict[str, Element]:
    """Measure -> what one row adds to it: an amount for a sum, 1 or 0 for a count."""
    return {
        column.name: visitors.replacement_traverse(_bare(column.element), {}, _of_one_row)
        for column in statement.selected_columns
        if isinstance(column, sa.Label) and column.name in MEASURES
    }


def source(statement: sa.Select[Any]) -> sa.FromClause:
    """Where the statement reads from."""
    return statement.get_final_froms()[0]


def tables(clause: sa.FromClause) -> Iterator[sa.FromClause]:
    """The tables of a join, the one that it begins with first."""
    if isinstance(clause, sa.Join):
        yield from tables(clause.left)
        yield from tables(clause.right)
    else:
        yield clause


def _bare(element: Any) -> Any:
    """Without the cast of the sum: a row keeps every digit, a converted one more than a sum."""
    return element.clause if isinstance(element, sa.Cast) else element


def _of_one_row(element: Any, **_: Any) -> Element | None:
    if isinstance(element, sa.ScalarSelect):
        # Asked on its own, and by name: a copy would be another one of the same name.
        return element
    if isinstance(element, FunctionFilter):
        inner = _of_one_row(element.func)
        criterion: Any = element.criterion
        return None if inner is None else sa.case((criterion, inner), else_=_zero())
    if isinstance(element, functions.sum):
        return next(iter(element.clauses))
    if isinstance(element, functions.count):
        return _counted(next(iter(element.clauses), None))
    return None


def _counted(what: Any) -> Element:
    """1 where a count counts the row: always, or where what it counts is known."""
    one = sa.literal_column("1", sa.Integer)
    named = (
        [c for c in visitors.iterate(what) if isinstance(c, sa.Column)] if what is not None else []
    )
    known = [c.is_not(None) for c in named if c.nullable]
    return sa.case((sa.and_(*known), one), else_=_zero()) if known else one


def _zero() -> Element:
    return sa.literal_column("0", sa.Integer)
