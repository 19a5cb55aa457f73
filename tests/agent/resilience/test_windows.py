from __future__ import annotations

import pytest

from agent.kinds import Rate, rate
from agent.resilience import RedisServer
from agent.resilience.windows import MOMENT, Windows
from tests import servers
from tests.agent.resilience.conftest import Ticking
from tests.conftest import started

SHOPIFY = Rate(200, 60, 20)


def taken_within(windows: Windows, ticking: Ticking, pace: Rate, seconds: float) -> list[float]:
    """When each was taken by somebody who never asks too early and never rests."""
    begun, moments = ticking.now(), []
    while (now := ticking.now()) - begun < seconds:
        wait = windows.take("shop", pace)
        if wait:
            ticking.sleep(wait, None)
        else:
            moments.append(now - begun)
    return moments


def most_within(moments: list[float], seconds: float) -> int:
    return max(sum(m <= x < m + seconds for x in moments) for m in moments)


def test_a_burst_is_taken_at_once_and_the_pace_stays_at_the_rate(ticking: Ticking) -> None:
    windows = Windows(now=ticking.now)
    moments = taken_within(windows, ticking, SHOPIFY, 180.0)
    assert moments[:20] == [0.0] * 20
    assert moments[20] == pytest.approx(6.0, abs=0.01)
    assert most_within(moments, 60.0) == 200
    assert most_within(moments, 5.9) == 20
    assert 580 <= len(moments) <= 600


def test_the_seconds_said_are_those_that_help(ticking: Ticking) -> None:
    windows, pace = Windows(now=ticking.now), Rate(10, 60, 10)
    for _ in range(10):
        assert windows.take("shop", pace) == 0
    ticking.clock.advance(20)
    wait = windows.take("shop", pace)
    assert wait == pytest.approx(40 + MOMENT)
    ticking.clock.advance(wait - 0.01)
    assert windows.take("shop", pace) > 0
    ticking.clock.advance(0.01)
    assert windows.take("shop", pace) == 0


def test_names_are_counted_apart_and_used_says_how_much(ticking: Ticking) -> None:
    windows = Windows(now=ticking.now)
    for _ in range(20):
        assert windows.take("shopify:one", SHOPIFY) == 0
    assert windows.take("shopify:one", SHOPIFY) > 0
    assert windows.take("shopify:two", SHOPIFY) == 0
    assert (windows.used("shopify:one", SHOPIFY), windows.used("shopify:two", SHOPIFY)) == (20, 1)
    ticking.clock.advance(61)
    assert windows.used("shopify:one", SHOPIFY) == 0


def test_no_rate_is_no_limit(ticking: Ticking) -> None:
    windows = Windows(now=ticking.now)
    assert [windows.take("folder", rate("none")) for _ in range(1000)] == [0.0] * 1000
    assert windows.used("folder", rate("none")) == 0


def test_a_burst_that_is_the_rate_is_one_window(ticking: Ticking) -> None:
    windows = Windows(now=ticking.now)
    moments = taken_within(windows, ticking, rate("5/second"), 3.0)
    assert most_within(moments, 0.99) == 5
    assert len(moments) == 15


@pytest.mark.server
def test_processes_share_a_rate(redis_url: str, ticking: Ticking) -> None:
    servers_ = [RedisServer(redis_url), RedisServer(redis_url)]
    one, two = (Windows(server, ticking.now) for server in servers_)
    for windows in (one, two) * 10:
        assert windows.take("shop", SHOPIFY) == 0
    assert one.take("shop", SHOPIFY) == pytest.approx(6 + MOMENT, abs=0.01)
    assert two.take("shop", SHOPIFY) == pytest.approx(6 + MOMENT, abs=0.01)
    assert two.used("shop", SHOPIFY) == 20
    for server in servers_:
        server.close()


@pytest.mark.server
def test_without_redis_a_process_goes_on_from_what_it_did(ticking: Ticking) -> None:
    with started(servers.redis_server(servers.free_port())) as url:
        server = RedisServer(url, pause=3600)
        windows = Windows(server, ticking.now)
        for _ in range(15):
            assert windows.take("shop", SHOPIFY) == 0
    taken = [windows.take("shop", SHOPIFY) == 0 for _ in range(20)]
    assert taken == [True] * 5 + [False] * 15
    server.close()
