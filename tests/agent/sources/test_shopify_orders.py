"""Orders as Shopify exports them, each with its reason; amounts worked out by hand."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.errors import BadFile, Refused
from agent.sources.base import ImportOptions, ImportSummary
from tests.agent.sources.conftest import Desk

HEADER = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem sku",
    "Lineitem taxable",
    "Billing Country",
    "Shipping City",
    "Shipping Province Name",
    "Shipping Country",
    "Notes",
    "Cancelled at",
    "Refunded Amount",
    "Vendor",
    "Outstanding Balance",
    "Source",
    "Lineitem discount",
    "Tax 1 Name",
    "Tax 1 Value",
    "Tax 2 Value",
    "Duties",
]
OPTIONS = ImportOptions("shopify-orders", "Mill Lane", "USD", "America/New_York")
PLACED = "2025-11-28 23:30:00 -0500"
Line = Mapping[str, Any]
MONEY = ("gross", "discount", "reversal", "tax", "shipping", "duty", "fee")


def order(name: str, *lines: Line, **fields: Any) -> list[dict[str, Any]]:
    """An order's rows: its own fields on the first only. `_` stands for a space in the names."""
    own = {
        "Name": name,
        "Created at": PLACED,
        "Currency": "USD",
        "Financial Status": "paid",
        "Email": "Ann@Example.com",
        "Shipping Country": "US",
        "Shipping City": "Troy",
        "Source": "web",
    } | {key.replace("_", " "): value for key, value in fields.items()}
    rows = [{"Name": name, **line} for line in lines]
    return [own | rows[0], *rows[1:]]


def line(title: str, quantity: int, price: str, **more: Any) -> dict[str, Any]:
    own = {"Lineitem name": title, "Lineitem quantity": quantity, "Lineitem price": price}
    named = {"sku": "Lineitem sku", "off": "Lineitem discount", "taxable": "Lineitem taxable"}
    return own | {named.get(key, key): value for key, value in more.items()}


def write(path: Path, *orders: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, HEADER)
        out.writeheader()
        for rows in orders:
            out.writerows(rows)
    return path


def take(desk: Desk, tmp_path: Path, *orders: list[dict[str, Any]]) -> ImportSummary:
    return desk.take(write(tmp_path / "orders.csv", *orders), OPTIONS)


def found(desk: Desk, **wanted: Any) -> list[tuple[Any, ...]]:
    """(product, quantity, and the money columns that are not zero) of the rows that fit."""
    rows = [r for r in desk.sales() if all(r[k] == v for k, v in wanted.items())]
    return sorted(
        ((r["product_id"] or "", r["quantity"], {m: r[m] for m in MONEY if r[m]}) for r in rows),
        key=lambda row: row[:2],
    )


def charged(desk: Desk, action: str = "ORDER") -> Decimal:
    return sum((r[m] for r in desk.sales() if r["action"] == action for m in MONEY), Decimal(0))


def D(text: str) -> Decimal:
    return Decimal(text)


def test_tax_on_top(desk: Desk, tmp_path: Path) -> None:
    take(
        desk,
        tmp_path,
        order(
            "#1",
            line("Mug", 2, "10.00", sku="M-1", Vendor="Mill"),
            line("Bowl", 1, "30.00"),
            Subtotal="45.00",
            Shipping="5.00",
            Taxes="4.50",
            Total="54.50",
            Discount_Amount="5.00",
        ),
    )
    assert found(desk, line_type="PRODUCT") == [
        ("M-1", 2, {"gross": D("20"), "discount": D("-2"), "tax": D("1.80")}),
        ("bowl", 1, {"gross": D("30"), "discount": D("-3"), "tax": D("2.70")}),
    ]
    assert found(desk, line_type="SHIPPING") == [("", 0, {"shipping": D("5")})]
    assert charged(desk) == D("54.50")
    paper = desk.orders()["#1"]
    assert paper["placed_at"] == datetime(2025, 11, 29, 4, 30)  # noqa: DTZ001 (UTC, kept naive)
    assert paper["local_date"] == date(2025, 11, 28)
    assert (paper["country"], paper["city"], paper["channel"]) == ("US", "Troy", "web")
    assert desk.products()["M-1"]["vendor"] == "Mill"
    assert desk.products()["bowl"]["title"] == "Bowl"


def test_a_variant_is_what_stands_behind_the_title(desk: Desk, tmp_path: Path) -> None:
    take(
        desk,
        tmp_path,
        order(
            "#1",
            line("Shirt - Red / L", 2, "10.00", sku="S-1"),
            line("Half-sleeve shirt", 1, "10.00", sku="S-2"),
            line("Tea - Assam - 100 g", 1, "10.00"),
            line("Bowl", 1, "10.00"),
            Total="50.00",
            Refunded_Amount="50.00",
            Shipping_Province_Name="New York",
        ),
    )
    rows = {(row["product_id"], row["action"]): row["variant"] for row in desk.sales()}
    assert rows == {
        (product, action): variant
        for action in ("ORDER", "RETURN")
        for product, variant in (
            ("S-1", "Red / L"),
            ("S-2", "S-2"),
            ("tea-assam-100-g", "100 g"),
            ("bowl", None),
        )
    }
    paper = desk.orders()["#1"]
    assert (paper["region"], paper["city"]) == ("New York", "Troy")


def test_no_mail_address_is_kept(desk: Desk, tmp_path: Path) -> None:
    take(
        desk,
        tmp_path,
        order("#1", line("Mug", 1, "10.00"), Total="10.00"),
        order("#2", line("Mug", 1, "10.00"), Total="10.00", Email=" ann@example.com "),
        order("#3", line("Mug", 1, "10.00"), Total="10.00", Email=""),
    )
    customers = {name: row["customer_id"] for name, row in desk.orders().items()}
    # The beginning of the SHA-256 of ann@example.com.
    assert customers["#1"] == customers["#2"] == "71d4f55f72fa128dfb468a1a"
    assert customers["#3"] is None
    assert "@" not in str(desk.orders())


def test_tax_within_prices_is_taken_out_of_goods_and_shipping(desk: Desk, tmp_path: Path) -> None:
    take(
        desk,
        tmp_path,
        order(
            "#1",
            line("Mug", 1, "120.00"),
            Subtotal="120.00",
            Shipping="12.00",
            Taxes="22.00",
            Total="132.00",
            **{"Tax 1 Name": "VAT 20%", "Tax 1 Value": "22.00"},
        ),
        # Here the rate says that the shipping is not taxed: 20/120 of the goods alone.
        order(
            "#2",
            line("Mug", 1, "120.00"),
            Subtotal="120.00",
            Shipping="12.00",
            Taxes="20.00",
            Total="132.00",
            **{"Tax 1 Name": "VAT 20%", "Tax 1 Value": "20.00"},
        ),
        # A discounted line: 100 less 10 holds 15 of tax; the gross before tax is 83.33.
        order(
            "#3",
            line("Mug", 1, "100.00"),
            Subtotal="90.00",
            Shipping="0.00",
            Taxes="15.00",
            Total="90.00",
            Discount_Amount="10.00",
        ),
    )
    assert found(desk, order_id="#1") == [
        ("", 0, {"shipping": D("10"), "tax": D("2")}),
        ("mug", 1, {"gross": D("100"), "tax": D("20")}),
    ]
    assert found(desk, order_id="#2") == [
        ("", 0, {"shipping": D("12")}),
        ("mug", 1, {"gross": D("100"), "tax": D("20")}),
    ]
    assert found(desk, order_id="#3") == [
        ("mug", 1, {"gross": D("83.33"), "discount": D("-8.33"), "tax": D("15")})
    ]
    assert charged(desk) == D("354.00")


def test_a_discount_is_spread_to_the_last_cent(desk: Desk, tmp_path: Path) -> None:
    lines = [line(title, 1, "10.00") for title in ("Ash", "Birch", "Cedar")]
    take(
        desk,
        tmp_path,
        order("#1", *lines, Subtotal="20.00", Total="20.00", Discount_Amount="10.00"),
    )
    assert [row[2]["discount"] for row in found(desk)] == [D("-3.34"), D("-3.33"), D("-3.33")]


def test_the_lines_own_discounts_are_not_spread_again(desk: Desk, tmp_path: Path) -> None:
    take(
        desk,
        tmp_path,
        order(
            "#1",
            line("Ash", 1, "10.00", off="4.00"),
            line("Birch", 1, "10.00", off="0.00"),
            Subtotal="16.00",
            Total="16.00",
            Discount_Amount="4.00",
        ),
    )
    assert [row[2].get("discount") for row in found(desk)] == [D("-4"), None]


def test_a_code_for_free_shipping_takes_nothing_off_the_goods(desk: Desk, tmp_path: Path) -> None:
    take(
        desk,
        tmp_path,
        order(
            "#1",
            line("Ash", 1, "50.00"),
            Subtotal="50.00",
            Shipping="5.00",
            Taxes="0.00",
            Total="50.00",
            Discount_Amount="5.00",
        ),
    )
    assert found(desk) == [("ash", 1, {"gross": D("50")})]


def test_gift_cards_and_tips_are_their_own(desk: Desk, tmp_path: Path) -> None:
    take(
        desk,
        tmp_path,
        order(
            "#1",
            line("Gift Card - $25", 1, "25.00", taxable="false"),
            Subtotal="25.00",
            Total="25.00",
        ),
        order(
            "#2", line("Mug", 1, "10.00"), line("Tip", 1, "2.00"), Subtotal="10.00", Total="12.00"
        ),
    )
    assert found(desk, line_type="GIFT_CARD")[0][2] == {"gross": D("25")}
    assert found(desk, line_type="TIP")[0][2] == {"gross": D("2")}
    assert found(desk, line_type="ADJUSTMENT") == []
    assert {name: row["placed"] for name, row in desk.orders().items()} == {"#1": False, "#2": True}


def test_duties(desk: Desk, tmp_path: Path) -> None:
    take(
        desk,
        tmp_path,
        order("#1", line("Mug", 1, "10.00"), Subtotal="10.00", Duties="3.10", Total="13.10"),
    )
    assert found(desk, line_type="DUTY") == [("", 0, {"duty": D("3.10")})]


def test_a_total_that_nothing_explains_is_said(desk: Desk, tmp_path: Path) -> None:
    summary = take(
        desk, tmp_path, order("#1", line("Mug", 1, "10.00"), Subtotal="10.00", Total="11.23")
    )
    assert found(desk, line_type="ADJUSTMENT") == [("", 0, {"gross": D("1.23")})]
    assert any("do not add up" in warning for warning in summary.warnings)


def partly_refunded(amount: str) -> list[dict[str, Any]]:
    return order(
        "#1",
        line("Mug", 2, "50.00"),
        Subtotal="100.00",
        Shipping="10.00",
        Taxes="10.00",
        Total="120.00",
        Refunded_Amount=amount,
        Paid_at="2025-11-29 01:00:00 -0500",
        Fulfilled_at="2025-12-02 09:00:00 -0500",
        Financial_Status="partially_refunded",
    )


def test_a_refund_comes_back_from_goods_tax_and_shipping(desk: Desk, tmp_path: Path) -> None:
    summary = take(desk, tmp_path, partly_refunded("60.00"))
    assert found(desk, action="RETURN") == [
        ("", 0, {"shipping": D("-5")}),
        ("mug", 0, {"reversal": D("-50"), "tax": D("-5")}),
    ]
    days = {row["local_date"] for row in desk.sales() if row["action"] == "RETURN"}
    assert days == {date(2025, 12, 2)}
    assert any("no refund dates" in warning for warning in summary.warnings)


@pytest.mark.parametrize("amounts", [("30.00", "60.00"), ("60.00", "30.00")])
def test_the_larger_refund_stays_whichever_export_comes_first(
    desk: Desk, tmp_path: Path, amounts: tuple[str, str]
) -> None:
    for amount in amounts:
        take(desk, tmp_path, partly_refunded(amount))
    assert charged(desk, "RETURN") == D("-60.00")
    assert charged(desk) == D("120.00")


def test_a_whole_refund_undoes_the_order(desk: Desk, tmp_path: Path) -> None:
    take(desk, tmp_path, partly_refunded("120.00"))
    assert found(desk, action="RETURN") == [
        ("", 0, {"shipping": D("-10")}),
        ("mug", -2, {"reversal": D("-100"), "tax": D("-10")}),
    ]


@pytest.mark.parametrize(
    ("status", "refunded", "kept"),
    [("voided", "0.00", "0"), ("refunded", "110.00", "0"), ("partially_refunded", "100.00", "10")],
)
def test_a_cancelled_order_stays_and_is_reversed_on_its_day(
    desk: Desk, tmp_path: Path, status: str, refunded: str, kept: str
) -> None:
    take(
        desk,
        tmp_path,
        order(
            "#1",
            line("Mug", 1, "100.00"),
            Subtotal="100.00",
            Taxes="10.00",
            Total="110.00",
            Cancelled_at="2025-12-05 10:00:00 -0500",
            Financial_Status=status,
            Refunded_Amount=refunded,
        ),
    )
    assert desk.orders()["#1"]["placed"]
    assert desk.orders()["#1"]["cancelled_at"] == datetime(2025, 12, 5, 15)  # noqa: DTZ001 (UTC)
    back = [row for row in desk.sales() if row["action"] == "RETURN"]
    assert {row["local_date"] for row in back} == {date(2025, 12, 5)}
    assert sum(row["reversal"] for row in back) == D("-100")
    assert sum(row["gross"] for row in back if row["line_type"] == "ADJUSTMENT") == D(kept)


def test_a_cancellation_arrives_late(desk: Desk, tmp_path: Path) -> None:
    fields = {"Subtotal": "100.00", "Total": "100.00", "Financial Status": "pending"}
    take(desk, tmp_path, order("#1", line("Mug", 1, "100.00"), **fields))
    late = fields | {"Cancelled at": "2025-12-05 10:00:00 -0500", "Financial Status": "voided"}
    take(desk, tmp_path, order("#1", line("Mug", 1, "100.00"), **late))
    assert desk.orders()["#1"]["cancelled_at"] is not None
    before = desk.everything("mill-lane")
    take(
        desk,
        tmp_path,
        order("#1", line("Mug", 1, "100.00"), **fields),
        order("#2", line("Mug", 1, "1"), Total="1"),
    )
    again = [row for row in desk.everything("mill-lane") if row["order_id"] == "#1"]
    assert again == before
    assert charged(desk, "RETURN") == D("-100")


@pytest.mark.parametrize(
    ("currency", "price", "off", "shares"),
    [
        ("JPY", "1000", "1000", ["-334", "-333", "-333"]),
        ("KWD", "1.000", "1.000", ["-0.334", "-0.333", "-0.333"]),
    ],
)
def test_coins_of_other_sizes(
    desk: Desk, tmp_path: Path, currency: str, price: str, off: str, shares: list[str]
) -> None:
    lines = [line(title, 1, price) for title in ("Ash", "Birch", "Cedar")]
    total = str(2 * Decimal(price))
    path = write(
        tmp_path / "orders.csv",
        order("#1", *lines, Subtotal=total, Total=total, Discount_Amount=off, Currency=currency),
    )
    desk.take(path, ImportOptions("shopify-orders", "Far", currency, "Asia/Tokyo"))
    assert [row[2]["discount"] for row in found(desk)] == [D(share) for share in shares]


def test_another_currency_is_rejected(desk: Desk, tmp_path: Path) -> None:
    summary = take(
        desk,
        tmp_path,
        order("#1", line("Mug", 1, "10.00"), Total="10.00"),
        order("#2", line("Mug", 1, "9.00"), line("Bowl", 1, "9.00"), Total="18.00", Currency="EUR"),
    )
    assert dict(summary.reasons) == {
        "The order is in EUR, the shop in USD.": 1,
        "Another line of the same order is rejected.": 1,
    }
    assert set(desk.orders()) == {"#1"}


def test_bad_lines_take_their_order_along(desk: Desk, tmp_path: Path) -> None:
    summary = take(
        desk,
        tmp_path,
        order("#1", line("Mug", 1, "10.00"), Total="10.00", Notes='two\nlines, "quoted"'),
        order("#2", line("Mug", "abc", "10.00"), Total="10.00"),  # type: ignore[arg-type]
        order("#3", line("Mug", 1, "1e400"), Total="10.00"),
        order("#4", line("Mug", 1, "1.00"), Total="1.00", Created_at="yesterday"),
        order("#5", line("Mug", 1, "1.00"), Total="1.00", Created_at="2999-01-01 00:00:00 +0000"),
    )
    assert summary.rejected == 4
    assert summary.rejected_file is not None
    with summary.rejected_file.open(newline="", encoding="utf-8") as file:
        kept = [(row["line"], row["Name"], row["reason"]) for row in csv.DictReader(file)]
    # The note of #1 takes two lines of the file.
    assert [row[:2] for row in kept] == [("4", "#2"), ("5", "#3"), ("6", "#4"), ("7", "#5")]
    assert kept[0][2] == "The Lineitem quantity is not a whole number."
    assert set(desk.orders()) == {"#1"}


def test_halves_in_either_order(desk: Desk, tmp_path: Path) -> None:
    orders = [
        order(
            f"#{n}",
            line("Mug", n, "10.00"),
            line("Bowl", 1, "5.00"),
            Subtotal=f"{10 * n + 5}.00",
            Total=f"{10 * n + 5}.00",
            Email=f"{n % 3}@example.com",
        )
        for n in range(1, 9)
    ]
    halves = [write(tmp_path / "a.csv", *orders[:3]), write(tmp_path / "b.csv", *orders[2:])]
    for name, paths in (("One", halves), ("Two", halves[::-1])):
        for path in paths:
            desk.take(path, ImportOptions("shopify-orders", name, "USD", "America/New_York"))
    assert desk.everything("one") == desk.everything("two")
    assert charged(desk) == 2 * sum(10 * n + 5 for n in range(1, 9))


def test_the_reduced_sample(desk: Desk, shared: Path) -> None:
    path = shared / "data" / "shopify_csv_layouts" / "orders" / "shopify_orders_sample.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    summary = desk.take(path, OPTIONS)
    assert summary.lines == len(rows) == 249
    assert charged(desk) == sum(Decimal(row["Total"]) for row in rows if row["Total"])
    refunds = sum(Decimal(row["Refunded Amount"]) for row in rows if row["Refunded Amount"])
    assert charged(desk, "RETURN") == -refunds
    units = sum(row["quantity"] for row in desk.sales())
    assert units == sum(int(row["Lineitem quantity"]) for row in rows)
    assert any("no line prices" in warning for warning in summary.warnings)


def test_the_whole_header_is_known(desk: Desk, shared: Path, tmp_path: Path) -> None:
    source = shared / "data" / "shopify_csv_layouts" / "orders" / "orders_export_header_79cols.csv"
    header = next(csv.reader([source.read_text(encoding="utf-8").splitlines()[0]]))
    assert set(HEADER) <= set(header)
    path = tmp_path / "orders.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, header)
        out.writeheader()
        out.writerows(order("#1", line("Mug", 1, "10.00"), Subtotal="10.00", Total="10.00"))
    assert desk.take(path, OPTIONS).orders == 1


def test_missing_columns_are_named(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("Name,Email,Lineitem quantity\n#1,a@example.com,1\n", encoding="utf-8")
    with pytest.raises(
        BadFile,
        match=r"no column Created at, Lineitem price \(or Subtotal, or Total\)\. Found: Name",
    ):
        desk.take(path, OPTIONS)
    assert desk.warehouse.shops() == ()


def test_a_shop_keeps_its_currency(desk: Desk, tmp_path: Path) -> None:
    take(desk, tmp_path, order("#1", line("Mug", 1, "10.00"), Total="10.00"))
    with pytest.raises(Refused, match="The currency of Mill Lane is USD; it cannot become EUR"):
        desk.take(tmp_path / "orders.csv", ImportOptions("shopify-orders", "mill  lane", "EUR"))
    assert desk.take(tmp_path / "orders.csv", ImportOptions("shopify-orders", "mill lane")).already
