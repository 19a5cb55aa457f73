"""Exchange rates in one base: what is asked of them while they are written."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from agent.errors import Refused
from agent.warehouse.writing import Writing


def one_base(writing: Writing, rows: pa.Table) -> None:
    """Raises Refused for rates in another base than the one kept: two could contradict."""
    arriving = pc.unique(rows["base"]).to_pylist()
    kept = [base for (base,) in writing.rows("SELECT base FROM rates LIMIT 1")]
    bases = sorted({*kept, *arriving})
    if len(bases) < 2:
        return
    raise Refused(
        f"The rates kept are for one {kept[0]}, these for one {arriving[0]}."
        if kept and len(arriving) == 1
        else f"These rates are for one of several currencies: {', '.join(bases)}.",
        hint="Import rates in one base only: others follow from them.",
    )
