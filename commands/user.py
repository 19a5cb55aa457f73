"""Users: add, list, disable, and the link that signs one in once."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import NotFound, Refused
from agent.records import Records
from agent.records.roles import Role
from agent.records.users import User
from agent.services import open_records_of
from agent.settings import Settings

LINK_MINUTES = 60


def add(parser: argparse.ArgumentParser) -> None:
    rooms = parser.add_subparsers(dest="deed", required=True, metavar="add | list | link | disable")
    new = rooms.add_parser("add", help="add a user")
    new.add_argument("email")
    new.add_argument("--name", default="")
    new.add_argument("--role", choices=[role.value for role in Role], default=Role.VIEWER.value)
    new.add_argument(
        "--password",
        action="store_true",
        help="ask for a password; without, a sign-in link is printed",
    )
    rooms.add_parser("list", help="list users")
    for deed, text in (("link", "print a link that signs in once"), ("disable", "shut a user out")):
        rooms.add_parser(deed, help=text).add_argument("email")


def run(given: argparse.Namespace, settings: Settings) -> int:
    with opened_records(settings) as records:
        if given.deed == "add":
            _add(records, given, settings)
        elif given.deed == "list":
            for user in records.users.all():
                state = "disabled" if user.disabled else "active"
                print(f"{user.email:<40} {user.role.value:<8} {state:<9} {user.name}")
        elif given.deed == "link":
            print(link_for(records, _known(records, given.email), settings))
        else:
            user = _known(records, given.email)
            records.users.disable(user.user_id)
            records.audit.note("command line", "disabled a user", user.email)
            print(f"{user.email} is shut out.")
    return 0


def _add(records: Records, given: argparse.Namespace, settings: Settings) -> None:
    password = _asked() if given.password else None
    name = given.name or given.email.split("@")[0]
    user = records.users.add(given.email, name, Role(given.role), password)
    records.audit.note("command line", "added a user", user.email, given.role)
    print(f"{user.email} is added as {user.role.value}.")
    if password is None:
        print(f"This link signs in once, within {LINK_MINUTES} minutes:")
        print(link_for(records, user, settings))


def _asked() -> str:
    """From the terminal without echo, twice, or one line of standard input. Raises Refused."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise Refused("The two passwords differ.", hint="Nothing was changed. Try again.")
    return password


def _known(records: Records, email: str) -> User:
    user = records.users.by_email(email)
    if user is None:
        raise NotFound(f"There is no user {email}.")
    return user


def link_for(records: Records, user: User, settings: Settings) -> str:
    """An address that signs this user in once."""
    return f"{settings.base_url}/link/{records.links.create(user.user_id, LINK_MINUTES)}"


@contextmanager
def opened_records(settings: Settings) -> Iterator[Records]:
    """The records, whether the app runs or not."""
    records = open_records_of(settings)
    try:
        yield records
    finally:
        records.close()
