"""Who asks: a signed-in person or the holder of a token; and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from flask import g, request, session

from agent.errors import NotAllowed, NotFound
from agent.records.roles import Role
from agent.records.users import User
from agent.services import Services
from agent.words import t


@dataclass(frozen=True)
class Person:
    name: str
    role: Role
    by: Literal["cookie", "token"]
    user_id: str = ""

    @property
    def initials(self) -> str:
        words = self.name.replace("@", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"


def who() -> Person:
    """The person of the current request; the guard has let them in. Raises NotAllowed."""
    person = known()
    if person is None:
        raise NotAllowed(t("You are signed out."), hint=t("Sign in and try again."))
    return person


def known() -> Person | None:
    person = g.get("person")
    return person if isinstance(person, Person) else None


def require(role: Role) -> Person:
    """The person when their role suffices. Raises NotAllowed, naming the role."""
    person = who()
    if not person.role.allows(role):
        raise NotAllowed(
            t("This needs the role {role}; you are {own}.", role=role, own=person.role),
            hint=t("An administrator can change your role."),
        )
    return person


def recognise(services: Services) -> Person | None:
    """Whoever the credentials name, read anew each time: a disabled user is out at once."""
    header = request.headers.get("Authorization", "")
    if header:
        return _by_header(services, header)
    user = _user(services)
    if user is None or user.disabled or not _fresh(services, user):
        return None
    return Person(user.name or user.email, user.role, "cookie", user.user_id)


def remember(services: Services, user_id: str) -> None:
    """Start a fresh cookie for a user: nothing of the one before survives."""
    session.clear()
    session["user"] = user_id
    session["since"] = services.clock.now().timestamp()
    session.permanent = True


def _by_header(services: Services, header: str) -> Person | None:
    kind, _, text = header.partition(" ")
    token = services.records.tokens.check(text.strip()) if kind.lower() == "bearer" else None
    return None if token is None else Person(token.name, token.role, "token")


def _user(services: Services) -> User | None:
    user_id = session.get("user")
    try:
        return services.records.users.get(user_id) if isinstance(user_id, str) else None
    except NotFound:
        return None


def _fresh(services: Services, user: User) -> bool:
    """Whether the cookie is younger than its lifetime and than the user's last change of password
    or role.
    """
    since = session.get("since")
    if not isinstance(since, int | float) or since < user.changed_at.timestamp():
        return False
    # The cookie's own age is only the browser's promise.
    age = services.clock.now().timestamp() - since
    return age <= timedelta(hours=services.settings.session_hours).total_seconds()
