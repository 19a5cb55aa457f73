"""Days that a shop feels and no weekday explains: public holidays, moving feasts, sales days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from agent.words import locale, mark, t

DAY = timedelta(days=1)
THURSDAY, SUNDAY = 3, 6
ENGLISH = "en_US"
SPOKEN: Mapping[str, tuple[str, ...]] = {"de": ("DE", "AT", "CH")}
"""Other languages that names are read in, with the countries whose calendars are written in them:
they name Easter Monday for a country whose own calendar does not."""
Names = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Feast:
    """A named day of one year; `country` is empty where every shop has it. `also` is its name in
    other languages, as (language, name)."""

    day: date
    name: str
    country: str = ""
    also: Names = field(default=(), compare=False)

    def said(self) -> str:
        """Its name in the language spoken."""
        return spoken(self.name, dict(self.also))


def spoken(name: str, also: Mapping[str, str]) -> str:
    """The name of a day in the language spoken; in English where nobody knows it otherwise."""
    known = also.get(locale().partition("_")[0])
    if known or not name.endswith(OBSERVED):
        return known or t(name)
    return t("{name} (observed)", name=t(name.removesuffix(OBSERVED)))


OBSERVED = " (observed)"
# Days that no calendar of another language has: their words are the house's own.
NAMED = (
    *(mark("Thanksgiving Day"), mark("Independence Day"), mark("Memorial Day"), mark("Labor Day")),
    *(mark("Martin Luther King Jr. Day"), mark("Washington's Birthday"), mark("Columbus Day")),
    *(mark("Juneteenth National Independence Day"), mark("Veterans Day"), mark("May Day")),
    *(mark("Spring Bank Holiday"), mark("Boxing Day"), mark("Victory Day"), mark("National Day")),
    *(mark("Armistice Day"), mark("Summer Bank Holiday"), mark("Christmas Day")),
)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - century // 4 - moon + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    return _nth(year, 11, THURSDAY, 4) + DAY


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


def _last_sunday(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=(following.weekday() - SUNDAY) % 7 or 7)


def _french_mothers(year: int) -> date:
    day = _last_sunday(year, 5)
    return _nth(year, 6, SUNDAY, 1) if day == easter(year) + 49 * DAY else day


_MOTHERS: Mapping[str, Callable[[int], date]] = {
    "GB": lambda year: easter(year) - 21 * DAY,
    "IE": lambda year: easter(year) - 21 * DAY,
    "FR": _french_mothers,
    "SE": lambda year: _last_sunday(year, 5),
    "ES": lambda year: _nth(year, 5, SUNDAY, 1),
    "PT": lambda year: _nth(year, 5, SUNDAY, 1),
    "HU": lambda year: _nth(year, 5, SUNDAY, 1),
    "NO": lambda year: _nth(year, 2, SUNDAY, 2),
    "PL": lambda year: date(year, 5, 26),
    "MX": lambda year: date(year, 5, 10),
}

FEASTS: Mapping[str, Callable[[int], date]] = {
    mark("Valentine's Day"): lambda year: date(year, 2, 14),
    mark("Easter"): easter,
    mark("Singles' Day"): lambda year: date(year, 11, 11),
    mark("Black Friday"): black_friday,
    mark("Cyber Monday"): lambda year: black_friday(year) + 3 * DAY,
    mark("Christmas"): lambda year: date(year, 12, 25),
    mark("New Year's Eve"): lambda year: date(year, 12, 31),
}
"""What shops of every country feel."""
MOTHERS_DAY = mark("Mother's Day")


def mothers_day(year: int, country: str) -> date:
    """By country; the second Sunday of May where nothing else is known."""
    rule = _MOTHERS.get(country)
    return rule(year) if rule else _nth(year, 5, SUNDAY, 2)


@lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> tuple[Feast, ...]:
    """A country's public holidays, in order; none where the country is not known."""
    found = _calendar(country, year, ENGLISH)
    return tuple(
        Feast(day, name, country, _also(country, day, name)) for day, name in sorted(found.items())
    )


@lru_cache(maxsize=256)
def _calendar(country: str, year: int, language: str) -> Mapping[date, str]:
    import holidays

    try:
        return dict(holidays.country_holidays(country, years=year, language=language))
    except NotImplementedError:
        return {}


def _also(country: str, day: date, name: str) -> Names:
    """The name in other languages: by the country's own calendar, else as its neighbours say it."""
    found = []
    for language in SPOKEN:
        own = _calendar(country, day.year, language).get(day, name)
        other = own if own != name else _dictionary(language, day.year).get((day, name), name)
        if other != name:
            found.append((language, other))
    return tuple(found)


@lru_cache(maxsize=64)
def _dictionary(language: str, year: int) -> Mapping[tuple[date, str], str]:
    """Days by their English names -> theirs, the first country's before the others'. Labor Day is
    another one in September."""
    words: dict[tuple[date, str], str] = {}
    for country in SPOKEN[language]:
        own = _calendar(country, year, language)
        for day, name in _calendar(country, year, ENGLISH).items():
            words.setdefault((day, name), own.get(day, name))
    return words


def feasts(countries: Iterable[str], first: date, last: date) -> tuple[Feast, ...]:
    """Every named day from `first` to `last`, in order."""
    found = (one for year in range(first.year, last.year + 1) for one in _year(countries, year))
    within = {one for one in found if first <= one.day <= last}
    return tuple(sorted(within, key=lambda one: (one.day, one.country, one.name)))


def _year(countries: Iterable[str], year: int) -> Iterator[Feast]:
    yield from reckoned(countries, year)
    for country in countries:
        yield from public_holidays(country, year)


def reckoned(countries: Iterable[str], year: int) -> Iterator[Feast]:
    """The feasts of a year that need no library: those of all shops, Mother's Day by country."""
    yield from (Feast(rule(year), name) for name, rule in FEASTS.items())
    for country in countries:
        yield Feast(mothers_day(year, country), MOTHERS_DAY, country)
