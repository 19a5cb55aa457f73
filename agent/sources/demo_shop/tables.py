"""The shop's rows as Arrow tables of the warehouse's schema, and the cut that a moment makes
through them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources.demo_shop import ledger, people
from agent.sources.demo_shop.catalogue import TYPES, catalogue
from agent.sources.demo_shop.changes import CANCELLED, Fates
from agent.sources.demo_shop.columns import day, moment, money, numbered, tabled, word
from agent.sources.demo_shop.days import DAY
from agent.sources.demo_shop.dice import rows_of
from agent.sources.demo_shop.ledger import Ledger
from agent.sources.demo_shop.orders import Heads, fault_seconds
from agent.sources.demo_shop.story import Incident, Story, as_moment
from agent.sources.demo_shop.variants import titles, variants


def product_ids(count: int) -> tuple[str, ...]:
    return tuple(f"p-{number + 1:03d}" for number in range(count))


@dataclass(frozen=True)
class Orders:
    """Orders, which are told again, in a second revision, when they are cancelled."""

    story: Story
    shop_id: str
    heads: Heads
    told: Fates

    def between(self, since: int, until: int) -> pa.Table:
        placed, moment_of = self.heads.placed, self.told.moment
        gone = (self.told.fate == CANCELLED) & (moment_of <= until)
        new = (placed > since) & (placed <= until)
        chosen = new | (gone & (moment_of > since))
        heads = rows_of(self.heads, chosen)
        columns = {
            **_order_columns(self.story, heads),
            "cancelled_at": moment(moment_of[chosen], absent=~gone[chosen]),
            "revision": pa.array(1 + gone[chosen].astype(np.int64)),
        }
        return tabled("orders", self.shop_id, columns)


def _order_columns(story: Story, heads: Heads) -> dict[str, pa.Array]:
    wall = story.zone.to_wall(heads.placed)
    places = people.PLACES
    return {
        "order_id": numbered("o-", heads.number),
        "name": numbered("#", heads.number),
        "customer_id": numbered("c-", heads.customer, 6, heads.customer == 0),
        "placed_at": moment(heads.placed),
        "local_at": moment(wall),
        "local_date": day(wall // DAY),
        "placed": pa.repeat(pa.scalar(True), len(heads)),
        "country": word(people.COUNTRIES, heads.country),
        "region": word(tuple(place.region for place in places), heads.place),
        "city": word(tuple(place.city for place in places), heads.place),
        "channel": word(people.CHANNELS, heads.channel),
        "presentment_currency": word(people.CURRENCIES, heads.country),
    }


def sales(story: Story, shop_id: str, rows: Ledger) -> pa.Table:
    wall = story.zone.to_wall(rows.moment)
    order_id = numbered("o-", rows.number)
    line_id = pc.binary_join_element_wise(order_id, pa.array(rows.line).cast(pa.string()), "-")
    mark = word(("sale", "edit", "return"), rows.action)
    none = np.zeros(len(rows), dtype=np.int64)
    columns = {
        "sale_id": pc.binary_join_element_wise(line_id, mark, "-"),
        "order_id": order_id,
        "line_id": line_id,
        "product_id": word(product_ids(len(catalogue(story))), rows.product),
        "variant": word(titles(), variants(story, rows)),
        "happened_at": moment(rows.moment),
        "local_at": moment(wall),
        "local_date": day(wall // DAY),
        "action": word(ledger.ACTION_NAMES, rows.action),
        "line_type": word(ledger.KIND_NAMES, rows.kind),
        "quantity": pa.array(rows.quantity),
        "gross": money(rows.gross),
        "discount": money(rows.discount),
        "reversal": money(rows.reversal),
        "tax": money(rows.tax),
        "shipping": money(rows.shipping),
        "duty": money(none),
        "fee": money(none),
        "unit_cost": money(rows.cost, absent=rows.cost < 0),
        "presentment_currency": word(people.CURRENCIES, rows.currency),
        "presentment_amount": money(rows.presented),
    }
    return tabled("sales", shop_id, columns)


def products(story: Story, shop_id: str) -> pa.Table:
    goods = catalogue(story)
    ids = product_ids(len(goods))
    columns = {
        "product_id": pa.array(ids),
        "title": pa.array(goods.titles),
        "product_type": word(TYPES, goods.kinds),
        "vendor": pa.array(goods.vendors),
        "sku": pa.array(
            [f"HA-{TYPES[k][:2].upper()}-{n + 1:03d}" for n, k in enumerate(goods.kinds)]
        ),
    }
    return tabled("products", shop_id, columns)


@lru_cache(maxsize=4)
def _calendar(story: Story) -> tuple[Incident, ...]:
    return story.incidents(fault_seconds())


def events(story: Story, shop_id: str, since: int, until: int) -> pa.Table:
    """What began or ended in between, as it was known at the end of it."""
    known = [row for row in _calendar(story) if row.starts <= until]
    over = [row.open_ended and row.ends is not None and row.ends <= until for row in known]
    told = [
        row.ends if done or not row.open_ended else None
        for row, done in zip(known, over, strict=True)
    ]
    fresh = [
        row.starts > since or (done and (row.ends or 0) > since)
        for row, done in zip(known, over, strict=True)
    ]
    stamp = pa.timestamp("us")
    columns = {
        "event_id": pa.array([row.event_id for row in known], pa.string()),
        "starts_at": pa.array([as_moment(row.starts) for row in known], stamp),
        "ends_at": pa.array([None if end is None else as_moment(end) for end in told], stamp),
        "kind": pa.array([row.kind for row in known], pa.string()),
        "title": pa.array([row.title for row in known], pa.string()),
        "revision": pa.array([1 + int(done) for done in over], pa.int64()),
    }
    return tabled("events", shop_id, columns).filter(pa.array(fresh, pa.bool_()))
