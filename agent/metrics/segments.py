"""What customers and products are by the end of a reading's window: RFM groups, scores, value
tiers, cohorts, ABC classes.

Common table expressions that stand in a statement only where it asks for them, with the columns it
asks for. DIMENSIONS names their columns as text: `segments.rfm`, `grades.abc`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from agent.metrics.clauses import Element, by_order, during, in_shops, lines_with_orders, once
from agent.metrics.groups import A_SHARE, B_SHARE, GRADE_DAYS, RFM_GRID, TIERS, UNGROUPED
from agent.metrics.lives import lives
from agent.metrics.reading import Reading
from agent.warehouse.schema import CUSTOMERS, ORDERS, PROFILES, SALES

# Score -> what it ranks, the best highest.
_RANKED = {"recency": "last_day", "frequency": "orders", "monetary": "net_sales"}
_BY_MONEY = ("monetary", "rfm", "value_tier")


def with_segments(
    reading: Reading, source: sa.FromClause, buyers: sa.FromClause = ORDERS
) -> sa.FromClause:
    """A source that holds orders (and for ABC classes sales), with what its customers and products
    are; the source itself where that is not asked for. `buyers` is the part of it that names its
    customers."""
    if reading.touches("customer", "age"):
        people = _segments(reading)
        source = source.outerjoin(people, _same(people, buyers))
    return with_grades(reading, source, SALES) if reading.touches("grade") else source


def with_grades(reading: Reading, source: sa.FromClause, goods: sa.FromClause) -> sa.FromClause:
    """A source with the ABC classes of the products that `goods`, a part of it, speaks of."""
    grades = _grades(reading)
    matches = sa.and_(
        grades.c.shop_id == goods.c.shop_id, grades.c.product_id == goods.c.product_id
    )
    return source.outerjoin(grades, matches)


def _same(people: sa.FromClause, other: sa.FromClause) -> Element:
    return sa.and_(people.c.shop_id == other.c.shop_id, people.c.customer_id == other.c.customer_id)


def _segments(reading: Reading) -> sa.FromClause:
    """One row a customer."""
    asked = [name for name in _SEGMENTS if name in reading.dimensions]
    firsts = _firsts(reading)
    scored = _scored(reading) if asked else None
    base: sa.FromClause = CUSTOMERS if firsts or scored is None else scored
    source, columns = base, [base.c.shop_id, base.c.customer_id, *firsts]
    if scored is not None:
        source = source if base is scored else source.outerjoin(scored, _same(scored, base))
        columns += [_SEGMENTS[name](reading, scored).label(name) for name in asked]
    if "rfm" in asked:
        source = source.outerjoin(PROFILES, _same(PROFILES, base))
    chosen = sa.select(*columns).select_from(source)
    if base is CUSTOMERS:
        chosen = chosen.where(in_shops(CUSTOMERS, reading.shops))
    made = once(chosen, "segments")
    # What customers are by a day is the same whatever a question is filtered by.
    kept = reading.keep(made) if reading.keep and scored is not None else None
    return made if kept is None else kept


def _firsts(reading: Reading) -> list[sa.Label[Any]]:
    """The first order's month, week and quarter: as text where asked for, as numbers for ages."""
    at = CUSTOMERS.c.first_at
    year, month, quarter = (_part(at, name) for name in ("year", "month", "quarter"))
    made: Mapping[str, Element] = {
        "cohort": _digits(year, 4) + "-" + _digits(month, 2),
        "cohort_week": _digits(_part(at, "isoyear"), 4) + "-W" + _digits(_part(at, "week"), 2),
        "cohort_quarter": _digits(year, 4) + "-Q" + sa.cast(quarter, sa.String),
    }
    texts = [value.label(name) for name, value in made.items() if name in reading.dimensions]
    monday = sa.cast(sa.func.date_trunc("week", at, type_=sa.DateTime), sa.Date)
    numbers: Mapping[str, sa.Label[Any]] = {
        "age": (year * 12 + month).label("first_month"),
        "age_weeks": monday.label("first_week"),
        "age_quarters": (year * 4 + quarter).label("first_quarter"),
    }
    return texts + [value for name, value in numbers.items() if name in reading.dimensions]


def _part(at: Element, name: str) -> Element:
    return sa.cast(sa.extract(name, at), sa.Integer)


def _digits(number: Element, width: int) -> Element:
    return sa.func.lpad(sa.cast(number, sa.String), width, "0", type_=sa.String)


def _scored(reading: Reading) -> sa.CTE:
    """Scores and lifetime net sales of everybody who has ordered by the end of the window."""
    money = any(name in reading.dimensions for name in _BY_MONEY)
    lived = lives(reading, money=money)
    columns = [column for column in lived.c if column.name in ("shop_id", "customer_id")]
    columns += [lived.c.net_sales] if "net_sales" in lived.c else []
    ranked = [n for n in _RANKED if "rfm" in reading.dimensions or n in reading.dimensions]
    if not ranked:
        return once(sa.select(*columns), "scored")
    steps = _steps(lived, ranked)
    scores = [_score(lived, steps, name).label(name) for name in ranked]
    source = lived.join(steps, steps.c.shop_id == lived.c.shop_id)
    return once(sa.select(*columns, *scores).select_from(source), "scored")


def _steps(lived: sa.CTE, ranked: Sequence[str]) -> sa.CTE:
    """What a customer must exceed for the scores 2 to 5: the largest value of each lowest fifth,
    two fifths and so on. The same value is above a step or not, so it has one score."""
    # One array a score: DuckDB sorts the customers once for it, not once for each of its steps.
    fifths: Element = sa.literal_column("ARRAY[0.2, 0.4, 0.6, 0.8]")
    steps = [
        sa.func.percentile_disc(fifths).within_group(lived.c[_RANKED[name]]).label(name)
        for name in ranked
    ]
    return once(sa.select(lived.c.shop_id, *steps).group_by(lived.c.shop_id), "steps")


def _score(lived: sa.CTE, steps: sa.CTE, name: str) -> Element:
    value = lived.c[_RANKED[name]]
    level = f"{steps.name}.{name}"
    above = [
        (value > sa.literal_column(f"{level}[{step}]", value.type), str(step + 1))
        for step in (4, 3, 2, 1)
    ]
    return sa.case(*above, else_="1")


def _net_sales() -> Element:
    return sa.func.sum(SALES.c.gross + SALES.c.discount + SALES.c.reversal)


def _group(reading: Reading, scored: sa.CTE) -> Element:
    """The platform's own group where it names one; else the first of the grid that fits."""
    r, f, m = (scored.c[name] for name in _RANKED)
    fits = [
        (sa.and_(_within(r, *days), _within(f, *worth), _within(m, *worth)), name)
        for name, (days, worth) in RFM_GRID.items()
    ]
    own = sa.case(*fits, (r.is_not(None), UNGROUPED))
    return sa.func.coalesce(sa.func.nullif(PROFILES.c.rfm_group, ""), own, type_=sa.String)


def _within(score: Element, least: int, most: int) -> Element:
    """Scores are digits, which sort as text as they do as numbers."""
    return score.between(str(least), str(most))


def _tier(reading: Reading, scored: sa.CTE) -> Element:
    net, *named, last = scored.c.net_sales, *TIERS
    levels = zip(named, reading.terms.tiers, strict=True)
    return sa.case(
        *((net >= Decimal(str(least)), name) for name, least in levels), (net.is_not(None), last)
    )


def _own_score(name: str) -> Callable[[Reading, sa.CTE], Element]:
    return lambda reading, scored: scored.c[name]


_SEGMENTS: Mapping[str, Callable[[Reading, sa.CTE], Element]] = {
    **{name: _own_score(name) for name in _RANKED},
    "rfm": _group,
    "value_tier": _tier,
}


def _grades(reading: Reading) -> sa.CTE:
    """Classes of the products that earned anything in the days before the window's end."""
    earned = _earned(reading)
    shop, net = earned.c.shop_id, earned.c.net_sales
    largest = (net.desc(), earned.c.product_id)
    up_to = sa.func.sum(net).over(partition_by=shop, order_by=largest, rows=(None, 0))
    before, whole = (up_to - net) * 100, sa.func.sum(net).over(partition_by=shop)
    grade = sa.case((before < whole * A_SHARE, "A"), (before < whole * B_SHARE, "B"), else_="C")
    return once(sa.select(shop, earned.c.product_id, grade.label("abc")), "grades")


def _earned(reading: Reading) -> sa.CTE:
    source = lines_with_orders()
    first = reading.window.end - timedelta(days=GRADE_DAYS - 1)
    rows = (
        sa.select(SALES.c.shop_id, SALES.c.product_id, _net_sales().label("net_sales"))
        .select_from(source if by_order(reading, SALES) else SALES)
        .where(
            in_shops(SALES, reading.shops),
            SALES.c.line_type == "PRODUCT",
            SALES.c.product_id.is_not(None),
            *during(reading, SALES, first),
        )
        .group_by(SALES.c.shop_id, SALES.c.product_id)
        .having(_net_sales() > 0)
    )
    return once(rows, "earned")
