"""Every failure the product knows, as one small tree.

Failure                 a sentence for the person, and whether trying again can help
├── BadSetting          an environment value that cannot be used; stops the start
├── NotConfigured       an optional part that is absent, and what to install or set
├── Refused             a question or form that cannot be answered as asked
│   ├── NotFound        a name, page or row that does not exist
│   └── NotAllowed      signed out, or a role that may not do this
├── Stopped             the program is stopping, and the work has broken off
├── BadFile             a file that is not what it says it is
└── Unavailable         an outside part that does not answer now; trying again can help
    ├── Busy            somebody else holds it: another process, another run
    └── Throttled       too much was asked; it says after how many seconds to ask again
"""

from __future__ import annotations


class Failure(Exception):
    """A failure with a sentence fit for a person.

    `permanent` is False where trying again later can help: schedulers retry those and give up on
    the others.
    """

    permanent = True

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadSetting(Failure):
    pass


class NotConfigured(Failure):
    pass


class Refused(Failure):
    pass


class NotFound(Refused):
    pass


class NotAllowed(Refused):
    pass


class BadFile(Failure):
    pass


class Stopped(Failure):
    """The program is stopping, and the work has broken off where it can be taken up again."""


class Unavailable(Failure):
    permanent = False


class Busy(Unavailable):
    pass


class Throttled(Unavailable):
    """`after` is the seconds until asking again can help; 0 where nobody knows."""

    def __init__(self, message: str, *, hint: str = "", after: float = 0.0) -> None:
        super().__init__(message, hint=hint)
        self.after = after
