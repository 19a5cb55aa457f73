"""One event after the other: what a busy day does to a shop, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

from tests.shopify_standin import seeding
from tests.shopify_standin.model import Happened, Order
from tests.shopify_standin.shop import Shop

Deed = Callable[[Shop, random.Random], None]


def events(shop: Shop, count: int, seed: int) -> Iterator[Happened]:
    """Do `count` things; each yields the last event that it caused.

    A clock that can be advanced is moved between them, by nothing now and then: two changes of
    one order within one second happen.
    """
    dice = random.Random(seed * 7919 + shop.seed)
    deeds = list(WEIGHTS)
    advance = getattr(shop.clock, "advance", None)
    done = 0
    while done < count:
        if advance is not None:
            advance(dice.choice((0, 1, 5, 30, 120, 600)))
        before = len(shop.happened)
        deed = dice.choices(deeds, [WEIGHTS[d] for d in deeds])[0]
        deed(shop, dice)
        if len(shop.happened) > before:
            done += 1
            yield shop.happened[-1]


def _buy(shop: Shop, dice: random.Random) -> None:
    if dice.random() < 0.3:
        who = seeding.new_customer(shop, dice, shop.now())
        shop.tell(shop.now(), who.customer_id, "customers/create")
    wishes = seeding.basket(shop, dice, shop.now(), dice.randrange(10_000))
    wishes["backdated"] = timedelta(days=2) if dice.random() < 0.03 else timedelta(0)
    shop.place(**wishes)


def _any_order(shop: Shop, dice: random.Random) -> Order | None:
    recent = [order for order in list(shop.orders.values())[-200:] if not order.cancelled_at]
    return dice.choice(recent) if recent else None


def _of_order(change: Callable[[Shop, random.Random, Order], None]) -> Deed:
    def deed(shop: Shop, dice: random.Random) -> None:
        order = _any_order(shop, dice)
        if order is not None:
            change(shop, dice, order)

    return deed


def _refund(shop: Shop, dice: random.Random, order: Order) -> None:
    left = [line for line in order.lines if line.current]
    if not left:
        return
    line = dice.choice(left)
    whole = dice.random() < 0.4
    units = {one.line_id: one.current for one in left} if whole else {line.line_id: 1}
    shop.refund(
        order,
        units=units,
        shipping=Decimal(99) if whole else Decimal(0),
        keep=Decimal("1.25") if dice.random() < 0.3 else Decimal(0),
        fee=Decimal("2.40") if dice.random() < 0.1 else Decimal(0),
        returned=dice.random() < 0.4,
    )


def _goodwill(shop: Shop, dice: random.Random, order: Order) -> None:
    shop.refund(order, goodwill=Decimal(dice.randrange(100, 900)) / 100)


def _edit(shop: Shop, dice: random.Random, order: Order) -> None:
    if dice.random() < 0.5:
        shop.edit(order, add={dice.choice(seeding.goods_of(shop)): dice.choice((1, 2))})
    else:
        shop.edit(order, remove={dice.choice(order.lines).line_id: 1})


def _merge(shop: Shop, dice: random.Random) -> None:
    people = list(shop.customers.values())
    if len(people) > 3:
        kept, gone = dice.sample(people, 2)
        shop.merge(kept, gone)


def _product(shop: Shop, dice: random.Random) -> None:
    products = list(shop.products.values())
    product = dice.choice(products)
    spare = len(products) > 6 and not product.gift_card and len(product.variants) < 4
    if spare and dice.random() < 0.1:
        shop.remove_product(product)
    else:
        title = product.title.split(" no.")[0]
        shop.change_product(product, title=f"{title} no.{len(shop.happened)}")


def _stock(shop: Shop, dice: random.Random) -> None:
    goods = [v for product, v in shop.variants() if not product.gift_card]
    shop.count_stock(dice.choice(goods), dice.choice(list(shop.locations)), dice.randrange(80))


WEIGHTS: dict[Deed, int] = {
    _buy: 50,
    _of_order(_refund): 14,
    _of_order(_goodwill): 3,
    _of_order(_edit): 9,
    _of_order(lambda shop, dice, order: shop.cancel(order)): 5,
    _of_order(lambda shop, dice, order: shop.delete(order)): 3,
    _of_order(lambda shop, dice, order: shop.capture(order)): 9,
    _product: 5,
    _merge: 2,
    _stock: 4,
}
