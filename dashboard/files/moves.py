"""How figures moved against the comparison, as values of a file and as formulas of a workbook."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics.frames import Number

# Sums may differ from the asked total by no more than what the last place hides.
CLOSE = 1e-9


def moved(now: Number, before: Number, points: bool) -> float | None:
    """The relative change, or of rates the difference in percentage points."""
    if now is None or before is None or (not points and not before):
        return None
    step = float(now) - float(before)
    return step * 100 if points else step / abs(float(before))


def changes(now: pa.Array, before: pa.Array, points: bool) -> pa.Array:
    """The same of whole columns."""
    one, other = now.cast(pa.float64()), before.cast(pa.float64())
    if points:
        return pc.multiply(pc.subtract(one, other), 100.0)
    known = pc.if_else(pc.equal(other, 0.0), pa.scalar(None, pa.float64()), other)
    return pc.divide(pc.subtract(one, known), pc.abs(known))


def change_formula(name: str, points: bool) -> str:
    """What Excel recomputes it by, over a figure and its former value."""
    now, before = f"{{{name}}}", f"{{{name}_before}}"
    if points:
        return f"({now}-{before})*100"
    return f'IF({before}=0,"",({now}-{before})/ABS({before}))'
