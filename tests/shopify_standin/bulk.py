"""Bulk operations: a query that runs for a while and ends in a file of lines.

Five may run at once. The file's address is signed and dies after seven days; it is storage, not the
shop, and refuses to be shown the shop's token.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from graphql import FieldNode, parse, value_from_ast_untyped

from tests.shopify_standin import bulk_rules, export, fields, search, spoiling
from tests.shopify_standin.cost import operation_of
from tests.shopify_standin.faults import Switchboard
from tests.shopify_standin.ids import gid, moment
from tests.shopify_standin.paging import Row
from tests.shopify_standin.shop import Shop

if TYPE_CHECKING:
    from tests.shopify_standin.fields import Context

AT_ONCE = 5
STATES = ("COMPLETED", "FAILED", "CANCELED", "EXPIRED")
ALIVE = timedelta(days=7)
STOPPING = timedelta(seconds=2)
BUSY = "A bulk query operation for this app and shop is already in progress: {}."
Doc = dict[str, Any]


@dataclass
class Operation:
    number: int
    query: str
    created_at: datetime
    seconds: float
    lines: list[str]
    roots: int
    # How it ends where nobody cancels it: a state and an error code.
    ending: tuple[str, str | None] = ("COMPLETED", None)
    fault: str | None = None
    canceled_at: datetime | None = None
    told: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.created_at + timedelta(seconds=self.seconds)

    def state(self, now: datetime) -> str:
        if self.canceled_at is not None:
            return "CANCELED" if now >= self.canceled_at + STOPPING else "CANCELING"
        if now >= self.ends_at:
            return self.ending[0]
        return "RUNNING" if now > self.created_at else "CREATED"

    def done(self, now: datetime) -> float:
        """The part of the work that is done, up to 1."""
        passed = (now - self.created_at).total_seconds()
        return min(1.0, passed / self.seconds) if self.seconds else 1.0

    @property
    def body(self) -> bytes:
        """The file; a fault may have cut it."""
        spoil = spoiling.MEMBERS.get((self.fault or "").removeprefix("bulk_"))
        lines = self.lines if spoil is None else [spoiling.line(one, spoil) for one in self.lines]
        text = "".join(f"{line}\n" for line in lines)
        if self.fault == "bulk_lines_missing":
            text = "".join(f"{line}\n" for line in self.lines[:-1])
        if self.fault == "bulk_truncated":
            text = text[: len(text) * 2 // 3]
        if self.fault == "bulk_html":
            text = "<html><body>Service Unavailable</body></html>"
        return text.encode()

    @property
    def file(self) -> str:
        return hashlib.sha256(f"bulk {self.number} {self.query}".encode()).hexdigest()[:16]


class BulkOperations:
    """The operations of one app in one shop. `seconds` is how long a short one takes, on the
    shop's clock; a thousand lines take `per_thousand` more."""

    def __init__(self, shop: Shop, faults: Switchboard) -> None:
        self.shop = shop
        self.faults = faults
        self.address = ""
        self.seconds = 4.0
        self.per_thousand = 0.5
        self.operations: dict[str, Operation] = {}
        self._next = 720_901

    def now(self) -> datetime:
        return self.shop.clock.now()

    def running(self) -> list[Operation]:
        states = ("CREATED", "RUNNING", "CANCELING")
        return [o for o in self.operations.values() if o.state(self.now()) in states]

    def run(self, context: Context, query: str, grouped: bool) -> Doc:
        wrong = bulk_rules.check(fields.schema(), query)
        if wrong:
            errors = [{"field": ["query"], "message": text, "code": "INVALID"} for text in wrong]
            return {"bulkOperation": None, "userErrors": errors}
        busy = self.running()
        if len(busy) >= AT_ONCE or self.faults.take("bulk_busy"):
            ids = ", ".join(gid("BulkOperation", o.number) for o in busy) or "gid"
            error = {"field": None, "message": BUSY.format(ids), "code": "OPERATION_IN_PROGRESS"}
            return {"bulkOperation": None, "userErrors": [error]}
        started = self._start(context, query, grouped)
        self.operations[gid("BulkOperation", started.number)] = started
        return {"bulkOperation": self.doc(started), "userErrors": []}

    def _start(self, context: Context, query: str, grouped: bool) -> Operation:
        fault = self.faults.first("bulk")
        endings: dict[str | None, tuple[str, str | None]] = {
            "bulk_failed": ("FAILED", "INTERNAL_SERVER_ERROR"),
            "bulk_timeout": ("FAILED", "TIMEOUT"),
            "bulk_canceled": ("CANCELED", None),
            "bulk_expired": ("EXPIRED", None),
        }
        ending = endings.get(fault, ("COMPLETED", None))
        lines, roots, denied = self._export(context, query, grouped)
        if denied:
            ending = ("FAILED", "ACCESS_DENIED")
        seconds = self.seconds + self.per_thousand * len(lines) / 1000
        number, self._next = self._next, self._next + 1
        return Operation(number, query, self.now(), seconds, lines, roots, ending, fault)

    def _export(self, context: Context, query: str, grouped: bool) -> tuple[list[str], int, bool]:
        document = parse(query)
        operation = operation_of(document)
        assert operation is not None
        found: list[str] = []
        roots = 0
        for node in operation.selection_set.selections:
            assert isinstance(node, FieldNode)
            name = node.name.value
            needed = fields.NEEDED.get(name)
            if needed is not None and needed not in context.scopes:
                return [], 0, True
            plan = export.plan(document, operation.selection_set)
            if not context.protected and plan.asks("customer"):
                return [], 0, True
            arguments = {
                a.name.value: value_from_ast_untyped(a.value) for a in node.arguments or ()
            }
            read = search.read(arguments.get("query"), name, self.shop.profile.zone)
            rows = [row for row in fields.rows(context, name) if read.finds(row.values)]
            docs = [row.make() for row in rows]
            roots += len(docs)
            for of, some in plan.children({name: docs}):
                found += export.lines(of, some, grouped)
            break
        return found, roots, False

    def doc(self, one: Operation) -> Doc:
        now = self.now()
        state = one.state(now)
        ended = state in STATES
        part = one.done(now)
        count = len(one.lines) if state == "COMPLETED" else int(len(one.lines) * part)
        address = self._address(one) if ended else None
        whole = state == "COMPLETED"
        empty = not one.lines or one.fault == "bulk_no_url"
        kept = one.fault in ("bulk_failed", "bulk_canceled")
        return {
            "__typename": "BulkOperation",
            "id": gid("BulkOperation", one.number),
            "type": "QUERY",
            "status": state,
            "errorCode": one.ending[1] if state == "FAILED" else None,
            "query": one.query,
            "createdAt": moment(one.created_at),
            "completedAt": moment(one.ends_at) if ended and state != "CANCELED" else None,
            "objectCount": str(count),
            "rootObjectCount": str(one.roots if whole else int(one.roots * part)),
            "fileSize": str(len(one.body)) if whole and not empty else None,
            "url": address if whole and not empty else None,
            "partialDataUrl": address if ended and kept else None,
        }

    def _address(self, one: Operation) -> str:
        expires = int((one.ends_at + ALIVE).timestamp())
        name = f"filename%3D%22bulk-{one.number}.jsonl%22"
        return (
            f"{self.address}/storage/{one.file}?Expires={expires}&Signature={one.file[::-1]}"
            f"&response-content-disposition=attachment%3B+{name}"
        )

    def one(self, number: str) -> Doc | None:
        found = self.operations.get(number)
        return self.doc(found) if found else None

    def last(self) -> Doc | None:
        """Of the whole app: with two workers it may be somebody else's."""
        return self.doc(list(self.operations.values())[-1]) if self.operations else None

    def cancel(self, number: str) -> Doc:
        one = self.operations.get(number)
        if one is None:
            error = {"field": ["id"], "message": "Bulk operation does not exist"}
            return {"bulkOperation": None, "userErrors": [error]}
        state = one.state(self.now())
        if state not in ("CREATED", "RUNNING"):
            message = f"A bulk operation cannot be canceled when it is {state.lower()}"
            errors = [{"field": None, "message": message}]
            return {"bulkOperation": self.doc(one), "userErrors": errors}
        one.canceled_at = self.now()
        return {"bulkOperation": self.doc(one), "userErrors": []}

    def rows(self) -> list[Row]:
        return [
            Row(
                one.number,
                {
                    "id": one.number, "status": one.state(self.now()), "operation_type": "QUERY",
                    "created_at": one.created_at, "completed_at": one.ends_at,
                },
                lambda one=one: self.doc(one),  # type: ignore[misc]
            )
            for one in self.operations.values()
        ]  # fmt: skip

    def file(self, name: str) -> bytes | None:
        """What lies under an address of storage; None where nothing does, or does no more."""
        for one in self.operations.values():
            if one.file == name and self.now() < one.ends_at + ALIVE:
                return one.body
        return None

    def tell(self) -> None:
        """Operations that ended since the last time: bulk_operations/finish, with their state."""
        running = {one.number for one in self.running()}
        for one in self.operations.values():
            if not one.told and one.number not in running:
                one.told = True
                state = STATES.index(one.state(self.now()))
                began = int(one.created_at.timestamp())
                at = self.shop.now()
                self.shop.tell(at, one.number, "bulk_operations/finish", state=state, began=began)
