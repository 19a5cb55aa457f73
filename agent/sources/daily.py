"""Spend, sessions and costs by the day: plain rows, checked and added up, as tables of the
warehouse.

Columns are text or typed, in any order; those that are absent are empty. Rows of one key are added
up: an export with a line for each advertisement becomes a line for each campaign.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.errors import BadFile
from agent.metrics.frames import NONE
from agent.ports import Shop
from agent.sources import ids, ledger
from agent.sources.base import Ints
from agent.sources.fields import TOO_MUCH, UNFIT, too_much, unfit
from agent.sources.plain import as_text, refused
from agent.sources.rejects import Checks
from agent.sources.values import (
    MONEY_TYPE,
    Moments,
    decimals,
    flags,
    moments,
    money,
    whole,
)
from agent.sources.zones import zone_of
from agent.warehouse import schema
from agent.words import t

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["costs_table", "refused", "sessions_table", "spend_table"]

SPEND = ("date", "channel", "campaign", "amount", "impressions", "clicks", "attributed_revenue")
COUNTS = ("sessions", "product_views", "add_to_cart", "reached_checkout", "purchases")
SESSIONS = ("date", "hour", "channel", "country", *COUNTS)
COSTS = ("date", "kind", "amount", "order_id", "cost_id")
FIELDS = {"spend": SPEND, "sessions": SESSIONS, "costs": COSTS}
NEEDED = {
    "spend": ("date", "channel", "amount"),
    "sessions": ("date", "sessions"),
    "costs": ("date", "kind", "amount"),
}
"""Table -> the columns without which a row says nothing."""
_COMPACT = r"^(\d{4})(\d{2})(\d{2})$"
_COMPACT_HOUR = r"^(\d{4})(\d{2})(\d{2})(\d{2})$"


@dataclass(frozen=True)
class Written:
    """How the texts are written: the `dates` with slashes (dmy, mdy; empty: find out), a comma for
    decimals, and the last moment that a row may have. A time with an hour is told on the clocks of
    `timezone`, of the shop where that is empty; a day without an hour stays the day it is."""

    dates: str = ""
    decimal_comma: bool = False
    latest: datetime = datetime(2100, 1, 1, tzinfo=UTC)
    timezone: str = ""


AS_IT_IS = Written()


def spend_table(shop: Shop, rows: pa.Table, written: Written = AS_IT_IS) -> tuple[pa.Table, Checks]:
    """`spend` of rows with the columns of SPEND, and which rows were rejected, with why. Raises
    BadFile where a needed column is absent or a sum is beyond what can be kept."""
    read = _Read("spend", rows, shop, written)
    day = read.day()
    claimed = read.money("attributed_revenue")
    columns = {
        "local_date": day,
        "channel": read.name("channel", needed=True),
        "campaign": read.name("campaign"),
        "amount": read.money("amount", needed=True),
        "impressions": read.count("impressions"),
        "clicks": read.count("clicks"),
        "attributed_revenue": claimed,
    }
    return _table(schema.SPEND, read, columns), read.checks


def sessions_table(
    shop: Shop, rows: pa.Table, written: Written = AS_IT_IS
) -> tuple[pa.Table, Checks]:
    """`sessions` of rows with the columns of SESSIONS; without an hour a day's visits stand at its
    midnight. Raises as `spend_table`."""
    read = _Read("sessions", rows, shop, written)
    at = read.moment()
    columns = {
        "local_at": ledger.stamps(at),
        "channel": read.name("channel"),
        "country": read.name("country"),
        "local_date": ledger.days(at),
    }
    columns |= {name: read.count(name, needed=name == "sessions") for name in COUNTS}
    return _table(schema.SESSIONS, read, columns), read.checks


def costs_table(shop: Shop, rows: pa.Table, written: Written = AS_IT_IS) -> tuple[pa.Table, Checks]:
    """`costs` of rows with the columns of COSTS; `kind` is one of schema.COST_KINDS. A row without
    cost_id is known by its day, kind and order. Raises as `spend_table`."""
    read = _Read("costs", rows, shop, written)
    day, kind, order = read.day(), pc.utf8_lower(read.text["kind"]), read.text["order_id"]
    read.checks.reject(flags(pc.is_null(kind)), "The kind is missing.")
    strange = ~flags(pc.is_in(kind, value_set=pa.array(schema.COST_KINDS)))
    read.checks.reject(strange, f"The kind is none of {', '.join(schema.COST_KINDS)}.")
    made = ids.joined(
        day.cast(pa.string()), pc.fill_null(kind, ""), pc.fill_null(order, ""), by=":"
    )
    columns = {
        "cost_id": pc.coalesce(read.text["cost_id"], made),
        "order_id": order,
        "local_date": day,
        "kind": kind,
        "amount": read.money("amount", needed=True),
    }
    return _table(schema.COSTS, read, columns), read.checks


def days_of(column: pa.Array, written: Written = AS_IT_IS) -> Ints:
    """Days since 1970 of texts of dates, as they stand there; 0 where there is none."""
    return _moments(column, written).wall.or_zero // 86_400


def _moments(column: pa.Array, written: Written) -> Moments:
    words = pc.replace_substring_regex(column, _COMPACT, r"\1-\2-\3")
    words = pc.replace_substring_regex(words, _COMPACT_HOUR, r"\1-\2-\3 \4:00")
    return moments(words, order=written.dates, latest=written.latest)


class _Read:
    """Columns as text, and which rows cannot be used."""

    def __init__(self, table: str, rows: pa.Table, shop: Shop, written: Written) -> None:
        known = {name.strip().lower(): name for name in reversed(rows.column_names)}
        missing = [name for name in NEEDED[table] if name not in known]
        if missing:
            raise BadFile(
                t("There is no column {missing}.", missing=", ".join(missing)),
                hint=t("Found: {names}.", names=", ".join(rows.column_names[:20]) or t("nothing")),
            )
        none = pa.nulls(len(rows), pa.string())
        self.text = {n: as_text(rows[known[n]]) if n in known else none for n in FIELDS[table]}
        self.shop, self.written = shop, written
        self.checks = Checks(len(rows))
        if len(rows):
            self.checks.reject(unfit(list(self.text.values())), UNFIT)

    def day(self) -> pa.Array:
        return ledger.days(self._wall(self.text["date"], self.written.timezone))

    def moment(self) -> Ints:
        """Seconds of the shop's wall clock, at a full hour."""
        wall = self._wall(self.text["date"], self.written.timezone)
        hour = whole(self.text["hour"])
        wrong = hour.wrong | (hour.valid & ((hour.value < 0) | (hour.value > 23)))
        self.checks.reject(wrong, "The hour is not a whole number from 0 to 23.")
        given = hour.present & ~wrong
        wall = np.where(given, wall // 86_400 * 86_400 + hour.or_zero * 3600, wall)
        timed = given & bool(self.written.timezone)
        return np.where(timed, self._moved(wall), wall) // 3600 * 3600

    def _wall(self, column: pa.Array, timezone: str) -> Ints:
        found = _moments(column, self.written)
        self.checks.reject(found.wall.missing, "The date is missing.")
        self.checks.reject(found.wall.wrong, "The date is not a day from 1990 to today.")
        wall = found.wall.or_zero
        exact = zone_of(self.shop.timezone).to_wall(wall - found.offset)
        timed = (wall % 86_400 != 0) & bool(timezone)
        return np.where(found.has_offset, exact, np.where(timed, self._moved(wall), wall))

    def _moved(self, wall: Ints) -> Ints:
        """A time on the source's clocks as the shop's clocks showed it."""
        utc = zone_of(self.written.timezone or self.shop.timezone).to_utc(wall)
        return zone_of(self.shop.timezone).to_wall(utc)

    def name(self, field: str, *, needed: bool = False) -> pa.Array:
        column = self.text[field]
        if needed:
            self.checks.reject(flags(pc.is_null(column)), f"The {field} is missing.")
        return pc.fill_null(column, NONE)

    def money(self, field: str, *, needed: bool = False) -> pa.Array:
        """NULL where there is none, unless it is needed."""
        found = money(self.text[field], comma=self.written.decimal_comma)
        self.checks.reject(found.wrong, f"The {field} is not an amount with at most four decimals.")
        if needed:
            self.checks.reject(found.missing, f"The {field} is missing.")
        self.checks.reject(too_much(np.ones_like(found.value), found.or_zero), TOO_MUCH)
        none = pa.scalar(None, MONEY_TYPE)
        return pc.if_else(pa.array(found.valid), decimals(found.or_zero), none)

    def count(self, field: str, *, needed: bool = False) -> pa.Array:
        found = whole(self.text[field], comma=self.written.decimal_comma)
        wrong = found.wrong | (found.valid & (found.value < 0))
        self.checks.reject(wrong, f"The {field} is not a whole number.")
        if needed:
            self.checks.reject(found.missing, f"The {field} is missing.")
        return pa.array(found.or_zero)


def _table(table: sa.Table, read: _Read, columns: dict[str, pa.Array]) -> pa.Table:
    """The usable rows, one for each key, in the order of their keys."""
    wanted = schema.arrow_schema(table)
    keys = [c.name for c in table.primary_key if c.name != "shop_id"]
    rows = pa.table(columns).filter(pa.array(read.checks.good))
    sums = [name for name in columns if name not in keys and _adds(wanted.field(name).type)]
    same = [name for name in columns if name not in keys and name not in sums]
    nothing = pc.ScalarAggregateOptions(min_count=1)
    made = rows.group_by(keys, use_threads=False).aggregate(
        [*((name, "sum", nothing) for name in sums), *((name, "max") for name in same)]
    )
    found = {name: made[name] for name in keys}
    found |= {name: made[f"{name}_sum"] for name in sums} | {n: made[f"{n}_max"] for n in same}
    found["shop_id"] = pa.repeat(pa.scalar(read.shop.shop_id), len(made))
    found["revision"] = pa.array(np.zeros(len(made), dtype=np.int64))
    return _typed(found, wanted).sort_by([(name, "ascending") for name in keys])


def _adds(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind) or pa.types.is_integer(kind))


def _typed(found: dict[str, pa.Array], wanted: pa.Schema) -> pa.Table:
    try:
        return pa.table(
            [found[name].cast(wanted.field(name).type) for name in wanted.names], wanted
        )
    except pa.ArrowInvalid as error:
        raise BadFile(t("The rows of one day add up to more than can be kept.")) from error
