"""Ids made of content, so that the same line gets the same id from whichever file it comes."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Sequence
from hashlib import blake2b, sha256

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from agent.sources.values import codes, one

Ints = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_DIGITS = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def slug(text: str, otherwise: str = "") -> str:
    """Lower-case letters and digits of any alphabet with single hyphens: "Hearth & Alder" is
    hearth-alder.
    """
    plain = unicodedata.normalize("NFKD", text.strip().casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "-", plain).strip("-") or otherwise


def once() -> str:
    """What nothing had before, and nothing will have again."""
    return secrets.token_hex(8)


def _number(text: str | None) -> int:
    word = b"\x00" if text is None else b"\x01" + text.encode("utf-8")
    return int.from_bytes(blake2b(word, digest_size=8).digest(), "little")


def hash_texts(column: pa.Array) -> Hashes:
    """64 bits of each text; NULL differs from every text."""
    index, words = codes(column)
    table = np.array([*(_number(word) for word in words.to_pylist()), _number(None)], np.uint64)
    return table[index]


def mix(columns: Sequence[Hashes | Ints]) -> Hashes:
    """One 64-bit hash of several columns (the finaliser of splitmix64 between them)."""
    total = np.full(len(columns[0]), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for column in columns:
        total = (total ^ column.astype(np.uint64)) * np.uint64(0xBF58476D1CE4E5B9)
        total = (total ^ (total >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        total ^= total >> np.uint64(31)
    return total


def hexadecimal(hashes: Hashes) -> pa.Array:
    """16 digits each."""
    octets = hashes.astype(">u8").view(np.uint8)
    digits = np.empty((len(octets), 2), dtype=np.uint8)
    digits[:, 0], digits[:, 1] = _DIGITS[octets >> 4], _DIGITS[octets & 15]
    offsets = np.arange(0, 16 * len(hashes) + 1, 16, dtype=np.int64)
    long = pa.LargeStringArray.from_buffers(
        len(hashes), pa.py_buffer(offsets.tobytes()), pa.py_buffer(digits.tobytes())
    )
    return long.cast(pa.string())


def occurrence(*keys: Hashes | Ints) -> Ints:
    """0 for the first row with its keys, 1 for the second, and so on, in row order."""
    count = len(keys[0])
    order = np.lexsort(tuple(reversed(keys)))
    same = np.ones(count, dtype=np.bool_)
    same[:1] = False
    for key in keys:
        placed = key[order]
        same[1:] &= placed[1:] == placed[:-1]
    place = np.arange(count, dtype=np.int64)
    start = np.maximum.accumulate(np.where(same, 0, place))
    out = np.empty(count, dtype=np.int64)
    out[order] = place - start
    return out


def joined(*columns: pa.Array | str, by: str = "-") -> pa.Array:
    """Texts put together row by row."""
    import pyarrow.compute as pc

    return one(pc.binary_join_element_wise(*columns, by))


def person(column: pa.Array) -> pa.Array:
    """A customer's id from a mail address: 24 hex digits of its SHA-256, so that no address is
    stored.
    """
    index, words = codes(column)
    known = [
        sha256(word.strip().lower().encode("utf-8")).hexdigest()[:24] for word in words.to_pylist()
    ]
    return pa.array([*known, None], pa.string()).take(
        pa.array(np.where(index < 0, len(known), index))
    )
