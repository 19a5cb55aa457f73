"""Stock by its counts: what was there at an end, and how fast it sold in the 28 days before.

One row a product and day: the last count so far, and the units sold. Windows over 28 of them give
each end its own figures: the period's last day and, with a grain, each bucket's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import Element, bucket, conditions, grouped, in_shops, same
from agent.metrics.metric import Measure
from agent.metrics.reading import Reading
from agent.metrics.segments import with_grades
from agent.warehouse.schema import INVENTORY, PRODUCTS, SALES

BEFORE = 27
"""A day's figures speak of it and so many days before it."""
_FRACTION = sa.Numeric(28, 12)
_NOTHING: Element = sa.literal_column("0", sa.Integer)
_DAY: Element = sa.literal_column("INTERVAL '1 day'")


def stock(reading: Reading, measures: list[Measure]) -> list[sa.Select[Any]]:
    """With a grain the total is a select of its own: it is the last bucket's, not their sum."""
    if not reading.grain:
        return [_of(reading, measures)]
    return [_of(reading, measures), _of(replace(reading, by=()), measures)]


def _of(reading: Reading, measures: list[Measure]) -> sa.Select[Any]:
    names = [measure.name for measure in measures]
    ends = _ends(reading, rates=names != ["ending_units"])
    source: sa.FromClause = ends
    if reading.touches("product"):
        source = ends.outerjoin(PRODUCTS, same(ends, PRODUCTS, "product_id"))
    labels = [_SUMS[name](ends).label(name) for name in names]
    return grouped(reading, ends, source, labels).where(*conditions(reading, ends))


def _ending(ends: sa.CTE) -> Element:
    return sa.cast(sa.func.sum(ends.c.available), sa.BigInteger)


def _sold(ends: sa.CTE) -> Element:
    return sa.cast(sa.func.greatest(sa.func.sum(ends.c.sold), _NOTHING), sa.BigInteger)


def _rate(ends: sa.CTE) -> Element:
    """Units a day on days in stock, product by product."""
    days = sa.func.nullif(ends.c.stocked_days, _NOTHING, type_=sa.BigInteger)
    units = sa.func.greatest(ends.c.stocked_units, _NOTHING, type_=sa.BigInteger)
    each = sa.cast(sa.cast(units, _FRACTION) / days, _FRACTION)
    return sa.cast(sa.func.sum(each), sa.Numeric(38, 12))


_SUMS = {"ending_units": _ending, "units_28": _sold, "stocked_rate": _rate}


def _ends(reading: Reading, *, rates: bool) -> sa.CTE:
    """One row a counted product and end: `available`, and of the 28 days up to it the units sold,
    those sold on days in stock, and how many such days there were."""
    running = _running(_levels(reading, rates=rates))
    at = sa.cast(running.c.local_date, sa.DateTime)
    chosen: Element = running.c.local_date == reading.window.end
    if reading.grain:
        last = bucket(at, reading.grain) != bucket(at + _DAY, reading.grain)
        chosen = sa.or_(chosen, sa.and_(running.c.local_date >= reading.window.start, last))
    columns = [at.label("local_at"), running.c.product_id.label("product")]
    source: sa.FromClause = running
    if reading.touches("grade"):
        source = with_grades(reading, running, running)
        columns.append(sa.literal_column("coalesce(grades.abc, 'C')", sa.String).label("abc"))
    ends = sa.select(running, *columns).select_from(source)
    return ends.where(chosen, running.c.available.is_not(None)).cte("ends")


def _running(levels: sa.CTE) -> sa.CTE:
    stocked = levels.c.available > _NOTHING
    amounts = {
        "sold": levels.c.units,
        "stocked_units": sa.case((stocked, levels.c.units), else_=_NOTHING),
        "stocked_days": sa.case((stocked, sa.literal_column("1")), else_=_NOTHING),
    }
    each = (levels.c.shop_id, levels.c.product_id)
    sums = (
        sa.cast(
            sa.func.sum(amount).over(
                partition_by=each, order_by=levels.c.local_date, rows=(-BEFORE, 0)
            ),
            sa.BigInteger,
        ).label(name)
        for name, amount in amounts.items()
    )
    known = (levels.c[name] for name in ("shop_id", "product_id", "local_date", "available"))
    return sa.select(*known, *sums).cte("running")


def _levels(reading: Reading, *, rates: bool) -> sa.CTE:
    """One row a counted product and day: what was there by the last count so far, NULL before the
    first, below zero as zero; and the units sold."""
    start = _start(reading, rates=rates)
    days, counts, sold = _days(reading, start), _counts(reading, start), _units(reading, start)
    goods = sa.select(counts.c.shop_id, counts.c.product_id).distinct().cte("goods")
    source: sa.FromClause = goods.join(days, sa.true()).outerjoin(
        counts, sa.and_(same(goods, counts, "product_id"), _same_day(days, counts))
    )
    if rates:
        source = source.outerjoin(
            sold, sa.and_(same(goods, sold, "product_id"), _same_day(days, sold))
        )
    last = sa.func.max(counts.c.counted_on, type_=sa.Date).over(
        partition_by=(goods.c.shop_id, goods.c.product_id), order_by=days.c.local_date
    )
    units = sa.func.coalesce(sold.c.units, _NOTHING) if rates else _NOTHING
    carried = (
        sa.select(goods, days.c.local_date, last.label("counted_on"), units.label("units"))
        .select_from(source)
        .cte("carried")
    )
    there = sa.and_(
        same(carried, INVENTORY, "product_id"),
        carried.c.counted_on == INVENTORY.c.local_date,
    )
    level = sa.case(
        (INVENTORY.c.available > _NOTHING, INVENTORY.c.available),
        (INVENTORY.c.available.is_not(None), _NOTHING),
    )
    return (
        sa.select(carried, level.label("available"))
        .select_from(carried.outerjoin(INVENTORY, there))
        .cte("levels")
    )


def _start(reading: Reading, *, rates: bool) -> date:
    first = reading.window.start if reading.grain else reading.window.end
    return first - timedelta(days=BEFORE if rates else 0)


def _days(reading: Reading, start: date) -> sa.CTE:
    """Every day that counts; none of the years before stock was counted at all."""
    # Cast, because the receipt's text has no types: both warehouses must see timestamps there too.
    low, high = (
        sa.cast(datetime.combine(day, time()), sa.DateTime) for day in (start, reading.window.end)
    )
    series = sa.func.generate_series(low, high, _DAY).table_valued("day").render_derived("series")
    first = (
        sa.select((sa.func.min(INVENTORY.c.local_date) - BEFORE).label("day"))
        .where(in_shops(INVENTORY, reading.shops))
        .cte("first_count")
    )
    day = sa.cast(series.c.day, sa.Date)
    return (
        sa.select(day.label("local_date"))
        .where(day >= sa.select(first.c.day).scalar_subquery())
        .cte("days")
    )


def _counts(reading: Reading, start: date) -> sa.CTE:
    """The days on which products were counted; what lies before the first day stands on that."""
    day = sa.func.greatest(INVENTORY.c.local_date, sa.cast(start, sa.Date), type_=sa.Date)
    told = (
        sa.select(
            INVENTORY.c.shop_id,
            INVENTORY.c.product_id,
            day.label("local_date"),
            INVENTORY.c.local_date.label("counted_on"),
        )
        .where(in_shops(INVENTORY, reading.shops), INVENTORY.c.local_date <= reading.window.end)
        .subquery("told")
    )
    keys = (told.c.shop_id, told.c.product_id, told.c.local_date)
    last = sa.func.max(told.c.counted_on).label("counted_on")
    return sa.select(*keys, last).group_by(*keys).cte("counts")


def _units(reading: Reading, start: date) -> sa.CTE:
    keys = (SALES.c.shop_id, SALES.c.product_id, SALES.c.local_date)
    units = sa.cast(sa.func.sum(SALES.c.quantity), sa.BigInteger).label("units")
    return (
        sa.select(*keys, units)
        .where(
            in_shops(SALES, reading.shops),
            SALES.c.line_type == sa.literal_column("'PRODUCT'"),
            SALES.c.local_date.between(start, reading.window.end),
        )
        .group_by(*keys)
        .cte("sold")
    )


def _same_day(left: sa.CTE, right: sa.CTE) -> Element:
    return left.c.local_date == right.c.local_date
