"""Money spent on advertisements, a line for each day and campaign, as Meta, Google Ads, TikTok and
people themselves export it, in English or German.

A file states its days: for each channel in it, whatever was known of those days is replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from agent.errors import BadFile
from agent.sources.base import Built, Lines, Setting, TextFormat
from agent.sources.daily import spend_table
from agent.sources.draft import Draft, runs
from agent.sources.headers import CHANNEL, CURRENCY, DATE, UNTIL, Found, find, need, plain
from agent.words import mark, t

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "date": DATE,
    "until": UNTIL,
    "channel": CHANNEL,
    "campaign": (
        *("campaign", "campaign name", "utm campaign", "session campaign", "kampagne"),
        *("kampagnenname", "name der kampagne", "campaign id", "kampagnen id", "ad set name"),
        *("ad group", "ad group name", "anzeigengruppe", "ad name", "fb campaign id"),
    ),
    "amount": (
        *("spend", "ad spend", "amount spent", "cost", "costs", "total cost", "total spend"),
        *("spent", "media cost", "ad cost", "ads cost", "spend amount", "ausgegebener betrag"),
        *("ausgaben", "werbeausgaben", "kosten", "werbekosten", "gesamtkosten", "amount", "betrag"),
    ),
    "impressions": ("impressions", "impr", "views impressions", "impressionen", "einblendungen"),
    "clicks": (
        *("clicks", "clicks all", "link clicks", "clicks destination", "klicks", "klicks alle"),
        *("link klicks", "linkklicks", "clicks ziel"),
    ),
    "attributed_revenue": (
        *("attributed revenue", "purchases conversion value", "purchase conversion value"),
        *("website purchases conversion value", "purchase value", "total purchase value"),
        *("conv value", "conversion value", "total conversion value", "all conv value"),
        *("complete payment value", "total complete payment value", "revenue", "attributed sales"),
        *("conversion wert", "conv wert", "wert der käufe", "conversionwert für käufe"),
        *("zugeordneter umsatz", "umsatz"),
    ),
    "currency": CURRENCY,
}
NEEDED = ("date", "amount")
VAGUE = frozenset({"amount", "betrag", "cost", "costs", "kosten"})
"""Words for money that a file of anything may have."""
PLATFORMS: Mapping[str, frozenset[str]] = {
    "Meta": frozenset({"amount spent", "reporting starts", "ausgegebener betrag", "ad set name"}),
    "TikTok": frozenset({"by day", "stat time day", "clicks destination"}),
    "Google Ads": frozenset({"impr", "avg cpc", "conv value", "conv wert", "campaign type"}),
}
"""A platform's own exports name no channel; words that only its exports have."""
ASSUMED = mark(
    "The file names no channel; its columns are those of {name}, so that is its channel."
)


@dataclass(frozen=True)
class Spend:
    name: str = "spend"
    label: str = mark("Advertising spend")
    text: TextFormat = TextFormat()  # noqa: RUF009 (frozen)

    def recognise(self, names: tuple[str, ...]) -> None:
        _columns(names)

    def build(self, lines: Lines, setting: Setting) -> Built:
        """A `spend` table, and the days of each channel that it states."""
        draft = Draft(lines, setting, _columns(lines.names))
        draft.decimal_comma("amount", "attributed_revenue", counts=("impressions", "clicks"))
        day = draft.day()
        draft.columns |= {
            "date": day,
            "channel": _channel(draft),
            "campaign": draft.text("campaign"),
            "amount": draft.money("amount", day),
            "impressions": draft.number("impressions"),
            "clicks": draft.number("clicks"),
            "attributed_revenue": draft.money("attributed_revenue", day),
        }
        return draft.built("spend", spend_table, lambda made: runs(made, "spend", by="channel"))


SOURCE = Spend()


def platform_of(names: Sequence[str]) -> str:
    """Whose export has these columns, "" where nothing tells."""
    known = {plain(name) for name in names}
    return next((name for name, words in PLATFORMS.items() if words & known), "")


def _columns(names: tuple[str, ...]) -> Found:
    found = find(names, COLUMNS)
    need(names, found, NEEDED, t("advertising spend"))
    if "channel" not in found and not platform_of(names):
        raise BadFile(
            t("This is no file of advertising spend: no column channel."),
            hint=t("Add a column “channel” that says where the money went, such as Google Ads."),
        )
    told = {"campaign", "impressions", "clicks"} & set(found.columns)
    if not told and plain(found["amount"]) in VAGUE:
        raise BadFile(
            t("This is no file of advertising spend: no column campaign."),
            hint=t("Found: {names}.", names=", ".join(names[:20])),
        )
    return found


def _channel(draft: Draft) -> pa.Array:
    if "channel" in draft.found:
        return draft.text("channel")
    platform = platform_of(draft.lines.names)
    draft.warnings.append(t(ASSUMED, name=platform))
    return pa.array([platform] * len(draft.lines.table), pa.string())
