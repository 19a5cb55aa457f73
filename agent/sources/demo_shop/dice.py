"""Draws that depend on their keys alone: the same order gets the same dice whichever days are made
with it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar
from zlib import crc32

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Columns = TypeVar("Columns", bound="DataclassInstance")

_MASK = (1 << 64) - 1
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def _stir(bits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finishing steps of splitmix64."""
    bits = (bits ^ (bits >> np.uint64(30))) * _FIRST
    bits = (bits ^ (bits >> np.uint64(27))) * _SECOND
    return bits ^ (bits >> np.uint64(31))


def uniform(seed: int, purpose: str, *keys: Ints) -> Floats:
    """Numbers strictly between 0 and 1, one for each row of the keys (arrays of one length)."""
    salt = np.uint64((seed * 1_000_003 + crc32(purpose.encode())) & _MASK)
    bits = np.full(np.shape(keys[0]), salt, dtype=np.uint64)
    for key in keys:
        bits = _stir(bits + key.astype(np.uint64) * _STEP + _STEP)
    return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) / float(1 << 52)


def normal(seed: int, purpose: str, *keys: Ints) -> Floats:
    """Numbers of the standard normal distribution."""
    radius: Floats = np.sqrt(-2 * np.log(uniform(seed, purpose + " radius", *keys)))
    turn: Floats = np.cos(2 * np.pi * uniform(seed, purpose + " angle", *keys))
    drawn: Floats = radius * turn
    return drawn


def choose(weights: npt.ArrayLike, draws: Floats) -> Ints:
    """Positions in one list of weights."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    found = np.searchsorted(edges / edges[-1], draws, side="right")
    return np.minimum(found, len(edges) - 1).astype(np.int64)


def choose_rows(weights: Floats, rows: Ints, draws: Floats) -> Ints:
    """Positions in `weights[row]`, for many rows at once: each row of weights becomes one unit of a
    long ruler."""
    edges = np.cumsum(weights, axis=1)
    edges = edges / np.maximum(edges[:, -1:], 1e-300) + np.arange(len(weights))[:, None]
    found = np.searchsorted(edges.ravel(), rows + draws, side="right") - rows * weights.shape[1]
    inside: Ints = np.clip(found, 0, weights.shape[1] - 1).astype(np.int64)
    return inside


def rows_of(columns: Columns, chosen: Flags) -> Columns:
    """Some entries of a dataclass whose fields are arrays of one length."""
    names = (field.name for field in fields(columns))
    return replace(columns, **{name: getattr(columns, name)[chosen] for name in names})


def share(amount: Ints, part: Ints | int, whole: Ints | int) -> Ints:
    """amount * part / whole in whole cents, halves away from zero. No binary fraction is
    involved."""
    size = (2 * np.abs(amount) * part + whole) // (2 * np.asarray(whole))
    rounded: Ints = (np.sign(amount) * size).astype(np.int64)
    return rounded
