"""The audit log as a person reads it: what was done in words, and on what by its name."""

from __future__ import annotations

from collections.abc import Mapping

from agent.records.audit import Entry
from agent.services import Services
from agent.words import mark, t
from dashboard.working import TITLES

WORDS: Mapping[str, str] = {
    "acknowledged a finding": mark("Acknowledged a finding"),
    "added a user": mark("Added a user"),
    "asked a source for days again": mark("Asked a source for days again"),
    "began a job": mark("Began a job"),
    "changed a source": mark("Changed a source"),
    "checked the data": mark("Checked the data"),
    "cleared the cache": mark("Cleared the cache"),
    "connected a source": mark("Connected a source"),
    "created a token": mark("Created a token"),
    "disabled a user": mark("Disabled a user"),
    "dismissed a finding": mark("Dismissed a finding"),
    "imported a file": mark("Imported a file"),
    "kept a secret": mark("Kept a secret"),
    "made a backup": mark("Made a backup"),
    "marked a finding as expected": mark("Marked a finding as expected"),
    "paused a source": mark("Paused a source"),
    "rebuilt a shop": mark("Rebuilt a shop"),
    "removed a secret": mark("Removed a secret"),
    "removed a source": mark("Removed a source"),
    "removed a source's documents": mark("Removed a source's documents"),
    "removed what is old": mark("Removed what is old"),
    "reopened a finding": mark("Reopened a finding"),
    "replayed rejects": mark("Read rejected documents again"),
    "resumed a source": mark("Resumed a source"),
    "revoked a token": mark("Revoked a token"),
    "sealed a secret with the new key": mark("Sealed a secret with the new key"),
    "signed in": mark("Signed in"),
    "snoozed a finding": mark("Snoozed a finding"),
    "synced a source": mark("Synced a source"),
    "synced all sources": mark("Synced all sources"),
    "tidied the warehouse": mark("Tidied the warehouse"),
    "took back what was said of a finding": mark("Took back what was said of a finding"),
    "uninstalled the app": mark("Uninstalled the app"),
}
"""What the log holds -> the words for it; what is not here is shown as it was written."""


def told(entry: Entry, names: Mapping[str, str]) -> tuple[str, str, str]:
    """What was done, on what, and the detail. `names` are those of connections and shops by id."""
    what = t(WORDS[entry.what]) if entry.what in WORDS else entry.what[:1].upper() + entry.what[1:]
    subject = _named(entry.subject, names)
    if entry.what == "began a job":
        subject = t(TITLES.get(entry.subject, entry.subject))
    return what, subject, _named(entry.detail, names)


def names_of(services: Services) -> dict[str, str]:
    """Connections and shops by id."""
    found = {shop.shop_id: shop.name for shop in services.warehouse.shops()}
    return found | {one.connection_id: one.name for one in services.records.connections.all()}


def _named(text: str, names: Mapping[str, str]) -> str:
    """An id by its name; a secret's name begins with the id of its connection."""
    head, point, field = text.partition(".")
    if text in names:
        return names[text]
    return f"{names[head]}, {field}" if point and head in names else text
