"""The composition root: settings -> services -> one ASGI app with Dash, API, WebSocket room and
scheduler.

`python app.py` starts it, `python app.py COMMAND` is the command line; a WSGI host takes
`app:server` (pages and API), an ASGI host `app:asgi` (the same, the WebSocket room and the
scheduler).
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask
    from starlette.applications import Starlette

    from agent.scheduling import Scheduler
    from agent.services import Services
    from agent.settings import Settings
    from dashboard.routes.downloads import Wanted
    from reports.documents import Document

WSGI_THREADS = 8


@dataclass(frozen=True)
class App:
    """One running product; two of them live in one process without knowing each other."""

    services: Services
    scheduler: Scheduler
    server: Flask
    asgi: Starlette

    def close(self) -> None:
        self.services.close()


class Printing:
    """The printing room as the dashboard needs it: the dashboard may not reach up to reports/."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def pdf(self, wanted: Wanted) -> bytes:
        from reports.pdf import to_pdf

        return to_pdf(self._document(wanted))

    def workbook(self, wanted: Wanted) -> Iterator[bytes]:
        from dashboard.files.xlsx import pieces
        from reports.excel import workbook_file

        return pieces(workbook_file(self._document(wanted)))

    def picture(self, wanted: Wanted, panel: str, theme: str) -> bytes:
        from reports.parts import pictured
        from reports.pictures import to_picture

        found = pictured(self._services, wanted.name, panel, (wanted.scope, wanted.own))
        return to_picture(found.view, found.source, theme)

    def _document(self, wanted: Wanted) -> Document:
        from reports.compose import compose

        return compose(self._services, wanted.name, wanted.scope, own=wanted.own)


def read_settings() -> Settings:
    from agent.settings import Settings

    return Settings.from_env(os.environ, Path(".env"))


def open_app(settings: Settings) -> App:
    """Open the services and build everything on them; nothing runs until the ASGI host starts
    it."""
    from agent.services import open_services

    return build(open_services(settings))


def build(services: Services) -> App:
    from agent.scheduling import ROWS, Jobs, Scheduler
    from agent.sources.listening import Listener
    from dashboard.build import build_server

    # Jobs are named, not imported: what they need is read when the first one is looked up.
    scheduler = Scheduler(services, Jobs({**ROWS, "report": "reports.delivery:JOB"}))
    listener = Listener(services)
    server = build_server(
        services,
        reports=Printing(services),
        start=scheduler.trigger,
        wake=listener.wake,
        times=scheduler.upcoming,
    )

    def start() -> None:
        if services.settings.scheduler:
            scheduler.start()

    def stop() -> None:
        # The other half of the grace time is for the requests that are still being answered.
        scheduler.stop(services.settings.stop_grace_seconds / 2)
        listener.stop()
        services.close()

    return App(services, scheduler, server, _asgi(server, start, stop))


def _asgi(server: Flask, start: Any, stop: Any) -> Starlette:
    from a2wsgi import WSGIMiddleware
    from starlette.applications import Starlette
    from starlette.routing import Mount, WebSocketRoute

    from dashboard.live import live

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        start()
        try:
            yield
        finally:
            stop()

    pages = Mount("/", WSGIMiddleware(server, workers=WSGI_THREADS))
    return Starlette(routes=[WebSocketRoute("/ws/analytics", live), pages], lifespan=life)


@cache
def _own() -> App:
    from agent.logs import open_logs

    settings = read_settings()
    open_logs(settings.log_level)
    return open_app(settings)


def __getattr__(name: str) -> Any:
    """`server` and `asgi` for hosts that name them; importing this module opens nothing."""
    if name in ("server", "asgi"):
        return getattr(_own(), name)
    raise AttributeError(name)


if __name__ == "__main__":
    from commands.line import main

    sys.exit(main(sys.argv[1:]))
