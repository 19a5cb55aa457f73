"""Text that no spreadsheet takes for a formula, whole columns at once."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

# A spreadsheet runs a cell that begins like this: also after blanks of any width, after marks that
# nobody sees, and in the wide forms that East Asian keyboards write.
FORMULA = r"^[\s\p{Z}\p{Cf}\x00-\x1f]*[=+\-@|%＝＋－＠﹦﹢﹣﹫−]|^[\t\r\n]"


def guarded(column: pa.Array) -> pa.Array:
    """Text with an apostrophe before whatever would be run."""
    risky = pc.match_substring_regex(column, FORMULA)
    return pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)


def safe(text: str) -> str:
    """One text, guarded."""
    return str(guarded(pa.array([text]))[0].as_py())
