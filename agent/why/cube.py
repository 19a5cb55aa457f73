"""Leaves: the finest cells of a change, as numpy columns, and the rows of a segment among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Rows = NDArray[np.intp]
Text = str | None


@dataclass(frozen=True)
class Leaves:
    """The cells that a change is searched in.

    names     the dimensions
    values    of each dimension, what its codes stand for; None is "not known"
    codes     of each dimension, (n,) numbers of its values
    actual    (n,) what was; of a ratio, its numerator
    expected  (n,) what was to be
    per       (n,) actual and expected denominators of a ratio; None for what is summed
    """

    names: tuple[str, ...]
    values: tuple[tuple[Text, ...], ...]
    codes: tuple[Codes, ...]
    actual: Floats
    expected: Floats
    per: tuple[Floats, Floats] | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(len(each) for each in self.values)

    def where(self, cell: Cell) -> Mapping[str, Text]:
        """A cell as dimension: value."""
        return {self.names[d]: self.values[d][code] for d, code in cell}

    def inside(self, cell: Cell) -> NDArray[np.bool_]:
        """(n,) which leaves lie in a cell; all of them in the empty one."""
        within = np.ones(self.actual.size, bool)
        for dimension, code in cell:
            within &= self.codes[dimension] == code
        return within


def summed(codes: Codes | Rows, values: Floats, size: int = 0) -> Floats:
    """(size or more,) the sums of values by code."""
    return np.asarray(np.bincount(codes, values, size), np.float64)


Cell = tuple[tuple[int, int], ...]
"""(Number of a dimension, code of its value), by rising dimension."""


def encoded(texts: pa.Array) -> tuple[tuple[Text, ...], Codes]:
    """The values of a column of text, sorted, None last, and each row's place among them."""
    found = texts.dictionary_encode(null_encoding="encode")
    known: list[Text] = found.dictionary.to_pylist()
    order = sorted(range(len(known)), key=lambda n: (known[n] is None, known[n] or ""))
    place = np.empty(len(known), np.int64)
    place[order] = np.arange(len(known))
    return tuple(known[n] for n in order), place[found.indices.to_numpy()]
