"""Work is done in another process, and whatever happens there is one sentence here."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from agent.errors import Refused, Stopped, Unavailable
from agent.fitting import Fitting
from agent.fitting.parcels import pack, unpack

HERE = "tests.agent.fitting.test_fitting"


def doubled(values: np.ndarray, *, watch: Callable[[int, int, str], None]) -> dict[str, object]:
    sys.stdout.write("what a library prints does not disturb")
    sys.stdout.flush()
    watch(1, 2, "half")
    watch(2, 2, "done")
    return {"values": values * 2, "pid": os.getpid(), "seen": sorted(os.environ)}


def refusing(*, watch: object) -> None:
    raise Refused("The series is too short.", hint="Wait a week.")


def dying(*, watch: object) -> None:
    sys.stdout.flush()
    os.kill(os.getpid(), 9)


def sleeping(*, watch: object) -> None:
    time.sleep(60)


def endless(*, watch: Callable[[int, int, str], None]) -> None:
    watch(0, 1, "begun")
    time.sleep(600)


@pytest.fixture(scope="module")
def fitting() -> Iterator[Fitting]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("A_SECRET", "quiet")
        found = Fitting()
        yield found
        found.close()


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.5, None, "x"], "b": ("y", True), "c": {}},
        [{"deep": {"deeper": ({"n": 1},)}}],
    ],
)
def test_plain_values_come_back_as_they_were(value: object) -> None:
    assert unpack(pack(value)) == value


def test_arrays_come_back_as_they_were() -> None:
    days = np.array(["2026-11-22"], dtype="datetime64[D]")
    came = unpack(pack({"days": days, "some": (np.arange(6.0).reshape(2, 3), np.bool_(True))}))
    assert came["days"].dtype == days.dtype
    assert came["some"][0].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert came["some"][1] is True


def test_what_runs_is_not_sent() -> None:
    with pytest.raises(TypeError):
        pack({"run": print})
    with pytest.raises((ValueError, OSError, EOFError)):
        unpack(b"\x80\x04no pickle")


def test_work_is_done_there_and_told_here(fitting: Fitting) -> None:
    told: list[tuple[int, int, str]] = []
    found = fitting.run(
        f"{HERE}:doubled", np.array([1.0, 2.0]), watch=lambda *step: told.append(step)
    )
    assert found["values"].tolist() == [2.0, 4.0]
    assert told == [(1, 2, "half"), (2, 2, "done")]
    assert found["pid"] == fitting.pid != os.getpid()
    assert "A_SECRET" not in found["seen"]


def test_a_refusal_there_is_a_refusal_here_and_the_process_stays(fitting: Fitting) -> None:
    before = fitting.run(f"{HERE}:doubled", np.zeros(1))["pid"]
    with pytest.raises(Refused, match="too short") as refused:
        fitting.run(f"{HERE}:refusing")
    assert refused.value.hint == "Wait a week."
    assert fitting.run(f"{HERE}:doubled", np.zeros(1))["pid"] == before


def test_a_process_that_dies_is_one_sentence_and_another_comes(fitting: Fitting) -> None:
    with pytest.raises(Unavailable, match="ended before it answered"):
        fitting.run(f"{HERE}:dying")
    assert fitting.pid is None
    assert fitting.run(f"{HERE}:doubled", np.ones(1))["values"].tolist() == [2.0]


def test_what_is_stopped_or_takes_too_long_is_broken_off(fitting: Fitting) -> None:
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(Stopped):
        fitting.run(f"{HERE}:sleeping", stopping=stopping)
    with pytest.raises(Unavailable, match="took too long"):
        fitting.run(f"{HERE}:sleeping", deadline=0.0)
    assert fitting.pid is None


def test_closing_does_not_wait_for_the_work() -> None:
    begun, said = threading.Event(), list[Exception]()
    line = Fitting()

    def work() -> None:
        try:
            line.run(f"{HERE}:endless", watch=lambda *step: begun.set())
        except Unavailable as failure:
            said.append(failure)

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(60)
    line.close()
    worker.join(60)
    assert [type(failure) for failure in said] == [Unavailable]


def test_it_ends_when_it_rests() -> None:
    ended = threading.Event()

    class Resting(Fitting):
        def _rested(self) -> None:
            super()._rested()
            ended.set()

    short = Resting(resting=0.0)
    short.run(f"{HERE}:doubled", np.zeros(1))
    assert ended.wait(30)
    assert short.pid is None
