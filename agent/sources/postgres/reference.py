"""docs/sources-postgres.md, from the tables that the code reads mappings by."""

from __future__ import annotations

from agent.sources.postgres import mapping
from agent.sources.postgres.connector import SECONDS
from agent.sources.postgres.database import CONNECT_SECONDS
from agent.sources.postgres.reading import CHUNK, MARKS


def page() -> str:
    """The reference page of mappings, as Markdown."""
    tables = "\n".join(
        f"| `{name}` | {', '.join(f'`{c}`' for c in mapping.NEEDED[name])} |"
        f" {', '.join(f'`{c}`' for c in own if c not in mapping.NEEDED[name])} |"
        for name, own in mapping.COLUMNS.items()
    )
    marks = ", ".join(f"`{name}`" for name in MARKS)
    return _TEXT.format(
        tables=tables, marks=marks, seconds=SECONDS, connect=CONNECT_SECONDS, chunk=CHUNK
    )


_TEXT = """# The PostgreSQL source

A connection of the kind *PostgreSQL* reads tables or views of a merchant's own database: ordinary, partitioned and foreign
tables, views and materialised views. A mapping in TOML (or JSON) says which tables and columns mean what. This page is made by
`python app.py docs`.

```toml
overlap = 600                  # seconds before the last mark that are read again

[orders]
table = "shop.orders"          # schema.table; without a schema: public
updated_at = "updated_at"      # moves with every change; without it all orders are compared each time
[orders.columns]               # ours = "theirs"
order_id = "id"
placed_at = "created_at"
customer = "customer_id"
shipping = "shipping_price"    # of the whole order

[lines]
table = "shop.order_items"
updated_at = "updated_at"
[lines.columns]
order_id = "order_id"
line_id = "id"
sku = "sku"
title = "title"
quantity = "quantity"
unit_price = "price"           # or amount: the line's total
tax = "tax"

[refunds]
table = "shop.refunds"
updated_at = "created_at"
[refunds.columns]
order_id = "order_id"
refund_id = "id"
refunded_at = "created_at"
amount = "amount"              # goods without tax; the sign does not matter

[spend]
table = "marketing.costs"
channel = "Posters"            # where no column says it
days = 28                      # how many of the last days are read anew each time
[spend.columns]
date = "day"
amount = "euros"

[options]
prices_include_tax = false     # true: tax is taken out of unit_price, amount and discount
[options.types]                # words of the column type -> product, shipping, gift_card, ...
"Ware" = "product"
```

| table | needed columns | other columns |
|---|---|---|
{tables}

Without `[lines]`, a row of `[orders]` is a line, with the columns of docs/examples/mapping.toml.

## What happens

- Orders of which anything moved (themselves, a line or a refund) are read whole, {chunk} at a time, in one view of the database:
  with every line and refund. What is in the ledger just so is left alone. An order of which a line cannot be used is kept aside
  whole, with the reason. A mark is of the type {marks}; rows without one are not read, and the connection says how many.
- Orders that are deleted in the database are not seen: let the view show them without lines, or rebuild the shop.
- Spend, sessions and costs: the last `days` take the place of what was kept of them. Products and customers are read whole.
- `product_id` is what the lines call `sku`; a title of `[products]` stands over those of lines.

## What it may do

Every transaction is READ ONLY, also for functions that a view calls; a question ends after the time limit ({seconds} s unless
set), a lock is waited for 5 s, a line opened for {connect} s. Give it a user that may only SELECT. Tables and columns are looked
up in the catalogue before they are asked for, and quoted; there is no place for SQL of one's own: make a view. The second
address is asked where the first does not answer, and the connection says so. A connection string has no parameters: encryption
(`require`, `verify-full`, ...) is a field of its own.
"""
