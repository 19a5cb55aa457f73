"""Plain rows of any source: columns as text, and how a person reads rows that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa

from agent.sources.rejects import Checks
from agent.sources.values import one, texts

LONGEST = 2_000
"""Characters of a rejected row that are kept."""


def as_text(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column of any simple type as trimmed text, empty as NULL; numbers without an exponent."""
    plain = one(column)
    if pa.types.is_dictionary(plain.type):
        plain = plain.dictionary_decode()
    if pa.types.is_floating(plain.type) or pa.types.is_decimal(plain.type):
        encoded = plain.dictionary_encode()
        words = [None if v is None else _digits(v) for v in encoded.dictionary.to_pylist()]
        plain = pa.array(words, pa.string()).take(encoded.indices)
    return texts(plain if pa.types.is_string(plain.type) else plain.cast(pa.string()))


def _digits(value: float | Decimal) -> str:
    exact = Decimal(repr(value)) if isinstance(value, float) else value
    return f"{exact:f}" if exact.is_finite() else str(exact)


def refused(rows: pa.Table, checks: Checks, most: int = 1_000) -> Sequence[tuple[str, str]]:
    """(row as readable text, reason) of the rows that cannot be used, the first `most`."""
    found = checks.rows()[:most]
    picked = rows.take(pa.array([at for at, _ in found], pa.int64())).to_pylist()
    return [
        (_printable("; ".join(f"{k}={v}" for k, v in row.items() if v is not None)), reason)
        for row, (_, reason) in zip(picked, found, strict=True)
    ]


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\ufffd" for c in text[:LONGEST])
