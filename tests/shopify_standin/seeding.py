"""A past for a new shop: its catalogue, its people, and orders of every kind."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from tests.shopify_standin.model import Customer, Location, Order, Product, Variant, Visit
from tests.shopify_standin.money import ZERO
from tests.shopify_standin.shop import Shop

GOODS = (
    ("Wool throw", "Throws", "50.00", "21.5"),
    ("Linen cushion", "Cushions", "30.00", "11.4"),
    ("Beeswax candle", "Candles", "20.00", "6.25"),
    ("Oak tray", "Kitchen", "64.90", None),
    ("Stoneware mug", "Kitchen", "18.50", "5.1"),
    ("Cotton apron", "Kitchen", "37.25", "12.8"),
)
COLOURS = ("Sand", "Moss", "Clay", "Ink", "Snow", "Rust")
PLACES = (
    *(("US", "NY", "New York"), ("US", "CA", "Oakland"), ("US", "TX", "Austin")),
    *(("CA", "ON", "Toronto"), ("DE", "BE", "Berlin"), ("GB", "ENG", "Leeds")),
)
VISITS = (
    Visit("google", "cpc", "brand-us", "https://www.google.com/"),
    Visit("facebook", "paid_social", "autumn", "https://www.facebook.com/"),
    Visit("direct", None, None, None),
    Visit("newsletter", "email", "november", None),
)


def fill(shop: Shop, orders: int, days: int) -> None:
    """`orders` orders over the `days` days before now, and what became of them."""
    now = shop.now()
    opened = now - timedelta(days=days + 30)
    for name in ("Brooklyn", "Newark"):
        number = shop.number("Location")
        shop.locations[number] = Location(number, name, opened)
    _catalogue(shop, opened)
    dice = shop.dice()
    for _ in range(max(3, orders // 3)):
        new_customer(shop, dice, opened)
    moments = sorted(
        now - timedelta(seconds=dice.randrange(3600, max(3601, days * 86_400)))
        for _ in range(orders)
    )
    for index, at in enumerate(moments):
        order = shop.place(**basket(shop, dice, at, index))
        aftermath(shop, dice, order, now)


def _catalogue(shop: Shop, at: datetime) -> None:
    for index, (title, kind, price, cost) in enumerate(GOODS):
        product = Product(shop.number("Product"), title, kind, "Alder & Co", at, at, tags=("home",))
        for colour in COLOURS[: 1 + index % 3]:
            product.variants.append(new_variant(shop, product, colour, Decimal(price), cost))
        shop.products[product.product_id] = product
    many = Product(shop.number("Product"), "Made to measure curtain", "Curtains", "Loom", at, at)
    for size in range(60):
        many.variants.append(new_variant(shop, many, f"{size + 60} cm", Decimal(80 + size), "31.0"))
    shop.products[many.product_id] = many
    card = Product(shop.number("Product"), "Gift card", "", "Alder & Co", at, at, gift_card=True)
    card.variants.append(new_variant(shop, card, "$25", Decimal(25), None))
    shop.products[card.product_id] = card


def new_variant(
    shop: Shop, product: Product, title: str, price: Decimal, cost: str | None
) -> Variant:
    number = shop.number("ProductVariant")
    sku = f"{product.title[:3].upper()}-{title[:3].upper().strip()}-{number}"
    return Variant(
        number, shop.number("InventoryItem"), title, sku, price,
        Decimal(cost) if cost else None, product.created_at,
        dict.fromkeys(shop.locations, 0 if product.gift_card else 40),
    )  # fmt: skip


def new_customer(shop: Shop, dice: random.Random, at: datetime) -> Customer:
    number = shop.number("Customer")
    country, province, city = dice.choice(PLACES)
    mail = f"buyer{number}@example.com"
    who = Customer(number, mail, country, province, city, "en", at, at)
    shop.customers[number] = who
    return who


def basket(shop: Shop, dice: random.Random, at: datetime, index: int) -> dict[str, object]:
    """What somebody buys; every sort of order comes round within forty of them."""
    goods = [v.variant_id for p, v in shop.variants() if not p.gift_card]
    card = next((v.variant_id for p, v in shop.variants() if p.gift_card), None)
    lines = 27 if index % 40 == 17 else dice.choice((1, 1, 1, 2, 2, 3))
    items = [(dice.choice(goods), dice.choice((1, 1, 1, 2, 3))) for _ in range(lines)]
    if index % 9 == 4 and card is not None:
        items.append((card, 1))
    people = list(shop.customers.values())
    guest = index % 11 == 5 or not people
    abroad = index % 7 == 3
    spot = shop.profile.presentment[index % len(shop.profile.presentment)] if abroad else None
    return {
        "items": items,
        "customer": None if guest else dice.choice(people),
        "at": at,
        "line_off": Decimal("5.00") if index % 6 == 2 else ZERO,
        "order_off": Decimal("7.77") if index % 5 == 1 else ZERO,
        "code": "AUTUMN10" if index % 5 == 1 else None,
        "shipping": Decimal("5.00") if index % 2 else ZERO,
        "shipping_off": Decimal("2.50") if index % 8 == 7 else ZERO,
        "duty": Decimal("4.20") if index % 13 == 6 else ZERO,
        "fee": Decimal("1.10") if index % 17 == 8 else ZERO,
        "tip": Decimal("3.00") if index % 10 == 9 else ZERO,
        "paid": ("sale", "sale", "authorized", "sale", "pending", "partly", "gift_card")[index % 7],
        "presentment": spot,
        "backdated": timedelta(days=3) if index % 19 == 12 else timedelta(0),
        "test": index % 23 == 15,
        "channel": "pos" if index % 12 == 7 else "web",
        "visit": dice.choice(VISITS) if index % 4 else None,
    }


def aftermath(shop: Shop, dice: random.Random, order: Order, now: datetime) -> None:
    """About every third order changes within the weeks after it."""
    later = order.created_at + timedelta(seconds=dice.randrange(600, 20 * 86_400))
    if later >= now:
        return
    fate = dice.randrange(12)
    line = order.lines[0]
    if fate == 0:
        shop.refund(order, units={line.line_id: 1}, keep=Decimal("1.50"), at=later)
    elif fate == 1:
        every = {one.line_id: one.quantity for one in order.lines}
        shop.refund(order, units=every, at=later, shipping=Decimal(99), returned=True)
    elif fate == 2:
        shop.refund(order, goodwill=Decimal("2.00"), at=later, note="sorry")
    elif fate == 3:
        shop.cancel(order, later)
    elif fate == 4:
        shop.edit(order, add={dice.choice(goods_of(shop)): 1}, at=later)
    elif fate == 5:
        shop.edit(order, remove={line.line_id: 1}, at=later)
    elif fate == 6:
        shop.capture(order, later)


def goods_of(shop: Shop) -> list[int]:
    return [v.variant_id for p, v in shop.variants() if not p.gift_card]
