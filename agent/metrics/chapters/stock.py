"""Stock: what is left, and how long it lasts."""

from __future__ import annotations

from agent.metrics.metric import Metric

STOCK = (
    Metric(
        "ending_units",
        "Ending units",
        "count",
        "Pieces in stock by the last count of each product on or before the period's last day; a "
        "day without a count keeps the one before it, negative stock counts as 0.",
        "ending_units",
        source="Stock counts",
    ),
    Metric(
        "sell_through",
        "Sell-through",
        "percent",
        "Units sold divided by units sold plus ending units. Unknown for a product whose stock is "
        "not counted.",
        "units / (units + ending_units)",
        source="Sales ledger and stock counts",
    ),
    Metric(
        "days_of_inventory",
        "Days of inventory",
        "days",
        "Ending units divided by the units sold a day, over the 28 days up to the period's last "
        "day. Unknown where nothing was sold.",
        "ending_units / (units_28 / 28)",
        source="Sales ledger and stock counts",
    ),
    Metric(
        "stock_cover",
        "Stock cover",
        "days",
        "Days that ending units last when each product sells as it did on those of the 28 days up "
        "to the period's last day on which it was in stock; a day without a count keeps the one "
        "before it. Unknown where nothing was sold on such days.",
        "ending_units / stocked_rate",
        source="Sales ledger and stock counts",
    ),
)
