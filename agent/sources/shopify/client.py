"""Questions to a shop's Admin API: one way out, with its token, its costs and its refusals.

Every request passes the connection's upstream (rate, breaker, retries). What Shopify leaves out of
an answer without failing becomes a note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

import orjson

from agent.errors import Failure, Refused, Throttled, Unavailable
from agent.sources.connectors import Link
from agent.sources.shopify import faults, wire
from agent.sources.shopify.address import VERSION, Address, address_of
from agent.sources.shopify.auth import Memory, Tokens, memory_of
from agent.sources.shopify.costs import MOST
from agent.words import t

Data = dict[str, Any]
Variables = Mapping[str, Any]
T = TypeVar("T")
WORTH_SAYING = 2.0
"""Seconds."""


@dataclass(frozen=True)
class _Asking:
    """One question: its text, and what becomes of its answer."""

    query: str
    variables: Variables
    accept: Callable[[Data], Any]
    deadline: float | None

    @property
    def name(self) -> str:
        """What its cost is remembered by: other variables than the page's size do not change it."""
        return f"{self.query}\n{self.variables.get('pageSize', '')}"

    @property
    def body(self) -> bytes:
        return orjson.dumps({"query": self.query, "variables": dict(self.variables)})


@dataclass(frozen=True)
class Client:
    """A shop that is asked. `notes` gathers what is true of it now and worth saying, `hidden` the
    names of fields that the app may not see."""

    link: Link
    address: Address
    memory: Memory
    tokens: Tokens
    notes: dict[str, None] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)

    @overload
    def ask(self, query: str, variables: Variables | None = None) -> Data: ...

    @overload
    def ask(
        self,
        query: str,
        variables: Variables | None = None,
        *,
        accept: Callable[[Data], T],
        deadline: float | None = None,
    ) -> T: ...

    def ask(
        self,
        query: str,
        variables: Variables | None = None,
        *,
        accept: Callable[[Data], Any] = dict,
        deadline: float | None = None,
    ) -> Any:
        """What `accept` makes of an answer's `data`; it may raise Throttled to have it asked again.
        A field that the app may not see is None, and a note says so; where that leaves nothing,
        Denied is raised.

        Raises Unavailable, Throttled, Denied, TooCostly, Refused, Stopped.
        """
        asking = _Asking(query, variables or {}, accept, deadline)
        token = self.tokens.current()
        try:
            return self._asked(asking, token)
        except faults.TokenRefused:
            if not self.tokens.renewable:
                raise
            return self._asked(asking, self.tokens.renew(token))

    def call(self, action: Callable[[], T], deadline: float | None = None) -> T:
        """An action within the connection's limits, which ends when the program stops."""
        stopping = self.link.watch.stopping
        return self.link.upstream.call(action, deadline=deadline, stopping=stopping)

    def note(self, sentence: str) -> None:
        self.notes[sentence] = None

    def _asked(self, asking: _Asking, token: str) -> Any:
        waited = False

        def once() -> Any:
            nonlocal waited
            wait = 0.0 if waited else self.memory.bucket.wait(asking.name, self._now())
            if wait > 0:
                # The upstream waits as long, where everybody sees it.
                waited = True
                raise self._told(Throttled(self._busy, after=wait))
            waited = False
            try:
                data = self._once(asking.name, asking.body, token)
            except Throttled as pause:
                self._told(pause)
                raise
            return asking.accept(data)

        if self.memory.bucket.requested.get(asking.name, 0.0) > MOST:
            raise faults.TooCostly(
                t("A query to {shop} asks for more than Shopify allows.", shop=self.address.shop)
            )
        return self.call(once, asking.deadline)

    def _told(self, pause: Throttled) -> Throttled:
        """A pause that somebody would notice is said where a sync says how far it is."""
        if pause.after >= WORTH_SAYING:
            self.link.watch.progress(0, 0, pause.message)
        return pause

    @property
    def _busy(self) -> str:
        return t("{shop} was asked for more than it gives at once.", shop=self.address.shop)

    def _now(self) -> float:
        return self.link.services.clock.now().timestamp()

    def _once(self, name: str, body: bytes, token: str) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "X-Shopify-Access-Token": token}
        self.memory.bucket.spend(name, self._now())
        reply = wire.post(self.memory.http, self.address.graphql, headers, body)
        retry_after = reply.headers.get("Retry-After", "")
        failure = faults.of_status(reply.status, retry_after, self.address.shop)
        if failure is not None:
            raise failure
        found = reply.json()
        if found is None:
            raise faults.Trouble(
                t("{shop} answers with something that is no JSON.", shop=self.address.shop)
            )
        self._note_version(reply.headers.get("X-Shopify-API-Version", ""))
        return self._data(name, found)

    def _note_version(self, served: str) -> None:
        if served and served != VERSION:
            self.note(
                t(
                    "Shopify answers in version {served} instead of {asked}: an update is due.",
                    served=served[:20],
                    asked=VERSION,
                )
            )

    def _data(self, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        extensions = mapping(body.get("extensions"))
        cost, errors = mapping(extensions.get("cost")), faults.said(body)
        self.memory.bucket.learn(name, cost, self._now())
        if any(one.code == "THROTTLED" or one.message == "Throttled" for one in errors):
            raise Throttled(self._busy, after=self.memory.bucket.after(cost))
        _no_warnings(extensions.get("search"))
        data = body.get("data")
        hidden = [one for one in errors if one.code == "ACCESS_DENIED"]
        for one in errors:
            if one not in hidden:
                failure = faults.of_error(one, self.address.shop)
                if isinstance(failure, faults.TooCostly):
                    self.memory.bucket.forbid(name)
                raise failure
        if not isinstance(data, Mapping):
            raise self._nothing(hidden)
        self._note_hidden(hidden, data)
        return dict(data)

    def _nothing(self, hidden: list[faults.Said]) -> Failure:
        if hidden:
            return faults.denied(hidden[0])
        return Unavailable(t("{shop} answers without any data.", shop=self.address.shop))

    def _note_hidden(self, hidden: list[faults.Said], data: Mapping[str, Any]) -> None:
        """A field is a note; a whole part of the question that is not there is a failure."""
        for one in hidden:
            failure = faults.denied(one)
            if not one.path or data.get(one.path[0]) is None:
                raise failure
            self.note(failure.message)
            self.hidden.add(one.field)


def client_of(link: Link) -> Client:
    """The shop of a connection. Raises Refused for an address that is none."""
    address = address_of(link.setting("shop"))
    folder = str(link.services.settings.data_dir)
    who = link.setting("client_id") or link.connection.connection_id
    memory = memory_of(folder, address.origin, who)
    return Client(link, address, memory, Tokens(link, address, memory))


def mapping(value: object) -> Mapping[str, Any]:
    """An object of an answer; an empty one where something else stands."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: object) -> list[Mapping[str, Any]]:
    """The objects of a list of an answer."""
    found = value if isinstance(value, list) else ()
    return [one for one in found if isinstance(one, Mapping)]


def number_of(value: object) -> int:
    """A whole number of an answer, which may be a text. Raises Refused."""
    text = "" if isinstance(value, bool) else str(value)
    if not text.isdigit() or len(text) > 15:
        raise Refused(t("Shopify's answer has no number where one should be."))
    return int(text)


def _no_warnings(search: object) -> None:
    """A search field that Shopify does not know is ignored, and everything comes: never use it."""
    for one in mappings(search):
        if one.get("warnings"):
            raise Refused(
                t("Shopify ignored a part of a search, so its answer is not used."),
                hint=t("This is a fault of the connector: please report it with this sentence."),
            )
