"""The command line: one row a command, each in a file of its own with `add` (arguments) and
`run`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

import app
from agent import words as language
from agent.errors import Failure

COMMANDS = {
    "serve": ("commands.serve", "start the dashboard, the API and the scheduler"),
    "import": ("commands.import_file", "import a file of orders or exchange rates"),
    "ask": ("commands.ask", "answer a question as table, JSON or CSV"),
    "forecast": ("commands.forecast", "foretell the series of a file, with bands"),
    "anomalies": ("commands.anomalies", "find what is out of the ordinary in the series of a file"),
    "why": ("commands.why", "find the segments behind a change, in a file of leaves"),
    "report": ("commands.report", "make a report as PDF or workbook"),
    "demo": ("commands.demo", "fill the demo shop"),
    "user": ("commands.user", "add, list or disable users, or print a sign-in link"),
    "token": ("commands.token", "create, list or revoke tokens of the API"),
    "secrets": ("commands.secrets", "check, set or remove the secrets of sources"),
    "cache": ("commands.cache", "show what the cache holds, or clear a part of it"),
    "source": ("commands.source", "list sources, sync one, ask for days again, remove one"),
    "warehouse": ("commands.warehouse", "check the rows, tidy, rebuild a shop, forget what is old"),
    "check": (
        "commands.check",
        "settings, libraries and connections: what works and what does not",
    ),
    "backup": ("commands.backup", "copy everything into a folder"),
    "restore": ("commands.restore", "replace everything by a backup"),
    "docs": ("commands.docs", "write the reference pages from the code"),
    "words": ("commands.words", "gather the screen's texts for translation"),
}


def main(words: Sequence[str]) -> int:
    """Run a command; the exit code is 0, 1 for a failure (said on stderr), 2 for a wrong call."""
    parser = argparse.ArgumentParser(prog="python app.py", description="Royal Analytics")
    rooms = parser.add_subparsers(dest="command", metavar="COMMAND")
    name = words[0] if words and words[0] in COMMANDS else "serve" if not words else ""
    for command, (path, help_text) in COMMANDS.items():
        words_of = rooms.add_parser(command, help=help_text, description=help_text)
        if command == name:
            importlib.import_module(path).add(words_of)
    given = parser.parse_args(list(words) or ["serve"])
    room = importlib.import_module(COMMANDS[given.command][0])
    try:
        settings = app.read_settings()
        with language.speaking(settings.locale):
            done = int(room.run(given, settings))
        sys.stdout.flush()
        return done
    except BrokenPipeError:
        # Whoever read our output has enough of it, as `head` does. Nothing more can be said.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Failure as failure:
        print(failure.message, failure.hint, sep="\n" if failure.hint else "", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
