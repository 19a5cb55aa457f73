"""The services for a command, or the running app. DuckDB admits one process, so a command hands its
work to the app that has it open.

Who can read the data folder may do anything with it: the command line makes itself an API token
for the one call, and revokes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager

from agent.errors import Busy
from agent.records.roles import Role
from agent.services import Services, open_records_of, open_services
from agent.settings import Settings
from commands import note
from commands.remote import Running

CALLER = "command line "
"""What the names of such tokens begin with."""


@contextmanager
def services_or_running(settings: Settings) -> Iterator[Services | Running]:
    """The services, or the running app where that holds the warehouse. Raises Busy when something
    else does.
    """
    try:
        services = open_services(settings)
    except Busy as busy:
        with handed_over(settings, busy) as other:
            yield other
        return
    with closing(services):
        yield services


@contextmanager
def services_alone(settings: Settings, deed: str) -> Iterator[Services]:
    """The services, for what cannot be done while the app runs. Raises Busy saying what to do."""
    place = note.running(settings)
    if place is not None:
        raise Busy(
            f"The app is running ({place}), and it cannot {deed} meanwhile.",
            hint="Stop it, do this again, and start it.",
        )
    with closing(open_services(settings)) as services:
        yield services


@contextmanager
def handed_over(settings: Settings, busy: Busy) -> Iterator[Running]:
    """The app that holds the warehouse; raises `busy` when it is something else."""
    place = note.running(settings)
    if place is None:
        raise busy
    if not place.ready:
        raise Busy("The app is starting.", hint="Try again in a moment.")
    with _token(settings) as token:
        yield Running(place, token)


@contextmanager
def _token(settings: Settings) -> Iterator[str]:
    records = open_records_of(settings)
    name = f"{CALLER}{secrets.token_hex(6)}"
    try:
        yield records.tokens.create(name, Role.ADMIN)
    finally:
        for row in records.tokens.all():
            if row.name == name and not row.revoked_at:
                records.tokens.revoke(row.token_id)
        records.close()
