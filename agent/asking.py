"""On whose behalf figures are asked for, so that one person's haste is not everybody's wait.

Who asks sets up a turn for the time of a request; whatever works something out anew takes it. Jobs,
reports and the command line set up none: they are not limited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

Admit = Callable[[str], None]
"""Takes a turn for what belongs together under a name. Raises Throttled where there is none."""


@dataclass(frozen=True)
class _Turn:
    admit: Admit
    together: str


_TURN: ContextVar[_Turn | None] = ContextVar("turn", default=None)


@contextmanager
def asking(admit: Admit, together: str) -> Iterator[None]:
    """Within this block figures are worked out only when `admit` lets them; those that belong
    `together` take one turn."""
    token = _TURN.set(_Turn(admit, together))
    try:
        yield
    finally:
        _TURN.reset(token)


@contextmanager
def together(name: str) -> Iterator[None]:
    """Within this block, whatever is asked belongs together: the parts of a page."""
    turn = _TURN.get()
    token = _TURN.set(None if turn is None else _Turn(turn.admit, name))
    try:
        yield
    finally:
        _TURN.reset(token)


def take_turn() -> None:
    """Before something is worked out anew. Raises Throttled."""
    turn = _TURN.get()
    if turn is not None:
        turn.admit(turn.together)
