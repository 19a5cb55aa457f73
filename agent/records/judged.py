"""The tables of judgement: what was forecast, what was found unusual, what people planned."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Float, Index, Integer, String, Table

from agent.records.columns import METADATA, key, name, text, time

# A forecast as it was made, and how it did once the days were there. One row a series and
# origin: made again from later versions on the same day, it takes the place of the former.
FORECASTS = Table(
    "forecasts",
    METADATA,
    key("shop_id"),
    key("metric"),
    # What of the shop: a dimension and its value, both empty for all of it.
    key("dimension"),
    key("member"),
    key("step"),
    # The last step that was known, as the text of its first day (or hour).
    key("origin"),
    time("made_at"),
    Column("version", Integer, nullable=False),
    name("method"),
    # Why there is none; then `content` is empty.
    text("refusal"),
    Column("horizon", Integer, nullable=False),
    # What was expected, its ranges, the naive guess, the back-test: agent.forecasting.keeping.
    Column("content", JSON, nullable=False),
    # The score, over the steps that have been completed since.
    time("scored_at", nullable=True),
    Column("scored", Integer, nullable=False),
    Column("actual", Float),
    Column("missed", Float),
    Column("naive_missed", Float),
    Column("inside_50", Integer, nullable=False),
    Column("inside_80", Integer, nullable=False),
    Column("inside_95", Integer, nullable=False),
    Index("ix_forecasts_made_at", "made_at"),
)

# One incident is one finding, from its first unusual step to the last.
FINDINGS = Table(
    "findings",
    METADATA,
    key("finding_id"),
    name("shop_id"),
    name("metric"),
    name("dimension"),
    name("member"),
    name("step"),
    # spike, drop, shift, trend, missing, variance, together
    name("kind"),
    name("severity"),
    # Its first and last unusual step; `over` once it is back to usual.
    name("first"),
    name("last"),
    Column("over", Boolean, nullable=False),
    time("found_at"),
    time("changed_at"),
    Column("actual", Float),
    Column("expected", Float),
    Column("low", Float),
    Column("high", Float),
    Column("score", Float, nullable=False),
    # The steps around it, its cause as facts, matched events: agent.anomalies.incidents.
    Column("content", JSON, nullable=False),
    # open, acknowledged, snoozed; and what a person said of it: "", real, expected, wrong.
    name("state"),
    time("snoozed_until", nullable=True),
    name("verdict"),
    text("handled_by"),
    time("handled_at", nullable=True),
    Index("ix_findings_shop_id", "shop_id", "state", "first"),
)

# What people know of days: promotions, campaigns, prices, outages, closures.
EVENTS = Table(
    "shop_events",
    METADATA,
    key("event_id"),
    name("shop_id"),
    name("name"),
    name("kind"),
    Column("first", String(10), nullable=False),
    Column("last", String(10), nullable=False),
    # The part of the shop it is about: dimension -> value; empty for all of it.
    Column("part", JSON, nullable=False),
    # What it changes, where that is known: discount 0.15, price -0.05, spend 1.2.
    Column("effect", JSON, nullable=False),
    # "" or "year": comes again on the same days.
    name("repeats"),
    text("note"),
    text("made_by"),
    time("made_at"),
    Index("ix_shop_events_shop_id", "shop_id", "first"),
)
