"""What the columns of order files are called, in English and in German, and what each must hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from agent.sources.headers import COUNTRY, CURRENCY
from agent.words import mark

Holds = Literal["moment", "money", "whole", "text"]

WORDS: Mapping[str, tuple[str, ...]] = {
    "order_id": (
        *("order id", "order number", "order no", "order", "order name", "order reference"),
        *("increment id", "invoice number", "invoice no", "invoiceno", "invoice", "receipt number"),
        *("receipt", "transaction id", "sales order", "bestellnummer", "bestell nr"),
        *("bestellnr", "bestellung", "auftragsnr", "rechnungsnr"),
        *("auftragsnummer", "auftrags nr", "auftrag", "belegnr", "belegnummer", "beleg"),
        *("rechnungsnummer", "rechnungs nr", "rechnung", "vorgang"),
    ),
    "line_id": (
        *("line id", "line number", "line item id", "order item id", "item id", "line", "position"),
        *("pos", "positionsnummer", "zeile"),
    ),
    "placed_at": (
        *("placed at", "order date", "ordered at", "created at", "date created", "created"),
        *("processed at", "purchase date", "purchased at", "invoice date", "invoicedate"),
        *("transaction date", "sale date", "date", "datetime", "timestamp", "day", "paid at"),
        *("bestelldatum", "auftragsdatum", "kaufdatum", "rechnungsdatum", "belegdatum", "datum"),
        *("zeitpunkt", "erstellt am", "tag"),
    ),
    "sku": (
        *("sku", "item sku", "product sku", "variant sku", "stock code", "stockcode", "item code"),
        *("product code", "item number", "article number", "product id", "asin", "ean", "barcode"),
        *("artikelnummer", "artikel nr", "artikelnr", "art nr", "artikel", "produktnummer"),
    ),
    "title": (
        *("title", "product name", "product title", "item name", "product", "item", "description"),
        *("product description", "lineitem name", "bezeichnung", "artikelbezeichnung"),
        *("produktname", "produkt", "artikelname", "beschreibung"),
    ),
    "quantity": (
        *("quantity", "qty", "qty ordered", "units", "quantity ordered", "pieces", "item count"),
        *("menge", "anzahl", "stück", "stueck", "stückzahl", "stk"),
    ),
    "unit_price": (
        *("unit price", "unitprice", "price", "item price", "price each", "price per unit"),
        *("sale price", "einzelpreis", "stückpreis", "preis", "vk preis", "e preis", "ep"),
    ),
    "amount": (
        *("amount", "line total", "line amount", "total", "subtotal", "net amount", "item total"),
        *("total price", "sales", "revenue", "turnover", "row total", "extended price", "betrag"),
        *("summe", "gesamtpreis", "gesamt", "umsatz", "positionssumme", "gesamtbetrag"),
    ),
    "discount": (
        *("discount", "discount amount", "line discount", "item discount", "promo discount"),
        *("rabatt", "rabattbetrag", "nachlass"),
    ),
    "tax": (
        *("tax", "tax amount", "vat", "vat amount", "sales tax", "item tax", "taxes", "gst"),
        *("mwst", "mwst betrag", "steuer", "steuerbetrag", "ust", "umsatzsteuer"),
    ),
    "shipping": (
        *("shipping", "shipping amount", "shipping cost", "shipping price", "freight", "postage"),
        *("delivery fee", "versand", "versandkosten", "porto", "fracht"),
    ),
    "refund_amount": (
        *("refund amount", "refund", "refunded", "refunded amount", "amount refunded"),
        *("erstattet", "erstattung", "gutschrift", "erstattungsbetrag", "rückerstattung"),
    ),
    "refund_quantity": ("refund quantity", "refunded quantity", "returned quantity", "retourmenge"),
    "refund_at": (
        *("refund date", "refunded at", "refund at", "return date", "returned at", "erstattet am"),
        *("retourdatum", "erstattungsdatum"),
    ),
    "customer": (
        *("customer", "customer id", "customerid", "customer number", "customer email", "email"),
        *("e mail", "buyer", "buyer email", "user id", "client", "client id", "account"),
        *("kunde", "kundennummer", "kunden nr", "kundennr", "käufer", "e mail adresse"),
    ),
    "country": COUNTRY,
    "region": ("region", "state", "province", "shipping state", "bundesland", "kanton", "county"),
    "city": ("city", "town", "shipping city", "ort", "stadt", "lieferort"),
    "channel": (
        *("channel", "sales channel", "source", "marketplace", "store", "utm source", "kanal"),
        *("verkaufskanal", "quelle", "plattform"),
    ),
    "vendor": ("vendor", "brand", "manufacturer", "supplier", "marke", "hersteller", "lieferant"),
    "product_type": (
        *("product type", "category", "product category", "department", "warengruppe"),
        *("kategorie", "produktgruppe", "produkttyp"),
    ),
    "type": ("line type", "item type", "row type", "type", "art", "positionsart", "zeilenart"),
    "currency": CURRENCY,
    "variant": ("variant", "variant title", "option", "size", "variante", "größe", "ausführung"),
}
"""Field of a mapping -> the words for it, the surest first."""

HOLDS: Mapping[str, Holds] = {
    **dict.fromkeys(("placed_at", "refund_at"), "moment"),
    **dict.fromkeys(("quantity", "refund_quantity"), "whole"),
    **dict.fromkeys(("unit_price", "amount", "discount", "tax", "shipping"), "money"),
    "refund_amount": "money",
}
"""What the values of a field are, text where it is not named."""

LABELS: Mapping[str, str] = {
    "order_id": mark("Order number"),
    "line_id": mark("Line number"),
    "placed_at": mark("Order date"),
    "sku": mark("SKU"),
    "title": mark("Product"),
    "quantity": mark("Quantity"),
    "unit_price": mark("Unit price"),
    "amount": mark("Line total"),
    "discount": mark("Discount"),
    "tax": mark("Tax"),
    "shipping": mark("Shipping"),
    "refund_amount": mark("Refunded amount"),
    "refund_quantity": mark("Refunded quantity"),
    "refund_at": mark("Refund date"),
    "customer": mark("Customer"),
    "country": mark("Country"),
    "region": mark("Region"),
    "city": mark("City"),
    "channel": mark("Channel"),
    "vendor": mark("Vendor"),
    "product_type": mark("Product type"),
    "type": mark("Kind of line"),
    "currency": mark("Currency"),
    "variant": mark("Variant"),
}
TYPES: Mapping[str, str] = {
    **dict.fromkeys(("product", "item", "goods", "sale", "line", "ware", "artikel"), "product"),
    **dict.fromkeys(("shipping", "delivery", "freight", "postage", "versand", "porto"), "shipping"),
    **dict.fromkeys(("gift card", "gift_card", "voucher", "gutschein"), "gift_card"),
    **dict.fromkeys(("discount", "rabatt", "nachlass", "coupon"), "discount"),
    **dict.fromkeys(("tip", "trinkgeld"), "tip"),
    **dict.fromkeys(("tax", "vat", "steuer", "mwst"), "tax"),
    **dict.fromkeys(("fee", "gebühr", "gebuehr"), "fee"),
}
"""What lines call themselves -> their type."""
GROSS = ("brutto", "gross", "incl", "inkl", "including")
"""Words in the name of a price that has its tax inside."""
