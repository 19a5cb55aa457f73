"""What a mapping says of a flat order-line file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.errors import BadFile
from agent.sources.base import TextFormat
from agent.words import t

FIELDS = (
    "order_id", "line_id", "placed_at", "sku", "title", "quantity", "unit_price", "amount",
    "discount", "tax", "shipping", "refund_amount", "refund_quantity", "refund_at", "customer",
    "country", "region", "city", "channel", "vendor", "product_type", "type", "currency",
    "variant",
)  # fmt: skip
TYPES = (
    "product",
    "shipping",
    "tax",
    "gift_card",
    "tip",
    "duty",
    "fee",
    "adjustment",
    "discount",
    "skip",
)


@dataclass(frozen=True)
class Mapped:
    """A flat order-line file as its mapping describes it. `columns`: our field -> the file's
    column.
    """

    name: str
    label: str
    text: TextFormat
    columns: Mapping[str, str]
    types: Mapping[str, str] = field(default_factory=dict)
    dates: str = "iso"
    decimal_comma: bool = False
    prices_include_tax: bool = False
    per_order: tuple[str, ...] = ()

    def recognise(self, names: tuple[str, ...]) -> None:
        known = {name.lower() for name in names}
        missing = [column for column in self.columns.values() if column.lower() not in known]
        if missing:
            raise BadFile(
                t(
                    "The file has no column {missing}, as the mapping {name} has it.",
                    missing=", ".join(missing),
                    name=self.name,
                ),
                hint=t("Found: {names}.", names=", ".join(names[:20]) or t("nothing")),
            )
