"""Imports that run beside the requests: one at a time, each on a thread, watched by many."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agent.errors import Failure
from agent.sources.base import ImportOptions, ImportSummary, Progress
from agent.words import locale, speaking, t
from dashboard.faults import Fault, guarded

KEPT = 50
PATIENCE = 1.0
Ending = dict[str, Any]
Tidy = Callable[[], None]
Read = Callable[[Path, ImportOptions, Callable[[Progress], None]], ImportSummary]


class Import:
    """One file on its way: `state` is waiting, running, done or failed."""

    def __init__(self, import_id: str, file_name: str) -> None:
        self.import_id = import_id
        self.file_name = file_name
        self.state = "waiting"
        self.progress: Progress | None = None
        self.summary: ImportSummary | None = None
        self.failure: Failure | None = None
        self._news = threading.Condition()

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed")

    def note(self, **changes: Any) -> None:
        with self._news:
            for name, value in changes.items():
                setattr(self, name, value)
            self._news.notify_all()

    def changes(self) -> Iterator[None]:
        """Once now, again at each change and at least each second, for the last time when it is
        over.
        """
        while not self.over:
            yield
            with self._news:
                if not self.over:
                    self._news.wait(PATIENCE)
        yield


class Imports:
    """The imports of this process, newest last. `read` is the room that reads files."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._known: OrderedDict[str, Import] = OrderedDict()

    def start(self, path: Path, options: ImportOptions, tidy: Tidy) -> Import:
        """Begin to import a file; `tidy` removes it at the end. Returns at once."""
        running = Import(secrets.token_urlsafe(9), path.name)
        with self._lock:
            self._known[running.import_id] = running
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        name, spoken = f"import {running.file_name}", locale()

        def work() -> None:
            # What goes wrong is said in the language of whoever sent the file.
            with speaking(spoken):
                self._run(running, path, options, tidy)

        threading.Thread(target=work, name=name).start()
        return running

    def get(self, import_id: str) -> Import | None:
        return self._known.get(import_id)

    def _run(self, running: Import, path: Path, options: ImportOptions, tidy: Tidy) -> None:
        def work() -> Ending:
            running.note(state="running")
            summary = self._read(path, options, lambda step: running.note(progress=step))
            return {"summary": summary, "state": "done"}

        try:
            with self._turn:
                ending = guarded(work, _failed, t("An import"))
        finally:
            tidy()
        running.note(**ending)


def _failed(fault: Fault) -> Ending:
    """A failure has its own sentence; anything else has the log's reference."""
    known = not fault.reference
    message = fault.message if known else t("The import broke off. Nothing was written.")
    hint = (
        fault.hint
        if known
        else t("The log has the details under {reference}.", reference=fault.reference)
    )
    return {"failure": Failure(message, hint=hint), "state": "failed"}
