"""Orders of a window by a bulk operation: started, its id kept, waited for, fetched, checked.

    state of a window: {"from", "to", "by", "id", "file"}; "id" is "" before it was started.

The id is kept before anything is waited for, so that a restart takes the same export up again.
Exports that others started are waited for, never cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.errors import Failure, Refused, Throttled, Unavailable
from agent.sources.shopify import faults, raw, texts, wire
from agent.sources.shopify.client import Client, mapping, mappings, number_of
from agent.words import t

POLL_SECONDS, LONGEST_POLL = 1.0, 30.0
BUSY_SECONDS = 30.0
WAIT_SECONDS = 7_200.0
FETCH_SECONDS = 3_600.0
MOST_LINES = 1_000_000
"""Lines of one export that fit into memory as columns: a larger window is halved."""

UNDER_WAY = ("CREATED", "RUNNING", "CANCELING")


class Failed(Unavailable):
    """Shopify gave an export up: a smaller window may work."""


class Gone(Unavailable):
    """An export that cannot be had any more: it has to be made again."""


class TooLarge(Refused):
    """More lines than are held at once: a smaller window is needed."""


@dataclass(frozen=True)
class Window:
    """Orders with `by` (updated_at or created_at) from `first` to before `last`."""

    first: datetime
    last: datetime
    by: str = "created_at"

    @property
    def filter(self) -> str:
        return f"{self.by}:>='{stamp(self.first)}' AND {self.by}:<'{stamp(self.last)}'"

    @property
    def halves(self) -> Window | None:
        """The newer half; None for a window of an hour, which cannot be smaller."""
        half = (self.last - self.first) / 2
        if half.total_seconds() < 3_600:
            return None
        return Window((self.last - half).replace(microsecond=0), self.last, self.by)


@dataclass(frozen=True)
class Export:
    """A finished export: where its lines are, if there are any."""

    operation: str
    lines: int
    url: str


def stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(text: str) -> datetime:
    """A stamp as a moment."""
    return datetime.fromisoformat(text).astimezone(UTC)


def start(client: Client, window: Window, hidden: tuple[str, ...]) -> str:
    """Start an export; returns its id. Waits while as many are under way as Shopify admits."""
    document = texts.export(window.filter, window.by.upper(), hidden)

    def accept(data: Mapping[str, Any]) -> str:
        answer = mapping(data.get("bulkOperationRunQuery"))
        errors, operation = mappings(answer.get("userErrors")), mapping(answer.get("bulkOperation"))
        if any(error.get("code") in ("OPERATION_IN_PROGRESS", "LIMIT_REACHED") for error in errors):
            raise Throttled(t("Other exports of the shop are under way."), after=BUSY_SECONDS)
        if errors or not operation.get("id"):
            said = str(errors[0].get("message"))[:300] if errors else t("no reason was given")
            raise Refused(t("Shopify does not start the export: {reason}", reason=said))
        return str(operation["id"])

    variables = {"document": document}
    return client.ask(texts.text("bulk_run"), variables, accept=accept, deadline=WAIT_SECONDS)


def finished(client: Client, operation: str, told: Callable[[int], None]) -> Export:
    """Wait until an export has ended. `told` hears how many lines it has by then.

    Raises Failed, Gone, Denied, and Throttled when it takes longer than two hours: it is taken up
    again the next time."""
    pause = POLL_SECONDS

    def accept(data: Mapping[str, Any]) -> Export:
        nonlocal pause
        found = data.get("bulkOperation")
        if not isinstance(found, Mapping):
            raise Gone(t("Shopify does not know the export any more."))
        count = number_of(found.get("objectCount"))
        if found.get("status") in UNDER_WAY:
            told(count)
            pause = min(pause * 1.5, LONGEST_POLL)
            raise Throttled(t("The export is not finished yet."), after=pause)
        return _ended(found, count)

    variables = {"id": operation}
    return client.ask(texts.text("bulk_poll"), variables, accept=accept, deadline=WAIT_SECONDS)


def _ended(found: Mapping[str, Any], count: int) -> Export:
    status, code = str(found.get("status")), str(found.get("errorCode") or "")
    if status == "COMPLETED":
        url = str(found.get("url") or "")
        if not url and count:
            raise Failed(
                t("Shopify finished an export of {count} lines without a file.", count=count)
            )
        return Export(str(found.get("id")), count, url)
    if code == "ACCESS_DENIED":
        raise faults.Denied(
            t("Shopify does not let the app export orders."),
            hint=t("Give the app the scope read_orders and install it again."),
            scope="read_orders",
        )
    if status in ("CANCELED", "EXPIRED"):
        raise Gone(t("The export was called off by Shopify."))
    raise Failed(t("Shopify gave the export up ({code}).", code=code or status))


def fetch(client: Client, export: Export, path: Path) -> Path:
    """The lines of an export, packed, in a file that is whole: as many lines as Shopify counted.
    Raises Gone where they cannot be had."""
    if export.lines > MOST_LINES:
        raise TooLarge(t("The export is larger than is read at once."))
    if not client.address.admits(export.url):
        raise Refused(t("Shopify names a file that is not encrypted: it is not fetched."))
    store = raw.store_of(client.link)

    def once() -> Path:
        with wire.fetched(client.memory.http, export.url) as parts, store.writing(path) as sink:
            _copied(client, parts, (sink, export.lines))
        return path

    try:
        return client.call(once, deadline=FETCH_SECONDS)
    except Unavailable as failure:
        raise Gone(failure.message, hint=failure.hint) from failure


def _copied(client: Client, parts: Any, to: tuple[raw.Sink, int]) -> None:
    sink, expected = to
    lines, last = 0, b"\n"
    for part in parts:
        client.link.watch.check()
        sink.write(part)
        lines += part.count(b"\n")
        last = part[-1:] or last
        if lines > expected:
            break
    lines += last != b"\n"
    if lines != expected:
        raise Unavailable(
            t(
                "The export has {lines} lines, and Shopify counted {expected}.",
                lines=lines,
                expected=expected,
            )
        )


def is_final(failure: Failure) -> bool:
    """Whether another, smaller export cannot help either."""
    return not isinstance(failure, Failed | Gone | TooLarge)
