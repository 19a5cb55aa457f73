"""Checks that any format's text fields have to pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.sources.base import Flags, Ints
from agent.sources.values import MAX_TEXT, MONEY_SCALE, codes, flags, one

UNFIT = "A field holds characters that no text has, or is too long."
TOO_MUCH = "The amount is too large to be real."


def unfit(columns: Sequence[pa.Array | pa.ChunkedArray]) -> Flags:
    """Rows with a NUL, a broken character or an endless field."""
    found = np.zeros(len(columns[0]), dtype=np.bool_)
    for column in columns:
        index, words = codes(one(column))
        wrong = pc.or_(
            pc.match_substring_regex(words, "[\\x00\ufffd]"),
            pc.greater(pc.binary_length(words), MAX_TEXT),
        )
        found |= np.append(flags(wrong), False)[index]
    return found


def too_much(quantity: Ints, price: Ints) -> Flags:
    """Where quantity x price is ten thousand million or more: sums of such would leave
    DECIMAL(18,4).
    """
    limit = 10**10 * MONEY_SCALE
    return np.asarray(np.abs(price) > limit // np.maximum(np.abs(quantity), 1), dtype=np.bool_)


def upper(column: pa.Array) -> pa.Array:
    """Upper case, each distinct text once."""
    encoded = column.dictionary_encode()
    return pc.utf8_upper(encoded.dictionary).take(encoded.indices)
