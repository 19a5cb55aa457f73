"""Visits, advertising, costs and stock as the warehouse's tables."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from agent.sources.demo_shop import people
from agent.sources.demo_shop.advertising import CAMPAIGN_SPEND, Spend
from agent.sources.demo_shop.catalogue import catalogue
from agent.sources.demo_shop.columns import day, moment, money, numbered, tabled, word
from agent.sources.demo_shop.costs import KIND_NAMES, Costs
from agent.sources.demo_shop.days import DAY
from agent.sources.demo_shop.stock import Stock
from agent.sources.demo_shop.story import Story
from agent.sources.demo_shop.tables import product_ids
from agent.sources.demo_shop.traffic import Visits


def sessions(shop_id: str, found: Visits) -> pa.Table:
    columns = {
        "local_at": moment(found.hour),
        "channel": word(people.CHANNELS, found.channel),
        "country": word(people.COUNTRIES, found.country),
        "local_date": day(found.hour // DAY),
        "sessions": pa.array(found.sessions),
        "product_views": pa.array(found.product_views),
        "add_to_cart": pa.array(found.add_to_cart),
        "reached_checkout": pa.array(found.reached_checkout),
        "purchases": pa.array(found.purchases),
    }
    return tabled("sessions", shop_id, columns)


def spend(shop_id: str, spent: Spend) -> pa.Table:
    columns = {
        "local_date": day(spent.day),
        "channel": word(tuple(row[0] for row in CAMPAIGN_SPEND), spent.campaign),
        "campaign": word(tuple(row[1] for row in CAMPAIGN_SPEND), spent.campaign),
        "amount": money(spent.amount),
        "impressions": pa.array(spent.impressions),
        "clicks": pa.array(spent.clicks),
        "attributed_revenue": money(spent.claimed),
    }
    return tabled("spend", shop_id, columns)


def order_costs(shop_id: str, found: Costs) -> pa.Table:
    order_id, kind = numbered("o-", found.number), word(KIND_NAMES, found.kind)
    columns = {
        "cost_id": pc.binary_join_element_wise(order_id, kind, "-"),
        "order_id": order_id,
        "local_date": day(found.day),
        "kind": kind,
        "amount": money(found.amount),
    }
    return tabled("costs", shop_id, columns)


def inventory(story: Story, shop_id: str, levels: Stock) -> pa.Table:
    columns = {
        "local_date": day(levels.day),
        "product_id": word(product_ids(len(catalogue(story))), levels.product),
        "available": pa.array(levels.available),
    }
    return tabled("inventory", shop_id, columns)
