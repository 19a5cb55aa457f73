"""What each layout of the tables added to the one before: one row a layout.

A warehouse of an older layout is brought up to date when it is opened, and batches and backups
made for one are taken as they are: what they could not know yet is NULL, or no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from agent.warehouse.rollups import ALL_BY_CUSTOMER
from agent.warehouse.schema import (
    COSTS,
    CUSTOMER_DAYS,
    DAILY_SALES,
    FORGOTTEN_CUSTOMERS,
    PROFILES,
    RATES,
    REMOVED_ORDERS,
    SALES,
    SPEND,
)


@dataclass(frozen=True)
class Step:
    """A layout's number, the columns it added (each may be NULL), its new tables, the statement
    that derives their rows from the older ones, and the tables that DuckDB packs otherwise."""

    number: int
    columns: tuple[sa.Column[Any], ...] = ()
    tables: tuple[sa.Table, ...] = ()
    fill: str = ""
    repacked: tuple[sa.Table, ...] = ()


STEPS = (
    Step(1),
    Step(2, (SALES.c.variant, SPEND.c.attributed_revenue), (COSTS, PROFILES, RATES)),
    Step(3, tables=(CUSTOMER_DAYS,), fill=ALL_BY_CUSTOMER),
    Step(4, repacked=(DAILY_SALES,)),
    Step(5, tables=(REMOVED_ORDERS, FORGOTTEN_CUSTOMERS)),
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
    """Statements that add what a database of layout `number` lacks in tables that it has, and fill
    its new ones. Run them once the missing tables are made: one made today has its later columns
    already."""
    later = [step for step in STEPS if step.number > number]
    columns = [
        f"ALTER TABLE {column.table.name} ADD COLUMN IF NOT EXISTS"
        f" {column.name} {type_text(column)}"
        for step in later
        for column in step.columns
    ]
    return columns + [step.fill for step in later if step.fill]


def repacked(number: int) -> list[sa.Table]:
    """The tables that a DuckDB file of layout `number` must store anew."""
    return [table for step in STEPS if step.number > number for table in step.repacked]


def fills(there: Collection[sa.Table]) -> list[str]:
    """Statements that derive the rows of tables that are not among these."""
    return [step.fill for step in STEPS if step.fill and not {*step.tables} & {*there}]
