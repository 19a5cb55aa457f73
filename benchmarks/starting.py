"""From the command to a healthy answer, and the memory held when nothing happens."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from agent.records import open_records
from agent.services import SystemClock
from benchmarks.measuring import Figure
from benchmarks.rooms import Room
from benchmarks.visiting import arrive, over_http, parts_of_overview

ROOT = Path(__file__).resolve().parents[1]
GOAL_SECONDS, GOAL_MB = 5.0, 300.0
LONGEST = 120.0
# What any dashboard on these libraries must load before its first line runs.
LIBRARIES = "import dash, duckdb, sqlalchemy, pyarrow, uvicorn, starlette, apscheduler"


def run(room: Room) -> list[Figure]:
    data, _ = room.demo("starting")
    libraries = _libraries()
    out = []
    for name in ("first", "second"):
        with serving(data) as (process, port):
            wall = until_ready(process, port)
            cpu = _cpu(process)
            out += [
                Figure(
                    f"{name} start, time to ready",
                    wall,
                    "s",
                    libraries[1],
                    "importing the libraries",
                    GOAL_SECONDS,
                ),
                Figure(
                    f"{name} start, CPU to ready",
                    cpu,
                    "s CPU",
                    libraries[0],
                    "importing the libraries",
                ),
            ]
            if name == "second":
                out += _memory(room, data, process, port)
    return out


def _memory(room: Room, data: Path, process: psutil.Process, port: int) -> list[Figure]:
    time.sleep(0.5 if room.quick else 5.0)
    idle = _megabytes(process)
    records = open_records(f"sqlite:///{data}/records.sqlite", SystemClock())
    try:
        visitor = arrive(over_http(port), records)
        visitor.get("/")
        visitor.page(parts_of_overview(), "")
    finally:
        records.close()
    used = _megabytes(process)
    return [
        Figure("memory, idle, no request yet", idle, "MB", goal=GOAL_MB),
        Figure("memory, after one Overview", used, "MB", goal=GOAL_MB),
    ]


@contextmanager
def serving(data: Path) -> Iterator[tuple[psutil.Process, int]]:
    """The product itself, as `make run` starts it, on a free port."""
    port = _free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environ = {**kept, "DATA_DIR": str(data), "PORT": str(port), "LOG_LEVEL": "warning"}
    call = [sys.executable, "app.py", "serve", "--no-link"]
    child = subprocess.Popen(call, cwd=ROOT, env=environ)
    try:
        yield psutil.Process(child.pid), port
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def until_ready(process: psutil.Process, port: int) -> float:
    """Seconds since the process began until health says ready."""
    send = over_http(port)
    while (waited := time.time() - process.create_time()) < LONGEST:
        if process.status() == psutil.STATUS_ZOMBIE:
            raise RuntimeError("the app ended before it was ready")
        try:
            status, _, told = send("GET", "/api/analytics/health", {}, b"")
        except OSError:
            time.sleep(0.02)
            continue
        if status == 200 and _ready(told):
            return time.time() - process.create_time()
    raise RuntimeError(f"the app was not ready after {waited:.0f} s")


def _ready(told: bytes) -> bool:
    answer: dict[str, Any] = json.loads(told)
    return bool(answer["ready"])


def _libraries() -> tuple[float, float]:
    """Seconds of CPU and of the clock that loading the libraries alone takes."""
    began, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)
    after = os.times()
    cpu = after.children_user + after.children_system
    return cpu - before.children_user - before.children_system, time.perf_counter() - began


def _cpu(process: psutil.Process) -> float:
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
