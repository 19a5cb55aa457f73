"""The demo shop: filled once with 25 months of history, and living on from there.

Every row follows from the seed and from the day on which the shop was filled (its anchor). That day
can be read off the oldest row and the last moment off the newest, so `tick` continues after any
pause or restart with the rows that an uninterrupted run would have written.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import pyarrow as pa
import sqlalchemy as sa

from agent.ports import Batch, Merged, Shop
from agent.records.events import Event
from agent.sources.base import Progress, Watch
from agent.sources.demo_shop import tables
from agent.sources.demo_shop.columns import whole
from agent.sources.demo_shop.days import DAY, as_day, day_number
from agent.sources.demo_shop.story import CAMPAIGNS, HISTORY_DAYS, TIMEZONE, Story
from agent.sources.demo_shop.world import World, world
from agent.warehouse import schema

if TYPE_CHECKING:
    from agent.services import Services

SHOP = Shop("hearth-alder", "Hearth & Alder", "USD", TIMEZONE, "demo")
SEED = 1871
# What the shop's owners want: a month's sum or a rate; the target, a warning, the critical level.
TARGETS = (
    ("net_sales", 360_000.0, 330_000.0, 280_000.0),
    ("orders", 4_600.0, 4_200.0, 3_600.0),
    ("average_order_value", 95.0, 90.0, 80.0),
    ("new_customers", 2_300.0, 2_150.0, 1_800.0),
    ("repeat_purchase_rate", 0.38, 0.36, 0.33),
    ("conversion_rate", 0.023, 0.021, 0.018),
    ("cac", 30.0, 34.0, 40.0),
)
BEFORE = -(1 << 40)
"""A moment before everything."""


def build(
    today: date | datetime, seed: int = SEED, anchor: date | None = None
) -> dict[str, pa.Table]:
    """The whole shop as it stands at a moment (aware), or at the end of a day, in the columns of
    schema.arrow_schema.

    `anchor` is the day around which the story happens and 25 months before which it begins: the day
    itself, unless an older shop is continued.
    """
    until = _second(today)
    story = Story(anchor or _day(until), seed)
    return _all(story, until)


def fill(services: Services, progress: Watch) -> Merged:
    """Put the shop and its history into the warehouse in one batch. A shop that is there already is
    brought up to the present instead; `already` when there was nothing to add."""
    if _known(services) is not None:
        return _catch_up(services) or Merged("", already=True)
    progress(Progress("Making 25 months of orders", 0, 2))
    until = _second(services.clock.now())
    story = Story(_day(until), SEED)
    rows = _all(story, until)
    progress(Progress("Writing them", 1, 2))
    merged = services.warehouse.merge(_batch(story, rows, f"demo {SEED} {story.anchor}"))
    for metric, *levels in TARGETS:
        services.records.targets.put(SHOP.shop_id, metric, *levels)
    services.records.events.put_all(planned(story))
    del rows
    pa.default_memory_pool().release_unused()
    progress(Progress("Done", 2, 2))
    return merged


def planned(story: Story) -> tuple[Event, ...]:
    """The sales that the shop's owners had or have planned, a year and a half ahead. Not what
    befell the shop: nobody knew of it."""
    last = story.anchor + timedelta(days=548)
    sales = [(one, one.starts(year)) for year in story.years for one in CAMPAIGNS]
    return tuple(
        Event(
            SHOP.shop_id,
            sale.title,
            "promotion",
            first,
            first + timedelta(days=sale.days - 1),
            {"product_type": sale.product_type} if sale.product_type else {},
            {"discount": sale.percent / 100},
            event_id=f"{SHOP.shop_id}:{sale.slug}-{first.year}",
        )
        for sale, first in sales
        if story.start <= day_number(first) and first <= last
    )


def tick(services: Services) -> int:
    """Let the shop live up to the present. Returns the rows written: 0 when nothing happened, or no
    shop is there."""
    merged = _catch_up(services)
    return sum(merged.inserted.values()) + sum(merged.replaced.values()) if merged else 0


def _all(story: Story, until: int) -> dict[str, pa.Table]:
    whole = world(story, SHOP.shop_id, story.start, day_number(_day(until)))
    rows = whole.between(BEFORE, until)
    return {**rows, "products": tables.products(story, SHOP.shop_id)}


def _catch_up(services: Services) -> Merged | None:
    """One batch with everything since the newest row; None when there is nothing."""
    known = _known(services)
    if known is None:
        return None
    story, since = known
    until = _second(services.clock.now())
    rows = _since(story, since, until)
    if not rows:
        return None
    # Visits of a full hour come again until an order moves the newest row: the same batch then.
    counts = " ".join(f"{name}={table.num_rows}" for name, table in sorted(rows.items()))
    merged = services.warehouse.merge(_batch(story, rows, f"demo {SEED} {since} {counts}"))
    return None if merged.already else merged


def _since(story: Story, since: int, until: int) -> dict[str, pa.Table]:
    if until <= since:
        return {}
    first, last = day_number(_day(since)), day_number(_day(until))
    found = _one_day(story, last) if first == last else world(story, SHOP.shop_id, first, last)
    return found.between(since, until)


@lru_cache(maxsize=2)
def _one_day(story: Story, day: int) -> World:
    """A day's rows, the coming ones too: made once, cut at every tick."""
    return world(story, SHOP.shop_id, day, day)


def _known(services: Services) -> tuple[Story, int] | None:
    """The story of the shop in the warehouse and the second of its newest sale."""
    sales = schema.SALES.c
    ends = sa.select(
        sa.func.min(sales.local_date).label("first"), sa.func.max(sales.happened_at).label("last")
    ).where(sales.shop_id == SHOP.shop_id)
    row = services.warehouse.read(ends).to_pylist()[0]
    if row["first"] is None:
        return None
    anchor = row["first"] + timedelta(days=HISTORY_DAYS)
    return Story(anchor, SEED), _second(row["last"].replace(tzinfo=UTC))


def _batch(story: Story, rows: dict[str, pa.Table], fingerprint: str) -> Batch:
    lines = sum(table.num_rows for table in rows.values())
    summary = {"anchor": story.anchor.isoformat()}
    return Batch(SHOP, "demo", fingerprint, rows, lines=lines, summary=summary)


def _second(moment: date | datetime) -> int:
    if isinstance(moment, datetime):
        return int(moment.timestamp())
    zone = Story(moment, SEED).zone
    return int(zone.to_utc(whole([(day_number(moment) + 1) * DAY]))[0]) - 1


def _day(second: int) -> date:
    wall = Story(date.min, SEED).zone.to_wall(whole([second]))
    return as_day(int(wall[0]) // DAY)
