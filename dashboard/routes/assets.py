"""The files of assets/: which ones a page loads, in which order, under addresses that change with
their content.
"""

from __future__ import annotations

import hashlib
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
    """`folder` is read once, when the server is built; a file that changes later keeps its old
    address until then.
    """

    folder: Path = FOLDER

    @cached_property
    def stylesheets(self) -> tuple[str, ...]:
        """Vendored sheets first, so that ours win; the tokens before what reads them."""
        own = sorted(self.folder.glob("*.css"), key=lambda path: (path.name != "tokens.css", path))
        return tuple(map(self._address, sorted(self.folder.glob("vendor/**/*.css")) + own))

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """live.js first: the others build on it."""
        own = sorted(self.folder.glob("*.js"), key=lambda path: (path.name != "live.js", path))
        return tuple(map(self._address, own))

    @cached_property
    def plotly(self) -> str:
        """The chart library, fetched when a page shows its first chart; empty when it is not
        vendored.
        """
        found = sorted(self.folder.glob(f"vendor/**/{PLOTLY}"))
        return self._address(found[-1]) if found else ""

    def _address(self, path: Path) -> str:
        mark = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        return f"{PREFIX}{path.relative_to(self.folder).as_posix()}?v={mark}"


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
