"""A finding in words: its title, what was and what was expected, when, who has dealt with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal, format_percent

from agent.metrics import formats
from agent.metrics.metric import Metric
from agent.ports import Shop
from agent.records.findings import ACKNOWLEDGED, SNOOZED, Finding
from agent.words import locale, mark, n, t

SEVERITIES: Mapping[str, str] = {
    "critical": mark("Critical"),
    "warning": mark("Warning"),
    "notice": mark("Notice"),
    "good": mark("Good news"),
}
LENGTHS: Mapping[str, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
PLACES = ("country", "region", "city")
FROM = ("channel", "campaign", "vendor")
ALSO = "also"
"""In what is kept with a finding: the other series that are part of it, [metric, dimension, member,
share]."""
SOON = timedelta(days=3)
"""Found later than this, the day says more than how long it took."""


def moment(text: str) -> datetime:
    """The start of a step, on the shop's wall: 2026-11-11, or 2026-11-11T10 by the hour."""
    return datetime.fromisoformat(text)


def ends(one: Finding) -> datetime:
    """When its last step was over, on the shop's wall."""
    return moment(one.last) + LENGTHS.get(one.step, timedelta(days=1))


def steps(one: Finding) -> int:
    """How many steps it lasts, one at least."""
    length = LENGTHS.get(one.step, timedelta(days=1))
    return max(1, round((ends(one) - moment(one.first)) / length))


def subject(one: Finding, metric: Metric) -> str:
    """Net sales; of a part of the shop: Net sales in Germany."""
    label = t(metric.label).partition(" (")[0]
    if not one.dimension:
        return label
    member = formats.value_label(one.dimension, one.member)
    if one.dimension in PLACES:
        return t("{metric} in {member}", metric=label, member=member)
    if one.dimension in FROM:
        return t("{metric} from {member}", metric=label, member=member)
    return t("{metric} of {member}", metric=label, member=member)


def title(one: Finding, metric: Metric, currency: str) -> str:
    """The event with its size: Net sales fell 38% below expected."""
    who = subject(one, metric)
    if one.kind == "missing":
        return t("{metric} stopped arriving", metric=who)
    if one.kind == "variance":
        return t("{metric} swung more than usual", metric=who)
    if one.kind == "together":
        return t("{metric} moved out of step with the other figures", metric=who)
    if one.actual is None or one.expected is None:
        return t("{metric} was out of the ordinary", metric=who)
    return _moved(one, metric, who, currency)


def _moved(one: Finding, metric: Metric, who: str, currency: str) -> str:
    actual, expected = float(one.actual or 0.0), float(one.expected or 0.0)
    change = formats.change(actual, expected, metric.unit, metric.good_up)
    if change.ratio is None or expected <= 0 or actual < 0:
        values = [formats.number(v, metric.unit, currency) for v in (actual, expected)]
        return t("{metric}: {actual}, expected {expected}", metric=who, **_pair(values))
    size = _size(actual, expected, metric)
    down = actual < expected
    if one.kind == "shift" and down:
        return t("{metric} moved to a level {size} below expected", metric=who, size=size)
    if one.kind == "shift":
        return t("{metric} moved to a level {size} above expected", metric=who, size=size)
    if one.kind == "trend" and down:
        return t("{metric} drifted to {size} below expected", metric=who, size=size)
    if one.kind == "trend":
        return t("{metric} drifted to {size} above expected", metric=who, size=size)
    if down:
        return t("{metric} fell {size} below expected", metric=who, size=size)
    if metric.unit != "percent" and actual >= 2 * expected:
        times = format_decimal(round(actual / expected, 1), "#,##0.#", locale=locale())
        return t("{metric} was {times} times what was expected", metric=who, times=times)
    return t("{metric} rose {size} above expected", metric=who, size=size)


def _pair(values: list[str]) -> dict[str, str]:
    return {"actual": values[0], "expected": values[1]}


def _size(actual: float, expected: float, metric: Metric) -> str:
    """38%; of a rate 0.80 pp."""
    if metric.unit == "percent":
        return formats.change(actual, expected, "percent").text.lstrip("+−")
    return str(format_percent(abs(actual - expected) / abs(expected), locale=locale()))


def facts(one: Finding, metric: Metric, currency: str) -> str:
    """What was, what was expected, and within which range it usually lies."""
    if one.kind == "missing":
        return _missing(one, metric, currency)
    if one.actual is None or one.expected is None:
        return ""
    values = [formats.number(v, metric.unit, currency) for v in (one.actual, one.expected)]
    said = t("{actual} instead of {expected}.", **_pair(values))
    if one.low is None or one.high is None:
        return said
    low, high = (formats.number(v, metric.unit, currency) for v in (one.low, one.high))
    return f"{said} {t('Usually between {low} and {high}.', low=low, high=high)}"


def also(one: Finding, metrics: Mapping[str, Metric]) -> str:
    """What else is part of the finding, with how far it strayed; empty where it is alone."""
    parts = [
        f"{subject(replace(one, metric=name, dimension=dimension, member=member), metrics[name])} "
        f"{format_percent(share, '+#,##0%;−#,##0%', locale=locale())}"
        for name, dimension, member, share in one.content.get(ALSO, ())
        if name in metrics
    ]
    return t("Part of it: {parts}.", parts=", ".join(parts)) if parts else ""


def _missing(one: Finding, metric: Metric, currency: str) -> str:
    count = steps(one)
    if one.step == "hour":
        lasts = n("Nothing for {count} hour.", "Nothing for {count} hours.", count, count=count)
    elif one.step == "week":
        lasts = n("Nothing for {count} week.", "Nothing for {count} weeks.", count, count=count)
    else:
        lasts = n("Nothing for {count} day.", "Nothing for {count} days.", count, count=count)
    if one.expected is None:
        return lasts
    usual = formats.number(one.expected, metric.unit, currency)
    return f"{lasts} {t('Expected: {value}.', value=usual)}"


def gap(one: Finding, metric: Metric, currency: str) -> str:
    """The difference in the metric's own unit, signed; empty where it has none."""
    if one.actual is None or one.expected is None:
        return ""
    difference = one.actual - one.expected
    if metric.unit == "percent":
        return formats.change(one.actual, one.expected, "percent").text
    sign = "+" if difference > 0 else ""
    return sign + formats.number(difference, metric.unit, currency, "full")


def when(one: Finding, today: date) -> str:
    """Wed 11 Nov; 8 – 16 Nov; Since Mon 9 Nov; Tue 17 Nov, 10:00 – 13:00; Week from 9 Nov."""
    first, last = moment(one.first), moment(one.last)
    other = first.year != today.year
    if one.step == "hour":
        same = ends(one).date() == first.date() or ends(one) - first < timedelta(days=1)
        until = f"{ends(one):%H:%M}" if same else formats.bucket(ends(one), "hour", year=False)
        return f"{formats.day(first.date(), weekday=True, year=other)}, {first:%H:%M} – {until}"
    if one.step == "week" and first == last:
        return t("Week from {day}", day=formats.day(first.date(), year=other))
    if not one.over and first != last:
        return t("Since {day}", day=formats.day(first.date(), weekday=True, year=other))
    if first == last:
        return formats.day(first.date(), weekday=True, year=other)
    return formats.date_range(first.date(), ends(one).date() - timedelta(days=1), year=other)


def found(one: Finding, shop: Shop) -> str:
    """How fast it was found, from the end of its first step on; empty where nobody knows."""
    if one.found_at is None:
        return ""
    here = one.found_at.astimezone(ZoneInfo(shop.timezone)).replace(tzinfo=None)
    span = here - moment(one.first) - LENGTHS.get(one.step, timedelta(days=1))
    minutes = max(1, int(span.total_seconds() // 60))
    if span > SOON:
        return t("Found on {day}", day=formats.day(here.date()))
    if minutes < 120:
        return t("Found in {count} min", count=minutes)
    hours = minutes // 60
    if hours < 48:
        return t("Found in {count} h", count=hours)
    return n("Found in {count} day", "Found in {count} days", hours // 24, count=hours // 24)


def handled(one: Finding, shop: Shop) -> str:
    """Who has dealt with it and how; or that it went by itself."""
    who = one.handled_by
    if one.state == SNOOZED and one.snoozed_until is not None:
        then = one.snoozed_until.astimezone(ZoneInfo(shop.timezone))
        day = f"{formats.day(then.date(), weekday=True)}, {then:%H:%M}"
        return t("Snoozed by {who} until {day}", who=who, day=day)
    if one.state == ACKNOWLEDGED:
        if one.verdict == "expected":
            return t("Marked as expected by {who}", who=who)
        if one.verdict == "wrong":
            return t("Dismissed by {who}", who=who)
        return t("Acknowledged by {who}", who=who)
    return t("Back to usual") if one.over else ""
