"""Log lines: one event, one line, name=value parts behind the sentence, no passwords."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any, TextIO

from agent.secrets import masked

# Libraries that tell each step of their own work; ours is told by our own lines.
# Those of the providers of secrets tell at debug what they were answered.
CHATTY = (
    *("apscheduler", "fontTools", "weasyprint", "matplotlib"),
    *("botocore", "boto3", "hvac", "urllib3", "requests"),
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
LOG = logging.getLogger(__name__)
Veil = Callable[[str], str]
_PLAIN = re.compile(r"[\w.:/@+-]+", re.ASCII)


class Line(logging.Formatter):
    """2026-11-17T07:41:00.000Z warning agent.cache Redis does not answer. shop=alma rows=12

    What is passed as `extra` becomes name=value; a traceback becomes error="...", in the same line.
    Nothing that one of the `veils` hides stands in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.veils: tuple[Veil, ...] = ()

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        head = f"{moment}.{int(record.msecs):03d}Z {record.levelname.lower()} {record.name}"
        parts = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info:
            parts["error"] = self.formatException(record.exc_info)
        tail = "".join(f" {name}={_quoted(value)}" for name, value in parts.items())
        # First whole: afterwards a line break or a quote within a secret is written otherwise.
        said = _in_one_line(self._veiled(record.getMessage()))
        return self._veiled(masked(f"{head} {said}{tail}"))

    def _veiled(self, text: str) -> str:
        for veil in self.veils:
            text = veil(text)
        return text


def open_logs(level: str, stream: TextIO | None = None) -> None:
    """Send all logs, and the faults of threads, to a stream (stderr by default).

    Called once, by the program that starts.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Line())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.root.level))
    # Alembic tells every step of a first start at info.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    threading.excepthook = _thread_fault


def veil(hide: Veil) -> None:
    """Have every log of ours that is open pass its lines through `hide`."""
    for line in _lines():
        line.veils = (*line.veils, hide)


def unveil(hide: Veil) -> None:
    """Undo `veil`."""
    for line in _lines():
        line.veils = tuple(one for one in line.veils if one != hide)


def _lines() -> list[Line]:
    found = (handler.formatter for handler in logging.root.handlers)
    return [line for line in found if isinstance(line, Line)]


def _thread_fault(fault: threading.ExceptHookArgs) -> None:
    if fault.exc_value is not None:
        name = fault.thread.name if fault.thread else "unknown"
        LOG.error("A thread ended by a fault.", exc_info=fault.exc_value, extra={"ended": name})


def _quoted(value: Any) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _in_one_line(text: str) -> str:
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
