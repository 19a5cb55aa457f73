"""A lead in the narrator's words. A page never waits for one: our own sentence stands until the
narrator has answered, beside the requests, once for the same facts."""

from __future__ import annotations

from threading import Thread

from agent.narrating import Facts, Told, kept, key_of, narrate
from agent.services import Services
from agent.words import locale, speaking

ASKED, BACK = b"asked", b"back"
ASKING_S, PAUSE_S = 30, 300
"""How long one who was asked may take, and how long nobody is asked again who did not help."""
LOOK_S = 4.0
"""When a page looks again."""
WAITING = "waiting"


def told(services: Services, facts: Facts, own: str) -> Told:
    """What there is of it now: our own with the reason `waiting` where it is being told."""
    found = kept(services, facts, own)
    if found is not None:
        return found
    place = f"narrating:{key_of(services, facts)}"
    state = services.cache.get(place)
    if state == BACK:
        return Told(own, reason="away")
    if state is None:
        services.cache.set(place, ASKED, ASKING_S)
        _begin(services, facts, place)
    return Told(own, reason=WAITING)


def _begin(services: Services, facts: Facts, place: str) -> None:
    spoken = locale()

    def work() -> None:
        with speaking(spoken):
            narrate(services, facts, "")
        services.cache.set(place, BACK, PAUSE_S)

    Thread(target=work, name="narrator", daemon=True).start()
