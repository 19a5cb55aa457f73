"""A file into the warehouse: read, turn into ledger rows, merge in one transaction, keep what could
not be used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
from babel.numbers import is_currency

from agent.errors import BadFile, Refused
from agent.ports import RATES_SHOP, Batch, Clock, Merged, Shop, Warehouse
from agent.sources import files, occasions, plans, rejects
from agent.sources.base import (
    Built,
    ImportOptions,
    ImportSummary,
    Lines,
    Progress,
    Setting,
    Source,
    TextFormat,
    Watch,
)
from agent.sources.ids import once, slug
from agent.sources.joining import above_known, beside_known
from agent.sources.registry import EVENTS, RATES, RECORDED, TARGETS, by_columns, source_for
from agent.sources.zones import zone_of
from agent.words import inner, n, t

if TYPE_CHECKING:
    from agent.metrics.metric import Metric
    from agent.records import Records


class _Folder(Protocol):
    @property
    def data_dir(self) -> Path: ...


class Receiver(Protocol):
    """The part of Services that an import needs."""

    @property
    def warehouse(self) -> Warehouse: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def settings(self) -> _Folder: ...

    @property
    def records(self) -> Records: ...

    def catalogue(self) -> Mapping[str, Metric]: ...


def import_file(
    services: Receiver, path: Path, options: ImportOptions, progress: Watch
) -> ImportSummary:
    """Import a file: orders, products, spend, sessions, costs, targets or events of a shop, or
    exchange rates. All its good rows or none.

    Raises BadFile (the file or the mapping cannot be used) and Refused (shop, currency or time
    zone); the warehouse is then as it was. The same content in the same format for the same shop
    changes nothing and says `already`; a file that states days anew, an older one too, has its way.
    """
    watch = _Watch(progress)
    source, shop, found = _read(services.warehouse.shops(), path, options, progress)
    count = len(found.lines.table) + len(found.lines.unreadable)
    watch.step("sort", count)
    built = source.build(found.lines, setting_of(services, shop))
    rejected = rejects.reasons(built.checks, found.lines.unreadable)
    if sum(rejected.values()) == count:
        raise BadFile(
            n(
                "The one line of {name} cannot be used.",
                "None of the {count:,} lines of {name} can be used.",
                count,
                count=count,
                name=path.name,
            ),
            hint=_top(rejected),
        )
    watch.step("write", count)
    print_ = fingerprint(found.digest, source, shop)
    if source.name == TARGETS:
        merged = plans.keep(services.records.targets, shop.shop_id, built.targets)
    elif source.name == EVENTS:
        merged = occasions.keep(services.records.events, shop.shop_id, built.events)
    else:
        batch = Batch(
            shop, source.name, print_, {}, path.name, count, sum(rejected.values()),
            _record(built, rejected),
        )  # fmt: skip
        merged = _merged(services, batch, built)
    watch.step("done", count)
    kept = _keep_rejected(services, path, (found.lines, built, print_))
    return _summary((shop, source.name), (found.lines, built, merged), (kept, watch))


def setting_of(services: Receiver, shop: Shop) -> Setting:
    """What a format is told beside the lines."""
    latest = services.clock.now() + timedelta(days=2)
    zone = zone_of(shop.timezone)
    return Setting(shop, zone, latest, services.warehouse, services.catalogue())


def _merged(services: Receiver, batch: Batch, built: Built) -> Merged:
    """The tables, beside what is known of the same rows, in the warehouse."""
    shop_id, warehouse = batch.shop.shop_id, services.warehouse
    tables = beside_known(warehouse, shop_id, built.tables)
    if not (built.spans or built.newest):
        return warehouse.merge(replace(batch, tables=tables))
    tables = dict(tables)
    for name in built.newest:
        tables[name] = above_known(warehouse, shop_id, name, tables[name])
    # Days can be stated as they were before, so content alone does not say that nothing is new.
    mark = f"{batch.fingerprint}-{once()}"
    stated = replace(batch, tables=tables, fingerprint=mark, spans=built.spans)
    merged = warehouse.merge(stated)
    moved = (merged.inserted, merged.replaced, merged.removed)
    return replace(merged, already=not any(sum(counts.values()) for counts in moved))


def _read(
    known: tuple[Shop, ...], path: Path, options: ImportOptions, progress: Watch
) -> tuple[Source, Shop, files.Read]:
    """The file's columns, for whom they are, and the format they are read in: the one named, else
    the one that knows them."""
    named = source_for(options.format) if options.format else None

    def source_of(names: tuple[str, ...]) -> Source:
        if named is None:
            return by_columns(names)
        named.recognise(names)
        return named

    def recognise(names: tuple[str, ...]) -> None:
        # A shop that cannot be is refused before a long file is read.
        shop_for(known, options, source_of(names))

    text = named.text if named else TextFormat()
    found = files.read(files.Reading(path, text, recognise, options.max_bytes, progress))
    source = source_of(found.lines.names)
    return source, shop_for(known, options, source), found


def shop_for(known: tuple[Shop, ...], options: ImportOptions, source: Source) -> Shop:
    """The shop to import for: the one that has the name's slug, else a new one; of rates none.
    Raises Refused."""
    if source.name == RATES:
        return RATES_SHOP
    shop_id = slug(options.shop)
    if not shop_id:
        raise Refused(t("The shop needs a name with at least one letter or digit."))
    currency = options.currency.strip().upper()
    existing = next((shop for shop in known if shop.shop_id == shop_id), None)
    if existing is None and source.name in RECORDED:
        raise Refused(
            t(
                "There is no shop called {name} to have {what}.",
                name=options.shop,
                what=inner(t(source.label)),
            ),
            hint=t("Import its orders first."),
        )
    if existing is not None:
        for word, given, has in (
            (t("currency"), currency, existing.currency),
            (t("time zone"), options.timezone, existing.timezone),
        ):
            if given and given != has:
                raise Refused(
                    t(
                        "The {word} of {name} is {has}; it cannot become {given}.",
                        word=word,
                        name=existing.name,
                        has=has,
                        given=given,
                    )
                )
        return existing
    if not is_currency(currency):
        raise Refused(
            t("'{currency}' is no currency.", currency=options.currency),
            hint=t("Give a code of three letters, like GBP."),
        )
    if not options.timezone:
        raise Refused(t("A new shop needs a time zone."), hint=t("Give a name like Europe/London."))
    return Shop(
        shop_id, options.shop.strip(), currency, zone_of(options.timezone).name, source.name
    )


def fingerprint(digest: str, source: Source, shop: Shop) -> str:
    """Names a file's content as read in one way for one shop; the file's name plays no part."""
    how = json.dumps([digest, repr(source), shop.shop_id, shop.currency, shop.timezone])
    return hashlib.sha256(how.encode("utf-8")).hexdigest()


@dataclass
class _Watch:
    """Passes steps on, and remembers what each took."""

    report: Watch

    def __post_init__(self) -> None:
        self.started = self._last = perf_counter()
        self._name = "read"
        self.seconds: dict[str, float] = {}

    def step(self, name: str, count: int) -> None:
        now = perf_counter()
        self.seconds[self._name] = round(now - self._last, 4)
        self._last, self._name = now, name
        done = count if name == "done" else 0
        rate = count / max(now - self.started, 1e-9)
        self.report(Progress(name, done, count, rate if name != "sort" else 0.0))


def _top(reasons: dict[str, int]) -> str:
    reason, count = max(reasons.items(), key=lambda item: item[1])
    return n("{reason}", "{count:,} times: {reason}", count, count=count, reason=reason)


def _record(built: Built, reasons: dict[str, int]) -> dict[str, Any]:
    """What the batch row keeps: plain JSON, amounts as text."""
    kinds = {kind: [rows, str(amount)] for kind, (rows, amount) in built.kinds.items()}
    return {"kinds": kinds, "reasons": reasons, "warnings": list(built.warnings)}


def _keep_rejected(services: Receiver, path: Path, what: tuple[Lines, Built, str]) -> Path | None:
    lines, built, print_ = what
    if built.checks.good.all() and not lines.unreadable:
        return None
    folder, now = services.settings.data_dir, services.clock.now()
    target = rejects.file_for(folder, path.name, now, print_)
    rejects.write(target, lines.table, lines.number, (built.checks, lines.unreadable))
    return target


def _placed(orders: pa.Table | None) -> int:
    return sum(1 for one in orders["placed"].to_pylist() if one) if orders is not None else 0


def _summary(
    who: tuple[Shop, str], what: tuple[Lines, Built, Merged], side: tuple[Path | None, _Watch]
) -> ImportSummary:
    (shop, merged_as), (lines, built, merged), (kept, watch) = who, what, side
    reasons = rejects.reasons(built.checks, lines.unreadable)
    count = len(lines.table) + len(lines.unreadable)
    return ImportSummary(
        shop=shop,
        format=merged_as,
        lines=count,
        orders=_placed(built.tables.get("orders")),
        rejected=sum(reasons.values()),
        reasons=reasons,
        kinds=built.kinds,
        rejected_file=kept,
        rows_per_second=count / max(sum(watch.seconds.values()), 1e-9),
        seconds=watch.seconds,
        inserted=merged.inserted,
        replaced=merged.replaced,
        unchanged=merged.unchanged,
        removed=merged.removed,
        already=merged.already,
        warnings=(*lines.notes, *built.warnings),
    )
