"""Connections that look at whom they reached before they say a word."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class Private(Exception):
    """A connection that reached an address that it may not."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet and to nobody's own network."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found
    return bool(inner.is_global and not inner.is_multicast and not inner.is_reserved)


def _guard(line: socket.socket) -> socket.socket:
    if is_public(str(line.getpeername()[0])):
        return line
    line.close()
    raise Private


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _guard(super()._new_conn())


class _Sealed(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _guard(super()._new_conn())


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SealedPool(HTTPSConnectionPool):
    ConnectionCls = _Sealed


class Guarded(HTTPAdapter):
    """Connections that look at whom they reached; permitted private ones do not."""

    def __init__(self, private: bool) -> None:
        self._private = private
        super().__init__(max_retries=0)

    def init_poolmanager(self, *given: Any, **options: Any) -> None:
        super().init_poolmanager(*given, **options)
        pools: PoolManager = self.poolmanager
        if not self._private:
            pools.pool_classes_by_scheme = {"http": _PlainPool, "https": _SealedPool}
