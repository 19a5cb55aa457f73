"""How much one person may have worked out anew: every request takes its turns on their behalf."""

from __future__ import annotations

from contextlib import ExitStack

from flask import Flask, g, request

from agent.asking import asking
from agent.services import Services
from dashboard.routes.people import Person, known

QUESTIONS = "questions"


def take_turns(server: Flask, services: Services) -> None:
    """Registered after the door, which knows who asks."""

    @server.before_request
    def begin() -> None:
        person = known()
        if person is None:
            return
        who = name_of(person)

        def admit(together: str) -> None:
            services.limits.take(QUESTIONS, who, once=together)

        turns = ExitStack()
        # A page's parts come to one address of Dash: they say themselves what they belong to.
        own = request.full_path.rstrip("?") if request.method == "GET" else ""
        turns.enter_context(asking(admit, own))
        g.turns = turns

    @server.teardown_request
    def end(_: BaseException | None) -> None:
        turns = g.pop("turns", None)
        if turns is not None:
            turns.close()


def name_of(person: Person) -> str:
    """What a person's turns are counted under; a token has its own."""
    return person.user_id or f"{person.by} {person.name}"
