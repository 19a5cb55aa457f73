"""The stand-in over HTTP: plain, on 127.0.0.1, one thread a connection."""

from __future__ import annotations

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from tests.shopify_standin import console
from tests.shopify_standin.api import HTML, Answer

if TYPE_CHECKING:
    from tests.shopify_standin.standin import StandIn

LINES = "application/jsonl"
XML = "application/xml"
EXPIRED = b"<?xml version='1.0'?><Error><Code>ExpiredToken</Code></Error>"
SHOWN = b"<?xml version='1.0'?><Error><Code>TokenShownToStorage</Code></Error>"


class Server:
    def __init__(self, standin: StandIn, port: int) -> None:
        door = type("Door", (Door,), {"standin": standin, "closing": threading.Event()})
        self._closing: threading.Event = door.closing  # type: ignore[attr-defined]
        self._http = _Http(("127.0.0.1", port), door)
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends every connection, those that a fault holds open too."""
        self._closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.end_all()
        self._http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.connections: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        found, address = super().get_request()
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections.add(found)
        return found, address

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""

    def end_all(self) -> None:
        for found in list(self.connections):
            self.shutdown_request(found)


class Door(BaseHTTPRequestHandler):
    """Paths: the token, the API, storage, and for people / and /_switchboard."""

    protocol_version = "HTTP/1.1"
    standin: StandIn
    closing: threading.Event

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: who wants to know reads api.asked."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        parts = path.strip("/").split("/")
        with self.standin.lock:
            if path == "/admin/oauth/access_token":
                answer = self._token(body)
            elif parts[:2] == ["admin", "api"] and parts[3:] == ["graphql.json"]:
                token = self.headers.get("X-Shopify-Access-Token")
                answer = self.standin.api.answer(parts[2], token, body)
            elif path == "/_switchboard":
                answer = console.switch(self.standin, body)
            else:
                answer = Answer(404, b'{"errors":"Not Found"}')
        self._send(answer)

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        with self.standin.lock:
            if path.startswith("/storage/"):
                answer = self._stored(path.removeprefix("/storage/"))
            elif path == "/":
                answer = console.page(self.standin)
            elif path == "/_switchboard":
                answer = console.state(self.standin)
            else:
                answer = Answer(404, b'{"errors":"Not Found"}')
        self._send(answer)

    def _token(self, body: bytes) -> Answer:
        if "json" in (self.headers.get("Content-Type") or ""):
            form = orjson.loads(body)
        else:
            form = dict(parse_qsl(body.decode()))
        status, told = self.standin.auth.grant(form)
        if isinstance(told, str):
            return Answer(status, told.encode(), HTML)
        return Answer(status, orjson.dumps(told))

    def _stored(self, name: str) -> Answer:
        """A file of a bulk operation. Storage is not the shop: it must not see its token."""
        if self.headers.get("X-Shopify-Access-Token") or self.headers.get("Authorization"):
            return Answer(400, SHOWN, XML)
        fault = self.standin.faults.first("storage")
        if fault == "storage_500":
            return Answer(500, b"<Error><Code>InternalError</Code></Error>", XML)
        body = self.standin.bulk.file(name)
        if body is None or fault == "storage_403":
            return Answer(403, EXPIRED, XML)
        return Answer(200, body, LINES, how="truncated" if fault == "storage_cut" else "ok")

    def _send(self, answer: Answer) -> None:
        if answer.how == "silent":
            self.closing.wait(self.standin.faults.seconds)
        if answer.how in ("silent", "reset"):
            self._reset()
            return
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        cut = answer.how == "truncated"
        whole = answer.body[: len(answer.body) // 2] if cut else answer.body
        head = b"".join(self._headers_buffer) + b"\r\n"
        self._headers_buffer: list[bytes] = []
        self.wfile.write(head + whole)
        self.close_connection = self.close_connection or cut

    def _reset(self) -> None:
        """An end without goodbye: RST, not FIN."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
