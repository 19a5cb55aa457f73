"""What each kind of upstream is given: how often, how patiently, and when it is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from agent import kinds
from agent.kinds import Rate
from agent.settings import SETTINGS, Settings
from agent.words import mark, t

PATIENCE = 20.0
"""Seconds that somebody waits before a form, at most."""


@dataclass(frozen=True)
class Policy:
    """rate      "200/minute" or "10/5 minutes"; "" for no limit
    burst     how many of these may come at once; 0 for as many as the rate allows
    failures  that many in a row open the breaker
    pause     seconds that it stays open
    tries     how often a call is made at most, the first included
    deadline  seconds that a call may take, waits and tries included
    shared    whether what one process finds out is told to the others, which costs a look each call
    """

    rate: str = ""
    burst: int = 0
    failures: int = 5
    pause: float = 30.0
    tries: int = 4
    deadline: float = 120.0
    shared: bool = True

    @property
    def pace(self) -> Rate:
        if not self.rate:
            return Rate()
        return kinds.rate(f"{self.rate}, burst {self.burst}" if self.burst else self.rate)

    @property
    def tried(self) -> Policy:
        """For a question that a person waits for."""
        return replace(
            self,
            tries=min(self.tries, 2),
            failures=max(self.failures, 3),
            deadline=min(self.deadline, PATIENCE),
            shared=False,
        )

    def at(self, rate: Rate) -> Policy:
        """The policy with another rate."""
        return replace(self, rate=rate.pace, burst=rate.burst)


_BARE: Mapping[str, Policy] = MappingProxyType(
    {
        "shopify": Policy(),
        "postgres": Policy(pause=15.0, tries=3, deadline=60.0),
        "http": Policy(),
        "folder": Policy(tries=2, deadline=60.0),
        "redis": Policy(pause=5.0, tries=2, deadline=5.0),
        # A letter may have gone out although the answer was lost: who sends it tries again, by its
        # own rules.
        "mail": Policy(tries=1, deadline=60.0),
        # Our own sentence stands where it does not answer: nobody waits for it twice.
        "narrator": Policy(failures=3, pause=60.0, tries=1, deadline=10.0),
        # Asked by every part of a page: it finds out for itself, and soon.
        "warehouse": Policy(failures=1, pause=5.0, tries=1, deadline=60.0, shared=False),
        "records": Policy(failures=1, pause=5.0, tries=1, deadline=60.0, shared=False),
    }
)
_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "shopify": mark("Shopify"),
        "postgres": mark("The PostgreSQL source"),
        "http": mark("The HTTP source"),
        "folder": mark("The folder"),
        "redis": mark("The Redis source"),
        "mail": mark("The mail server"),
        "narrator": mark("The narrator"),
        "warehouse": mark("The warehouse"),
        "records": mark("The records database"),
    }
)
_PACES: Mapping[str, str] = MappingProxyType(
    {
        "second": mark("{count:,} a second"),
        "minute": mark("{count:,} a minute"),
        "hour": mark("{count:,} an hour"),
    }
)
_LONGER: Mapping[str, str] = MappingProxyType(
    {
        "seconds": mark("{count:,} in {many} seconds"),
        "minutes": mark("{count:,} in {many} minutes"),
        "hours": mark("{count:,} in {many} hours"),
    }
)
_RATES = {row.field: kinds.rate(row.default) for row in SETTINGS if row.kind == "rate"}


def _with(rates: Mapping[str, Rate]) -> Mapping[str, Policy]:
    named = {kind: rates.get(f"rate_{kind}") for kind in _BARE}
    return MappingProxyType(
        {kind: p if (r := named[kind]) is None else p.at(r) for kind, p in _BARE.items()}
    )


POLICIES: Mapping[str, Policy] = _with(_RATES)
"""By kind of upstream, at the rates that settings have by default."""


def policies_of(settings: Settings) -> Mapping[str, Policy]:
    """By kind of upstream, at the rates of an installation."""
    return _with({field: getattr(settings, field) for field in _RATES})


def pace_of(rate: Rate) -> str:
    """A rate as people say it: 200 a minute, 10 in 5 minutes."""
    many, _, unit = rate.pace.partition("/")[2].rpartition(" ")
    return t(_LONGER[unit] if many else _PACES[unit], count=rate.amount, many=many)


def rate_of(rate: Rate) -> str:
    """A rate with what may come at once: 200 a minute, 20 of them at once."""
    if not rate.amount:
        return t("no limit")
    return t("{pace}, {burst:,} of them at once", pace=pace_of(rate), burst=rate.burst)


def title_of(name: str) -> str:
    """What a person calls an upstream: "Shopify" for "shopify:main"."""
    kind = name.partition(":")[0]
    return t(_TITLES[kind]) if kind in _TITLES else kind
