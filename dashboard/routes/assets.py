"""The files of assets/: which ones a page loads, in which order, under addresses that change with
their content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flask import Blueprint, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as Answer

FOLDER = Path(__file__).resolve().parents[2] / "assets"
PREFIX = "/assets/"
PLOTLY = "plotly-cartesian.min.js"
YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Assets:
    """`folder` is read once, when the server is built; a file that changes later is served as it
    was until then. Our own files travel as two, one of styles and one of scripts.
    """

    folder: Path = FOLDER

    @cached_property
    def stylesheets(self) -> tuple[str, ...]:
        """Vendored sheets first, so that ours win."""
        vendored = sorted(self.folder.glob("vendor/**/*.css"))
        return (*map(self._address, vendored), self._own("royal.css"))

    @property
    def scripts(self) -> tuple[str, ...]:
        return (self._own("royal.js"),)

    @cached_property
    def bundles(self) -> Mapping[str, bytes]:
        """Our own sheets, the tokens before what reads them, and our own scripts, the live one
        first because the others build on it."""
        return {
            "royal.css": self._joined("*.css", "tokens.css"),
            "royal.js": self._joined("*.js", "live.js"),
        }

    @cached_property
    def first(self) -> str:
        """What a page runs before any of its scripts has arrived."""
        return (self.folder / "inline" / "first.js").read_text()

    @cached_property
    def plotly(self) -> str:
        """The chart library, fetched when a page shows its first chart; empty when it is not
        vendored.
        """
        found = sorted(self.folder.glob(f"vendor/**/{PLOTLY}"))
        return self._address(found[-1]) if found else ""

    def _joined(self, kind: str, first: str) -> bytes:
        own = sorted(self.folder.glob(kind), key=lambda path: (path.name != first, path))
        return b"\n".join(path.read_bytes() for path in own)

    def _own(self, name: str) -> str:
        return _marked(name, self.bundles[name])

    def _address(self, path: Path) -> str:
        return _marked(path.relative_to(self.folder).as_posix(), path.read_bytes())


def _marked(name: str, content: bytes) -> str:
    return f"{PREFIX}{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def keeps(path: str, query: str) -> bool:
    """Whether a browser may keep this address for good: its name or its query changes with its
    content.
    """
    return path.startswith(PREFIX) and ("v=" in query or path.startswith(f"{PREFIX}vendor/"))


def files(assets: Assets) -> Blueprint:
    """GET /assets/NAME, and the icon that browsers ask for by themselves."""
    rooms = Blueprint("assets", __name__)

    @rooms.get("/assets/<path:name>")
    def asset(name: str) -> Response:
        if name in assets.bundles:
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            return Response(assets.bundles[name], mimetype=kind)
        answer = send_from_directory(assets.folder, name, max_age=3600)
        # Compressing puts its own stream before the file's, and would leave the file open.
        if (close := getattr(answer.response, "close", None)) is not None:
            answer.call_on_close(close)
        return answer

    @rooms.get("/favicon.ico")
    @rooms.get("/_favicon.ico")
    def icon() -> Answer:
        return redirect(f"{PREFIX}logo.svg")

    return rooms
