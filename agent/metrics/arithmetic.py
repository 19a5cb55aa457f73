"""Formulas over Arrow columns and over single numbers.

Sums of exact amounts stay decimals; whatever multiplies or divides is float64.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics.formulas import Formula, Sign
from agent.metrics.frames import Number

# Arrow widens a decimal by a digit with every sum: from here no formula outgrows 38.
_ROOM = pa.decimal128(28, 4)
_EXACT = pa.decimal128(38, 4)


def column(formula: Formula, measures: Mapping[str, pa.Array]) -> pa.Array:
    """A formula's column: the measure itself, an exact sum, or float64."""
    arrays = [measures[name] for name in formula.names]
    money = [pa.types.is_decimal(array.type) for array in arrays]
    if len(arrays) == 1 and formula.exact and formula.text == formula.names[0]:
        return arrays[0]
    if formula.exact and all(money):
        exact = formula.value(lambda name: measures[name].cast(_ROOM), _Columns())
        return exact.cast(_EXACT)
    if formula.exact and not any(money):
        return formula.value(lambda name: measures[name], _Columns())
    return formula.value(lambda name: measures[name].cast(pa.float64()), _Columns())


def number(formula: Formula, values: Mapping[str, Number]) -> Number:
    """A formula's value; None where a measure is unknown or a divisor zero."""
    if formula.exact:
        return formula.value(lambda name: values[name], _Numbers())
    return formula.value(lambda name: _float(values[name]), _Numbers())


def _float(value: Number) -> Number:
    return None if value is None else float(value)


class _Columns:
    def constant(self, value: float) -> pa.Array:
        return pa.scalar(value, pa.float64())

    def minus(self, value: pa.Array) -> pa.Array:
        return pc.negate(value)

    def pair(self, sign: Sign, left: pa.Array, right: pa.Array) -> pa.Array:
        if sign == "/":
            return pc.divide(left, pc.if_else(pc.equal(right, 0.0), None, right))
        act = {"+": pc.add, "-": pc.subtract, "*": pc.multiply}[sign]
        return act(left, right)


class _Numbers:
    def constant(self, value: float) -> Number:
        return value

    def minus(self, value: Number) -> Number:
        return None if value is None else -value

    def pair(self, sign: Sign, left: Number, right: Number) -> Number:
        if left is None or right is None or (sign == "/" and not right):
            return None
        if isinstance(left, Decimal) != isinstance(right, Decimal):
            left, right = Decimal(str(left)), Decimal(str(right))
        one, two = left, right  # one kind by now, which the checker cannot see
        if sign == "/":
            return one / two  # type: ignore[operator]
        if sign == "*":
            return one * two  # type: ignore[operator]
        return one + two if sign == "+" else one - two  # type: ignore[operator]
