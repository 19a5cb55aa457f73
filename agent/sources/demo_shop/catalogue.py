"""What the shop sells: about 170 products with prices, costs that change and sometimes are not
known, and a heavy tail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from agent.sources.demo_shop.days import day_number
from agent.sources.demo_shop.dice import Flags, Floats, Ints, normal, uniform
from agent.sources.demo_shop.story import PRICE_CHANGES, STOCK_OUTS, Story

TYPES = ("Lighting", "Furniture", "Textiles", "Kitchen", "Decor", "Gift cards")
VENDORS = {
    "Lighting": ("Northlight Studio", "Ember & Ash", "Lumen Works"),
    "Furniture": ("Alder Workshop", "Fell Timber", "Brackenridge"),
    "Textiles": ("Loom House", "Saltmarsh Weavers", "Maison Tilleul"),
    "Kitchen": ("Kiln Yard", "Copperfield Bros.", "Alder Workshop"),
    "Decor": ("Kiln Yard", "Stillwater Glass", "Meadow & Wick"),
    "Gift cards": ("Hearth & Alder",),
}
GIFT_CARD = "Hearth & Alder gift card"

# Type, item, price in US dollars, kinds of it.
ITEMS: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("Lighting", "floor lamp", 209, ("Arc", "Tripod", "Paper", "Reading")),
    ("Lighting", "pendant", 129, ("Globe", "Rattan", "Fluted glass", "Enamel", "Linen drum")),
    ("Lighting", "table lamp", 62, ("Paper", "Mushroom", "Ceramic", "Portable", "Ribbed glass")),
    ("Lighting", "wall light", 79, ("Brass", "Opal", "Swing-arm", "Plaster")),
    ("Lighting", "desk lamp", 94, ("Ash", "Brass", "Clamp")),
    ("Lighting", "lantern", 44, ("Garden", "Storm", "Bamboo")),
    ("Lighting", "chandelier", 389, ("Sputnik", "Ring")),
    ("Lighting", "light bulb", 14, ("Amber", "Opal", "Dimmable")),
    ("Furniture", "sideboard", 699, ("Walnut", "Oak", "Cane")),
    ("Furniture", "lounge chair", 459, ("Oak", "Boucle", "Leather sling")),
    ("Furniture", "side table", 149, ("Walnut", "Marble", "Drum", "Nesting")),
    ("Furniture", "coffee table", 329, ("Oval oak", "Slatted", "Travertine")),
    ("Furniture", "stool", 98, ("Oak", "Cork", "Painted")),
    ("Furniture", "bench", 249, ("Hall", "Oak", "Woven")),
    ("Furniture", "bookcase", 549, ("Ladder", "Ash")),
    ("Furniture", "bed frame", 899, ("Oak", "Upholstered")),
    ("Furniture", "coat stand", 119, ("Beech", "Black steel")),
    ("Furniture", "desk", 479, ("Writing", "Wall-mounted")),
    ("Textiles", "duvet set", 139, ("Linen", "Percale", "Washed cotton", "Brushed cotton")),
    ("Textiles", "curtains", 98, ("Linen", "Velvet", "Sheer", "Blackout")),
    ("Textiles", "throw", 68, ("Wool", "Mohair", "Waffle", "Recycled cotton")),
    ("Textiles", "cushion cover", 28, ("Linen", "Velvet", "Boucle", "Striped", "Embroidered")),
    ("Textiles", "bath towel", 24, ("Waffle", "Organic", "Turkish", "Ribbed")),
    ("Textiles", "rug", 229, ("Jute", "Wool", "Flatweave", "Runner")),
    ("Textiles", "tablecloth", 58, ("Linen", "Checked", "Block-print")),
    ("Textiles", "napkins, set of four", 26, ("Linen", "Checked", "Block-print")),
    ("Textiles", "pillow", 45, ("Down", "Buckwheat", "Wool-filled")),
    ("Kitchen", "dinner set", 92, ("Stoneware", "Porcelain", "Speckled")),
    ("Kitchen", "serving bowl", 42, ("Olive wood", "Stoneware", "Glazed", "Acacia")),
    ("Kitchen", "mugs, pair", 24, ("Stoneware", "Speckled", "Tall", "Enamel")),
    ("Kitchen", "carafe", 36, ("Glass", "Ribbed", "Stoneware")),
    ("Kitchen", "chopping board", 38, ("Walnut", "Olive wood", "End-grain")),
    ("Kitchen", "casserole", 119, ("Cast-iron", "Copper", "Terracotta")),
    ("Kitchen", "salt mill", 32, ("Beech", "Brass", "Walnut")),
    ("Kitchen", "storage jar", 18, ("Glass", "Enamel", "Cork-lidded")),
    ("Kitchen", "kettle", 74, ("Enamel", "Pour-over", "Copper")),
    ("Kitchen", "apron", 34, ("Linen", "Denim")),
    ("Decor", "vase", 38, ("Terracotta", "Smoked glass", "Bud", "Ribbed", "Tall stoneware")),
    ("Decor", "mirror", 159, ("Round oak", "Arched", "Brass", "Pebble")),
    ("Decor", "candle", 22, ("Fig leaf", "Beeswax", "Cedar smoke", "Unscented pillar")),
    ("Decor", "candle holder", 26, ("Brass", "Marble", "Forged iron")),
    ("Decor", "picture frame", 24, ("Oak", "Black ash", "Brass")),
    ("Decor", "wall clock", 78, ("Birch", "Enamel", "Station")),
    ("Decor", "basket", 34, ("Seagrass", "Rattan", "Felt", "Log")),
    ("Decor", "planter", 44, ("Terracotta", "Fluted", "Hanging", "Concrete")),
    ("Decor", "incense set", 19, ("Hinoki", "Sandalwood")),
)

# How much better than its price class a product sells.
FAVOURITES = {
    "Arc floor lamp": 6.5,
    "Walnut sideboard": 13.0,
    "Linen duvet set": 6.0,
    "Globe pendant": 6.0,
    "Oak lounge chair": 9.0,
    "Stoneware dinner set": 5.0,
    "Paper table lamp": 3.4,
    "Brass wall light": 3.0,
    "Waffle bath towel": 2.6,
    "Fig leaf candle": 3.0,
    "Linen curtains": 2.6,
    "Linen cushion cover": 2.4,
}

# How each type's popularity moves with the months, January first.
SEASONS = (
    (1.15, 1.05, 0.95, 0.85, 0.80, 0.75, 0.78, 0.92, 1.10, 1.25, 1.25, 1.15),
    (1.05, 1.00, 1.05, 1.10, 1.10, 1.05, 1.05, 1.00, 1.00, 0.95, 0.90, 0.75),
    (1.20, 1.05, 0.95, 0.95, 0.95, 0.90, 0.90, 0.95, 1.05, 1.15, 1.05, 1.00),
    (0.95, 0.95, 0.95, 1.00, 1.05, 1.00, 0.95, 0.90, 0.95, 1.00, 1.10, 1.25),
    (0.85, 0.95, 1.00, 1.05, 1.10, 1.00, 0.95, 0.95, 1.00, 1.00, 1.15, 1.40),
    (0.50, 0.80, 0.60, 0.70, 1.00, 0.80, 0.60, 0.60, 0.70, 0.80, 1.60, 3.20),
)


@dataclass(frozen=True)
class Catalogue:
    """Arrays with one entry a product; the gift card is the last. Prices and costs in cents of a US
    dollar."""

    titles: tuple[str, ...]
    kinds: Ints
    vendors: tuple[str, ...]
    price: Ints
    popularity: Floats
    cost: Ints
    cost_from: Ints
    launched: Ints

    def __len__(self) -> int:
        return len(self.titles)

    def find(self, title: str) -> int:
        return self.titles.index(title)

    @property
    def gift_card(self) -> int:
        return len(self.titles) - 1

    def prices(self, story: Story, product: Ints, day: Ints) -> Ints:
        """The US list price on a day, in cents: whole dollars from 30 dollars on, half dollars
        below."""
        cents = self.price[product].astype(np.float64)
        for year in story.years:
            listed = day_number(date(year, 3, 1))
            cents *= np.where((day >= listed) & (listed > story.start), 1.03, 1.0)
        for title, offset, percent in PRICE_CHANGES:
            changed = (product == self.find(title)) & (day >= story.today + offset)
            cents *= np.where(changed, 1 + percent / 100, 1.0)
        step = np.where(cents >= 3000, 100, 50)
        return (np.rint(cents / step) * step).astype(np.int64)

    def costs(self, story: Story, product: Ints, day: Ints) -> Ints:
        """Unit cost in cents on a day; -1 where nobody has written it down."""
        cents = self.cost[product].astype(np.float64)
        for turn in range(3):
            at = uniform(story.seed, f"cost turn {turn}", product) * 1000
            cents *= np.where(day - story.start >= at, 1.045, 1.0)
        known = day >= self.cost_from[product]
        return np.where(known, np.rint(cents), -1).astype(np.int64)

    def out_of_stock(self, story: Story, days: Ints) -> Flags:
        """days x products."""
        out = np.zeros((len(days), len(self)), dtype=np.bool_)
        for title, first, last in STOCK_OUTS:
            gone = (days >= story.today + first) & (days < story.today + last)
            out[gone, self.find(title)] = True
        return out

    def weights(self, story: Story, days: Ints) -> Floats:
        """days x products: how likely a line is that product, before the press feature. The gift
        card has none."""
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        seasonal = np.array(SEASONS)[:, months].T[:, self.kinds]
        weights: Floats = self.popularity[None, :] * seasonal
        weights = np.where(days[:, None] >= self.launched[None, :], weights, 0.0)
        weights[self.out_of_stock(story, days)] = 0.0
        weights[:, self.gift_card] = 0.0
        return weights


@lru_cache(maxsize=4)
def catalogue(story: Story) -> Catalogue:
    rows = [
        (kind, f"{style} {item}", price, place)
        for kind, item, price, styles in ITEMS
        for place, style in enumerate(styles)
    ]
    titles = (*(row[1] for row in rows), GIFT_CARD)
    number = np.arange(len(titles), dtype=np.int64)
    kinds = np.array([*(TYPES.index(row[0]) for row in rows), 5], dtype=np.int64)
    vendors = tuple(
        VENDORS[TYPES[kind]][at % len(VENDORS[TYPES[kind]])] for at, kind in enumerate(kinds)
    )
    spread = np.array([1.0 + 0.06 * ((row[3] * 7) % 5 - 2) * (row[3] > 0) for row in rows] + [1.0])
    price = np.rint(np.array([*(row[2] for row in rows), 50]) * spread) * 100
    favour = np.array([FAVOURITES.get(title, 0.0) for title in titles])
    tail = np.minimum(np.exp(0.95 * normal(story.seed, "popularity", number) - 0.45), 2.4)
    popularity = np.where(favour > 0, favour, tail) * (price / 5000) ** -1.02
    ratio = 0.34 + 0.2 * uniform(story.seed, "cost ratio", number)
    draw = uniform(story.seed, "cost known", number)
    late = story.start + (120 + 420 * uniform(story.seed, "cost late", number)).astype(np.int64)
    never = np.int64(10**6)
    cost_from = np.where(draw < 0.08, never, np.where(draw < 0.15, late, 0))
    cost_from = np.where(favour > 0, 0, cost_from)
    cost_from[-1] = never
    fresh = (uniform(story.seed, "launch", number) < 0.16) & (favour == 0)
    shelf = story.start + (700 * uniform(story.seed, "launch day", number)).astype(np.int64)
    return Catalogue(
        titles=titles,
        kinds=kinds,
        vendors=vendors,
        price=price.astype(np.int64),
        popularity=popularity,
        cost=np.rint(price * ratio).astype(np.int64),
        cost_from=cost_from.astype(np.int64),
        launched=np.where(fresh, shelf, 0),
    )
