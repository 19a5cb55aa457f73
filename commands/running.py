"""The app that runs already. DuckDB admits one process, so the command line hands its work to it
over HTTP.

The running app notes its address in DATA_DIR/server.json. Who can read the data folder may do
anything with it, so the command line makes itself an API token for the one call and revokes it.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from agent.errors import Busy, Failure, Refused, Unavailable
from agent.files import write_whole
from agent.records import open_records
from agent.records.roles import Role
from agent.services import Services, SystemClock, open_services
from agent.settings import Settings

NOTE = "server.json"
SECONDS = 3600.0


def note_running(settings: Settings) -> Path:
    """Write down where this process listens; the caller removes the file at the end."""
    path = settings.data_dir / NOTE
    found = {"host": settings.host, "port": settings.port, "pid": os.getpid()}
    write_whole(path, json.dumps(found).encode())
    return path


@contextmanager
def services_or_running(settings: Settings) -> Iterator[Services | Running]:
    """The services, or the running app where that holds the warehouse."""
    try:
        services = open_services(settings)
    except Busy:
        with running(settings) as other:
            yield other
        return
    try:
        yield services
    finally:
        services.close()


@contextmanager
def running(settings: Settings) -> Iterator[Running]:
    """The running app, with a token of our own. Raises Unavailable when none answers."""
    path = settings.data_dir / NOTE
    if not path.is_file():
        raise Unavailable(
            "Another process holds the warehouse, and it is no running app.",
            hint="Stop it and try again.",
        )
    found = json.loads(path.read_text())
    records = open_records(settings.database_url, SystemClock())
    name = f"command line {secrets.token_hex(6)}"
    try:
        token = records.tokens.create(name, Role.ADMIN)
        yield Running(found["host"], found["port"], token)
    finally:
        mine = [row for row in records.tokens.all() if row.name == name and not row.revoked_at]
        for row in mine:
            records.tokens.revoke(row.token_id)
        records.close()


@dataclass(frozen=True)
class Running:
    """The running app's HTTP side, as an admin. All raise the failure that the app answers."""

    host: str
    port: int
    token: str

    def get(self, path: str) -> bytes:
        with self._call("GET", path) as answer:
            return answer.read()

    def json(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get(path))
        return found

    def post(self, path: str, fields: dict[str, str], file: Path | None = None) -> Iterator[Any]:
        """Send a form; yields the JSON of each line of the answer as it comes."""
        boundary = secrets.token_hex(16)
        head, tail = _form(fields, file, boundary)
        size = len(head) + len(tail) + (file.stat().st_size if file else 0)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(size),
        }
        with self._call("POST", path, headers, _body(head, file, tail)) as answer:
            for line in answer:
                if line.strip():
                    yield json.loads(line)

    @contextmanager
    def _call(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None
    ) -> Iterator[HTTPResponse]:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        connection = HTTPConnection(host, self.port, timeout=SECONDS)
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise _failure(answer)
            yield answer
        except (OSError, HTTPException) as error:
            raise Unavailable(
                f"The running app on port {self.port} does not answer.", hint="Is it stopping?"
            ) from error
        finally:
            connection.close()


def _failure(answer: HTTPResponse) -> Failure:
    try:
        said = json.loads(answer.read())["error"]
        kind = Refused if said.get("permanent", True) else Unavailable
        return kind(said["message"], hint=said.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return Unavailable(f"The running app answered {answer.status} {answer.reason}.")


def _form(fields: dict[str, str], file: Path | None, boundary: str) -> tuple[bytes, bytes]:
    part = f'--{boundary}\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
    head = "".join(f"{part % (name, '')}{value}\r\n" for name, value in fields.items())
    if file:
        name = file.name.replace('"', "'").replace("\r", "").replace("\n", "")
        head += part % ("file", f'; filename="{name}"')
    return head.encode(), f"\r\n--{boundary}--\r\n".encode()


def _body(head: bytes, file: Path | None, tail: bytes) -> Iterator[bytes]:
    yield head
    if file:
        with file.open("rb") as content:
            while chunk := content.read(1 << 20):
                yield chunk
    yield tail
