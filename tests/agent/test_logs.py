from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from io import StringIO

import pytest

from agent.logs import Line, open_logs, unveil, veil


def log_line(message: str, *args: object, **extra: object) -> str:
    record = logging.makeLogRecord(
        {"name": "agent.x", "levelno": 30, "levelname": "WARNING", "msg": message, "args": args}
        | {"created": 1_795_000_000.5, "msecs": 500.0}
        | extra
    )
    return Line().format(record)


def test_an_event_is_one_line() -> None:
    assert log_line("Shop %s is filled.", "alma", rows=12, file="a b.csv") == (
        '2026-11-18T11:06:40.500Z warning agent.x Shop alma is filled. rows=12 file="a b.csv"'
    )
    forged = log_line("name: %s", "x\n2026-11-18 info all is well\u2028\x1b[31m", who="a\nb")
    assert len(forged.splitlines()) == 1
    assert "\x1b" not in forged
    assert json.loads(forged.split("who=")[1]) == "a\nb"


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[StringIO]:
    """What the log shows; the logging of the tests themselves comes back afterwards."""
    root = logging.getLogger()
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    before = root.handlers[:], root.level
    root.handlers.clear()
    stream = StringIO()
    open_logs("info", stream)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def test_a_thread_that_dies_says_so_in_one_line(logged: StringIO) -> None:
    thread = threading.Thread(target=lambda: {}["missing"], name="probe")
    thread.start()
    thread.join()
    (line,) = logged.getvalue().splitlines()
    assert " error agent.logs A thread ended by a fault. ended=probe error=" in line
    assert "KeyError: 'missing'" in line


def test_a_log_line_has_the_traceback_and_no_password(logged: StringIO) -> None:
    log = logging.getLogger("agent.test")
    try:
        raise ValueError("smtp://anna:hunter2@m.example")
    except ValueError:
        log.exception("Mail to %s failed.", "redis://:hunter2@r.example")
    log.debug("not shown")
    (line,) = logged.getvalue().splitlines()
    assert " error agent.test Mail to redis://:•••@r.example failed. error=" in line
    assert "ValueError" in line
    assert "hunter2" not in line


def test_what_a_veil_hides_stands_in_no_line_until_it_is_lifted(logged: StringIO) -> None:
    open_logs("info", logged)
    planted = 'planted "x"\nsecond'

    def hide(text: str) -> str:
        return text.replace(planted, "•••").replace(json.dumps(planted)[1:-1], "•••")

    def also(text: str) -> str:
        return text.replace("other", "•••")

    veil(hide)
    veil(also)
    try:
        raise ValueError(planted)
    except ValueError:
        logging.getLogger("agent.x").exception("It is %s and other", planted, extra={"it": planted})
    assert "second" not in logged.getvalue()
    assert "It is ••• and •••" in logged.getvalue()
    unveil(hide)
    logging.getLogger("agent.x").warning("planted other")
    assert "planted •••" in logged.getvalue()
