"""What goes to the fitting process and comes back: plain values and arrays, nothing that runs."""

from __future__ import annotations

import io
import json
from typing import IO, Any

import numpy as np

_ARRAY, _TUPLE = "\x00array", "\x00tuple"
LENGTH = 8


def pack(value: Any) -> bytes:
    """Numbers, text, None, lists, tuples, arrays of numbers, dates or truth, and mappings by text.
    Raises TypeError for anything else."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    head = json.dumps(_plain(value, arrays)).encode()
    arrays["head"] = np.frombuffer(head, dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(content: bytes) -> Any:
    """What was packed. Raises ValueError for what was not."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        head = json.loads(arrays["head"].tobytes())
        return _whole(head, arrays)


def send(line: IO[bytes], value: Any) -> None:
    """Write one parcel, its length before it."""
    content = pack(value)
    line.write(len(content).to_bytes(LENGTH, "big") + content)
    line.flush()


def receive(line: IO[bytes]) -> Any:
    """The next parcel; raises EOFError where the other side is gone."""
    length = int.from_bytes(_read(line, LENGTH), "big")
    return unpack(_read(line, length))


def _read(line: IO[bytes], length: int) -> bytes:
    """Exactly so much: an unbuffered line gives what there is."""
    content = bytearray()
    while len(content) < length:
        more = line.read(length - len(content))
        if not more:
            raise EOFError
        content += more
    return bytes(content)


def _plain(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {_ARRAY: name}
    if isinstance(value, dict):
        return {str(key): _plain(inner, arrays) for key, inner in value.items()}
    if isinstance(value, tuple):
        return {_TUPLE: [_plain(inner, arrays) for inner in value]}
    if isinstance(value, list):
        return [_plain(inner, arrays) for inner in value]
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be sent to the fitting process")


def _whole(value: Any, arrays: Any) -> Any:
    if isinstance(value, list):
        return [_whole(inner, arrays) for inner in value]
    if not isinstance(value, dict):
        return value
    if _ARRAY in value:
        return arrays[value[_ARRAY]]
    if _TUPLE in value:
        return tuple(_whole(inner, arrays) for inner in value[_TUPLE])
    return {key: _whole(inner, arrays) for key, inner in value.items()}
