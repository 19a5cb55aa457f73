"""The listening side of `serve`: sockets bound before anything slow is done, and an end in time."""

from __future__ import annotations

import errno
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

import uvicorn

from agent.errors import BadSetting, Busy
from agent.settings import Settings

LOG = logging.getLogger(__name__)
QUEUE = 128
ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


@contextmanager
def bound(settings: Settings) -> Iterator[list[socket.socket]]:
    """A socket for each address of HOST, not listening yet; closed at the end.

    Raises Busy when the port is taken, BadSetting when it cannot be had.
    """
    with ExitStack() as closing:
        sockets = [closing.enter_context(one) for one in _all_bound(settings)]
        yield sockets


def _all_bound(settings: Settings) -> Iterator[socket.socket]:
    """A name may stand for an address that this machine lacks, as localhost does for IPv6: one that
    is there is enough.
    """
    lacking: OSError | None = None
    count = 0
    for family, address in _addresses(settings):
        try:
            one = _bound(family, address)
        except OSError as error:
            if error.errno not in ABSENT:
                raise _unbound(settings, error) from error
            lacking = error
            continue
        count += 1
        yield one
    if lacking is not None and not count:
        raise _unbound(settings, lacking) from lacking


def _addresses(settings: Settings) -> list[tuple[int, Any]]:
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise BadSetting(f"HOST='{settings.host}' is no address of this machine.") from error
    return list(dict.fromkeys((int(row[0]), row[4]) for row in found))


def _bound(family: int, address: Any) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.set_inheritable(False)
    except OSError:
        made.close()
        raise
    return made


def _unbound(settings: Settings, error: OSError) -> BadSetting | Busy:
    if error.errno == errno.EADDRINUSE:
        return Busy(
            f"Port {settings.port} is taken by another program.",
            hint=f"Stop it, or set another: PORT={settings.port + 1}.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return BadSetting(
            f"This user may not listen on port {settings.port}.", hint="Set PORT to 1024 or more."
        )
    return BadSetting(
        f"HOST='{settings.host}' cannot be listened on: {error.strerror}.",
        hint="Set it to an address of this machine, such as 127.0.0.1.",
    )


class Host(uvicorn.Server):
    """A server that has ended when the grace time has, whatever a request or a job still does.

    The warehouse's file survives that: a transaction cut short leaves nothing.
    """

    def __init__(self, asgi: Any, settings: Settings, last_words: Callable[[], None]) -> None:
        self._grace = settings.stop_grace_seconds
        self._last_words = last_words
        super().__init__(
            uvicorn.Config(
                asgi,
                log_config=None,
                log_level=logging.WARNING,
                access_log=False,
                lifespan="on",
                # The other half is the scheduler's.
                timeout_graceful_shutdown=max(self._grace // 2, 1),
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if not self.should_exit:
            alarm = threading.Timer(self._grace, self._leave)
            alarm.daemon = True
            alarm.start()
        super().handle_exit(sig, frame)

    def _leave(self) -> None:
        LOG.warning("Something did not end within the grace time, and is cut short.")
        self._last_words()
        os._exit(0)
