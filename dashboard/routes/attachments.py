"""Files as answers: streamed, under a safe name, a few at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import quote

from flask import Response

from agent.errors import Busy
from agent.words import t
from dashboard.files import Sheet, csv_of, file_name, xlsx_of

CSV = "text/csv; charset=utf-8"
PDF = "application/pdf"
PNG = "image/png"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = 3
"""Files made or sent at the same time: the other threads of the host answer the pages."""
PATIENCE = 20.0


class Turns:
    """Who makes a file holds a turn until its last byte has left."""

    def __init__(self, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._patience = patience

    def take(self) -> Turn:
        """Raises Busy when none came free in time."""
        if not self._free.acquire(timeout=self._patience):
            raise Busy(t("Other files are being made."), hint=t("Try again in a minute."))
        return Turn(self._free)


class Turn:
    """Given back once, however often it is ended."""

    def __init__(self, free: threading.BoundedSemaphore) -> None:
        self._free: threading.BoundedSemaphore | None = free

    def end(self) -> None:
        free, self._free = self._free, None
        if free is not None:
            free.release()


def sent(sheet: Sheet, form: str, *words: str) -> Response:
    """Rows as a streamed file; `form` is csv or xlsx, `words` make its name. A failure before the
    first piece is raised, and becomes an answer.
    """
    made = csv_of(sheet) if form == "csv" else xlsx_of(sheet)
    kind = CSV if form == "csv" else WORKBOOK
    return attachment(_begun(made), kind, file_name(*words, ending=form), sheet.notice)


def attachment(
    content: bytes | Iterable[bytes], media_type: str, name: str, notice: str = ""
) -> Response:
    """`notice` travels in a header too, so that the page that asked can say it."""
    answer = Response(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if notice:
        answer.headers["X-Notice"] = quote(notice)
    return answer


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces; the first one is made now."""
    first = next(pieces, b"")
    return chain((first,), pieces)
