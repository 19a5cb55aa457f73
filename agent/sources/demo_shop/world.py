"""All rows that a stretch of days brings, whichever days the orders behind them are from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa

from agent.sources.demo_shop import counts, ledger, tables
from agent.sources.demo_shop.advertising import spend
from agent.sources.demo_shop.baskets import order_rows
from agent.sources.demo_shop.changes import LATEST, change_rows, fates
from agent.sources.demo_shop.columns import Dated, Entries
from agent.sources.demo_shop.costs import costs
from agent.sources.demo_shop.days import DAY
from agent.sources.demo_shop.dice import Ints, rows_of
from agent.sources.demo_shop.orders import heads
from agent.sources.demo_shop.plan import plan
from agent.sources.demo_shop.stock import LONGEST_RHYTHM, stock
from agent.sources.demo_shop.story import Story
from agent.sources.demo_shop.traffic import visits


@dataclass(frozen=True)
class World:
    """`rows` maps a table to its rows with the moments at which they came to be."""

    story: Story
    shop_id: str
    rows: Mapping[str, Dated]

    def between(self, since: int, until: int) -> dict[str, pa.Table]:
        """What came to be after `since` and not after `until` (UTC seconds), as it stood then; only
        tables with rows."""
        cut = {
            **{name: dated.between(since, until) for name, dated in self.rows.items()},
            "events": tables.events(self.story, self.shop_id, since, until),
        }
        return {name: table for name, table in cut.items() if table.num_rows}


def world(story: Story, shop_id: str, first: int, last: int) -> World:
    """The rows of the wall clock's days first..last. Orders of some weeks before are made too:
    their returns come now, and stock counts what they took."""
    placed = heads(story, plan(story, last), first - max(LATEST, LONGEST_RHYTHM) - 1, last)
    sold = order_rows(story, placed)
    told = fates(story, placed)
    begins = _midnight(story, np.array([first], dtype=np.int64))[0]
    rows = ledger.join(sold, change_rows(story, placed, sold))
    rows = rows.where(rows.moment >= begins)
    recent = (placed.placed >= begins) | (told.moment >= begins)
    seen = visits(story, placed, first, last)
    spent = spend(story, (placed, sold), first, last)
    owed = costs(story, placed, sold, told)
    levels = stock(story, placed, sold, (first, last))
    return World(
        story,
        shop_id,
        {
            "orders": tables.Orders(story, shop_id, rows_of(placed, recent), rows_of(told, recent)),
            "sales": Entries(rows, rows.moment, partial(tables.sales, story, shop_id)),
            "sessions": Entries(seen, seen.ends, partial(counts.sessions, shop_id)),
            "spend": Entries(
                spent, _midnight(story, spent.day + 1), partial(counts.spend, shop_id)
            ),
            "costs": Entries(owed, owed.moment, partial(counts.order_costs, shop_id)),
            "inventory": Entries(
                levels, _midnight(story, levels.day), partial(counts.inventory, story, shop_id)
            ),
        },
    )


def _midnight(story: Story, days: Ints) -> Ints:
    """The instants at which days begin on the shop's wall."""
    return story.zone.to_utc(days * DAY)
