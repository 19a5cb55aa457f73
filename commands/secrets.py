"""The secrets of sources: where each comes from, and those that are typed. Never a value."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterator

from agent.errors import Failure, Refused
from agent.records import Records
from agent.secrets import Secrets, open_secrets
from agent.settings import Settings
from commands.user import opened_records

WHO = "command line"
REFERENCES = ("secret:", "sealed:")


def add(parser: argparse.ArgumentParser) -> None:
    rooms = parser.add_subparsers(dest="deed", required=True, metavar="check | set | remove")
    check = rooms.add_parser("check", help="say where each secret comes from, without its value")
    check.add_argument("names", nargs="*", metavar="NAME", help="more names to look for")
    text = "keep a secret, read from the terminal or one line of input; used as sealed:NAME"
    rooms.add_parser("set", help=text).add_argument("name", metavar="NAME")
    rooms.add_parser("remove", help="forget a typed secret").add_argument("name", metavar="NAME")


def run(given: argparse.Namespace, settings: Settings) -> int:
    """Exit code 1 when a secret that is checked does not resolve."""
    with opened_records(settings) as records:
        secrets = open_secrets(settings, records)
        if given.deed == "check":
            return _check(secrets, _wanted(records, secrets, given.names))
        if given.deed == "set":
            reference = secrets.put(given.name, _asked(), WHO)
            print(f"{given.name} is kept. Write {reference} where a source asks for it.")
        else:
            secrets.remove(given.name, WHO)
            print(f"{given.name} is forgotten.")
    return 0


def _check(secrets: Secrets, references: list[str]) -> int:
    print(f"Providers: {', '.join(secrets.providers)}")
    good = [_said(reference, secrets) for reference in references]
    if not references:
        print("No source names a secret, and none is typed.")
    for row in secrets.standings():
        if row.error:
            print(f"  {row.provider}: {row.error}")
    return 0 if all(good) else 1


def _said(reference: str, secrets: Secrets) -> bool:
    kind, _, name = reference.partition(":")
    try:
        if kind == "sealed":
            secrets.resolve(reference)
        where = "records" if kind == "sealed" else secrets.where(name)
    except Failure as failure:
        print(f"  ✗ {reference:<40} {failure.message}")
        return False
    print(f"  ✓ {reference:<40} {where}")
    return True


def _wanted(records: Records, secrets: Secrets, names: list[str]) -> list[str]:
    """What is named on the line, by a connection, or typed."""
    asked = (name if name.startswith(REFERENCES) else f"secret:{name}" for name in names)
    typed = (f"sealed:{name}" for name in secrets.typed())
    return list(dict.fromkeys([*asked, *_named(records), *typed]))


def _named(records: Records) -> Iterator[str]:
    for connection in records.connections.all():
        for value in connection.settings.values():
            if isinstance(value, str) and value.startswith(REFERENCES):
                yield value


def _asked() -> str:
    """From the terminal without echo, or one line of standard input. Raises Refused."""
    typed = getpass.getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.readline()
    value = typed.rstrip("\r\n")
    if not value:
        raise Refused("No secret was typed.", hint="Nothing was changed. Try again.")
    return value
