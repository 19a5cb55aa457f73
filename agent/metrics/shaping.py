"""From grids to a frame: top-n and its rest, the calendar without holes, order, totals, receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from agent.metrics import exchange, periods
from agent.metrics.catalogue import MEASURES
from agent.metrics.dimensions import DIMENSIONS, GRAINS, Place
from agent.metrics.frames import Column, Frame, Number, Receipt, Unit
from agent.metrics.grid import Grid, Key
from agent.metrics.questions import Ask, Question
from agent.metrics.reader import Reader
from agent.metrics.reading import Cut, Reading, Window


def shape(reader: Reader, question: Question, window: Window, like: Frame | None = None) -> Frame:
    """The frame of a question over a window; `like` is the frame whose groups and order it
    follows."""
    ask, scope = question.ask, question.scope
    names = dict.fromkeys(m for metric in ask.rows for m in metric.measures)
    shops = tuple(shop.shop_id for shop in reader.shops)
    reading = Reading(shops, window, scope.filters, ask.by, tuple(names), terms=reader.terms)
    exchange.check(reader.warehouse, reading)
    start = len(reader.ran)
    grid, rest, rest_rows = _rows(reader, reading, ask, like)
    return Frame(
        columns=_columns(ask, grid),
        data=_data(ask, grid, reader),
        totals={row.name: grid.total(row) for row in ask.rows},
        receipt=_receipt(reader, question, window, tuple(reader.ran[start:]), len(grid)),
        rest=rest,
        rest_rows=rest_rows,
        about=ask.rows,
    )


def _rows(reader: Reader, reading: Reading, ask: Ask, like: Frame | None) -> tuple[Grid, int, int]:
    if not reading.attributes:
        grid = _time_ordered(reader.read(reading), ask)
        return (_as_long(grid, like) if like else grid), 0, 0
    if like is None and not ask.top:
        return _ordered(reader.read(reading), reading, ask), 0, 0
    whole = reader.read(_by_attributes(reading))
    chosen = _keys_of(like, reading) if like else _ranked(whole, ask)[: ask.top]
    kept_keys = set(chosen)
    rest = sum(key not in kept_keys for key in whole.keys)
    if reading.grain:
        found = _cut_over_time(reader, reading, whole, chosen, rest)
        return _bucket_by_bucket(found, reading, like) if like else found
    kept = whole.take(chosen)
    if not (like.rest_rows if like else rest):
        return kept, rest, 0
    return kept.joined(_rest(reader, reading, whole, kept)), rest, 1


def _by_attributes(reading: Reading) -> Reading:
    return replace(reading, by=reading.attributes)


def _ranked(grid: Grid, ask: Ask) -> list[Key]:
    """Keys of a grid, best first."""
    name = ask.sort.lstrip("-") if ask.sort.lstrip("-") in ask.metrics else ask.metrics[0]
    metric = ask.metric(name)
    # What is shown negative is largest where it is lowest.
    ascending = ask.sort == name if ask.sort.lstrip("-") == name else metric.shown_negative
    values = grid.metric(metric).cast(pa.float64()).to_pylist()

    def rank(item: tuple[Key, float | None]) -> tuple[bool, float, tuple[str, ...]]:
        key, value = item
        size = value or 0.0
        return value is None, size if ascending else -size, tuple(map(_text, key))

    return [key for key, _ in sorted(zip(grid.keys, values, strict=True), key=rank)]


def _text(value: Any) -> str:
    return "\U0010ffff" if value is None else str(value)


def _keys_of(like: Frame, reading: Reading) -> list[Key]:
    kept = like.data.slice(0, len(like) - like.rest_rows)
    return list(
        dict.fromkeys(zip(*(kept.column(n).to_pylist() for n in reading.attributes), strict=True))
    )


def _rest(reader: Reader, reading: Reading, whole: Grid, kept: Grid) -> Grid:
    """The groups that were not kept, as one row: subtracted where that is exact, else counted
    again."""
    again = [n for n in reading.measures if not MEASURES[n].additive]
    counted: Mapping[str, Number] = {}
    if again:
        cut = Cut(reading.attributes, kept.keys, inside=False)
        counted = reader.read(replace(reading, by=(), measures=tuple(again), cut=cut)).totals
    measures = {}
    for name, column in kept.measures.items():
        value = counted[name] if name in counted else _less(whole, name, kept)
        measures[name] = pa.array([value], column.type)
    return Grid(whole.by, (tuple(None for _ in whole.by),), measures, whole.totals)


def _less(whole: Grid, name: str, kept: Grid) -> Number:
    """What the groups that were not kept add up to; None where nothing is known of any of them."""
    total, column, chosen = whole.totals[name], whole.measures[name], set(kept.keys)
    inside = pa.array([key in chosen for key in whole.keys], pa.bool_())
    others = column.filter(pc.invert(inside))
    if total is None or (len(others) and others.null_count == len(others)):
        return None
    known = pc.sum(column.filter(inside)).as_py() or 0
    money = pa.types.is_decimal(column.type)
    return Decimal(total or 0) - known if money else int(total or 0) - known


def _cut_over_time(
    reader: Reader, reading: Reading, whole: Grid, chosen: list[Key], rest: int
) -> tuple[Grid, int, int]:
    inside = reader.read(replace(reading, cut=Cut(reading.attributes, tuple(chosen))))
    inside = _of_groups(inside, reading, chosen)
    totals = {**inside.totals, **whole.totals}
    if not rest:
        return replace(inside, totals=totals), 0, 0
    cut = Cut(reading.attributes, tuple(chosen), inside=False)
    outside = reader.read(replace(reading, by=(reading.grain,), cut=cut))
    keys = tuple(
        tuple(k[0] if n == reading.grain else None for n in reading.by) for k in outside.keys
    )
    joined = inside.joined(replace(outside, by=reading.by, keys=keys))
    return replace(joined, totals=totals), rest, len(outside)


def _of_groups(grid: Grid, reading: Reading, groups: Sequence[Key]) -> Grid:
    """Bucket by bucket a row for each of these groups, the unheard of among them too."""
    at = reading.by.index(reading.grain)
    buckets = sorted({key[at] for key in grid.keys})
    return grid.take([(*g[:at], bucket, *g[at:]) for bucket in buckets for g in groups])


def _bucket_by_bucket(
    found: tuple[Grid, int, int], reading: Reading, like: Frame
) -> tuple[Grid, int, int]:
    """A row for each of another frame's: of the same group, of the bucket at the same place. What
    has no such bucket, such as the 31st, is unknown.
    """
    (grid, rest, rest_rows), at = found, reading.by.index(reading.grain)
    now, former = sorted(set(like.values(reading.grain))), sorted({key[at] for key in grid.keys})
    against = dict(zip(now, former, strict=False))
    # A rest and an unnamed group have the same key: which of them it is, the place says.
    first = len(grid) - rest_rows
    place = {(key, n >= first): n for n, key in enumerate(grid.keys)}
    keys, index = [], []
    for n, key in enumerate(zip(*(like.values(name) for name in reading.by), strict=True)):
        keys.append((*key[:at], against.get(key[at]), *key[at + 1 :]))
        index.append(place.get((keys[-1], n >= len(like) - like.rest_rows)))
    rows = pa.array(index, pa.int64())
    measures = {name: column.take(rows) for name, column in grid.measures.items()}
    return replace(grid, keys=tuple(keys), measures=measures), rest, like.rest_rows


def _group_ordered(grid: Grid, reading: Reading, groups: Sequence[Key]) -> Grid:
    """Bucket after bucket, the groups in this order in each; other groups are left out."""
    at = reading.by.index(reading.grain)
    place = {group: i for i, group in enumerate(groups)}
    buckets = {moment: i for i, moment in enumerate(sorted({key[at] for key in grid.keys}))}
    group = np.fromiter((place.get(key[:at] + key[at + 1 :], -1) for key in grid.keys), np.int64)
    moment = np.fromiter((buckets[key[at]] for key in grid.keys), np.int64)
    order = np.lexsort((group, moment))
    return grid.at(order[group[order] >= 0])


def _ordered(grid: Grid, reading: Reading, ask: Ask) -> Grid:
    if reading.grain:
        at = reading.by.index(reading.grain)
        groups = dict.fromkeys(key[:at] + key[at + 1 :] for key in grid.keys)
        places = _places(reading.attributes)
        return _group_ordered(grid, reading, sorted(groups, key=places))
    by_name = ask.sort.lstrip("-")
    if by_name in reading.by:
        at, place = reading.by.index(by_name), DIMENSIONS[by_name].place
        keys = sorted(grid.keys, key=lambda k: place(k[at]), reverse=ask.sort.startswith("-"))
        return grid.take(keys)
    if not ask.sort and all(DIMENSIONS[n].natural for n in reading.by):
        return grid.take(sorted(grid.keys, key=_places(reading.by)))
    return grid.take(_ranked(grid, ask))


def _places(by: Sequence[str]) -> Callable[[Key], tuple[Place, ...]]:
    """What keys are sorted by to stand in their dimensions' own order."""
    rows = [DIMENSIONS[name] for name in by]
    return lambda key: tuple(row.place(value) for row, value in zip(rows, key, strict=True))


def _time_ordered(grid: Grid, ask: Ask) -> Grid:
    if not ask.sort or not grid.by:
        return grid
    if ask.sort.lstrip("-") in ask.metrics:
        return grid.take(_ranked(grid, ask))
    return grid.take(sorted(grid.keys, reverse=ask.sort.startswith("-")))


def _as_long(grid: Grid, like: Frame) -> Grid:
    """A comparison over time has as many rows as what it is compared with; missing ones are
    unknown."""
    size = len(like)
    keys = (*grid.keys[:size], *((None,) * len(grid.by) for _ in range(size - len(grid))))
    index = pa.array([i if i < len(grid) else None for i in range(size)], pa.int64())
    measures = {name: column.take(index) for name, column in grid.measures.items()}
    return replace(grid, keys=keys, measures=measures)


def _columns(ask: Ask, grid: Grid) -> tuple[Column, ...]:
    out = []
    for name in ask.by:
        dimension = DIMENSIONS[name]
        unit: Unit = "text" if name not in GRAINS else "datetime" if name == "hour" else "date"
        out.append(Column(name, dimension.label, unit, "dimension"))
        if dimension.named:
            out.append(Column(f"{name}_label", f"{dimension.label} name", "text", "label"))
    return (*out, *(Column(m.name, m.label, m.unit, "metric") for m in ask.rows))


def _data(ask: Ask, grid: Grid, reader: Reader) -> pa.Table:
    arrays: dict[str, pa.Array] = {}
    for place, name in enumerate(ask.by):
        values = [key[place] for key in grid.keys]
        if name in GRAINS:
            moments = pa.array(values, pa.timestamp("us"))
            arrays[name] = moments if name == "hour" else moments.cast(pa.date32())
            continue
        arrays[name] = pa.array(values, pa.string())
        if DIMENSIONS[name].named:
            known = reader.titles(name, values)
            arrays[f"{name}_label"] = pa.array([known.get(v, v) for v in values], pa.string())
    for metric in ask.rows:
        arrays[metric.name] = grid.metric(metric)
    return pa.table(arrays)


def _receipt(
    reader: Reader, question: Question, window: Window, ran: tuple[str, ...], rows: int
) -> Receipt:
    shop = reader.shops[0]
    filters = (
        f"{DIMENSIONS[f.dimension].label} {'is not' if f.exclude else 'is'} {' or '.join(f.values)}"
        for f in question.scope.filters
    )
    return Receipt(
        definitions={m.name: m.definition for m in question.ask.rows},
        sql=ran,
        tables=dict(reader.versions),
        asked_at=reader.asked_at,
        shops=tuple(s.shop_id for s in reader.shops),
        currency=question.scope.currency or shop.currency,
        timezone=shop.timezone,
        period=_asked(window),
        filters=tuple(filters),
        rows=rows,
        last_sync=reader.last_sync,
        refunds=question.scope.refunds,
        rates=exchange.said(reader.warehouse, reader.terms.exchange, window),
        scope=_scope(question, window),
    )


def _scope(question: Question, window: Window) -> dict[str, Any]:
    filters = [
        {"dimension": f.dimension, "values": list(f.values), "exclude": f.exclude}
        for f in question.scope.filters
    ]
    days = {"from": window.start.isoformat(), "to": window.end.isoformat()}
    return {**days, "until": f"{window.until:%H:%M}" if window.until else "", "filters": filters}


def _asked(window: Window) -> str:
    """The days in English, whoever asks: answers are kept for everybody."""
    at = f"{window.until:%H:%M}" if window.until else ""
    return periods.ASKED[not at].format(start=window.start, end=window.end, time=at)
