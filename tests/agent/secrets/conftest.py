"""A local server that a test scripts, secrets on records of the test, and a clock by hand."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent.records import Records, open_records
from tests.clock import FrozenClock

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Server:
    """`answer` says what each request gets: a status, and bytes or what becomes JSON."""

    url: str
    answer: Callable[[Asked], Answer] = lambda asked: (404, {"errors": []})
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [f"{one.method} {one.path}" for one in self.asked]


class Seconds:
    """A monotonic clock by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server("")

    class Talk(BaseHTTPRequestHandler):
        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(size)
            body = json.loads(text) if text else None
            asked = Asked(self.command, self.path, dict(self.headers), body)
            made.asked.append(asked)
            status, content = made.answer(asked)
            sent = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            if status in (301, 302, 307):
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = _any

        def log_message(self, format: str, *args: Any) -> None:
            return

    host = ThreadingHTTPServer(("127.0.0.1", 0), Talk)
    made.url = f"http://127.0.0.1:{host.server_port}"
    # Its poll is how long a test waits for its end.
    thread = threading.Thread(target=host.serve_forever, args=(0.01,))
    thread.start()
    yield made
    host.shutdown()
    thread.join()
    host.server_close()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def records(tmp_path: Path, clock: FrozenClock) -> Iterator[Records]:
    made = open_records(f"sqlite:///{tmp_path / 'records.sqlite'}", clock)
    yield made
    made.close()


@pytest.fixture
def settings_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Settings with some set; nothing of the machine counts."""
    from agent.settings import SETTINGS, Settings

    for row in SETTINGS:
        monkeypatch.delenv(row.name, raising=False)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)

    def make(**more: str) -> Settings:
        folder = {"DATA_DIR": str(tmp_path / "data"), "SECRETS_DIR": str(tmp_path / "mounted")}
        return Settings.from_env({**folder, **more}, tmp_path / ".env")

    return make
