"""Shop, customers, products, stock and removals as GraphQL tells them; see documents.py."""

from __future__ import annotations

from typing import Any

from tests.shopify_standin.ids import gid, moment
from tests.shopify_standin.model import Customer, Location, Product, Variant
from tests.shopify_standin.money import ZERO, money, priced
from tests.shopify_standin.shop import Shop

Doc = dict[str, Any]


def shop(one: Shop) -> Doc:
    profile = one.profile
    offset = one.clock.now().astimezone(profile.zone).utcoffset()
    first = min((p.created_at for p in one.products.values()), default=one.now())
    return {
        "__typename": "Shop",
        "id": gid("Shop", 5001),
        "name": profile.name,
        "email": "ops@alder.example",
        "myshopifyDomain": profile.domain,
        "primaryDomain": {
            "id": gid("Domain", 1),
            "url": "https://alder.example",
            "host": "alder.example",
        },
        "createdAt": moment(profile.opened or first),
        "updatedAt": moment(one.now()),
        "currencyCode": profile.currency,
        "enabledPresentmentCurrencies": sorted(
            {profile.currency, *(name for name, _ in profile.presentment)}
        ),
        "ianaTimezone": profile.timezone,
        # Of today only: summer has another one, so it must not decide what day it was.
        "timezoneOffsetMinutes": int(offset.total_seconds() // 60) if offset is not None else 0,
        "taxesIncluded": profile.taxes_included,
        "taxShipping": profile.tax_shipping,
        "weightUnit": "POUNDS",
        "plan": {
            "publicDisplayName": "Basic",
            "shopifyPlus": False,
            "partnerDevelopment": False,
        },
    }


def customer(one: Shop, who: Customer) -> Doc:
    number = who.customer_id

    def orders() -> list[Any]:
        return [o for o in one.orders.values() if o.customer_id == number and not o.test]

    def spent(info: object) -> Doc:
        amount = sum((o.paid() - o.given_back() for o in orders()), ZERO)
        return money(amount, one.currency)

    return {
        "__typename": "Customer",
        "id": gid("Customer", number),
        "legacyResourceId": str(number),
        "createdAt": moment(who.created_at),
        "updatedAt": moment(who.updated_at),
        "state": "DISABLED",
        "locale": who.locale,
        "tags": [],
        "numberOfOrders": lambda info: str(len(orders())),
        "amountSpent": spent,
        "defaultEmailAddress": {
            "emailAddress": who.email,
            "marketingState": who.marketing,
            "marketingOptInLevel": "SINGLE_OPT_IN",
        },
        "defaultAddress": {
            "id": gid("MailingAddress", number),
            "countryCodeV2": who.country,
            "country": who.country,
            "provinceCode": who.province,
            "province": who.province,
            "city": who.city,
        },
        "mergeable": {"isMergeable": True, "reason": None},
        "statistics": {"rfmGroup": "LOYAL", "predictedSpendTier": "MEDIUM"},
    }


def customer_of(one: Shop, number: int | None) -> Doc | None:
    who = one.customers.get(number or 0)
    return customer(one, who) if who else None


def location(place: Location) -> Doc:
    return {
        "__typename": "Location",
        "id": gid("Location", place.location_id),
        "legacyResourceId": str(place.location_id),
        "name": place.name,
        "isActive": True,
        "fulfillsOnlineOrders": True,
        "createdAt": moment(place.created_at),
        "updatedAt": moment(place.created_at),
    }


def location_of(one: Shop, number: int | None) -> Doc | None:
    place = one.locations.get(number or 0)
    return location(place) if place else None


def product(one: Shop, goods: Product) -> Doc:
    number = goods.product_id
    return {
        "__typename": "Product",
        "id": gid("Product", number),
        "legacyResourceId": str(number),
        "handle": goods.title.lower().replace(" ", "-"),
        "title": goods.title,
        "vendor": goods.vendor,
        "productType": goods.kind,
        "status": goods.status,
        "tags": list(goods.tags),
        "isGiftCard": goods.gift_card,
        "createdAt": moment(goods.created_at),
        "updatedAt": moment(goods.updated_at),
        "publishedAt": moment(goods.created_at),
        "totalInventory": lambda info: sum(sum(v.stock.values()) for v in goods.variants),
        "tracksInventory": not goods.gift_card,
        "category": {
            "id": gid("TaxonomyCategory", number),
            "name": goods.kind,
            "fullName": f"Home & Garden > {goods.kind}",
        }
        if goods.kind
        else None,
        "variantsCount": {"count": len(goods.variants), "precision": "EXACT"},
        "variants": lambda info=None: [
            variant(one, goods, v, index) for index, v in enumerate(goods.variants, 1)
        ],
    }


def product_of(one: Shop, number: int | None) -> Doc | None:
    goods = one.products.get(number or 0)
    return product(one, goods) if goods else None


def variant(one: Shop, goods: Product, sort: Variant, position: int = 1) -> Doc:
    number = sort.variant_id
    return {
        "__typename": "ProductVariant",
        "id": gid("ProductVariant", number),
        "legacyResourceId": str(number),
        "title": sort.title,
        "displayName": f"{goods.title} - {sort.title}",
        "sku": sort.sku,
        "barcode": None,
        "position": position,
        "price": priced(sort.price),
        "compareAtPrice": None,
        "taxable": not goods.gift_card,
        "createdAt": moment(goods.created_at),
        "updatedAt": moment(sort.updated_at),
        "inventoryQuantity": sum(sort.stock.values()),
        "selectedOptions": [{"name": "Color", "value": sort.title}],
        "inventoryItem": lambda info: item(one, goods, sort),
        "product": lambda info: product(one, goods),
    }


def variant_of(one: Shop, number: int | None) -> Doc | None:
    of = one.variant(number)
    return variant(one, *of) if of else None


def item(one: Shop, goods: Product, sort: Variant) -> Doc:
    number = sort.item_id
    doc: Doc = {
        "__typename": "InventoryItem",
        "id": gid("InventoryItem", number),
        "legacyResourceId": str(number),
        "sku": sort.sku,
        "tracked": not goods.gift_card,
        "requiresShipping": not goods.gift_card,
        "createdAt": moment(goods.created_at),
        "updatedAt": moment(sort.updated_at),
        "unitCost": None if sort.cost is None else money(sort.cost, one.currency),
        "variant": lambda info: variant(one, goods, sort),
    }
    doc["inventoryLevels"] = [_level(one, sort, doc, place) for place in sort.stock]
    return doc


def _level(one: Shop, sort: Variant, of: Doc, place: int) -> Doc:
    there = sort.stock[place]
    counts = {"available": there, "on_hand": there + 2, "committed": 2}

    def quantities(info: object, names: list[str]) -> list[Doc]:
        return [
            {
                "id": f"{gid('InventoryQuantity', place)}?name={name}",
                "name": name,
                "quantity": counts.get(name, 0),
                "updatedAt": moment(sort.updated_at),
            }
            for name in names
        ]

    number = gid("InventoryLevel", place)
    return {
        "__typename": "InventoryLevel",
        "id": f"{number}?inventory_item_id={sort.item_id}",
        "createdAt": of["createdAt"],
        "updatedAt": of["updatedAt"],
        "isActive": True,
        "item": of,
        "location": location_of(one, place),
        "quantities": quantities,
    }


def removals(one: Shop) -> list[Doc]:
    """The destroy events of the last year."""
    return [
        {
            "__typename": "BasicEvent",
            "id": gid("BasicEvent", number),
            "action": "destroy",
            "createdAt": moment(at),
            "occurredAt": moment(at),
            "message": f"{kind.title()} was deleted: {title}.",
            "subjectId": gid(kind.title(), subject),
            "subjectType": kind,
        }
        for number, kind, subject, title, at in one.removed
    ]
