"""What happened to the shop: its calendar, its troubles and its luck, all placed around one day,
the anchor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np

from agent.sources.demo_shop.days import DAY, day_number
from agent.sources.demo_shop.dice import Floats, Ints
from agent.sources.zones import Zone, zone_of

TIMEZONE = "America/New_York"
HISTORY_DAYS = 761
"""25 months."""
YEARS_AHEAD = 10

FAULT_STARTS = 10 * 3600 + 42 * 60
FAULT_LOSS = 0.38

# Product, first day out of stock and day of return, both in days from the anchor.
STOCK_OUTS = (
    ("Oak lounge chair", -412, -397),
    ("Stoneware dinner set", -344, -336),
    ("Globe pendant", -231, -219),
    ("Waffle bath towel", -150, -139),
    ("Linen curtains", -44, -23),
    ("Walnut sideboard", -8, 6),
    ("Paper table lamp", 31, 39),
    ("Brass wall light", 88, 97),
    ("Linen duvet set", 149, 158),
    ("Oak lounge chair", 240, 255),
)

# Product, day from the anchor, percent.
PRICE_CHANGES = (
    ("Oak lounge chair", -498, 6),
    ("Linen duvet set", -390, -7),
    ("Stoneware dinner set", -205, 9),
    ("Arc floor lamp", -118, 5),
    ("Paper table lamp", -63, -8),
)


@dataclass(frozen=True)
class Campaign:
    """A sale that comes back every year. `percent` off `product_type` (None: everything); `code`:
    typed at the checkout and taken from the whole order, else the lines themselves are marked
    down."""

    slug: str
    title: str
    month: int
    day: int
    days: int
    percent: int
    lift: float
    product_type: str | None = None
    code: str = ""

    def starts(self, year: int) -> date:
        if self.slug == "black-friday":
            return thanksgiving(year)
        return date(year, self.month, self.day)


CAMPAIGNS = (
    Campaign("white-sale", "January white sale, 15 % off textiles", 1, 3, 12, 15, 1.18, "Textiles"),
    Campaign("spring", "Spring refresh, code SPRING10", 4, 9, 9, 10, 1.14, None, "SPRING10"),
    Campaign("summer", "Summer sale, 15 % off furniture", 7, 1, 14, 15, 1.12, "Furniture"),
    Campaign("lights", "Longer evenings, 10 % off lighting", 9, 24, 8, 10, 1.10, "Lighting"),
    Campaign("bedding", "Autumn bedding week, 12 % off", 10, 20, 7, 12, 1.09, "Textiles"),
    Campaign(
        "black-friday",
        "Black Friday to Cyber Monday, code ALDER20",
        11,
        0,
        5,
        20,
        1.0,
        None,
        "ALDER20",
    ),
)

# Thursday to the Tuesday after Cyber Monday; the Wednesday before comes last.
_PEAK = {0: 1.40, 1: 3.25, 2: 1.75, 3: 1.55, 4: 2.25, 5: 1.20, -1: 1.15}


def thanksgiving(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)


@dataclass(frozen=True)
class Incident:
    """One row of the shop's calendar, in UTC seconds. An `open_ended` one shows its end only once
    it has come."""

    event_id: str
    kind: str
    title: str
    starts: int
    ends: int | None
    open_ended: bool = False


@dataclass(frozen=True)
class Story:
    anchor: date
    seed: int

    @property
    def today(self) -> int:
        return day_number(self.anchor)

    @property
    def start(self) -> int:
        return self.today - HISTORY_DAYS

    @property
    def press_day(self) -> int:
        return self.today - 16

    @property
    def zone(self) -> Zone:
        return zone_of(TIMEZONE)

    @cached_property
    def years(self) -> range:
        return range(self.anchor.year - 3, self.anchor.year + YEARS_AHEAD + 1)

    @cached_property
    def fault_day(self) -> int:
        """Ten days before the anchor, but not in the peak week, whose figures would hide it."""
        peaks = [day_number(thanksgiving(year)) for year in self.years]
        day = self.today - 10
        while any(peak - 2 <= day <= peak + 5 for peak in peaks):
            day -= 1
        return day

    def campaign_days(self, campaign: Campaign, days: Ints) -> Floats:
        """1.0 on the days of a campaign, in any year."""
        on = np.zeros(len(days))
        for year in self.years:
            first = day_number(campaign.starts(year))
            on[(days >= first) & (days < first + campaign.days)] = 1.0
        return on

    def peaks(self, days: Ints) -> Floats:
        """How Thanksgiving week multiplies a day's orders."""
        factor = np.ones(len(days))
        for year in self.years:
            first = day_number(thanksgiving(year))
            for offset, lift in _PEAK.items():
                factor[days == first + offset] = lift
        return factor

    def press(self, days: Ints) -> Floats:
        """1 on the day of the magazine feature, fading over some weeks, 0 before."""
        since = (days - self.press_day).astype(np.float64)
        return np.where(since >= 0, np.exp(-np.maximum(since, 0) / 14.0), 0.0)

    def incidents(self, fault_seconds: int) -> tuple[Incident, ...]:
        """Every row of the calendar, oldest first, the future ones too."""
        rows = [
            *self._campaigns(),
            *self._yearly(),
            *self._stock_outs(),
            *self._news(fault_seconds),
        ]
        first = self._at(self.start)
        return tuple(sorted((r for r in rows if r.starts >= first), key=lambda row: row.starts))

    def _at(self, day: int, seconds: int = 0) -> int:
        return int(self.zone.to_utc(np.array([day * DAY + seconds], dtype=np.int64))[0])

    def _campaigns(self) -> list[Incident]:
        rows = []
        for year in self.years:
            for campaign in CAMPAIGNS:
                first = day_number(campaign.starts(year))
                ends = self._at(first + campaign.days)
                rows.append(
                    Incident(
                        f"{campaign.slug}-{year}", "campaign", campaign.title, self._at(first), ends
                    )
                )
        return rows

    def _yearly(self) -> list[Incident]:
        rows = []
        for year in self.years:
            cut_off = self._at(day_number(date(year, 12, 18)), 12 * 3600)
            title = "Last shipping day before Christmas, 12:00"
            rows.append(Incident(f"cut-off-{year}", "shipping", title, cut_off, None))
            prices = self._at(day_number(date(year, 3, 1)))
            rows.append(
                Incident(f"price-list-{year}", "price", "New price list, 3 % up", prices, None)
            )
        return rows

    def _stock_outs(self) -> list[Incident]:
        return [
            Incident(
                f"stock-out-{title.lower().replace(' ', '-')}-{self.today + first}",
                "stock-out",
                f"Out of stock: {title}",
                self._at(self.today + first),
                self._at(self.today + last),
                open_ended=True,
            )
            for title, first, last in STOCK_OUTS
        ]

    def _news(self, fault_seconds: int) -> list[Incident]:
        starts = self._at(self.fault_day, FAULT_STARTS)
        rows = [
            Incident(
                "checkout-fault",
                "outage",
                "Checkout fault: payments fail in every country",
                starts,
                starts + fault_seconds,
                open_ended=True,
            ),
            Incident(
                "press-arc-floor-lamp",
                "press",
                "Arc floor lamp in a German design magazine",
                self._at(self.press_day),
                None,
            ),
        ]
        for title, offset, percent in PRICE_CHANGES:
            slug = title.lower().replace(" ", "-")
            day = self._at(self.today + offset)
            sentence = f"{title}: price {'up' if percent > 0 else 'down'} {abs(percent)} %"
            rows.append(Incident(f"price-{slug}", "price", sentence, day, None))
        return rows


def as_moment(second: int) -> datetime:
    """A naive UTC moment, as the warehouse stores it."""
    return datetime(1970, 1, 1) + timedelta(seconds=second)  # noqa: DTZ001 stored naive, in UTC
