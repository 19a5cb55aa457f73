from __future__ import annotations

import pytest

from tests.commands.conftest import DAYS, Run, Said


def test_without_the_app_nothing_is_kept(run: Run, gift_shop: Said) -> None:
    for words in (("show",), ("clear", "*")):
        done = run("cache", *words)
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("The app is not running, so no answer is kept.\n")


def test_a_pattern_must_be_named(run: Run) -> None:
    assert run("cache", "clear").code == 2


@pytest.mark.server
def test_what_the_app_left_in_redis_is_shown_and_cleared(
    run: Run, gift_shop: Said, redis_url: str
) -> None:
    environ = {"REDIS_URL": redis_url}
    assert run("ask", f"metrics=orders&{DAYS}", **environ).code == 0
    shown = run("cache", "show", **environ)
    assert [line.split()[0] for line in shown.out.splitlines()] == ["Level", "process", "redis"]
    assert shown.out.splitlines()[2].split()[5] == "1"
    assert run("cache", "clear", "shop:gift-shop:*", **environ).out == "1 answer is forgotten.\n"
    assert run("cache", "show", **environ).out.splitlines()[2].split()[5] == "0"


@pytest.mark.server
def test_a_redis_that_is_away_is_said(run: Run, gift_shop: Said) -> None:
    environ = {"REDIS_URL": "redis://127.0.0.1:1/0"}
    shown = run("cache", "show", **environ)
    assert shown.code == 0
    assert "redis: Redis does not answer." in shown.out
    done = run("cache", "clear", "*", **environ)
    assert done.code == 1
    assert "Redis still has its own." in done.err
