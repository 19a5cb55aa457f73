"""The running app as the command line sees it: over HTTP, with a token of its own."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from typing import Any

from agent.errors import Failure, Refused, Unavailable
from commands.note import Place

SECONDS = 3600.0
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}
CHUNK = 1 << 20


@dataclass(frozen=True)
class Running:
    """The running app's HTTP side, as an admin. All raise the failure that the app answers."""

    place: Place
    token: str

    def get(self, path: str) -> bytes:
        with self._call("GET", path) as answer:
            return answer.read()

    def json(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get(path))
        return found

    def delete(self, path: str) -> None:
        with self._call("DELETE", path) as answer:
            answer.read()

    def post(
        self, path: str, fields: Mapping[str, str], files: Mapping[str, Path] | None = None
    ) -> Iterator[Any]:
        """Send a form; yields the JSON of each line of the answer as it comes."""
        form = Form(fields, files or {}, secrets.token_hex(16))
        headers = {
            "Content-Type": f"multipart/form-data; boundary={form.boundary}",
            "Content-Length": str(form.size),
        }
        with self._call("POST", path, headers, form.content()) as answer:
            for line in answer:
                if line.strip():
                    yield json.loads(line)

    @contextmanager
    def _call(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: Any = None
    ) -> Iterator[HTTPResponse]:
        host = ANYWHERE.get(self.place.host, self.place.host)
        connection = HTTPConnection(host, self.place.port, timeout=SECONDS)
        own = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        try:
            # An app that turns a form down does not wait for all of it: its answer is there.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body=body, headers={**own, **(headers or {})})
            answer = connection.getresponse()
            if answer.status >= 400:
                raise _failure(answer)
            yield answer
        except (OSError, HTTPException) as error:
            raise Unavailable(
                f"The running app at {self.place} does not answer.", hint="Is it stopping?"
            ) from error
        finally:
            connection.close()


@dataclass(frozen=True)
class Form:
    """A form with files, as bytes to send; files are read while they are sent."""

    fields: Mapping[str, str]
    files: Mapping[str, Path]
    boundary: str

    @property
    def size(self) -> int:
        return sum(
            len(part) if isinstance(part, bytes) else part.stat().st_size for part in self._parts()
        )

    def content(self) -> Iterator[bytes]:
        for part in self._parts():
            if isinstance(part, bytes):
                yield part
            else:
                yield from _chunks(part)

    def _parts(self) -> Iterator[bytes | Path]:
        for name, value in self.fields.items():
            yield self._head(f'name="{name}"') + value.encode() + b"\r\n"
        for name, path in self.files.items():
            known_as = path.name.replace('"', "'").replace("\r", "").replace("\n", "")
            yield self._head(f'name="{name}"; filename="{known_as}"')
            yield path
            yield b"\r\n"
        yield f"--{self.boundary}--\r\n".encode()

    def _head(self, about: str) -> bytes:
        return f"--{self.boundary}\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode()


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as content:
        while chunk := content.read(CHUNK):
            yield chunk


def _failure(answer: HTTPResponse) -> Failure:
    try:
        said = json.loads(answer.read())["error"]
        kind = Refused if said.get("permanent", True) else Unavailable
        return kind(said["message"], hint=said.get("hint", ""))
    except (ValueError, KeyError, TypeError):
        return Unavailable(f"The running app answered {answer.status} {answer.reason}.")
