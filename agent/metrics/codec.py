"""Frames as bytes for the cache: Arrow for the columns, JSON for the rest. Never pickle: whoever
can write the cache could run code by it."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from io import SEEK_END, BytesIO
from typing import Any

import pyarrow as pa

from agent.metrics.frames import Column, Frame, Number, Receipt
from agent.metrics.metric import Metric

FRAMES = 128
LARGEST = 64 * 2**10
SIZE = 8


class Kept:
    """Frames that were read from bytes of late, so that the parts of a page that ask the same do
    not each read them anew. Frames never change; the newest few stay."""

    def __init__(self, frames: int = FRAMES, size: int = LARGEST) -> None:
        """`size` is the bytes from which a frame is not kept."""
        self._frames, self._size = frames, size
        self._found: OrderedDict[str, tuple[bytes, Frame]] = OrderedDict()
        self._lock = threading.Lock()

    def load(self, key: str, content: bytes) -> Frame:
        """The frame of these bytes, which the cache has under this key. Raises ValueError."""
        with self._lock:
            known = self._found.get(key)
            if known is not None and known[0] == content:
                self._found.move_to_end(key)
                return known[1]
        frame = load(content)
        if len(content) <= self._size:
            self._keep(key, content, frame)
        return frame

    def _keep(self, key: str, content: bytes, frame: Frame) -> None:
        with self._lock:
            self._found[key] = (content, frame)
            self._found.move_to_end(key)
            if len(self._found) > self._frames:
                self._found.popitem(last=False)


def dump(frame: Frame) -> bytes:
    sink = BytesIO()
    for part in (frame, frame.previous):
        if part is not None:
            _dump(part, sink)
    return sink.getvalue()


def load(content: bytes) -> Frame:
    """The frame that `dump` wrote; its columns lie in these bytes. Raises ValueError for anything
    else."""
    try:
        first, rest = _cut(memoryview(content))
        frame = _load(first)
        return frame.compared_with(_load(_cut(rest)[0])) if rest else frame
    except (KeyError, TypeError, pa.ArrowException) as error:
        raise ValueError("not a frame") from error


def _cut(content: memoryview) -> tuple[memoryview, memoryview]:
    size = int.from_bytes(content[:SIZE], "big")
    if len(content) < SIZE + size:
        raise ValueError("not a frame: too short")
    return content[SIZE : SIZE + size], content[SIZE + size :]


def _dump(frame: Frame, sink: BytesIO) -> None:
    """How many bytes follow, and these: written where they stay, because there may be many."""
    head = {
        "columns": [[c.name, c.label, c.unit, c.role] for c in frame.columns],
        "totals": {name: _number(value) for name, value in frame.totals.items()},
        "rest": frame.rest,
        "rest_rows": frame.rest_rows,
        "about": [asdict(row) for row in frame.about],
        "receipt": {n: getattr(frame.receipt, n) for n in Receipt.__dataclass_fields__},
    }
    schema = frame.data.schema.with_metadata({b"frame": json.dumps(head, default=_plain).encode()})
    start = sink.tell()
    sink.write(bytes(SIZE))
    with pa.ipc.new_stream(pa.PythonFile(sink, "w"), schema) as writer:
        writer.write_table(frame.data.cast(schema))
    size = sink.tell() - start - SIZE
    sink.seek(start)
    sink.write(size.to_bytes(SIZE, "big"))
    sink.seek(0, SEEK_END)


def _load(content: memoryview) -> Frame:
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
