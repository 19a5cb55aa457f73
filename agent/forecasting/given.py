"""The days that nobody has to write down: public holidays and feasts of a shop's main countries.

Public holidays come from a library of 28 MB, which the web process never loads: a process of its
own reads them, once a week for a shop's countries, and leaves. Feasts are reckoned here.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from agent.errors import Failure
from agent.fitting import Fitting
from agent.forecasting import feasts
from agent.forecasting.asking import countries
from agent.forecasting.feasts import Feast
from agent.ports import Shop

if TYPE_CHECKING:
    from agent.fitting.process import Watch
    from agent.services import Services

logger = logging.getLogger(__name__)
KEPT_SECONDS = 7 * 86_400
WAITS_SECONDS = 30.0
LEAST = 0.02
"""Share of a shop's orders from which the holidays of a country are shown."""


@dataclass(frozen=True)
class Given:
    """`days` in order. `countries` are those whose public holidays are among them; not `complete`
    where these could not be read now."""

    days: tuple[Feast, ...]
    countries: tuple[str, ...]
    complete: bool = True


def given(services: Services, shop: Shop, first: date, last: date, *, wait: bool = True) -> Given:
    """The named days from `first` to `last`. A shop without orders has the feasts of all shops. Who
    does not `wait` has the public holidays where they are known already."""
    codes = codes_of(services, shop)
    years = range(first.year, last.year + 1)
    reckoned = [one for year in years for one in feasts.reckoned(codes, year)]
    find = public_days if wait else known_days
    public = find(services, codes, years) if codes else ()
    within = {one for one in (*reckoned, *(public or ())) if first <= one.day <= last}
    ordered = sorted(within, key=lambda one: (one.day, one.country, one.name))
    return Given(tuple(ordered), codes, public is not None)


def codes_of(services: Services, shop: Shop) -> tuple[str, ...]:
    """The countries that enough of a shop's orders come from, sorted."""
    try:
        shares = countries(services, shop)
    except Failure:  # no sales yet, or nobody to ask: feasts are there all the same
        return ()
    return tuple(sorted(code for code, share in shares.items() if share >= LEAST))


def public_days(services: Services, codes: Sequence[str], years: range) -> tuple[Feast, ...] | None:
    """The public holidays of countries; None where they cannot be read now."""
    missing = [year for year in years if services.cache.get(_place(codes, year)) is None]
    if missing:
        try:
            with closing(Fitting()) as aside:
                remember(services, codes, missing, aside)
        except Failure as failure:
            logger.warning("Public holidays could not be read. %s", failure.message)
            return None
    return known_days(services, codes, years)


def known_days(services: Services, codes: Sequence[str], years: range) -> tuple[Feast, ...] | None:
    """The same where they have been read already; None where not."""
    kept = [services.cache.get(_place(codes, year)) for year in years]
    if None in kept:
        return None
    return tuple(
        Feast(date.fromisoformat(day), name, code, tuple(map(tuple, also)))
        for content in kept
        for day, name, code, also in json.loads(content or b"[]")
    )


def remember(
    services: Services, codes: Sequence[str], years: Sequence[int], aside: Fitting
) -> None:
    """Read the public holidays of these years in a process of its own, and keep them. Raises as
    `Fitting.run`."""
    found = aside.run(
        "agent.forecasting.given:read", tuple(codes), tuple(years), deadline=WAITS_SECONDS
    )
    told: dict[int, list[Any]] = {year: [] for year in years}
    for one in found:
        told[date.fromisoformat(one[0]).year].append(one)
    for year, rows in told.items():
        services.cache.set(_place(codes, year), json.dumps(rows).encode(), KEPT_SECONDS)


def refreshed(services: Services, shop: Shop, today: date) -> None:
    """Have the holidays of two years at hand, for those who do not wait: read by the process that
    fits, which knows them. Not being able to is no failure."""
    codes, years = codes_of(services, shop), (today.year - 1, today.year, today.year + 1)
    if not codes or all(services.cache.get(_place(codes, year)) for year in years):
        return
    try:
        remember(services, codes, years, services.fitting)
    except Failure as failure:
        logger.warning("Public holidays could not be read. %s", failure.message)


def _place(codes: Sequence[str], year: int) -> str:
    return f"holidays:named:{'-'.join(codes)}:{year}"


def read(
    codes: Sequence[str], years: Sequence[int], *, watch: Watch
) -> tuple[tuple[Any, ...], ...]:
    """(day, name, country, names by language) of every public holiday: the other process's half."""
    del watch
    return tuple(
        (one.day.isoformat(), one.name, one.country, one.also)
        for code in codes
        for year in years
        for one in feasts.public_holidays(code, year)
    )
