"""Frames as bytes for the cache: Arrow for the columns, JSON for the rest. Never pickle: whoever
can write the cache could run code by it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from agent.metrics.frames import Column, Frame, Number, Receipt
from agent.metrics.metric import Metric


def dump(frame: Frame) -> bytes:
    parts = [_dump(frame)] + ([_dump(frame.previous)] if frame.previous else [])
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def load(content: bytes) -> Frame:
    """The frame that `dump` wrote. Raises ValueError for anything else."""
    try:
        first, rest = _cut(content)
        frame = _load(first)
        return frame.compared_with(_load(_cut(rest)[0])) if rest else frame
    except (KeyError, TypeError, pa.ArrowException) as error:
        raise ValueError("not a frame") from error


def _cut(content: bytes) -> tuple[bytes, bytes]:
    size = int.from_bytes(content[:8], "big")
    if len(content) < 8 + size:
        raise ValueError("not a frame: too short")
    return content[8 : 8 + size], content[8 + size :]


def _dump(frame: Frame) -> bytes:
    head = {
        "columns": [[c.name, c.label, c.unit, c.role] for c in frame.columns],
        "totals": {name: _number(value) for name, value in frame.totals.items()},
        "rest": frame.rest,
        "rest_rows": frame.rest_rows,
        "about": [asdict(row) for row in frame.about],
        "receipt": {n: getattr(frame.receipt, n) for n in Receipt.__dataclass_fields__},
    }
    schema = frame.data.schema.with_metadata({b"frame": json.dumps(head, default=_plain).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(frame.data.cast(schema))
    return bytes(sink.getvalue())


def _load(content: bytes) -> Frame:
    data = pa.ipc.open_stream(content).read_all()
    head = json.loads((data.schema.metadata or {})[b"frame"])
    receipt: dict[str, Any] = head["receipt"]
    for name in ("asked_at", "last_sync"):
        receipt[name] = datetime.fromisoformat(receipt[name]) if receipt[name] else None
    for name in ("sql", "shops", "filters"):
        receipt[name] = tuple(receipt[name])
    return Frame(
        columns=tuple(Column(*column) for column in head["columns"]),
        data=data.replace_schema_metadata(None),
        totals={name: _read(value) for name, value in head["totals"].items()},
        receipt=Receipt(**receipt),
        rest=head["rest"],
        rest_rows=head["rest_rows"],
        about=tuple(Metric(**row) for row in head["about"]),
    )


def _number(value: Number) -> Any:
    return {"decimal": str(value)} if isinstance(value, Decimal) else value


def _read(value: Any) -> Number:
    return Decimal(value["decimal"]) if isinstance(value, dict) else value


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"no JSON form for {value!r}")
