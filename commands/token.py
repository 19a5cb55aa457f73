"""Tokens for programs that ask over HTTP."""

from __future__ import annotations

import argparse

from agent.errors import NotFound
from agent.records import Records
from agent.records.roles import Role
from agent.settings import Settings
from commands.running import CALLER
from commands.user import opened_records


def add(parser: argparse.ArgumentParser) -> None:
    rooms = parser.add_subparsers(dest="deed", required=True, metavar="create | list | revoke")
    new = rooms.add_parser("create", help="print a new token, alone on the last line")
    new.add_argument("--name", required=True)
    new.add_argument("--role", choices=[role.value for role in Role], default=Role.VIEWER.value)
    rooms.add_parser("list", help="list tokens")
    rooms.add_parser("revoke", help="revoke a token").add_argument("--name", required=True)


def run(given: argparse.Namespace, settings: Settings) -> int:
    with opened_records(settings) as records:
        {"create": _create, "list": _list, "revoke": _revoke}[given.deed](records, given)
    return 0


def _create(records: Records, given: argparse.Namespace) -> None:
    text = records.tokens.create(given.name, Role(given.role))
    records.audit.note("command line", "created a token", given.name, given.role)
    print("Keep this token now: it is not shown again.")
    print(text)


def _list(records: Records, given: argparse.Namespace) -> None:
    """All but those that the command line made for itself and has given back."""
    del given
    for row in records.tokens.all():
        if not (row.revoked_at and row.name.startswith(CALLER)):
            state = "revoked" if row.revoked_at else "active"
            print(f"{row.name:<40} {row.role.value:<8} {state:<8} {row.created_at:%Y-%m-%d}")


def _revoke(records: Records, given: argparse.Namespace) -> None:
    mine = [r for r in records.tokens.all() if r.name == given.name and not r.revoked_at]
    if not mine:
        raise NotFound(f"There is no active token {given.name!r}.")
    records.tokens.revoke(mine[0].token_id)
    records.audit.note("command line", "revoked a token", given.name)
    print(f"{given.name} is revoked.")
