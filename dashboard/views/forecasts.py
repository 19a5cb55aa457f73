"""The record of forecasts, what they go by and what their parts bring: tables of an outlook."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from agent.forecasting.outlook import Assumption, Made, Outlook
from agent.forecasting.series import moved
from agent.metrics import formats
from agent.metrics.frames import NONE, OTHER
from agent.words import mark, n, t
from dashboard.panels import Cell, Heading, Row, Table
from dashboard.views.foretelling import ahead, beside, likely, said

MOST = 8
MEMBERS = mark("Where it is expected to come from")
RECORD = mark("How good have forecasts been?")

ASSUMES = mark("What the forecast assumes")


def record(outlook: Outlook) -> Table:
    """The last forecasts, each with its average miss and how much of it lay in the band."""
    made = outlook.track.made
    largest = max((one.miss or 0.0 for one in made), default=0.0) or 1.0
    first = t("Tried from") if outlook.track.tested else t("Made on")
    rows = tuple(
        Row(
            formats.day(one.origin, year=one.origin.year != outlook.origin.year),
            (
                Cell(
                    formats.number(one.miss, "percent"),
                    one.miss,
                    bar=None if one.miss is None else one.miss / largest,
                ),
                Cell(t("{count} of {all}", count=one.inside_80, all=one.scored), _share(one)),
            ),
        )
        for one in made
    )
    headings = (
        Heading(first, number=False),
        Heading(t("Average miss")),
        Heading(t("In band")),
    )
    footer = " ".join(filter(None, (outlook.track.sentence(), beside(outlook))))
    return Table(t(RECORD), _scored(outlook), headings, rows, footer=footer)


def _share(one: Made) -> float | None:
    return one.inside_80 / one.scored if one.scored else None


def _scored(outlook: Outlook) -> str:
    track = outlook.track
    if not track.made:
        return ""
    if track.tested:
        return t("Tried on the past, from what was known then")
    return n(
        "The last forecast, scored on what happened",
        "The last {count} forecasts, scored on what happened",
        len(track.made),
        count=len(track.made),
    )


def assumes(outlook: Outlook, steps: int) -> Table:
    """Feasts, events and left-out days that the forecast goes by."""
    kept = known(outlook, steps)
    headings = (
        Heading(t("What"), number=False),
        Heading(t("Days"), number=False),
        Heading(t("How it counts"), number=False),
    )
    rows = tuple(
        Row(
            t(one.name),
            (Cell(days_of(one)), Cell(one.note)),
            note="",
        )
        for one in kept
    )
    return Table(t(ASSUMES), "", headings, rows, footer=made(outlook))


def made(outlook: Outlook) -> str:
    """When it was made, from how much, and with what."""
    zone = ZoneInfo(outlook.wanted.shop.timezone)
    at = outlook.made_at.astimezone(zone)
    steps = int(np.isfinite(outlook.past).sum())
    return t(
        "Made {day}, {time}, from {count} {steps} of history. Method: {method}.",
        day=formats.day(at.date()),
        time=f"{at:%H:%M}",
        count=formats.number(steps, "count", style="full"),
        steps=t(UNITS[outlook.wanted.step.value]),
        method=outlook.method,
    )


UNITS = {
    "hour": mark("hours"),
    "day": mark("days"),
    "week": mark("weeks"),
    "month": mark("months"),
}


def known(outlook: Outlook, steps: int) -> list[Assumption]:
    """What it goes by, as far as the shown steps reach. A holiday of several countries is one."""
    after = moved(outlook.dates[:steps][-1:], outlook.wanted.step, 1)[0]
    end = (after - np.timedelta64(1, "s")).astype("datetime64[D]").item()
    found: dict[tuple[str, date, date], Assumption] = {}
    for one in outlook.assumes:
        key = (one.name, one.first, one.last)
        if one.first <= end:
            both = [found[key].note, one.note] if key in found else [one.note]
            found[key] = replace(one, note=", ".join(dict.fromkeys(filter(None, both))))
    return list(found.values())


def days_of(one: Assumption) -> str:
    if one.first == one.last:
        return formats.day(one.first)
    return formats.date_range(one.first, one.last)


def members(outlook: Outlook, steps: int, names: dict[str, str]) -> Table:
    """What each part brings, with its range. What adds up is shared out by the parts' own lines, so
    that they add up to what is expected of the whole."""
    told = [one for one in outlook.members if not one.refusal]
    lines = np.array([float(np.nansum(one.point[:steps])) for one in told])
    whole, every = likely(outlook, steps)[1], float(lines.sum())
    adds = outlook.adds and every > 0 and np.isfinite(whole)
    rows = []
    for one, line in zip(told, lines.tolist(), strict=True):
        low, middle, high = likely(one, steps)
        share = line / every if adds else float("nan")
        part = (low, share * whole if adds else middle, high)
        rows.append(_member(outlook, names.get(one.member, one.member), part, share))
    total = _member(outlook, t("Total"), likely(outlook, steps), 1.0 if adds else float("nan"))
    headings = (
        Heading(t("Name"), number=False),
        Heading(t("Likely")),
        Heading(t("80% range from"), priority=2),
        Heading(t("80% range to"), priority=2),
        Heading(t("Share")),
    )
    days = ahead(outlook.wanted.step, steps)
    measure = t("{metric} in {days}", metric=t(outlook.metric.label), days=days)
    last = replace(total, kind="total")
    footer = outlook.track.sentence()
    return Table(t(MEMBERS), measure, headings, (*rows, last), footer=footer)


def _member(outlook: Outlook, name: str, range_: tuple[float, float, float], share: float) -> Row:
    low, middle, high = range_
    figures = [Cell(said(outlook, v, "full"), float(v)) for v in (middle, low, high)]
    return Row(name, (*figures, Cell(formats.number(share, "percent"), share)))


def names_of(outlook: Outlook) -> dict[str, str]:
    """What a person reads for each part."""
    dimension = outlook.wanted.dimension
    return {one.member: _name(dimension, one.member) for one in outlook.members}


def _name(dimension: str, member: str) -> str:
    if member == OTHER:
        return t("Other")
    return formats.value_label(dimension, None if member == NONE else member)
