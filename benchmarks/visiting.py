"""A browser's side of the page: sign in by a link, ask for the parts as Dash's own script does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

import brotli

from agent.records import Records
from agent.records.roles import Role
from dashboard.pages.overview import PAGE

# method, path, headers, body -> status, headers, body
Send = Callable[[str, str, Mapping[str, str], bytes], tuple[int, Mapping[str, str], bytes]]
# Also what a browser asks for: answers are packed as they are for it.
BROWSER = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "br, gzip"}
UPDATE = "/_dash-update-component"


@dataclass(frozen=True)
class Visitor:
    """A signed-in person; `send` is how requests travel."""

    send: Send
    cookie: str
    template: Mapping[str, Any]

    def get(self, path: str) -> bytes:
        return self._answer("GET", path, b"")

    def ask(self, body: bytes) -> bytes:
        return self._answer("POST", UPDATE, body)

    def part(self, name: str, search: str) -> bytes:
        """The request that draws a part of Overview at an address, as Dash writes it."""
        return self._body([name], search, {})

    def page(self, names: list[str], search: str) -> int:
        """All these parts, as a browser asks for them: what an answer left is asked for again.
        Returns how many questions that took."""
        read: Mapping[str, Any] = {"left": True}
        questions = 0
        while read.get("left"):
            found = json.loads(_unpacked(self.ask(self._body(names, search, read))))["response"]
            read = next(row["data"] for row in found.values() if "data" in row)
            questions += 1
        return questions

    def _body(self, names: list[str], search: str, read: Mapping[str, Any]) -> bytes:
        places = [{"type": "part", "id": f"{PAGE.name}.{name}"} for name in names]
        keeper = {"type": "reads", "id": PAGE.name}
        now = {
            "here.data": "1",
            "address.search": search,
            "address.pathname": PAGE.path,
            "theme.data": "light",
        }

        def filled(row: Mapping[str, Any]) -> Any:
            name, prop = row["id"], row["property"]
            if '"reads"' in name:
                return [{"id": keeper, "property": prop, "value": read}]
            if '"part"' in name:
                return [{"id": one, "property": prop, "value": one} for one in places]
            return {"id": name, "property": prop, "value": now.get(f"{name}.{prop}")}

        return json.dumps(
            {
                # The name of the callback keeps its pattern; what it shall fill is named beside it.
                "output": self.template["output"],
                "outputs": [
                    [{"id": one, "property": "children"} for one in places],
                    [{"id": keeper, "property": "data"}],
                ],
                "inputs": [filled(row) for row in self.template["inputs"]],
                "changedPropIds": ["here.data"],
                "state": [filled(row) for row in self.template["state"]],
            }
        ).encode()

    def _answer(self, method: str, path: str, body: bytes) -> bytes:
        headers = {**BROWSER, "Cookie": self.cookie, "Content-Type": "application/json"}
        status, _, content = self.send(method, path, headers, body)
        if status != 200:
            raise RuntimeError(f"{method} {path} was answered {status}")
        return content


def _unpacked(content: bytes) -> bytes:
    """An answer as it was before it was packed; a short one never was."""
    return content if content[:1] == b"{" else bytes(brotli.decompress(content))


def arrive(send: Send, records: Records) -> Visitor:
    """Sign somebody in by a one-time link."""
    known = records.users.by_email("bench@localhost.local")
    user = known or records.users.add("bench@localhost.local", "Bench", Role.ADMIN)
    token = records.links.create(user.user_id, 5)
    status, headers, _ = send("POST", f"/link/{token}", BROWSER, b"")
    cookie = headers.get("Set-Cookie", "").split(";")[0]
    if status != 303 or not cookie:
        raise RuntimeError(f"signing in was answered {status}")
    _, _, told = send("GET", "/_dash-dependencies", {"Cookie": cookie}, b"")
    parts = [row for row in json.loads(told) if '"type":"part"' in row["output"]]
    return Visitor(send, cookie, parts[0])


def parts_of_overview() -> list[str]:
    """Head, what stands above, panels: everything with figures in it."""
    return ["head", *PAGE.above, *(panel.id for panel in PAGE.panels)]


def through_flask(server: Any) -> Send:
    """In this process, without a socket."""

    def send(
        method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        # A client a request: it would keep cookies of its own otherwise.
        found = server.test_client(use_cookies=False).open(
            path, method=method, headers=dict(headers), data=body
        )
        return found.status_code, found.headers, found.data

    return send


def over_http(port: int) -> Send:
    def send(
        method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, body=body or None, headers=dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    return send
