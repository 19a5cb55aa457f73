"""The fitting process: reads a piece of work, does it, answers, and ends when nobody listens."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import IO, Any

from agent.errors import Failure
from agent.fitting.parcels import receive, send


def main() -> int:
    """Serve pieces of work until the other side closes the line."""
    # Whatever a library prints must not stand between the parcels.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    while True:
        try:
            work = receive(sys.stdin.buffer)
        except EOFError:
            return 0
        serve(out, work)


def serve(out: IO[bytes], work: dict[str, Any]) -> None:
    """Do one piece: `name` is MODULE:FUNCTION, called with the arguments and `watch`."""

    def watch(done: int, total: int, step: str) -> None:
        send(out, {"done": done, "total": total, "step": step})

    module, _, attribute = str(work["name"]).partition(":")
    try:
        result = getattr(import_module(module), attribute)(*work["arguments"], watch=watch)
    except Failure as failure:
        send(
            out, {"failure": type(failure).__name__, "said": failure.message, "hint": failure.hint}
        )
    except MemoryError:
        send(out, {"failure": "Refused", "said": "", "hint": ""})
    else:
        send(out, {"result": result})


if __name__ == "__main__":
    raise SystemExit(main())
