"""A file looked at before it is imported: what it seems to be, how its first rows would land."""

from __future__ import annotations

from dataclasses import asdict
from shutil import rmtree
from typing import TYPE_CHECKING, Any

import orjson
from flask import Blueprint, Response, jsonify, request

from agent.errors import Failure, Refused
from agent.records.roles import Role
from agent.services import Services
from agent.sources import mapping as mappings
from agent.sources.base import MAX_UPLOAD, ImportOptions
from agent.sources.guessing import Guess, guess
from agent.sources.order_words import LABELS
from agent.sources.previewing import Preview, preview
from agent.sources.registry import OWN
from agent.words import t
from dashboard.imports import Imports
from dashboard.routes.local import UPLOADS, local, saved
from dashboard.routes.people import require

if TYPE_CHECKING:
    from pathlib import Path

MOST = 256 * 1024**2
"""Bytes of an unpacked workbook that a look may cost; the import itself takes more."""
LONGEST = 100_000
"""Characters of a mapping: a thousand columns and their names."""


def bringing(services: Services, imports: Imports) -> tuple[Blueprint, Blueprint]:
    """The rooms where files arrive: to be looked at, and to be imported."""
    return previews(services), local(services, imports)


def previews(services: Services) -> Blueprint:
    """POST /api/analytics/imports/preview: a form with `file` (its beginning is enough, then with
    `part` set), `format` or, as JSON, `mapping`; `shop`, `currency` and `timezone` may be empty."""
    rooms = Blueprint("previews", __name__)
    folder = services.settings.data_dir / UPLOADS

    @rooms.post("/api/analytics/imports/preview")
    def look() -> Response:
        require(Role.ANALYST)
        request.max_content_length = MAX_UPLOAD
        mapping = _mapping(request.form.get("mapping", ""))
        path = saved(folder)
        try:
            return jsonify(_looked(services, path, mapping))
        finally:
            rmtree(path.parent, ignore_errors=True)

    return rooms


def _mapping(text: str) -> dict[str, Any] | None:
    """A mapping's content as the form has it. Raises Refused for what is none."""
    if not text.strip():
        return None
    try:
        content = orjson.loads(text) if len(text) <= LONGEST else None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise Refused(t("The mapping of this form is no JSON object."))
    return content


def _looked(services: Services, path: Path, mapping: dict[str, Any] | None) -> dict[str, Any]:
    """The guess, the mapping as text and the first rows; where these cannot be had, the sentence
    that says why."""
    form = request.form
    cut = bool(form.get("part"))
    try:
        found = guess(path, MOST, cut=cut)
    except Failure as failure:
        return {"guess": None, "own": False, "problem": _problem(failure), "preview": None}
    chosen = form.get("format", "").strip()
    own = chosen == OWN or mapping is not None or (not chosen and found.format == OWN)
    content = (mapping if mapping is not None else dict(found.mapping)) if own else None
    told = {"guess": _guessed(found), "own": own, "content": content, "fields": _fields()}
    options = ImportOptions(
        "" if own or chosen == OWN else _name(chosen),
        *(form.get(key, "").strip() for key in ("shop", "currency", "timezone")),
        max_bytes=MOST,
    )
    try:
        shown = preview(services, path, content, options, cut=cut)
    except Failure as failure:
        return {**told, "problem": _problem(failure), "preview": None, "mapping": ""}
    text = mappings.written(content) if content is not None else ""
    return {**told, "problem": None, "preview": _shown(shown), "mapping": text}


def _problem(failure: Failure) -> dict[str, str]:
    return {"message": failure.message, "hint": failure.hint}


def _name(chosen: str) -> str:
    # A path would let the sender read files of this machine.
    if "/" in chosen or "\\" in chosen or chosen.lower().endswith(".toml"):
        raise Refused(t("A mapping is sent along, as the field `mapping` of this form."))
    return chosen


def _guessed(found: Guess) -> dict[str, Any]:
    told = asdict(found)
    del told["mapping"]
    return told


def _shown(found: Preview) -> dict[str, Any]:
    return asdict(found)


def _fields() -> list[dict[str, str]]:
    """What a column of order lines can be, in the order of the form."""
    return [{"name": name, "label": t(label)} for name, label in LABELS.items()]
