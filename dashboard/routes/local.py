"""Files to import: from the Sources page, from a token's holder, from the command line on this
machine.
"""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from typing import IO, Any
from zoneinfo import available_timezones

import orjson
from flask import Blueprint, Request, Response, jsonify, render_template, request, send_file

from agent.errors import Failure, NotFound, Refused
from agent.records.roles import Role
from agent.services import Services
from agent.sources.base import MAX_UPLOAD, ImportOptions
from agent.sources.registry import OWN, RATES, SOURCES, source_for
from agent.words import t
from dashboard.imports import Import, Imports
from dashboard.routes.people import require

UPLOADS = "uploads"
ENDINGS = (".csv.gz", ".csv", ".xlsx", ".parquet")
CURRENCIES = ("USD", "EUR", "GBP", "AUD", "CAD", "CHF", "CNY", "DKK", "INR", "JPY", "NOK", "SEK")
MAPPING = ".toml"
MAX_NAME = 60
LINES = "application/x-ndjson"


def local(services: Services, imports: Imports) -> Blueprint:
    """POST /api/analytics/imports (a form with `file`, `format`, `shop`, `currency`, `timezone`,
    and in place of `format` a file `mapping`) and what became of it.
    """
    rooms = Blueprint("local", __name__)
    folder = services.settings.data_dir / UPLOADS

    @rooms.post("/api/analytics/imports")
    def bring() -> Response | tuple[Response, int]:
        person = require(Role.ANALYST)
        request.max_content_length = MAX_UPLOAD
        options, path = _received(folder)
        running = imports.start(path, options, lambda: rmtree(path.parent, ignore_errors=True))
        services.records.audit.note(person.name, "imported a file", running.file_name)
        if request.args.get("watch") == "later":
            return jsonify(_told(running)), 202
        return Response(_lines(running), content_type=LINES)

    @rooms.get("/imports/form")
    def form() -> str:
        require(Role.ANALYST)
        return render_template("upload.html", **_offered(services))

    @rooms.get("/api/analytics/imports/<import_id>")
    def ask(import_id: str) -> Response:
        require(Role.ANALYST)
        return jsonify(_told(_found(imports, import_id)))

    @rooms.get("/api/analytics/imports/<import_id>/rejected.csv")
    def rejected(import_id: str) -> Response:
        require(Role.ANALYST)
        summary = _found(imports, import_id).summary
        if summary is None or summary.rejected_file is None or not summary.rejected_file.is_file():
            raise NotFound(t("This import rejected no rows."))
        name = summary.rejected_file.name
        return send_file(summary.rejected_file, as_attachment=True, download_name=name)

    return rooms


def arriving(folder: Path) -> type[Request]:
    """Requests whose files go to this folder while they arrive, never to memory."""

    class Arriving(Request):
        def _get_file_stream(self, *args: Any, **kwargs: Any) -> IO[bytes]:
            folder.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryFile(dir=folder)  # werkzeug closes it

    return Arriving


def _offered(services: Services) -> dict[str, Any]:
    """What the form lists: formats, shops that files may go to, currencies, time zones."""
    shops = [shop for shop in services.warehouse.shops() if shop.source != "demo"]
    return {
        "formats": {name: source_for(name).label for name in SOURCES},
        "shared": RATES,
        "own": OWN,
        "shops": shops,
        "currencies": list(dict.fromkeys((*(shop.currency for shop in shops), *CURRENCIES))),
        "zones": sorted(zone for zone in available_timezones() if "/" in zone),
        "accept": ",".join((*ENDINGS, ".gz")),
    }


def _received(folder: Path) -> tuple[ImportOptions, Path]:
    """The form's options and where its file now lies. Raises Refused with what is missing."""
    form = request.form
    if not form.get("shop", "").strip() and form.get("format", "").strip() not in ("", RATES):
        raise Refused(t("The file needs the name of a shop."), hint=t("Fill in the shop's name."))
    fields = {key: form.get(key, "").strip() for key in ("shop", "currency", "timezone")}
    path = saved(folder)
    try:
        return ImportOptions(format=_format(path.parent), **fields), path
    except BaseException:
        rmtree(path.parent, ignore_errors=True)
        raise


def saved(folder: Path) -> Path:
    """The form's file, in a folder of its own below this one. Raises Refused where there is none,
    or one of another kind."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused(t("No file came with this form."), hint=t("Choose a file and send it again."))
    ending = next((e for e in ENDINGS if file.filename.lower().endswith(e)), "")
    if not ending:
        raise Refused(
            t("This kind of file cannot be read."),
            hint=t("It takes {endings}.", endings=", ".join(ENDINGS)),
        )
    own = folder / secrets.token_hex(8)
    own.mkdir(parents=True)
    try:
        path = own / _file_name(file.filename)
        file.save(path)
    except BaseException:
        rmtree(own, ignore_errors=True)
        raise
    return path


def _format(folder: Path) -> str:
    """The form's format, or the path of the mapping that came with it. Raises Refused."""
    mapping = request.files.get("mapping")
    if mapping is not None and mapping.filename:
        path = folder / "mapping" / _file_name(mapping.filename)
        if path.suffix.lower() != MAPPING:
            raise Refused(t("A mapping is a file ending in {mapping}.", mapping=MAPPING))
        path.parent.mkdir()
        mapping.save(path)
        return str(path)
    name = request.form.get("format", "").strip()
    # A path would let the sender read files of this machine.
    if "/" in name or "\\" in name or name.lower().endswith(MAPPING):
        raise Refused(t("A mapping is sent along, as the file `mapping` of this form."))
    if name == OWN:
        raise Refused(
            t("The columns of this file are not matched yet."),
            hint=t("Say in the form what each column is."),
        )
    return name


def _file_name(sent: str) -> str:
    """The name that a file came with, without folders and signs that no name needs; its ending
    stays.
    """
    bare = "".join(sign for sign in re.split(r"[/\\]", sent)[-1] if sign.isprintable())
    return bare.lstrip(".")[-MAX_NAME:] or "file"


def _found(imports: Imports, import_id: str) -> Import:
    running = imports.get(import_id)
    if running is None:
        raise NotFound(
            t("This import is not known any more."), hint=t("The list of batches has it.")
        )
    return running


def _lines(running: Import) -> Iterator[bytes]:
    """One JSON object a line, while the import runs; the last one has its summary or its error."""
    for _ in running.changes():
        yield orjson.dumps(_told(running)) + b"\n"


def _told(running: Import) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": running.import_id,
        "file": running.file_name,
        "state": running.state,
        "progress": None,
    }
    if (step := running.progress) is not None:
        told["progress"] = {
            "step": step.step,
            "done": step.done,
            "total": step.total,
            "rows_per_second": round(step.rows_per_second),
        }
    if running.summary is not None:
        told["summary"] = running.summary.to_json()
    if (failure := running.failure) is not None:
        told["error"] = _error(failure)
    return told


def _error(failure: Failure) -> dict[str, Any]:
    return {"message": failure.message, "hint": failure.hint, "permanent": failure.permanent}
