"""Values that several threads ask for at once are made once; the newest stay."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.sharing import Shared


def test_those_who_ask_at_once_wait_for_the_one_who_makes_it() -> None:
    shared: Shared[int] = Shared(10, lambda _: 1)
    begun, go = threading.Event(), threading.Event()
    made = []

    def make() -> int:
        made.append(1)
        begun.set()
        assert go.wait(10)
        return 7

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(shared.of, "a", make)
        assert begun.wait(10)
        second = pool.submit(shared.of, "a", make)
        go.set()
        assert (first.result(10), second.result(10)) == (7, 7)
    assert made == [1]


def test_the_least_recently_used_makes_room() -> None:
    shared: Shared[str] = Shared(5, len)
    for text in ("aa", "bb"):
        shared.of(text, lambda text=text: text)  # type: ignore[misc]
    shared.of("aa", lambda: pytest.fail("it is there"))
    shared.of("cc", lambda: "cc")
    assert shared.of("aa", lambda: "new") == "aa"
    assert shared.of("bb", lambda: "new") == "new"


def test_what_is_too_heavy_is_given_and_not_kept() -> None:
    shared: Shared[str] = Shared(3, len)
    shared.of("a", lambda: "1")
    assert shared.of("b", lambda: "12345") == "12345"
    assert shared.of("b", lambda: "x") == "x"


def test_with_no_room_nothing_stays() -> None:
    shared: Shared[str] = Shared(0, len)
    assert [shared.of("a", lambda: text) for text in ("x", "y")] == ["x", "y"]  # noqa: B023


def test_a_failure_reaches_everyone_and_the_next_one_tries_again() -> None:
    shared: Shared[int] = Shared(10, lambda _: 1)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        shared.of("a", fail)
    assert shared.of("a", lambda: 3) == 3
