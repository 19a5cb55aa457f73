"""Counting what stands in somebody else's Redis, by commands that only read.

What a key is decides how it is counted: a number is itself, a HyperLogLog its estimate, a sorted
set its members of late, a stream its entries, a set its members.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis

from agent.errors import Failure, NotConfigured, Refused, Unavailable
from agent.resilience.redis_server import connect
from agent.words import t

CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 1.0
MOST_KEYS = 500
"""That one pattern may fit."""
STEP = 1000
MOST_STEPS = 20
LONGEST_NUMBER = 64
HYPERLOGLOG = b"HYLL"
MILLISECONDS = 1e11
"""Scores beyond it are times in milliseconds: in seconds it would be the year 5138."""
Found = Mapping[bytes, Sequence[bytes]]


@dataclass(frozen=True)
class Counted:
    """`value` is None where there is nothing to count; `note` says why, or what was left out."""

    value: float | None
    note: str = ""


@dataclass(frozen=True)
class Wanted:
    """`key` is a name, or a pattern with *; `field` that of a stream's last entry, "" to count."""

    key: str
    field: str = ""


def count(url: str, wanted: Sequence[Wanted], now: float, window: float) -> tuple[Counted, ...]:
    """Each of `wanted` as it is now; `now` in seconds since 1970, members of the last `window`
    seconds. Raises Unavailable, NotConfigured where this Redis refuses us, Refused for what is no
    address or would take too long."""
    try:
        client = connect(url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS)
    except (ValueError, TypeError):
        # Without the library's sentence: it quotes the address, password and all.
        raise Refused(t("This is no address of a Redis.")) from None
    try:
        with client:
            return tuple(_counted(client, one, now - window, now) for one in wanted)
    except (redis.RedisError, OSError) as error:
        raise _failure(error) from None


def _counted(client: redis.Redis, wanted: Wanted, since: float, now: float) -> Counted:
    keys = _keys(client, wanted.key)
    kinds = dict(zip(keys, _all(client, [("TYPE", key) for key in keys]), strict=True))
    by_kind: dict[bytes, list[bytes]] = {}
    for key, kind in kinds.items():
        by_kind.setdefault(kind, []).append(key)
    by_kind.pop(b"none", None)
    if not by_kind:
        return Counted(None, t("There is no key {key} in this Redis.", key=wanted.key))
    unknown = [kind.decode() for kind in by_kind if kind not in _WAYS]
    if unknown:
        kind = ", ".join(sorted(unknown))
        return Counted(None, t("{key} is a {kind}: no counter.", key=wanted.key, kind=kind))
    if wanted.field:
        return _field(client, by_kind.get(b"stream", []), wanted)
    try:
        return Counted(sum(_WAYS[k](client, ks, (since, now)) for k, ks in by_kind.items()))
    except ValueError:
        return Counted(None, t("{key} holds no number.", key=wanted.key))


def _keys(client: redis.Redis, pattern: str) -> list[bytes]:
    if not any(sign in pattern for sign in "*?["):
        return [pattern.encode()]
    found: set[bytes] = set()
    cursor = 0
    for _ in range(MOST_STEPS):
        command = ("SCAN", str(cursor), "MATCH", pattern, "COUNT", str(STEP))
        cursor, keys = _all(client, [command])[0]
        found.update(keys)
        if len(found) > MOST_KEYS:
            raise Refused(
                t("More than {most} keys fit {pattern}.", most=MOST_KEYS, pattern=pattern),
                hint=t("Name the keys more closely."),
            )
        if cursor == 0:
            return sorted(found)
    raise Refused(
        t("This Redis has too many keys to search it for {pattern}.", pattern=pattern),
        hint=t("Name the keys without *."),
    )


def _numbers(client: redis.Redis, keys: list[bytes], span: tuple[float, float]) -> float:
    """What INCR counts, and HyperLogLogs, which are strings too: several count each visitor once.
    Raises ValueError."""
    # Not GET: a string may have 512 MB.
    texts = _all(client, [("GETRANGE", key, "0", str(LONGEST_NUMBER)) for key in keys])
    logs = [k for k, text in zip(keys, texts, strict=True) if text.startswith(HYPERLOGLOG)]
    plain = [_number(text) for text in texts if not text.startswith(HYPERLOGLOG)]
    unique = _all(client, [("PFCOUNT", *logs)])[0] if logs else 0
    return sum(plain) + int(unique)


def _recent(client: redis.Redis, keys: list[bytes], span: tuple[float, float]) -> float:
    """Members whose score is a time within the span; a score may be in seconds or milliseconds."""
    newest = _all(client, [("ZRANGE", key, "-1", "-1", "WITHSCORES") for key in keys])
    commands = []
    for key, last in zip(keys, newest, strict=True):
        unit = 1000 if _score(last) > MILLISECONDS else 1
        # Not further than now: what was written with a clock that goes ahead is no visitor yet.
        commands.append(("ZCOUNT", key, str(span[0] * unit), str(span[1] * unit)))
    return float(sum(_all(client, commands)))


def _score(last: Any) -> float:
    """Of an answer with one member and its score, as RESP2 or RESP3 writes it."""
    row = last[0] if last and isinstance(last[0], list | tuple) else last
    return float(row[1]) if row else 0.0


def _sizes(command: str) -> Callable[[redis.Redis, list[bytes], tuple[float, float]], float]:
    def size(client: redis.Redis, keys: list[bytes], span: tuple[float, float]) -> float:
        return float(sum(_all(client, [(command, key) for key in keys])))

    return size


def _field(client: redis.Redis, keys: list[bytes], wanted: Wanted) -> Counted:
    """A field of a stream's last entry; of several streams, the sum."""
    total = 0.0
    for key in keys:
        last: Any = client.xrevrange(key, count=1)
        if not last:
            continue
        try:
            total += _number(dict(last[0][1])[wanted.field.encode()])
        except (KeyError, ValueError):
            said = t(
                "The last entry of {key} has no number {field}.", key=wanted.key, field=wanted.field
            )
            return Counted(None, said)
    return Counted(total) if keys else Counted(None, t("{key} is no stream.", key=wanted.key))


def _all(client: redis.Redis, commands: Sequence[Sequence[str | bytes]]) -> list[Any]:
    """The answers to several commands, sent in one go."""
    line = client.pipeline(transaction=False)
    for command in commands:
        line.execute_command(*command)  # type: ignore[no-untyped-call]
    return line.execute()


def _number(text: bytes) -> float:
    """Raises ValueError."""
    value = float(text) if len(text) <= LONGEST_NUMBER else math.nan
    if not math.isfinite(value):
        raise ValueError("no number")
    return value


_WAYS: Mapping[bytes, Callable[[redis.Redis, list[bytes], tuple[float, float]], float]] = {
    b"string": _numbers,
    b"zset": _recent,
    b"stream": _sizes("XLEN"),
    b"set": _sizes("SCARD"),
}


def _failure(error: Exception) -> Failure:
    if isinstance(error, redis.AuthenticationError | redis.exceptions.NoPermissionError):
        return NotConfigured(
            t("Redis refuses the user or password, or what they may do."),
            hint=t("The user needs to read these keys: +@read, and +scan for patterns."),
        )
    if isinstance(error, redis.ResponseError):
        # A server's own words may quote what was sent to it: they stay out of sentences.
        return Refused(t("Redis does not do what is asked: {kind}.", kind=type(error).__name__))
    return Unavailable(t("Redis does not answer."))
