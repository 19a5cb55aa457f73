"""Lines that look alike are read as columns: the same rows as one by one, whatever stands in
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pyarrow as pa
import pytest

from agent.sources.shopify import documents, raw, shapes
from agent.sources.shopify.documents import Read
from agent.sources.shopify.fields import fields
from tests.agent.sources.shopify.conftest import ORDERS_ONLY, Wired
from tests.agent.sources.shopify.test_documents import (
    BAD,
    LINE,
    Document,
    agreement,
    lines,
    money,
    order,
    sale,
)

MOST = 10**9
"""Lines of a block below which none is looked at together with others."""


def told(found: Read) -> dict[str, Any]:
    """Everything that was read, words as texts."""
    tables = {"orders": found.orders, "agreements": found.agreements, "sales": found.sales}
    rows = {name: _plain(parts) for name, parts in tables.items()}
    return {**rows, "bad": (found.bad_orders, found.bad_agreements, found.loose), "n": found.lines}


def _plain(parts: Sequence[pa.Table]) -> list[dict[str, Any]]:
    return pa.concat_tables(parts).unify_dictionaries().to_pylist() if parts else []


def both(*blocks: bytes) -> Read:
    """What is read of blocks, which must be the same in both ways."""
    together, alone = documents.read(blocks, few=0), documents.read(blocks, few=MOST)
    ours, theirs = told(together), told(alone)
    # Types of ids are numbered as they are met, which may be another order.
    assert _named(ours, together) == _named(theirs, alone)
    assert not alone.shapes
    return together


def _named(found: dict[str, Any], read: Read) -> Any:
    kinds = {number: kind for kind, number in read.kinds.items()}

    def name(key: int) -> tuple[int, str]:
        return key // documents.KINDS, kinds[key % documents.KINDS]

    rows = {
        table: [
            {k: name(v) if k in ("order", "agreement") else v for k, v in row.items()}
            for row in found[table]
        ]
        for table in ("orders", "agreements", "sales")
    }
    orders, agreements, loose = found["bad"]
    return (
        rows,
        {name(key): reason for key, reason in orders.items()},
        {name(key): reason for key, reason in agreements.items()},
        sorted(loose),
        found["n"],
    )


def many(count: int = 40) -> list[Document]:
    """Orders with their goods, all of one shape."""
    found: list[Document] = []
    for at in range(count):
        own = 10_000 + at
        line = LINE | {"id": f"gid://shopify/LineItem/{at}", "variantTitle": f"Sand / {at % 3}"}
        amount = money(f"{at}.{at % 10}", f"{at * 7}.25")
        found += [
            order(own), agreement(at, own), sale(at, of=at, lineItem=line, totalAmount=amount),
        ]  # fmt: skip
    return found


def test_the_export_of_a_shop(wired: Wired) -> None:
    wired.standin.auth.scopes = ORDERS_ONLY
    wired.sync()
    content = b"".join(b"".join(raw.blocks(file)) for file in raw.store_of(wired.link()).files())
    found = both(content)
    assert len(_plain(found.orders)) >= 60
    assert len(found.shapes) > 5
    half = content.rfind(b"\n", 0, len(content) // 2) + 1
    both(content[:half], content[half:].rstrip(b"\n"))


ODDITIES: Sequence[tuple[str, Document]] = (
    ("an unknown word", sale(900, "SOMETHING_NEW", actionType="EXCHANGE")),
    ("a word with an escape", sale(900, 'A"B', actionType="É")),
    ("no line", sale(900, lineItem=None)),
    ("a line without a product", sale(900, lineItem=LINE | {"product": None, "variant": None})),
    ("no title", sale(900, lineItem=LINE | {"variantTitle": None})),
    ("an empty title", sale(900, lineItem=LINE | {"variantTitle": ""})),
    ("neither title nor code", sale(900, lineItem=LINE | {"variantTitle": "", "sku": None})),
    ("quotes in a title", sale(900, lineItem=LINE | {"variantTitle": '12" / "x"'})),
    ("a backslash at the end", sale(900, lineItem=LINE | {"variantTitle": "a\\"})),
    ("a code that nobody reads", sale(900, lineItem=LINE | {"sku": "a\\b\n"})),
    ("other letters", sale(900, lineItem=LINE | {"variantTitle": "Größe 4 – 🧵"})),
    ("a list of discounts", sale(900, discounts=[{"amount": "1.0", "of": [{"id": 1}]}])),
    ("no pieces", sale(900, quantity=None)),
    ("many pieces", sale(900, quantity=2**31 - 1)),
    ("pieces back", sale(900, quantity=-12)),
    ("a large id", sale(99_999_999_999_999_999)),
    ("a long amount", sale(900, totalAmount=money("-12345678901.1234", "0.10000"))),
    ("a whole amount", sale(900, totalAmount=money("7", "-0"))),
    ("a fraction of a second", agreement(900, 10_000, "2026-11-10T03:30:58.125Z")),
    ("another kind of agreement", agreement(900, 10_000) | {"__typename": "RefundAgreement"}),
    ("no customer", order(900, customer=None)),
    ("no addresses", order(900, shippingAddress=None)),
    ("an empty address", order(900, shippingAddress={}, billingAddress={"city": "Ulm"})),
    ("two addresses", order(900, billingAddress={"city": "U\\lm", "countryCodeV2": "DE"})),
    ("a cancelled order", order(900, cancelledAt="2026-11-19T00:00:00Z", test=True)),
    ("nothing said of a source", order(900, sourceName=None, presentmentCurrencyCode=None)),
    ("a field more", order(900, note="\\u0000 is written like this")),
    (
        "a visit without a source",
        order(
            900,
            customerJourneySummary={
                "ready": True,
                "lastVisit": {"utmParameters": {"source": ""}},
                "firstVisit": {"utmParameters": {"source": "a/b"}},
            },
        ),
    ),
)


@pytest.mark.parametrize(("what", "odd"), ODDITIES, ids=[what for what, _ in ODDITIES])
def test_odd_documents_among_others(what: str, odd: Document) -> None:
    content = many()
    content[7:7] = [odd, odd | {"extra": what}, odd]
    found = both(lines(*content), b"".join(orjson.dumps(one) + b"\n" for one in content))
    assert not found.bad_orders and not found.bad_agreements and not found.loose


@pytest.mark.parametrize(("bad", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_bad_documents_among_others(bad: Document, reason: str) -> None:
    content = many()
    content[7:7] = [bad]
    found = both(lines(*content))
    said = [*found.bad_orders.values(), *found.bad_agreements.values()]
    assert [text[: len(reason)] for text in said or [why for _, why in found.loose]] == [reason]


GOOD = lines(sale(5, of=1, lineItem=LINE)).rstrip(b"\n")


@pytest.mark.parametrize(
    ("old", "new", "good"),
    [
        (b'"quantity":1,', b'"quantity":01,', False),
        (b'"quantity":1,', b'"quantity":1.0,', False),
        (b'"quantity":1,', b'"quantity":1e0,', False),
        (b'"quantity":1,', b'"quantity":NaN,', False),
        (b'"quantity":1,', b'"quantity":true,', False),
        (b'"quantity":1,', b'"quantity":9223372036854775808,', False),
        (b'"quantity":1,', b'"quantity":7,"quantity":2,', True),
        (b'"quantity":1,', b' "quantity" : 1 ,', True),
        (b'"97.2"', b"97.2", False),
        (b'"97.2"', b'"+97.2"', False),
        (b'"97.2"', b'"97."', False),
        (b'"97.2"', b'"9 7.2"', False),
        (b'"97.2"', b'"1.2.3"', False),
        (b'"97.2"', b'"97.23456"', False),
        (b'"97.2"', b'"-"', False),
        (b'"97.2"', b'""', False),
        (b'"97.2"', b'"\\u0039"', True),
        (b"Sand", b"S\\u0061nd", True),
        (b"Sand", b"S\\u0000nd", False),
        (b"Sand", b"S\\ud800nd", False),
        (b"Sand", b"S\\xnd", False),
        (b"Sand", b"S\x01nd", False),
        (b"Sand", b"S\xffnd", False),
        (b"THR-SND", b"THR\\xSND", False),
        (b"THR-SND", b"THR\x02SND", False),
        (b"Sand", b"S" * 2001, False),
        (b"LineItem\\/41001", b"LineItem\\/", False),
        (b"LineItem\\/41001", b"LineItem\\/4x1", False),
        (b"LineItem\\/41001", b"LineItem\\/123456789012345678", False),
        (b'"gid:\\/\\/shopify\\/LineItem', b'"\\u0067id:\\/\\/shopify\\/LineItem', True),
        (b"Agreement\\/1", b"Agreement\\/1\\/2", False),
        (b"}", b"", False),
        (b'"lineItem"', b'"lineItem":{"id":7},"lineItem"', True),
    ],
)
def test_bytes_that_differ_from_those_of_others(old: bytes, new: bytes, good: bool) -> None:
    assert old in GOOD
    odd = GOOD.replace(old, new, 1)
    content = lines(*many()) + lines(order(), agreement(1)) + odd + b"\n" + odd + b"\n"
    found = both(content)
    said = [*found.bad_orders, *found.bad_agreements, *found.loose]
    assert (not said) == good


def test_a_shape_is_learned_from_one_line() -> None:
    document = sale(5, lineItem=LINE)
    shape = shapes.learned(GOOD, "Sale", fields(document))
    assert shape.quotes == GOOD.count(b'"')
    assert shape.types["parent"] == "OrderAgreement"
    assert shape.types["action"] == "ORDER"
    for line in (b'{"a":[1]}', b'{"a":"\\""}', b'{"a":1,"a":2}', b'{"a b":1}'):
        with pytest.raises(shapes.Odd):
            shapes.learned(line, "Sale", fields(document))


def test_most_lines_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    alone: list[int] = []
    careful = documents._careful

    def counted(found: Read, given: Mapping[int, bytes]) -> Any:
        alone.append(len(given))
        return careful(found, given)

    monkeypatch.setattr(documents, "_careful", counted)
    documents.read([lines(*many(200))])
    assert alone == [0]
