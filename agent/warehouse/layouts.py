"""What each layout of the tables added to the one before: one row a layout.

A warehouse of an older layout is brought up to date when it is opened, and batches and backups
made for one are taken as they are: what they could not know yet is NULL, or no rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from agent.warehouse.schema import COSTS, PROFILES, RATES, SALES, SPEND


@dataclass(frozen=True)
class Step:
    """A layout's number, the columns it added (each may be NULL), and its new tables."""

    number: int
    columns: tuple[sa.Column[Any], ...] = ()
    tables: tuple[sa.Table, ...] = ()


STEPS = (
    Step(1),
    Step(2, (SALES.c.variant, SPEND.c.attributed_revenue), (COSTS, PROFILES, RATES)),
)
LAYOUT = STEPS[-1].number
"""Number of the tables' layout; a higher one was written by a newer version of the product."""

TypeText = Callable[[sa.Column[Any]], str]


def optional(table: sa.Table) -> frozenset[str]:
    """The columns that rows from before may lack."""
    return frozenset(c.name for step in STEPS for c in step.columns if c.table is table)


def younger(tables: frozenset[str]) -> frozenset[str]:
    """The tables that did not exist yet where only these do: those of the layouts of which none
    is there."""
    new = [{table.name for table in step.tables} for step in STEPS]
    return frozenset().union(*(names for names in new if not names & tables))


def additions(number: int, type_text: TypeText) -> list[str]:
    """Statements that add what a database of layout `number` lacks in tables that it has. Run them
    once the missing tables are made: one made today has its later columns already."""
    return [
        f"ALTER TABLE {column.table.name} ADD COLUMN IF NOT EXISTS"
        f" {column.name} {type_text(column)}"
        for step in STEPS
        if step.number > number
        for column in step.columns
    ]
