"""From a statement to Arrow rows and to text for people, the same for both warehouses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect

from agent.errors import Failure
from agent.warehouse.schema import arrow_schema_of

Statement = sa.Select[Any] | sa.CompoundSelect[Any]
Values = list[Any] | dict[str, Any]
LINE = 100
_NUMBERED = re.compile(r"\$(\d+)")
_NAMED = re.compile(r"%\((\w+)\)s|%%")


# Kept, because a statement is compiled to be read and again to be shown, each for a millisecond.
@lru_cache(maxsize=64)
def compiled(statement: Statement, dialect: Dialect) -> tuple[str, Values]:
    """The text a driver takes and its values: a list where they have places, a dict where names.
    Nobody may change them."""
    out = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values: Mapping[str, Any] = out.params
    order = getattr(out, "positiontup", None)
    return out.string, [values[name] for name in order] if order is not None else dict(values)


def readable(statement: Statement, dialect: Dialect) -> str:
    """The statement with its values written in and long lists of columns on lines of their own."""
    lines = (line.rstrip() for line in _filled(*compiled(statement, dialect)).splitlines())
    return "\n".join(part for line in lines if line for part in _folded(line))


def _filled(text: str, values: Values) -> str:
    if isinstance(values, list):
        return _NUMBERED.sub(lambda found: _literal(values[int(found[1]) - 1]), text)
    return _NAMED.sub(lambda found: _literal(values[found[1]]) if found[1] else "%", text)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def _folded(line: str) -> list[str]:
    if len(line) <= LINE:
        return [line]
    parts, depth, quoted, start = [], 0, False, 0
    for at, letter in enumerate(line):
        quoted ^= letter == "'"
        if quoted:
            continue
        depth += (letter == "(") - (letter == ")")
        if depth == 0 and (letter == "," or line.startswith(" AND ", at)):
            cut = at + (letter == ",")
            parts.append(line[start:cut].strip())
            start = cut
    parts.append(line[start:].strip())
    indent = re.match(r"\s*", line)
    lead = indent.group() if indent else ""
    return [lead + parts[0], *(f"{lead}  {part}" for part in parts[1:])]


def from_arrow(statement: Statement, rows: pa.Table) -> pa.Table:
    """Rows as they came, in the types that the statement declares."""
    schema = arrow_schema_of(statement)
    try:
        columns = [_cast(rows.column(i), field.type) for i, field in enumerate(schema)]
    except pa.ArrowInvalid as error:
        raise Failure(f"A number in the answer does not fit its column: {error}") from error
    return pa.Table.from_arrays(columns, schema=schema)


def from_rows(statement: Statement, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Python rows in the types that the statement declares."""
    schema = arrow_schema_of(statement)
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    try:
        arrays = [
            pa.array(_python(values, field.type), type=field.type)
            for values, field in zip(columns, schema, strict=True)
        ]
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise Failure(f"A number in the answer does not fit its column: {error}") from error
    return pa.Table.from_arrays(arrays, schema=schema)


def exactly(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """Cast without loss. Raises pa.ArrowInvalid where a value does not fit."""
    if pa.types.is_decimal(kind) and pa.types.is_integer(column.type):
        # Arrow refuses int64 to decimal(18, 4) unseen; by the widest one it looks at the values.
        column = column.cast(pa.decimal128(38, kind.scale))
    return column.cast(kind)


def _cast(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if column.type == kind:
        return column
    if pa.types.is_decimal(kind):
        wide = pa.types.is_decimal(column.type) and column.type.scale > kind.scale
        if wide or pa.types.is_floating(column.type):
            column = pc.round(column, kind.scale, "half_towards_infinity")
    return exactly(column, kind)


def _python(values: Sequence[Any], kind: pa.DataType) -> list[Any]:
    convert = _converter(kind)
    return list(values) if convert is None else [None if v is None else convert(v) for v in values]


def _converter(kind: pa.DataType) -> Callable[[Any], Any] | None:
    if pa.types.is_decimal(kind):
        return lambda value: _money(value, kind.scale)
    if pa.types.is_timestamp(kind):
        return _moment
    if pa.types.is_integer(kind):
        return _whole
    if pa.types.is_floating(kind):
        return float
    return _day if pa.types.is_date(kind) else None


def _money(value: Any, scale: int) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -scale:
        return exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
    return exact


def _whole(value: Any) -> int:
    whole = int(value)
    if whole != value:
        raise Failure(f"The answer has {value} where a whole number belongs.")
    return whole


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime):
        return datetime.combine(value, time())
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value
