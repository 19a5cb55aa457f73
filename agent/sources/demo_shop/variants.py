"""The sizes and colours that some of the products come in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from agent.sources.demo_shop.catalogue import ITEMS
from agent.sources.demo_shop.dice import Ints, uniform
from agent.sources.demo_shop.ledger import PRODUCT, Ledger
from agent.sources.demo_shop.story import Story

# Item -> its variants, the usual choice first; what is not named here comes in one way only.
VARIANTS: Mapping[str, tuple[str, ...]] = {
    "floor lamp": ("Black", "Brass", "Chalk white"),
    "pendant": ("30 cm", "45 cm"),
    "table lamp": ("Natural", "Moss", "Rust"),
    "desk lamp": ("Black", "Sage"),
    "light bulb": ("E27", "E14"),
    "sideboard": ("160 cm", "200 cm"),
    "lounge chair": ("Oatmeal", "Forest", "Ink"),
    "stool": ("Low", "Bar height"),
    "bench": ("120 cm", "160 cm"),
    "bed frame": ("Queen", "King", "Double"),
    "desk": ("120 cm", "140 cm"),
    "duvet set": ("Queen", "King", "Double", "Single"),
    "curtains": ("Sand, 240 cm", "Sand, 300 cm", "Slate, 240 cm", "Slate, 300 cm"),
    "throw": ("Oatmeal", "Rust", "Moss"),
    "cushion cover": ("Natural", "Rust", "Forest", "Ink"),
    "bath towel": ("White", "Sand", "Sage"),
    "rug": ("170 x 240 cm", "120 x 180 cm", "200 x 300 cm"),
    "tablecloth": ("140 x 220 cm", "160 x 300 cm"),
    "pillow": ("Standard", "Long"),
    "dinner set": ("Four people", "Six people"),
    "mugs, pair": ("Cream", "Slate", "Sage"),
    "casserole": ("24 cm", "28 cm"),
    "storage jar": ("0.5 l", "1 l", "2 l"),
    "apron": ("Ink", "Sand"),
    "vase": ("Small", "Large"),
    "mirror": ("60 cm", "80 cm"),
    "candle": ("220 g", "400 g"),
    "picture frame": ("A4", "A3", "50 x 70 cm"),
    "planter": ("Small", "Medium", "Large"),
}


@lru_cache(maxsize=1)
def titles() -> tuple[str, ...]:
    """The words that a position means."""
    return tuple(sorted({word for words in VARIANTS.values() for word in words}))


@lru_cache(maxsize=1)
def _offered() -> tuple[Ints, Ints]:
    """How many variants each product has (the gift card is the last), and products x 4 positions
    in `titles`."""
    items = [VARIANTS.get(item, ()) for _, item, _, styles in ITEMS for _ in styles]
    counts = np.array([*(len(words) for words in items), 0], dtype=np.int64)
    table = np.full((len(counts), 4), -1, dtype=np.int64)
    for product, words in enumerate(items):
        table[product, : len(words)] = [titles().index(word) for word in words]
    return counts, table


def variants(story: Story, rows: Ledger) -> Ints:
    """Positions in `titles`, -1 where a row is no product or its product has none. A line keeps its
    variant when it comes back."""
    counts, table = _offered()
    draw = uniform(story.seed, "variant", rows.number, rows.line)
    goods = (rows.kind == PRODUCT) & (rows.product >= 0)
    product = np.where(goods, rows.product, len(counts) - 1)
    found: Ints = table[product, np.floor(draw**1.6 * counts[product]).astype(np.int64)]
    return found
