from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from agent.errors import Unavailable
from agent.health import Probe, ask


def test_a_part_that_hangs_does_not_hold_the_others() -> None:
    hanging, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        hanging.wait(60)

    probes = {"stuck": Probe(hang, 0), "well": Probe(lambda: None, 60)}
    assert ask({"well": probes["well"]}, 60) == {"well": "ok"}
    start = time.monotonic()
    for _ in range(3):
        assert ask(probes, 0.2) == {"stuck": "It has not answered yet.", "well": "ok"}
    assert time.monotonic() - start < 50
    assert asked == [1], "no second thread for a part that hangs"
    hanging.set()
    assert ask(probes, 60)["stuck"] == "ok"


def test_an_answer_counts_for_a_while() -> None:
    asked: list[int] = []
    probe = Probe(lambda: asked.append(1), keep=60)
    for _ in range(5):
        assert ask({"mail": probe}, 60) == {"mail": "ok"}
    assert asked == [1]


def test_a_failure_is_told_without_secrets() -> None:
    def fail() -> None:
        raise Unavailable(
            "No answer from postgresql://anna:hunter2@db.example/x.", hint="Start it."
        )

    assert ask({"db": Probe(fail, 0)}, 60) == {
        "db": "No answer from postgresql://anna:•••@db.example/x. Start it."
    }


def test_a_fault_of_our_own_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", lambda fault: faults.append(fault.exc_type))

    def fail() -> None:
        raise ZeroDivisionError("hunter2")

    assert ask({"db": Probe(fail, 0)}, 60) == {"db": "It fails in a way that the log describes."}
    give_up = time.monotonic() + 60
    while not faults and time.monotonic() < give_up:
        time.sleep(0.01)
    assert faults == [ZeroDivisionError]
