"""Who may do what: three roles, each of which includes the ones before it."""

from __future__ import annotations

from enum import Enum
from functools import total_ordering

from agent.errors import Refused
from agent.words import t


@total_ordering
class Role(Enum):
    """viewer < analyst < admin. The value is what is stored and typed."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Role).index(self)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Role):
            return NotImplemented
        return self.rank < other.rank

    def allows(self, other: Role) -> bool:
        """Whether somebody with this role may do what `other` may do."""
        return self >= other

    def __str__(self) -> str:
        return self.value

    @classmethod
    def parse(cls, text: str) -> Role:
        """The role of that name; raises Refused."""
        try:
            return cls(text.strip().lower())
        except ValueError:
            names = ", ".join(role.value for role in cls)
            raise Refused(
                t("There is no role {text!r}.", text=text),
                hint=t("Choose one of: {names}.", names=names),
            ) from None
