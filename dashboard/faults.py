"""What goes wrong while something is shown: a sentence for the person, the details for the log, a
reference on both.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from agent.errors import Failure
from agent.words import mark, t

LOG = logging.getLogger(__name__)
UNHURT = mark("The other parts are not affected. Try again.")
Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Fault:
    """`reference` is empty where the failure is an expected one: nothing was logged then."""

    message: str
    hint: str = ""
    reference: str = ""
    permanent: bool = True


def fault_of(error: Exception, what: str) -> Fault:
    """The sentence for an error; anything but a Failure is logged with its traceback under the
    reference. `what` failed opens the sentence: The page Overview.
    """
    if isinstance(error, Failure):
        return Fault(error.message, error.hint, "", error.permanent)
    reference = secrets.token_hex(4)
    LOG.error("%s failed, reference %s", what, reference, exc_info=error)
    return Fault(t("{what} could not be drawn.", what=what), t(UNHURT), reference, False)


def guarded(draw: Callable[[], Shown], failed: Callable[[Fault], Shown], what: str) -> Shown:
    """`draw()`, or what `failed` makes of its fault: one panel's error stays in that panel."""
    try:
        return draw()
    # The panel's edge: whatever breaks inside one panel, the page stands.
    except Exception as error:
        return failed(fault_of(error, what))
