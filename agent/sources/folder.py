"""A watched folder: files that are put there are imported once they are still, oldest first.

Nothing is moved or removed. A file is known by its name, size and time of change: one that changes
is imported again. It is read only when two looks in a row found it the same, so that a file on its
way is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from agent.errors import Failure, NotConfigured, NotFound, Refused, Unavailable
from agent.ports import RATES_SHOP, Shop
from agent.sources import watching
from agent.sources.base import MAX_INFLATED, ImportOptions, ImportSummary
from agent.sources.connectors import Field, Link, Probe, Stopped, Synced
from agent.sources.ids import slug
from agent.sources.ingest import import_file
from agent.sources.previewing import preview
from agent.sources.registry import RATES, SOURCES
from agent.sources.watching import Lying, Seen
from agent.words import mark, n, t

STREAM = "files"
GUESS = "guess"
SAID = 5
"""Files whose troubles are told one by one."""
MAPPING = ".toml"

FIELDS: Sequence[Field] = (
    Field(
        "folder",
        mark("Folder"),
        "folder",
        mark("Its path inside the folder that may be watched (WATCH_ROOT); empty: that folder."),
    ),
    Field(
        "pattern", mark("File names"), "text", mark("Such as *.csv or spend-*.xlsx."), default="*"
    ),
    Field(
        "format",
        mark("Format"),
        "choice",
        mark("Guess: each file's columns decide."),
        default=GUESS,
        choices=(GUESS, *SOURCES),
    ),
    Field(
        "mapping",
        mark("Mapping file"),
        "text",
        mark("A .toml file in the folder, for order lines with columns of their own."),
    ),
    Field("shop", mark("Shop"), "text", mark("A new name makes a new shop.")),
    Field("currency", mark("Currency"), "text", mark("Of a new shop, such as EUR.")),
    Field("timezone", mark("Time zone"), "text", mark("Of a new shop, such as Europe/Berlin.")),
)


@dataclass(frozen=True)
class Place:
    """Where a connection looks, and how it reads what it finds."""

    root: Path
    folder: Path
    pattern: str
    options: ImportOptions

    def files(self) -> list[Lying]:
        return watching.lying(self.root, self.folder, self.pattern)


@dataclass(frozen=True)
class FolderConnector:
    """See agent.sources.connectors.Connector."""

    kind: str = "folder"
    label: str = mark("Watched folder")
    icon: str = "file-text"
    help: str = mark("Files that are put into a folder of this server.")
    fields: Sequence[Field] = FIELDS
    cron: str = "*/5 * * * *"
    names_shop: bool = True

    def probe(self, link: Link) -> Probe:
        """The files that lie there, and the first rows of the newest."""
        place = _place(link)
        files = place.files()
        newest = [one.name for one in reversed(files[-SAID:])]
        facts = [
            (t("Folder"), str(place.folder)),
            (t("Files"), str(len(files))),
            *((t("File"), name) for name in newest),
        ]
        if not files:
            return Probe(
                facts=facts, notes=[t("No file fits yet; the first is imported by itself.")]
            )
        try:
            shown = preview(link.services, files[-1].path, None, place.options)
        except Unavailable:
            raise
        except Failure as failure:
            return Probe(facts=facts, notes=[_said(files[-1].name, failure.message, failure.hint)])
        return Probe(facts=facts, notes=shown.warnings, columns=shown.columns, rows=shown.rows)

    def sync(self, link: Link) -> Synced:
        """Import what is new or changed and has been still since the last look."""
        return _bring(link, _place(link), again=False)

    def backfill(self, link: Link, first: date, last: date) -> Synced:
        """Import every file again, whatever its days: a file does not say which it has before it is
        read."""
        return _bring(link, _place(link), again=True)

    def replay(self, link: Link, stream: str, documents: Sequence[str]) -> Sequence[str]:
        """Import files, given by name, again."""
        place = _place(link)
        lying = {one.name: one for one in place.files()}
        return [_again(link, place, lying.get(name)) for name in documents]


CONNECTOR = FolderConnector()


def _place(link: Link) -> Place:
    """Where to look. Raises Refused for a place or a name that cannot be, NotConfigured where the
    folder is not there."""
    root = link.services.settings.watch_root
    if root.is_relative_to(link.services.settings.data_dir):
        root.mkdir(parents=True, exist_ok=True)
    folder = watching.inside(root, link.setting("folder"))
    if not folder.is_dir():
        raise NotConfigured(
            t("There is no folder {folder}.", folder=folder),
            hint=t("Make it, and put files into it."),
        )
    pattern = link.setting("pattern", "*")
    if "/" in pattern or "\\" in pattern:
        raise Refused(t("File names have no folder in front: {pattern!r}.", pattern=pattern[:100]))
    return Place(root, folder, pattern, _options(link, root, folder))


def _options(link: Link, root: Path, folder: Path) -> ImportOptions:
    format_ = link.setting("format", GUESS)
    mapping = link.setting("mapping")
    if mapping:
        path = watching.inside(root, str(folder / mapping))
        if path.suffix.lower() != MAPPING:
            raise Refused(t("A mapping is a file ending in {mapping}.", mapping=MAPPING))
        format_ = str(path)
    shop = _shop(link)
    name = link.setting("shop") or (shop.name if shop else "")
    if not slug(name) and format_ != RATES:
        raise Refused(
            t("The source needs the name of a shop."),
            hint=t("Fill in the shop's name; only exchange rates need none."),
        )
    given = {name: link.setting(name) for name in ("currency", "timezone")}
    known = {known.shop_id for known in link.services.warehouse.shops()}
    if slug(name) in known:
        given = {}  # It has its own already, which no field may contradict.
    return ImportOptions("" if format_ == GUESS else format_, name, max_bytes=MAX_INFLATED, **given)


def _shop(link: Link) -> Shop | None:
    try:
        return link.shop if link.connection.shop_id else None
    except NotFound:
        return None


def _bring(link: Link, place: Place, *, again: bool) -> Synced:
    """Look once, and import what is due; the state is kept after each file."""
    files = place.files()
    state = Seen(**link.state(STREAM))
    state.only({one.name for one in files})
    due = [one for one in watching.still(files, state.looked) if again or not state.knows(one)]
    state.looked = {one.name: one.mark for one in files}
    brought = _Brought()
    try:
        for at, one in enumerate(due):
            link.watch.check()
            link.watch.progress(at, len(due), one.name)
            _import(link, place, one, (state, brought))
    finally:
        link.save(STREAM, vars(state))
    if brought.shop_id and brought.shop_id != link.connection.shop_id:
        # Known only now: the shop whose rows are checked, and beside which the source stands.
        connections = link.services.records.connections
        connections.change(link.connection.connection_id, shop_id=brought.shop_id)
    waiting = sum(not state.knows(one) for one in files)
    return Synced(brought.read, brought.changed, brought.rejected, _notes(state, waiting))


@dataclass
class _Brought:
    read: int = 0
    changed: int = 0
    rejected: int = 0
    shop_id: str = ""


def _import(link: Link, place: Place, one: Lying, into: tuple[Seen, _Brought]) -> None:
    """A file that cannot be used is noted once, until it changes; the others go on."""
    state, brought = into
    try:
        summary = _take(link, place, one)
    except (Unavailable, Stopped):
        raise
    except Failure as failure:
        if state.failed.get(one.name, [None])[0] != one.mark:
            link.reject(STREAM, [(one.name, failure.message)])
        state.failed[one.name] = [one.mark, _said(one.name, failure.message, failure.hint)]
        state.done.pop(one.name, None)
        state.rejected.pop(one.name, None)
        brought.rejected += 1
        return
    state.done[one.name] = one.mark
    state.rejected[one.name] = summary.rejected
    state.failed.pop(one.name, None)
    brought.read += summary.lines
    if summary.shop.shop_id != RATES_SHOP.shop_id:
        brought.shop_id = summary.shop.shop_id
    brought.rejected += summary.rejected
    moved = (summary.inserted, summary.replaced, summary.removed)
    brought.changed += sum(sum(counts.values()) for counts in moved)


def _take(link: Link, place: Place, one: Lying) -> ImportSummary:
    return import_file(link.services, one.path, place.options, lambda step: link.watch.check())


def _again(link: Link, place: Place, one: Lying | None) -> str:
    if one is None:
        return t("The file is no longer in the folder.")
    try:
        _take(link, place, one)
    except (Unavailable, Stopped):
        raise
    except Failure as failure:
        return failure.message
    state = Seen(**link.state(STREAM))
    state.failed.pop(one.name, None)
    state.done[one.name] = one.mark
    link.save(STREAM, vars(state))
    return ""


def _notes(state: Seen, waiting: int) -> list[str]:
    """What is true now: files that failed, files with rejected lines, files that are not still."""
    told = [said for _, said in state.failed.values()]
    told += [_partly(name, many) for name, many in state.rejected.items() if many]
    notes, more = told[:SAID], len(told) - SAID
    if more > 0:
        notes.append(_others(more))
    return [*notes, _waiting(waiting)] if waiting else notes


def _partly(name: str, count: int) -> str:
    return n(
        "{name}: {count:,} line was rejected.",
        "{name}: {count:,} lines were rejected.",
        count,
        name=name,
        count=count,
    )


def _others(count: int) -> str:
    return n(
        "{count} more file has troubles.", "{count} more files have troubles.", count, count=count
    )


def _waiting(count: int) -> str:
    return n(
        "{count} file waits for the next look.",
        "{count} files wait for the next look.",
        count,
        count=count,
    )


def _said(name: str, message: str, hint: str) -> str:
    # Most sentences about a file name it themselves.
    whose = "" if name in message else f"{name}: "
    return f"{whose}{message} {hint}".strip()
